// Effective unit prices from bill lines: what was truly paid for a token, after every discount the bill knows. Lines that stand for
// one rate are summed; the price is their exact quotient, or the shortest one that gives every line back. What is not one price,
// or not enough to tell one, is shown and not offered, because a learned rate outranks the price list.

import { assert } from '../../kernel/assert.ts'
import type { PriceBook } from '../price-book.ts'
import { UNITS_PER_PRICE } from '../price-unit.ts'
import { bedrockWords } from './bedrock-words.ts'
import type { BilledUsage } from './billed-usage.ts'
import type { BillWords } from './bill-words.ts'
import { sumOfLines } from './line-sums.ts'
import { addLine, noLines } from './line-prices.ts'
import type { LearnedProposal, UnreadReason } from './learned-proposal.ts'
import type { RateEvidence } from './learned-rate.ts'
import {
  isSharedKind,
  parsePeriod,
  readBillLine,
  type EvidenceLine,
  type Period,
} from './read-bill-line.ts'
import { listBook, longContextThreshold, scopesOf, type PricedPlace } from './listed-price.ts'
import { proposalOf } from './proposal-of.ts'

export type LearnOptions = {
  /** The billing month, `2026-10`. */
  readonly period: string
  readonly words?: BillWords
}

export type RateLearner = {
  readonly add: (row: BilledUsage) => void
  readonly finish: () => LearnedProposal
}

export function learnRates(
  rows: Iterable<BilledUsage>,
  book: PriceBook,
  options: LearnOptions,
): LearnedProposal {
  const learner = startLearning(book, options)
  for (const row of rows) learner.add(row)
  return learner.finish()
}

/** For rows that come one by one; what is kept grows with the usage types of the bill, not with its lines. */
export function startLearning(
  book: PriceBook,
  { period: name, words = bedrockWords(book) }: LearnOptions,
): RateLearner {
  const period = parsePeriod(name)
  assert(period !== null, 'a period is a month such as 2026-10')
  const list = listBook(book)
  const evidence = new Map<string, RateEvidence>()
  const unread = sumOfLines<UnreadReason>()
  const apart = sumOfLines()
  let undatedLines = 0
  return {
    add: (row) => {
      const line = readBillLine(row, words, period)
      switch (line.kind) {
        case 'apart':
          return apart.add('', row.line_item_type, line.cost)
        case 'unread':
          // Other services have usage types by the thousand, and nothing to do with it.
          return unread.add(
            line.reason,
            line.reason === 'not_bedrock' ? '' : row.usage_type,
            line.cost,
          )
        case 'evidence': {
          if (line.atMs === null) undatedLines += 1
          const rate = evidenceOf(evidence, list, period, line)
          const perPrice = UNITS_PER_PRICE[rate.thing.unit]
          addLine(rate.prices, line.usage, line.cost, line.factor, perPrice)
          if (line.isNet) rate.netLines += 1
          rate.usageTypes.add('', row.usage_type, line.cost)
          rate.lastMs = Math.max(rate.lastMs, line.atMs ?? period.fromMs)
          return
        }
      }
    },
    finish: () => {
      const rates = [...evidence.values()]
      return proposalOf({ period, book, list, rates, unread, apart, undatedLines })
    },
  }
}

function evidenceOf(
  evidence: Map<string, RateEvidence>,
  list: PriceBook,
  period: Period,
  { reading }: EvidenceLine,
): RateEvidence {
  const { what, region, scope, tier } = reading
  const { kind, longContext, unit, medium, variant } = what
  const isShared = isSharedKind(kind)
  const place: PricedPlace = isShared
    ? { modelId: null, region, scope: 'in-region', tier: 'standard' }
    : { modelId: reading.modelId, region, scope, tier }
  const key = JSON.stringify([place, kind, unit, medium, variant, longContext])
  const known = evidence.get(key)
  if (known !== undefined) return known

  const scopes = isShared ? [place.scope] : scopesOf(list, place)
  const threshold = longContext ? longContextThreshold(list, place, scopes) : 0
  const rate: RateEvidence = {
    place,
    scopes,
    thing: { kind, unit, medium, variant, contextAbove: threshold ?? 0 },
    isThresholdKnown: threshold !== null,
    prices: noLines(),
    netLines: 0,
    usageTypes: sumOfLines(),
    lastMs: period.fromMs,
  }
  evidence.set(key, rate)
  return rate
}
