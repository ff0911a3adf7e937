// The file format of prices, shared by every layer of the book: the shipped snapshot, the AWS Price List, learned rates. A row
// groups the prices of one (region, scope, tier, context band, unit, medium, variant, time), because AWS lists them together and
// a row wins or loses as a whole. Absent means "not sold", never zero.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import type { PriceUnit } from './price-unit.ts'

export type PriceRow = {
  /** The source region, the one the call was made in; "*" is every commercial region without a row of its own. */
  readonly region: string
  readonly scope: Scope | '*'
  readonly tier: Tier | '*'
  /** The row applies to requests of more than this many prompt tokens; absent is 0. */
  readonly context_above?: number
  /** Absent is `token`. */
  readonly unit?: PriceUnit
  /** Absent is `text`. */
  readonly medium?: string
  readonly variant?: string
  /** USD, a decimal string: for 1,000,000 tokens (a minute for an hour), for 1,000 text units, else for one unit. */
  readonly prices: { readonly [Kind in UsageKind]?: string }
  /** ISO dates or instants, from inclusive, to exclusive. Absent is unbounded. */
  readonly valid_from?: string
  readonly valid_to?: string
  readonly source: string
  /** Kind, or "*" for the whole row, to the id of the rule the price was derived by. */
  readonly derived?: { readonly [kind: string]: string }
  /** `historical`: kept so that the past can be explained, never prices a call. */
  readonly status?: 'historical'
  readonly note?: string
}

export type PricedModel = {
  readonly model_id: string
  readonly name: string
  readonly provider: string
  readonly modality: string
  readonly aliases?: readonly string[]
  readonly id_inferred?: boolean
  readonly cache_write_ttl?: string
  readonly lifecycle: { readonly status: string; readonly [key: string]: string }
  readonly rates: readonly PriceRow[]
}

export type ProfileEntry = {
  readonly profile_id: string
  readonly model_id: string
  readonly scope: Scope
  readonly source: string
  readonly source_regions?: readonly string[]
}

export type PriceSource = {
  readonly publisher: string
  readonly carried_by: string
  readonly commit?: string | null
  readonly date: string
  readonly note?: string
}

export type PriceDocument = {
  readonly schema: 'ledgerock-prices/1'
  readonly sources: { readonly [id: string]: PriceSource }
  readonly rules: readonly { readonly id: string; readonly text: string }[]
  readonly models: readonly PricedModel[]
  /** What is sold beside any model: guardrail text units. */
  readonly shared_rates: readonly PriceRow[]
  readonly inference_profiles: readonly ProfileEntry[]
}
