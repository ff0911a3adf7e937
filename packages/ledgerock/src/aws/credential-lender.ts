// Whose credentials a call goes out with, and whom the bill will name for it. Two ways: the gateway's own for everybody, or a
// session per owner (`session-lender.ts`). A call finds them in memory; it waits only where there are none yet.

import type { AwsCredentials } from '../platform/sigv4.ts'
import type { CallerIdentity } from './caller-identity.ts'
import type { UpstreamCredentials } from './upstream-credentials.ts'

export type Lent = {
  readonly credentials: AwsCredentials
  /** Whom the bill will name; null while it is not known. */
  readonly accountId: string | null
  readonly principalArn: string | null
  /** The session could not be had, and these are the gateway's own instead. */
  readonly fellBack: boolean
}

export type CredentialLender = {
  /** What is at hand for these dimensions, else null: then `load` has to be awaited. */
  readonly current: (dimensions: Readonly<Record<string, string>>) => Lent | null
  /** @throws Fault `identity_unavailable` */
  readonly load: (dimensions: Readonly<Record<string, string>>) => Promise<Lent>
  readonly stop: () => void
}

export function createGatewayLender(
  credentials: UpstreamCredentials,
  identity: () => CallerIdentity | null,
): CredentialLender {
  let last: { readonly lent: Lent; readonly of: CallerIdentity | null } | null = null

  /** Both change a few times a day; the same loan serves every call in between. */
  function lend(value: AwsCredentials): Lent {
    const of = identity()
    if (last !== null && last.lent.credentials === value && last.of === of) return last.lent
    const accountId = of?.accountId ?? null
    const principalArn = of?.principalArn ?? null
    const lent: Lent = { credentials: value, accountId, principalArn, fellBack: false }
    last = { lent, of }
    return lent
  }

  return {
    current() {
      const held = credentials.current()
      return held === null ? null : lend(held)
    },
    load: async () => lend(await credentials.load()),
    stop() {},
  }
}
