// Who holds a gateway key that is presented to the control API: the very check the workers make, over the policy they have. Only where
// programs of the callers report something does a key open the API, and it says whose report it is.

import type { KeyObject } from 'node:crypto'
import type { CredentialVerdict } from '../../governance/credential/credential-refusal.ts'
import {
  createCredentialVerifier,
  type CredentialVerifier,
} from '../../governance/credential/credential.ts'
import type { Policy } from '../../governance/policy.ts'
import type { Clock } from '../../kernel/time.ts'
import type { Sealer } from '../../platform/sealing.ts'
import type { PolicyPublisher } from '../policy/policy-publisher.ts'

/** Null: there is no policy yet, so nobody can be known. */
export type KeyCheck = (presented: string) => CredentialVerdict | null

export type KeyCheckDeps = {
  readonly publisher: Pick<PolicyPublisher, 'current'>
  readonly pepper: KeyObject
  readonly sealer: Pick<Sealer, 'open'>
  readonly clock: Pick<Clock, 'now'>
}

export function createKeyCheck({ publisher, pepper, sealer, clock }: KeyCheckDeps): KeyCheck {
  let known: { readonly policy: Policy; readonly verifier: CredentialVerifier } | null = null
  return (presented) => {
    const policy = publisher.current()?.policy
    if (policy === undefined) return null
    if (known?.policy !== policy) {
      const verifier = createCredentialVerifier(policy, { pepper, sealing: sealer })
      known = { policy, verifier }
    }
    return known.verifier.verify(presented, clock.now())
  }
}
