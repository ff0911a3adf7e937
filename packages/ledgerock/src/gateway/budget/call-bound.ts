// The question of how much an attempt may cost at most, put together from what its body says and where it would be sent.

import { maxTokensOf } from '../../bedrock/request/request-facts.ts'
import { inputTokensMax, type BoundAsk } from '../../pricing/bound.ts'
import type { ModelIdentity } from '../../pricing/model-catalog.ts'
import type { KnownWhole } from '../call.ts'
import type { Step } from '../attempt/plan-steps.ts'
import type { Target } from '../attempt/upstream.ts'

/** `atMs`: prices are those of this instant. */
export function boundAsk(
  { facts, model }: Pick<KnownWhole, 'facts' | 'model'>,
  { target, tier }: Pick<Step<Pick<Target, 'region'>>, 'target' | 'tier'>,
  identity: ModelIdentity,
  accountId: string | null,
  atMs: number,
): BoundAsk {
  const modelId = identity.modelId ?? model
  return {
    modelId,
    region: target.region,
    scope: identity.scope ?? 'in-region',
    tier: tier ?? facts.tierAsked,
    atMs,
    accountId,
    inputTokens: inputTokensMax(facts, modelId),
    maxTokens: maxTokensOf(facts, modelId),
    choices: facts.choices,
    media: facts,
  }
}
