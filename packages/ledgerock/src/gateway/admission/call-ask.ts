// What the rules are told of a call: who it is of, which model it means, and how it is asked for.

import { takesGuardrail } from '../../bedrock/edit/guardrail-edit.ts'
import { limitsObeyed } from '../../bedrock/request/native-limits.ts'
import { generates, isFree, type Operation } from '../../bedrock/operation.ts'
import { maxTokensOf, type RequestFacts } from '../../bedrock/request/request-facts.ts'
import type { ModelIdentity } from '../../pricing/model-catalog.ts'
import type { CallAsk } from './admit-call.ts'
import type { Call, GatewayDeps, KnownWhole } from '../call.ts'
import { identityOf, isUnknownProfile } from '../attempt/called-model.ts'

/** True where a rule may hang on what only AWS can say, and has not said yet: worth one bounded look-up. */
export function needsLook(deps: Pick<GatewayDeps, 'profiles'>, call: Call, model: string): boolean {
  return call.policy.governs && isUnknownProfile(deps.profiles, model)
}

export function callAsk(
  deps: Pick<GatewayDeps, 'book' | 'profiles'>,
  call: Call,
  known: KnownWhole,
): CallAsk {
  const { model, who, facts } = known
  const { operation, modelRequested } = call.route
  const identity = identityOf(deps.book(), deps.profiles, model, model)
  const isWritten = generates(operation)
  return {
    dimensions: who.dimensions,
    keyName: call.caller.keyName,
    ...modelOf(model, identity),
    tier: facts.tierAsked,
    maxTokens: statedMaximum(facts, identity),
    stream: facts.stream,
    generates: isWritten && writesText(operation, identity),
    named: facts.guardrail,
    takes: takesGuardrail(operation) !== null,
    callsModel: operation !== 'apply-guardrail' && (modelRequested ?? facts.model) !== null,
    isAnswered: isWritten,
    isLimited: !isFree(operation),
    inputTokens: facts.inputEstimate,
  }
}

/** The same call as another model. */
export function askedAs(
  ask: CallAsk,
  facts: RequestFacts,
  model: string,
  identity: ModelIdentity,
): CallAsk {
  return { ...ask, ...modelOf(model, identity), maxTokens: statedMaximum(facts, identity) }
}

/** What nobody knows the words of is believed under any: else no rule of sizes could ever let it through. */
function statedMaximum(facts: RequestFacts, { modelId }: ModelIdentity): number | null {
  const isKnown = modelId !== null && limitsObeyed(modelId) !== null
  return isKnown ? maxTokensOf(facts, modelId) : facts.maxTokens
}

function modelOf(
  model: string,
  identity: ModelIdentity,
): Pick<CallAsk, 'modelRequested' | 'modelId' | 'profileScope'> {
  const modelId = identity.kind === 'resolved' ? identity.modelId : null
  return { modelRequested: model, modelId, profileScope: identity.scope }
}

/** Models that make vectors, orders, pictures or films: their answers have no maximum of tokens to state. */
const NO_TEXT = /embed|rerank|image|canvas|reel|marengo|^stability\.|^luma\./

/** Said by the model, never by the body: a caller could put anything there. */
function writesText(operation: Operation, { modelId }: ModelIdentity): boolean {
  if (operation === 'start-async-invoke') return false
  return modelId === null || !NO_TEXT.test(modelId)
}
