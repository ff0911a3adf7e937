// The policy snapshot: everything a gateway worker needs to know from the control plane, as one immutable value that replaces
// its predecessor whole and never goes back: (epoch, version) only grows. It holds secrets only as digests, or sealed.

import type { DimensionRule } from '../attribution/dimension-rule.ts'
import type { OwnerRule } from '../attribution/owner-rule.ts'
import type { Budget } from './budget/budget.ts'
import type { GuardrailRule } from './guardrail-rule.ts'
import type { AccessGrant, AccessRule } from './model-access.ts'
import type { Pause } from './pause.ts'
import type { LimitRule } from './limit/rate-limits.ts'

/** 2: pairs that sign, owners, anonymous calls. 3: pauses, model access, limits, guardrails. 4: budgets. */
export const POLICY_FORMAT = 4

/** One secret of a key; two are valid while a rotation overlaps. `until` is an instant, exclusive, or null: no end. */
export type PolicySecret = { readonly digest: string; readonly until: string | null }

/**
 * A pair that signs requests as AWS's own access keys do. Its secret must be read to check a signature, so it is not digested
 * but sealed, under the id of `sealedPairId`.
 */
export type SigningPair = { readonly accessKeyId: string; readonly sealedSecret: string }
/** The pair of a key, and the one it replaces until that ends. */
export type PolicySigV4 = SigningPair & {
  readonly previous: (SigningPair & { readonly until: string }) | null
}

export const KEY_SOURCES = ['file', 'api'] as const
export type KeySource = (typeof KEY_SOURCES)[number]

export type PolicyKey = {
  readonly keyId: string
  readonly name: string
  /** `file` keys may be any secret and are found by its digest; `api` keys are `lrk_…` and are found by their id. */
  readonly source: KeySource
  readonly secrets: readonly PolicySecret[]
  /** For clients that sign their requests; null: the key was made without. */
  readonly sigV4: PolicySigV4 | null
  /** The dimensions this credential fixes, whatever the request says (I9). */
  readonly bind: Readonly<Record<string, string>>
  /** Where calls go that name no region, or null: the gateway's default. */
  readonly region: string | null
  readonly expiresAt: string | null
  /** Revoked keys stay in the snapshot for a while, so that their use is counted as what it is. */
  readonly revokedAt: string | null
}

export const ANONYMOUS_MODES = ['deny', 'record'] as const
/** `record`: a call without a credential is taken from these networks, and its owner is `unknown`. */
export type AnonymousRule = {
  readonly mode: (typeof ANONYMOUS_MODES)[number]
  readonly from: readonly string[]
}

/** The epoch grows when the store that counts versions was lost or restored, so that a worker's policy still never goes back. */
export type PolicyPosition = { readonly epoch: number; readonly version: number }

export type Policy = PolicyPosition & {
  readonly format: typeof POLICY_FORMAT
  readonly publishedAt: string
  readonly keys: readonly PolicyKey[]
  readonly dimensions: readonly DimensionRule[]
  /** Who owns which principal, account, profile, project or key, and when. */
  readonly owners: readonly OwnerRule[]
  readonly anonymous: AnonymousRule
  readonly pauses: readonly Pause[]
  readonly access: readonly AccessRule[]
  /** Approved requests, in force or to come; those that are over are left out after a while. */
  readonly grants: readonly AccessGrant[]
  readonly limits: readonly LimitRule[]
  readonly guardrails: readonly GuardrailRule[]
  /** With the raises in force or to come; what has ended is left out after a while. */
  readonly budgets: readonly Budget[]
}

/** What a policy rules besides who is who; nothing of it refuses nothing. */
export type GovernanceRules = Pick<
  Policy,
  'pauses' | 'access' | 'grants' | 'limits' | 'guardrails' | 'budgets'
>

export const NO_RULES: GovernanceRules = {
  pauses: [],
  access: [],
  grants: [],
  limits: [],
  guardrails: [],
  budgets: [],
}

/** Whether `next` may replace `current`. The same position again does not: one position, one policy. */
export function supersedes(current: PolicyPosition | null, next: PolicyPosition): boolean {
  if (current === null) return true
  if (next.epoch !== current.epoch) return next.epoch > current.epoch
  return next.version > current.version
}
