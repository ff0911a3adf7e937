// From summed evidence to the proposal: the rates, and beside them what taught nothing, so that lines and dollars add up to the bill
// that was read.

import { formatUsd, picodollars } from '../../kernel/money.ts'
import type { PriceBook } from '../price-book.ts'
import type { PricedModel } from '../price-document.ts'
import { addDecimals, formatUsdOf, ratioOf, toPicodollars, ZERO_DECIMAL } from './exact-decimal.ts'
import type { LearnedProposal, LearnedRate, UnreadReason } from './learned-proposal.ts'
import { learnedRate, supportOf, type RateEvidence } from './learned-rate.ts'
import type { LineSums } from './line-sums.ts'
import type { Period } from './read-bill-line.ts'

export type Evidence = {
  readonly period: Period
  readonly book: PriceBook
  readonly list: PriceBook
  readonly rates: readonly RateEvidence[]
  readonly unread: LineSums<UnreadReason>
  readonly apart: LineSums<''>
  readonly undatedLines: number
}

export function proposalOf(evidence: Evidence): LearnedProposal {
  const { period, book, list } = evidence
  const rates = evidence.rates.map((rate) => learnedRate(list, rate))
  const checked = rates.toSorted(byPlace)
  const unread = evidence.unread.all()
  const apart = evidence.apart.all()
  const parts = [...evidence.rates.map(({ prices }) => prices), ...unread, ...apart]
  const total = parts.reduce((sum, { cost }) => addDecimals(sum, cost), ZERO_DECIMAL)
  const rounded = parts.reduce((sum, { cost }) => sum + toPicodollars(ratioOf(cost)), 0n)
  const offered = checked.filter((rate) => rate.offered).map((rate) => rate.model_id)
  return {
    schema: 'ledgerock-learned/1',
    period: period.name,
    valid_from: new Date(period.fromMs).toISOString().replace('.000', ''),
    book_version: book.version,
    rates: checked,
    unread: unread.map((sum) => ({ reason: sum.first, ...supportOf(sum) })),
    apart: apart.map(({ second, lines, cost }) => {
      return { line_item_type: second, lines, usd: formatUsdOf(cost) }
    }),
    total: { lines: parts.reduce((sum, { lines }) => sum + lines, 0), usd: formatUsdOf(total) },
    rounding_usd: formatUsd(picodollars(toPicodollars(ratioOf(total)) - rounded)),
    undated_lines: evidence.undatedLines,
    models: [...new Set(offered)]
      .filter((modelId) => modelId !== '*')
      .map((modelId) => descriptionOf(book, modelId)),
  }
}

function rateKey(rate: LearnedRate): string {
  const { model_id, region, scope, tier, kind, unit, medium, variant, context_above } = rate
  return JSON.stringify([model_id, region, scope, tier, unit, medium, variant, context_above, kind])
}

function byPlace(left: LearnedRate, right: LearnedRate): number {
  return rateKey(left) < rateKey(right) ? -1 : 1
}

function descriptionOf(book: PriceBook, modelId: string): Omit<PricedModel, 'rates'> {
  const model = book.models.get(modelId)?.model
  if (model === undefined) {
    const [provider = 'unknown'] = modelId.split('.')
    const lifecycle = { status: 'unknown' }
    return { model_id: modelId, name: modelId, provider, modality: 'unknown', lifecycle }
  }
  const { rates: _rates, ...description } = model
  return description
}
