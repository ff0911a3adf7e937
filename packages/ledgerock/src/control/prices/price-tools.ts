// What the control plane needs of pricing and of the bill to change prices, as functions it is given: how rules are read, price
// lists converted, rates learned and capacity split is the business of those domains.

import type { ProblemError } from '@ledgerock/contract'
import type { BillRow } from '../../billing/bill-row.ts'
import type { Result } from '../../kernel/result.ts'
import type { CapacityUse } from '../../pricing/capacity-use.ts'
import type { PriceBook, PriceOverride } from '../../pricing/price-book.ts'
import type { PriceDocument } from '../../pricing/price-document.ts'

export type ConvertedOffers = { readonly document: PriceDocument; readonly report: object }

export type LearnedRates = {
  /** What was found, with its support, as the API shows it. */
  readonly proposal: {
    readonly rates: readonly object[]
    readonly total: { readonly lines: number; readonly usd: string }
  }
  readonly document: PriceDocument
}

export type PriceTools = {
  /** `terms` as file and API have them. `book` is the one without overrides. */
  readonly readOverrides: (
    terms: readonly unknown[],
    origin: PriceOverride['origin'],
    book: PriceBook,
  ) => Result<readonly PriceOverride[], readonly ProblemError[]>
  readonly convertOffers: (
    offers: readonly unknown[],
    book: PriceBook,
  ) => Result<ConvertedOffers, readonly ProblemError[]>
  readonly learnRates: (rows: readonly BillRow[], book: PriceBook, period: string) => LearnedRates
  readonly splitCapacity: (
    rows: readonly BillRow[],
    use: readonly CapacityUse[],
    book: PriceBook,
    question: CapacityTerms,
  ) => object
}

/** Who pays for what nobody used; the rules of a shared cost that need no more words. */
export const IDLE_SPLITS = ['proportional', 'even', 'apart'] as const

export type CapacityTerms = {
  readonly period: string
  readonly split: (typeof IDLE_SPLITS)[number]
  /** What provisioned throughput can take, by its ARN. */
  readonly tokensPerMinute: Readonly<Record<string, number>>
}
