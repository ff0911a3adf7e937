// What a bill teaches about prices, as plain data that can be stored, shown and accepted later: every rate with its support, and
// beside them every line that taught nothing, with its reason. Dollars are decimal strings of at most twelve decimals; the parts
// and `rounding_usd` add up to the total exactly.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import type { PricedModel } from '../price-document.ts'
import type { PriceUnit } from '../price-unit.ts'

/** Why a line that AWS charges as usage teaches no rate. */
export const UNREAD_REASONS = [
  'not_bedrock',
  'other_period',
  'unknown_usage_type',
  'not_a_call',
  'unknown_model',
  'unknown_region',
  'unknown_unit',
  'no_amount',
  'no_usage',
  'negative_price',
] as const
export type UnreadReason = (typeof UNREAD_REASONS)[number]

/** Why a rate is shown but not offered. */
export const WITHHELD_REASONS = [
  'mixed_prices',
  'mixed_costs',
  'no_net_usage',
  'too_little_usage',
  'zero_against_list',
  'unknown_threshold',
  'other_unit_listed',
] as const
export type WithheldReason = (typeof WITHHELD_REASONS)[number]

/**
 * `exact`: every line has this very price. `within_rounding`: the shortest price that gives every line's cost back at the
 * precision the bill prints. `rounded`: no price of twelve decimals does; this is the nearest to the average.
 */
export type PriceBasis = 'exact' | 'within_rounding' | 'rounded'

export type LineSupport = {
  readonly usage_type: string
  readonly lines: number
  readonly usd: string
}

export type LearnedRate = {
  /** `*` for what is sold beside any model. */
  readonly model_id: string
  readonly region: string
  /** As billed, and where the rate applies: AWS bills a geography's profile under the word of the region itself. */
  readonly scope: Scope | '*'
  readonly scopes: readonly (Scope | '*')[]
  readonly tier: Tier | '*'
  readonly kind: UsageKind
  readonly unit: PriceUnit
  readonly medium: string
  readonly variant: string | null
  readonly context_above: number
  /** For a model sold by this unit, `output` counts it too. */
  readonly is_output: boolean
  /** USD for `per` units; null where no price could be taken. */
  readonly price_usd: string | null
  readonly per: string
  readonly price_basis: PriceBasis | null
  /** The bill's own support: how many lines and dollars, over how many units. */
  readonly lines: number
  readonly usd: string
  readonly quantity: string
  readonly cost_basis: 'net' | 'unblended' | 'mixed'
  /** The dearest and the cheapest line, in USD for `per` units, rounded to twelve decimals. */
  readonly lowest_usd: string | null
  readonly highest_usd: string | null
  /** One price gives every line's cost back within the bill's own rounding. */
  readonly consistent: boolean
  /** What the price list says, in the same unit, and learned / list. */
  readonly list_usd: string | null
  readonly list_rate_id: string | null
  readonly list_layer: string | null
  readonly ratio: string | null
  readonly offered: boolean
  readonly withheld: WithheldReason | null
  readonly usage_types: readonly LineSupport[]
}

export type LearnedProposal = {
  readonly schema: 'ledgerock-learned/1'
  /** The billing month, `2026-10`. */
  readonly period: string
  /** First hour of the period, from which the rates would price calls. */
  readonly valid_from: string
  readonly book_version: string
  readonly rates: readonly LearnedRate[]
  readonly unread: readonly (LineSupport & { readonly reason: UnreadReason })[]
  /** Lines that are no usage: credits, taxes, refunds, fees. */
  readonly apart: readonly {
    readonly line_item_type: string
    readonly lines: number
    readonly usd: string
  }[]
  readonly total: { readonly lines: number; readonly usd: string }
  /** What rounding each part to a picodollar leaves between their sum and the total. */
  readonly rounding_usd: string
  /** Lines without a time, taken as the period's. */
  readonly undated_lines: number
  /** How the book describes the models of the rates offered, so that a stored proposal stands alone. */
  readonly models: readonly Omit<PricedModel, 'rates'>[]
}
