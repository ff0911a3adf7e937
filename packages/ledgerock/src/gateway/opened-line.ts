// What is known of a call before it goes upstream, put into the line that makes it known to the journal.

import type { OpenedLine } from '../journal/line.ts'
import type { ModelIdentity } from '../pricing/model-catalog.ts'
import type { Call, GatewayDeps, Known } from './call.ts'

export function openedLine(
  deps: GatewayDeps,
  call: Call,
  known: Known,
  identity: ModelIdentity,
): OpenedLine {
  const { route, callId } = call
  const { who, ids, facts } = known
  const billed = deps.identity()
  return {
    kind: 'opened',
    callId,
    logicalId: ids.logicalId,
    attempt: ids.attempt,
    startedAt: call.startedAt,
    operation: route.operation,
    endpoint: 'runtime',
    stream: route.stream,
    accountId: billed?.accountId ?? null,
    region: deps.upstream.region,
    modelRequested: route.modelRequested,
    modelId: identity.modelId,
    inferenceProfile: identity.inferenceProfile,
    scope: identity.scope,
    tier: facts?.tierAsked ?? 'standard',
    traceId: ids.traceId,
    keyName: call.key.name,
    principalArn: null,
    billedPrincipalArn: billed?.principalArn ?? null,
    billedAccountId: billed?.accountId ?? null,
    dimensions: who.dimensions,
    attributes: who.attributes,
    provenance: who.provenance,
    conflicts: who.conflicts,
    inputEstimate: facts?.inputEstimate ?? 0,
    policyVersion: call.policy.version,
  }
}
