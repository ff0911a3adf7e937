// What the price of a call in the books rests on, as the books have it, and what pricing it anew answers. Plain data, so that
// the ledger, which knows no prices, can ask for many calls at once: calls that differ in nothing named here, in no border of
// `reprice/borders.ts` and in no used kind are priced by the same rates.

import type { Scope, Tier, UnpricedReason, UsageKind } from '@ledgerock/contract'
import type { Usage } from './usage.ts'

export type CallIdentity = {
  readonly modelId: string | null
  readonly inferenceProfile: string | null
  readonly scope: Scope | null
}

export type RepriceFacts = CallIdentity & {
  readonly modelRequested: string
  readonly region: string
  readonly tier: Tier
  /** The account the call is billed to. */
  readonly accountId: string | null
  readonly atMs: number
  /** No kind with a count of zero. */
  readonly usage: Usage
  readonly unpricedReason: UnpricedReason | null
  /** The charges the call has now. */
  readonly rates: readonly RateOfKind[]
  /** The book it was priced by. */
  readonly bookVersion: string
}

export type RateOfKind = {
  readonly kind: UsageKind
  readonly rateId: string
  /** USD for one unit, an exact decimal. */
  readonly rateUsd: string
}

/** The price of a kind: so many picodollars buy so many units, in lowest terms. */
export type RepricedRate = RateOfKind & {
  readonly picodollars: bigint
  readonly units: bigint
}

export type Repriced = CallIdentity & {
  /** Null: the call has a cost, the sum of its charges. */
  readonly unpricedReason: UnpricedReason | null
  /** In the order in which charges stand. */
  readonly rates: readonly RepricedRate[]
}

export const KEPT_REASONS = ['same', 'variant_not_recorded'] as const
/** `same`: nothing would change; `variant_not_recorded`: what it costs now cannot be told, so it stays. */
export type KeptReason = (typeof KEPT_REASONS)[number]

export type RepriceAnswer =
  | ({ readonly kind: 'repriced' } & Repriced)
  | { readonly kind: 'kept'; readonly reason: KeptReason }

export type Repricer = {
  readonly bookVersion: string
  /** Prompt sizes at which a rate may change: above one, not at it. Ascending. */
  readonly contextBorders: readonly number[]
  /** Instants inside of the stretch at which a rate may change. Ascending. */
  readonly timeBorders: (fromMs: number, toMs: number) => readonly number[]
  readonly reprice: (facts: RepriceFacts) => RepriceAnswer
}
