// One learned rate: its price, the list price beside it, and whether it may be offered. A learned rate is asked before the list, so
// it is only offered where it cannot answer a question it was not learned for.

import type { Scope } from '@ledgerock/contract'
import { formatUsd } from '../../kernel/money.ts'
import type { PriceBook } from '../price-book.ts'
import type { PriceRow } from '../price-document.ts'
import { UNITS_PER_PRICE } from '../price-unit.ts'
import type { Rate } from '../rate.ts'
import {
  divideRatio,
  formatDecimal,
  formatUsdOf,
  ratioOf,
  roundedRatio,
  toPicodollars,
  type Ratio,
} from './exact-decimal.ts'
import type { LearnedRate, LineSupport, WithheldReason } from './learned-proposal.ts'
import {
  isConsistent,
  isNarrow,
  PRICE_DECIMALS,
  priceOf,
  type LearnedPrice,
  type LinePrices,
} from './line-prices.ts'
import type { LineSum, LineSums } from './line-sums.ts'
import { listedRate, soldRows, type PricedPlace, type PricedThing } from './listed-price.ts'

export type RateEvidence = {
  readonly place: PricedPlace
  /** Where the rate would apply: a billed word may stand for several scopes. */
  readonly scopes: readonly Scope[]
  readonly thing: PricedThing
  /** False where the line says "long context" and the book does not say above how many tokens that is. */
  readonly isThresholdKnown: boolean
  readonly prices: LinePrices
  netLines: number
  readonly usageTypes: LineSums<''>
  /** When the latest line began: the moment whose list price stands beside the learned one. */
  lastMs: number
}

const RATIO_DECIMALS = 6

/** Sold by the hour or month, whatever tier its calls name. */
const TIERLESS: ReadonlySet<string> = new Set(['model_unit_hour', 'storage_month'])

export function learnedRate(list: PriceBook, evidence: RateEvidence): LearnedRate {
  const { place, thing, prices, netLines } = evidence
  const perPrice = UNITS_PER_PRICE[thing.unit]
  const consistent = isConsistent(prices)
  const learned = consistent ? priceOf(prices, perPrice) : null
  const listed = evidence.isThresholdKnown
    ? evidence.scopes.map((scope) => listedRate(list, { ...place, scope }, thing, evidence.lastMs))
    : []
  const shown = listed.find((rate) => rate !== null) ?? null
  const withheld = whyWithheld(list, evidence, learned, listed)
  const isEverywhere = place.modelId === null || TIERLESS.has(thing.unit)
  return {
    model_id: place.modelId ?? '*',
    region: place.region,
    scope: isEverywhere ? '*' : place.scope,
    scopes: isEverywhere ? ['*'] : evidence.scopes,
    tier: isEverywhere ? '*' : place.tier,
    kind: thing.kind,
    unit: thing.unit,
    medium: thing.medium,
    variant: thing.variant,
    context_above: thing.contextAbove,
    is_output: isOutput(list, evidence),
    price_usd: learned === null ? null : formatDecimal(learned.price),
    per: perPrice.toString(),
    price_basis: learned?.basis ?? null,
    lines: prices.lines,
    usd: formatUsdOf(prices.cost),
    quantity: formatDecimal(prices.quantity),
    cost_basis: netLines === 0 ? 'unblended' : netLines === prices.lines ? 'net' : 'mixed',
    lowest_usd: linePrice(prices.lowest),
    highest_usd: linePrice(prices.highest),
    consistent,
    list_usd: shown === null ? null : formatUsd(toPicodollars(listPrice(shown, perPrice))),
    list_rate_id: shown?.rateId ?? null,
    list_layer: shown?.layer ?? null,
    ratio: learned === null ? null : ratioToList(learned, shown, perPrice),
    offered: withheld === null,
    withheld,
    usage_types: evidence.usageTypes.all().map(supportOf),
  }
}

function whyWithheld(
  list: PriceBook,
  { place, scopes, thing, prices, netLines, isThresholdKnown }: RateEvidence,
  learned: LearnedPrice | null,
  listed: readonly (Rate | null)[],
): WithheldReason | null {
  if (!isConsistent(prices)) {
    return netLines === 0 || netLines === prices.lines ? 'mixed_prices' : 'mixed_costs'
  }
  if (learned === null) return 'no_net_usage'
  if (!isThresholdKnown) return 'unknown_threshold'
  const isFree = learned.price.digits === 0n
  const costsSomething = listed.some((rate) => rate !== null && rate.price.picodollars > 0n)
  if (isFree && costsSomething) return 'zero_against_list'
  if (!isFree && !isNarrow(prices)) return 'too_little_usage'
  const isListedOtherwise = scopes.some((scope, index) => {
    const isListed = (listed[index] ?? null) !== null
    const rows = isListed ? [] : soldRows(list, { ...place, scope }, thing.kind)
    return rows.some((row) => isSoldOtherwise(row, thing))
  })
  return isListedOtherwise ? 'other_unit_listed' : null
}

/** Rates of one kind are told apart by their variant alone: of another unit or medium, one would answer for the other. */
function isSoldOtherwise(row: PriceRow, thing: PricedThing): boolean {
  if (row.status === 'historical') return false
  return (
    (row.unit ?? 'token') !== thing.unit ||
    (row.medium ?? 'text') !== thing.medium ||
    (row.variant === undefined) !== (thing.variant === null)
  )
}

/** Where the list gives one price for the unit under both names. */
function isOutput(list: PriceBook, { place, scopes, thing }: RateEvidence): boolean {
  const { kind, unit, medium } = thing
  if (place.modelId === null || unit === 'token' || kind === 'output') return false
  return scopes.some((scope) =>
    soldRows(list, { ...place, scope }, kind).some(
      ({ prices, ...row }) =>
        row.unit === unit &&
        (row.medium ?? 'text') === medium &&
        prices.output !== undefined &&
        prices.output === prices[kind],
    ),
  )
}

export function supportOf({ second, lines, cost }: LineSum): LineSupport {
  return { usage_type: second, lines, usd: formatUsdOf(cost) }
}

function linePrice(price: Ratio | null): string | null {
  return price === null ? null : formatDecimal(roundedRatio(price, PRICE_DECIMALS))
}

/** In dollars for what one price buys. */
function listPrice({ price }: Rate, perPrice: bigint): Ratio {
  return { n: price.picodollars * perPrice, d: price.units * 1_000_000_000_000n }
}

function ratioToList(learned: LearnedPrice, listed: Rate | null, perPrice: bigint): string | null {
  if (listed === null || listed.price.picodollars === 0n) return null
  const ratio = divideRatio(ratioOf(learned.price), listPrice(listed, perPrice))
  return formatDecimal(roundedRatio(ratio, RATIO_DECIMALS))
}
