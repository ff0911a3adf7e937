// Two layers of a book side by side at an instant: the rates both have at different prices, and those only one has. A row for every
// region on one side is held against the regions the other names one by one.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import { divideRoundHalfEven } from '../kernel/money.ts'
import { isCommercialRegion } from './commercial-region.ts'
import { usdFor } from './exact-rate.ts'
import { fixedRate, isFixed, isPercent, percentRate } from './override/override-rate.ts'
import { modelOfKind, rankOverrides } from './override/rank-overrides.ts'
import type { PriceBook } from './price-book.ts'
import { UNITS_PER_PRICE, type PriceUnit } from './price-unit.ts'
import type { LayerName, Rate } from './rate.ts'
import { ratesOfLayer } from './rates-of-layer.ts'
import { variantKey } from './variant-key.ts'

export type RateDiff = {
  readonly model_id: string
  readonly region: string
  readonly scope: Scope | '*'
  readonly tier: Tier | '*'
  readonly kind: UsageKind
  readonly unit: PriceUnit
  readonly medium: string
  readonly variant: string | null
  readonly context_above: number
  readonly layer: LayerName
  readonly price_usd: string | null
  readonly against: LayerName
  readonly against_usd: string | null
  /** `price_usd` / `against_usd`, to six decimals; null where one is missing or `against_usd` is zero. */
  readonly ratio: string | null
  /** `added`: only `layer` has it; `missing`: only `against` has it. */
  readonly change: 'changed' | 'added' | 'missing'
  readonly rate_id: string | null
  readonly against_rate_id: string | null
  readonly source: string
  readonly source_date: string
}

export type DiffQuestion = {
  readonly layer: LayerName
  readonly against: LayerName
  readonly atMs: number
}

type ByRegion = Map<string, Rate>

export function diffRates(book: PriceBook, question: DiffQuestion): readonly RateDiff[] {
  const { layer, against } = question
  const left = byKey(ratesInForce(book, layer, question))
  const right = byKey(ratesInForce(book, against, question))
  const keys = [...new Set([...left.keys(), ...right.keys()])].toSorted()
  return keys.flatMap((key) => {
    const [ours, theirs]: readonly ByRegion[] = [
      left.get(key) ?? new Map<string, Rate>(),
      right.get(key) ?? new Map<string, Rate>(),
    ]
    if (ours === undefined || theirs === undefined) return []
    return regionsToCompare(ours, theirs).flatMap((region) =>
      diffOf(question, region, rateIn(ours, region), rateIn(theirs, region)),
    )
  })
}

function ratesInForce(book: PriceBook, name: LayerName, question: DiffQuestion): readonly Rate[] {
  const { atMs } = question
  const layer = book.layers.find((one) => one.name === name)
  const rates = layer === undefined ? [] : ratesOfLayer(layer)
  const other = name === question.layer ? question.against : question.layer
  const all =
    name === 'override' && other !== name
      ? [...rates, ...overridden(book, ratesInForce(book, other, { ...question, layer: other }))]
      : rates
  return all.filter((rate) => !rate.historical && rate.validFromMs <= atMs && atMs < rate.validToMs)
}

/**
 * What the overrides of the whole organisation make of the other layer's rates, so that the two can be compared. Only those of
 * one account are left out: they are no layer of everyone's prices.
 */
function overridden(book: PriceBook, rates: readonly Rate[]): readonly Rate[] {
  const ranked = rankOverrides(book.overrides.filter(({ accountId }) => accountId === null))
  return rates.flatMap((rate) => {
    for (const { override, matchesModel, matchesRegion } of ranked) {
      const isMeant =
        matchesModel(modelOfKind(rate.modelId, rate.kind)) &&
        matchesRegion(rate.region === '*' && override.regions !== '*' ? '' : rate.region) &&
        (override.scope === null || override.scope === rate.scope) &&
        (override.tier === null || override.tier === rate.tier) &&
        (override.kind === null || override.kind === rate.kind)
      if (!isMeant) continue
      if (isPercent(override)) return [percentRate(rate, override)]
      if (isFixed(override) && override.effect.contextAbove === rate.contextAbove) {
        const { modelId, region, scope, tier, medium } = rate
        return [{ ...fixedRate(override), modelId, region, scope, tier, medium }]
      }
    }
    return []
  })
}

/** Everything but the region. */
function byKey(rates: readonly Rate[]): ReadonlyMap<string, ByRegion> {
  const keys = new Map<string, ByRegion>()
  for (const rate of rates) {
    const key = JSON.stringify([
      rate.modelId,
      rate.scope,
      rate.tier,
      rate.kind,
      rate.unit,
      rate.medium,
      variantKey(rate.variant ?? ''),
      rate.contextAbove,
    ])
    const regions = keys.get(key) ?? new Map<string, Rate>()
    keys.set(key, regions.set(rate.region, rate))
  }
  return keys
}

/** "*" is a region to compare only where both have it, or the other sells the thing nowhere. */
function regionsToCompare(left: ByRegion, right: ByRegion): readonly string[] {
  const named = [...new Set([...left.keys(), ...right.keys()])].filter((region) => region !== '*')
  const bothEverywhere = left.has('*') && right.has('*')
  const onlyOne = left.size === 0 || right.size === 0
  const everywhere = bothEverywhere || (onlyOne && (left.has('*') || right.has('*')))
  return [...(everywhere ? ['*'] : []), ...named.toSorted()]
}

function rateIn(rates: ByRegion, region: string): Rate | null {
  return rates.get(region) ?? (isCommercialRegion(region) ? (rates.get('*') ?? null) : null)
}

function diffOf(
  { layer, against }: DiffQuestion,
  region: string,
  ours: Rate | null,
  theirs: Rate | null,
): readonly RateDiff[] {
  const either = ours ?? theirs
  if (either === null || ours?.price.usdPerUnit === theirs?.price.usdPerUnit) return []
  return [
    {
      model_id: either.modelId,
      region,
      scope: either.scope,
      tier: either.tier,
      kind: either.kind,
      unit: either.unit,
      medium: either.medium,
      variant: either.variant,
      context_above: either.contextAbove,
      layer,
      price_usd: priceOf(ours),
      against,
      against_usd: priceOf(theirs),
      ratio: ours === null || theirs === null ? null : ratioOf(ours, theirs),
      change: ours === null ? 'missing' : theirs === null ? 'added' : 'changed',
      rate_id: ours?.rateId ?? null,
      against_rate_id: theirs?.rateId ?? null,
      source: either.source,
      source_date: either.sourceDate,
    },
  ]
}

function priceOf(rate: Rate | null): string | null {
  return rate === null ? null : usdFor(rate.price, UNITS_PER_PRICE[rate.unit])
}

const RATIO_DECIMALS = 6

function ratioOf({ price: left }: Rate, { price: right }: Rate): string | null {
  if (right.picodollars === 0n) return null
  const scale = 10n ** BigInt(RATIO_DECIMALS)
  const millionths = divideRoundHalfEven(
    left.picodollars * right.units * scale,
    left.units * right.picodollars,
  )
  const digits = millionths.toString().padStart(RATIO_DECIMALS + 1, '0')
  const decimals = digits.slice(-RATIO_DECIMALS).replace(/0+$/, '')
  return `${digits.slice(0, -RATIO_DECIMALS)}${decimals === '' ? '' : `.${decimals}`}`
}
