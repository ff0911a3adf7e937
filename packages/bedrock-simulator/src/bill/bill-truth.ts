// What is true of a bill, beside it: for every line, and for every dollar of it, whose it is, and whether anything a reader can
// know says so. A reader is judged by this file; nothing of it goes into an export.

/** Dimensions of an owner: `team`, `application`, … */
export type Owner = { readonly [dimension: string]: string }

/** What can tell an owner, strongest first. */
export const RULES = [
  /** The principal is a session that a gateway made for this owner alone. */
  'gateway_session',
  /** The call is in the ledger, in the same cell. */
  'metered',
  /** The principal (account, profile) had this owner at that time. */
  'owner_rule',
  'principal_tag',
  'resource_tag',
  'account_tag',
  'cost_category',
] as const
export type Rule = (typeof RULES)[number]

/** Why nothing tells the owner. */
export const REASONS = [
  'unmetered',
  'shared_role',
  'empty_principal',
  'root',
  'no_owner',
  /** Counts of the ledger in this cell and day are estimates. */
  'estimate',
  /** The usage type is on no list. */
  'unmapped_usage_type',
  /** The strongest thing known says somebody else. */
  'misled',
] as const
export type Reason = (typeof REASONS)[number]

/** What a line is about. */
export const THINGS = [
  'usage',
  'guardrail',
  'provisioned',
  'reserved',
  'storage',
  'discount',
  'credit',
  'refund',
  'tax',
  'support',
  /** Not of Bedrock: to be left aside. */
  'other',
] as const
export type Thing = (typeof THINGS)[number]

/** Why a line differs from what a gateway metered; several may hold. */
export const CAUSES = [
  'unmetered',
  'price',
  'discount',
  'credit',
  'tax',
  'late',
  'estimate',
  'unmapped_usage_type',
  'tag_lag',
] as const
export type Cause = (typeof CAUSES)[number]

export type Evidence = { readonly rule: Rule; readonly owner: Owner; readonly isRight: boolean }

/** The dollars of one owner on one line. */
export type TruthPart = {
  /** Null where the dollars are nobody's alone: they are a pool's. */
  readonly owner: Owner | null
  /** Tokens, images, seconds, … of this owner; 0 where the line counts none. */
  readonly quantity: bigint
  readonly usd: string
  readonly netUsd: string
  readonly isMetered: boolean
  readonly determinable: boolean
  /** What tells it; null with a reason. Lines of a pool are told by the pool's split: `pool`. */
  readonly rule: Rule | 'pool' | null
  readonly reason: Reason | null
  /** Everything known, right or wrong, strongest first. */
  readonly evidence: readonly Evidence[]
}

export type TruthRow = {
  /** Place of the line in the bill. */
  readonly line: number
  readonly lineItemId: string
  readonly thing: Thing
  /** Bedrock's own base id; null where the line names no model. */
  readonly modelId: string | null
  readonly kind: string | null
  readonly usd: string
  readonly netUsd: string
  /** Every part is. */
  readonly determinable: boolean
  /** They add up to `usd`, and to `netUsd`. */
  readonly parts: readonly TruthPart[]
  readonly causes: readonly Cause[]
}
