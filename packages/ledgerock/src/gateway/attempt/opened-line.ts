// What is known of an attempt before it goes upstream, put into the line that makes it known to the journal.

import type { Tier } from '@ledgerock/contract'
import type { BudgetUse, OpenedLine } from '../../journal/line.ts'
import type { ModelIdentity } from '../../pricing/model-catalog.ts'
import type { Call, Known, Lent } from '../call.ts'
import type { BudgetPlan } from '../budget/plan-budgets.ts'

/** What one attempt has of its own; the first has the call's own id and beginning. */
export type AttemptFacts = {
  readonly callId: string
  readonly startedAt: number
  /** From 1, counted on from what the client says of its own attempts. */
  readonly attempt: number
  readonly region: string
  readonly identity: ModelIdentity
  /** As whom Bedrock is called; null where it was not to be called. */
  readonly lent: Lent | null
  /** The tier that a route asks for; null: the client's. */
  readonly tier: Tier | null
  /** What is reserved for it, or would have been; null: no budget covers it, or it is not to be made for another reason. */
  readonly plan: BudgetPlan | null
}

const NO_BUDGETS: readonly BudgetUse[] = []

export function openedLine(call: Call, known: Known, attempt: AttemptFacts): OpenedLine {
  const { route, caller } = call
  const { who, ids, facts } = known
  const { identity, lent, plan } = attempt
  return {
    kind: 'opened',
    callId: attempt.callId,
    logicalId: ids.logicalId,
    attempt: attempt.attempt,
    startedAt: attempt.startedAt,
    operation: route.operation,
    endpoint: route.endpoint,
    stream: facts?.stream ?? route.stream === true,
    accountId: lent?.accountId ?? null,
    region: attempt.region,
    modelRequested: known.model,
    modelId: identity.modelId,
    inferenceProfile: identity.inferenceProfile,
    scope: identity.scope,
    tier: attempt.tier ?? facts?.tierAsked ?? 'standard',
    traceId: ids.traceId,
    keyName: caller.keyName,
    principalArn: caller.principalArn,
    billedPrincipalArn: lent?.principalArn ?? null,
    billedAccountId: lent?.accountId ?? null,
    dimensions: who.dimensions,
    attributes: who.attributes,
    provenance: who.provenance,
    conflicts: who.conflicts,
    inputEstimate: facts?.inputEstimate ?? 0,
    policyVersion: call.policy.version,
    boundUsd: plan?.boundUsd ?? null,
    boundTokens: plan?.boundTokens ?? null,
    budgets: plan?.uses ?? NO_BUDGETS,
  }
}
