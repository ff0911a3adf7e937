// One way a bill says what it charges for: the words of a line that say what is sold, without who used it, when and how much. A
// bill of millions of lines has a few thousand of them, so words go through the grammar, not lines.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'

/** As they stand on the bill; empty where it does not say. */
export type BillWord = {
  readonly line_item_type: string
  readonly usage_type: string
  readonly operation: string
  readonly billing_entity: string
  readonly product_code: string
  readonly product_name: string
  readonly region: string
  readonly unit: string
  /** The third field of a Marketplace description, or the whole text where the unit alone does not say what is counted. */
  readonly unit_text: string
  /** The model's or system profile's ARN; empty for a profile that only its owner can look up. */
  readonly model_resource: string
}

/** What kind of charge it is: pools and splits go by it. */
export const BILL_THINGS = [
  'usage',
  'provisioned',
  'reserved',
  'storage',
  'guardrail',
  'credit',
  'refund',
  'tax',
  'discount',
  'fee',
  'support',
  'other',
] as const
export type BillThing = (typeof BILL_THINGS)[number]

/** Why a charge has dollars and no model, kind or quantity. Its dollars stay in every total. */
export const UNMAPPED_REASONS = [
  'usage_type',
  'model',
  'region',
  'unit',
  'unit_contradicts_price',
] as const
export type UnmappedReason = (typeof UNMAPPED_REASONS)[number]

/** What a word means. Empty texts and nulls where it means no such thing. */
export type BillReading = {
  readonly thing: BillThing
  readonly region: string
  readonly model_id: string
  readonly kind: UsageKind | null
  readonly scope: Scope | null
  readonly tier: Tier | null
  /** What the quantity counts: `token`, `image`, …; empty where there is none. */
  readonly counted: string
  readonly variant: string
  readonly long_context: boolean
  /** Units in one billed unit, a whole number; null where it cannot be told. */
  readonly factor: string | null
  readonly unmapped_reason: UnmappedReason | null
}

/** What a bill says of a word in sum, beside it: for checks that need prices. */
export type BillWordSums = {
  readonly period: string
  readonly rows: number
  /** Exact decimals. */
  readonly amount: string
  readonly unblended: string
}

export type ReadBillWord = (word: BillWord, sums: BillWordSums) => BillReading
