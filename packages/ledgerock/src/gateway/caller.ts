// Who a call comes from, as far as a credential or its absence says.

import type { PrincipalKind } from '../attribution/principal.ts'

export const CALLER_KINDS = ['key', 'aws_identity', 'anonymous'] as const
export type CallerKind = (typeof CALLER_KINDS)[number]

export type Caller = {
  readonly kind: CallerKind
  readonly keyName: string | null
  /** The caller's own AWS principal and account, where it proved to be one. */
  readonly principalArn: string | null
  readonly principalKind: PrincipalKind | null
  readonly accountId: string | null
  /** The dimensions the credential fixes; null where it fixes none. */
  readonly bind: Readonly<Record<string, string>> | null
  /** Where its calls go that name no region: a signature's own region, even one meant for AWS, else the key's; null: the default. */
  readonly region: string | null
}

export const ANONYMOUS: Caller = {
  kind: 'anonymous',
  keyName: null,
  principalArn: null,
  principalKind: null,
  accountId: null,
  bind: null,
  region: null,
}
