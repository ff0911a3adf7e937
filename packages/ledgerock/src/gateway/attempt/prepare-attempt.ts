// An attempt before it is made: its own id and beginning, what it calls, and what goes upstream for it.

import type { BudgetUse } from '../../journal/line.ts'
import { uuidV7 } from '../../kernel/ids.ts'
import { resolveModel, type ModelIdentity } from '../../pricing/model-catalog.ts'
import { changeOf } from '../admission/admit-call.ts'
import type { Attempt, Beginning, Way } from './attempt.ts'
import type { BudgetHold } from '../budget/budget-hold.ts'
import type { GatewayDeps } from '../call.ts'
import type { AdmittedCall } from '../admitted-call.ts'
import { identityOf, modelInstead } from './called-model.ts'
import type { AttemptFacts } from './opened-line.ts'
import type { BudgetPlan } from '../budget/plan-budgets.ts'
import type { Step } from './plan-steps.ts'
import { prepareRequest } from './prepare-request.ts'
import type { Target } from './upstream.ts'

/** `made`: so many attempts came before. The first has the call's own id and beginning. */
export function beginAttempt(
  { clock, random }: Pick<GatewayDeps, 'clock' | 'random'>,
  { call, known }: Pick<AdmittedCall, 'call' | 'known'>,
  made: number,
): Beginning {
  const attempt = known.ids.attempt + made
  if (made === 0) {
    const { callId, startedAt, beganAt } = call
    return { callId, startedAt, beganAt, attempt }
  }
  const startedAt = clock.now()
  return { callId: uuidV7(startedAt, random()), startedAt, beganAt: clock.monotonic(), attempt }
}

export function prepareAttempt(
  deps: GatewayDeps,
  admitted: AdmittedCall,
  way: Way,
  budget: BudgetHold | null,
  made: number,
): Attempt {
  const { step, lent } = way
  const { call, known, remarks } = admitted
  const beginning = beginAttempt(deps, admitted, made)
  const named = modelInstead(deps.book(), step, call, known)
  const plan = budget?.plan ?? null
  const prepared = prepareRequest(admitted, {
    callId: beginning.callId,
    model: named,
    tier: step.tier,
    maxTokens: plan?.maxTokens ?? null,
    injectMetadata: deps.settings.injectMetadata,
  })
  if (prepared.metadataDropped > 0) deps.metrics.metadataDropped(prepared.metadataDropped)
  const changes = [...step.changes, ...remarks]
  for (const name of plan?.wouldRefuse ?? NOBODY) {
    deps.metrics.shadowRefused('budget', name)
    changes.push(changeOf({ code: 'budget', rule: name }))
  }
  if (named !== step.model) changes.push('inference_profile')
  if (lent.fellBack) changes.push('identity_fallback')
  changes.push(...prepared.changes)
  const { region } = step.target
  return { ...beginning, ...way, prepared, changes, region, tier: step.tier, plan, budget }
}

const NOBODY: readonly string[] = []

/** What the step calls: behind a profile the model found there. */
export function calledAt(
  deps: Pick<GatewayDeps, 'book' | 'profiles'>,
  { call, known }: Pick<AdmittedCall, 'call' | 'known'>,
  step: Step<Target>,
): ModelIdentity {
  const asked = step.model ?? known.model
  const named = modelInstead(deps.book(), step, call, known) ?? asked
  return identityOf(deps.book(), deps.profiles, named, asked)
}

const NO_USES: readonly BudgetUse[] = []

/**
 * An attempt that was not made, for the record of its refusal: `plan` is what it would have reserved. Nothing was, so that no budget is
 * charged even if the second line of the record is lost.
 */
export function unmadeAttempt(
  deps: Pick<GatewayDeps, 'book' | 'clock' | 'random'>,
  admitted: Pick<AdmittedCall, 'call' | 'known'>,
  { model, target, tier }: Step<Target>,
  made: number,
  plan: BudgetPlan | null,
): AttemptFacts {
  const identity = resolveModel(deps.book(), model ?? admitted.known.model)
  const beginning = beginAttempt(deps, admitted, made)
  const reserved = plan === null ? null : { ...plan, uses: NO_USES }
  return { ...beginning, region: target.region, identity, lent: null, tier, plan: reserved }
}
