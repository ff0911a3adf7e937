// The policy a worker works by: the newest it was given, trusted for a while after control last confirmed it, so that a worker
// that is cut off serves on, but not for ever.

import { activatePolicy, type ActivePolicy } from '../../gateway/active-policy.ts'
import type { CredentialSecrets } from '../../governance/credential/credential.ts'
import type { PolicyPosition } from '../../governance/policy.ts'
import type { Logger } from '../../platform/logging.ts'

export type PolicyHolder = {
  /** Null before the first policy, and once nobody has confirmed it for longer than the limit. */
  readonly current: () => ActivePolicy | null
  /** Takes an envelope, or confirms the policy in force with it. The position now in force, or null where there is none. */
  readonly take: (envelope: string) => PolicyPosition | null
}

export function createPolicyHolder(
  logger: Pick<Logger, 'error'>,
  now: () => number,
  secrets: CredentialSecrets,
  ageMaxMs: number,
  /** Of a limit, until this worker is told its share. */
  limitShare = 1,
): PolicyHolder {
  let policy: ActivePolicy | null = null
  let confirmedAt = 0
  return {
    current: () => (now() - confirmedAt <= ageMaxMs ? policy : null),
    take(envelope) {
      const taken = activatePolicy(policy, envelope, secrets, limitShare)
      if (taken.ok) policy = taken.value
      else if (taken.problem !== 'older') {
        // What cannot be read confirms nothing.
        logger.error({ problem: taken.problem }, 'policy_refused')
        return policy?.position ?? null
      }
      confirmedAt = now()
      return policy?.position ?? null
    },
  }
}
