// The policy snapshot: everything a gateway worker needs to know from the control plane, as one immutable value that replaces
// its predecessor whole and never goes back: (epoch, version) only grows. It holds digests of secrets, never secrets.

import type { DimensionRule } from '../attribution/dimension-rule.ts'

export const POLICY_FORMAT = 1

/** One secret of a key; two are valid while a rotation overlaps. `until` is an instant, exclusive, or null: no end. */
export type PolicySecret = { readonly digest: string; readonly until: string | null }

export const KEY_SOURCES = ['file', 'api'] as const
export type KeySource = (typeof KEY_SOURCES)[number]

export type PolicyKey = {
  readonly keyId: string
  readonly name: string
  /** `file` keys may be any secret and are found by its digest; `api` keys are `lrk_…` and are found by their id. */
  readonly source: KeySource
  readonly secrets: readonly PolicySecret[]
  /** The dimensions this credential fixes, whatever the request says (I9). */
  readonly bind: Readonly<Record<string, string>>
  /** Where calls go that name no region, or null: the gateway's default. */
  readonly region: string | null
  readonly expiresAt: string | null
  /** Revoked keys stay in the snapshot for a while, so that their use is counted as what it is. */
  readonly revokedAt: string | null
}

/** The epoch grows when the store that counts versions was lost or restored, so that a worker's policy still never goes back. */
export type PolicyPosition = { readonly epoch: number; readonly version: number }

export type Policy = PolicyPosition & {
  readonly format: typeof POLICY_FORMAT
  readonly publishedAt: string
  readonly keys: readonly PolicyKey[]
  readonly dimensions: readonly DimensionRule[]
}

/** Whether `next` may replace `current`. The same position again does not: one position, one policy. */
export function supersedes(current: PolicyPosition | null, next: PolicyPosition): boolean {
  if (current === null) return true
  if (next.epoch !== current.epoch) return next.epoch > current.epoch
  return next.version > current.version
}
