// Owners and principals of the control plane, put together.

import type { DimensionRules } from '../../attribution/dimension-rule.ts'
import type { ApiDeps } from '../../control/api.ts'
import type { DeclaredPolicy } from '../../control/policy/declared-policy.ts'
import { createOwnerService } from '../../control/month/owners.ts'
import { createPrincipalService, type PrincipalDeps } from '../../control/month/principals.ts'
import type { PolicyPublisher } from '../../control/policy/policy-publisher.ts'
import type { ControlStore } from '../../control/store/control-store.ts'
import type { Clock } from '../../kernel/time.ts'

export type OwnerServicesDeps = {
  readonly store: ControlStore
  readonly publisher: PolicyPublisher
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
  readonly rules: () => DimensionRules
  readonly declared: () => DeclaredPolicy
  readonly config: PrincipalDeps['config']
  readonly ledger: PrincipalDeps['ledger']
}

export function ownerServices(deps: OwnerServicesDeps): Pick<ApiDeps, 'owners' | 'principals'> {
  const owners = createOwnerService(deps)
  const principals = createPrincipalService({ ...deps, owners: owners.ownersInForce })
  return { owners, principals }
}
