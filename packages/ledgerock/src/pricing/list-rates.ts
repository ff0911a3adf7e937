// The rates of a book as rows of plain JSON, for the API, the command line and files: what is sold, at what price, since when, and
// which layer, source and rule say so. An override that takes a percentage is one row, whatever it is a percentage of.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import { compileGlob } from '../kernel/glob.ts'
import { isoTime } from '../kernel/time.ts'
import { isCommercialRegion } from './commercial-region.ts'
import { usdFor } from './exact-rate.ts'
import { fixedRate, isFixed, overrideDate } from './override/override-rate.ts'
import { isPattern, modelOfKind } from './override/rank-overrides.ts'
import type { PriceOverride } from './override/price-override.ts'
import type { PriceBook, PriceLayer } from './price-book.ts'
import { UNITS_PER_PRICE, type PriceUnit } from './price-unit.ts'
import { instantOf, LAYER_NAMES, type LayerName, type Rate } from './rate.ts'
import { ratesOfLayer } from './rates-of-layer.ts'

export type RateRow = {
  readonly rate_id: string
  readonly layer: LayerName
  readonly model_id: string
  readonly region: string
  readonly scope: Scope | '*'
  readonly tier: Tier | '*'
  readonly kind: UsageKind | '*'
  readonly unit: PriceUnit | null
  readonly medium: string
  readonly variant: string | null
  readonly context_above: number
  /** What `per` units cost; null where the price is a percentage of another. */
  readonly price_usd: string | null
  readonly per: number | null
  /** What one unit costs. */
  readonly rate_usd: string | null
  readonly percent: string | null
  /** The account an override is for; null: every account. */
  readonly account_id: string | null
  readonly from: string | null
  readonly to: string | null
  readonly source: string
  readonly source_date: string
  readonly derived_by: string | null
  /** Of a percentage, where the price it is taken of is from; null else. */
  readonly base_source: string | null
  readonly base_source_date: string | null
  readonly in_force: boolean
}

export type RateFilter = {
  /** A base id, one of its other names, a profile, or a pattern in which `*` is any text. */
  readonly model?: string
  /** What applies there: rows of every commercial region too. */
  readonly region?: string
  readonly scope?: Scope
  readonly tier?: Tier
  readonly kind?: UsageKind
  readonly layer?: LayerName
  /** Only what is in force then. Without it everything, and `in_force` is what has no end yet. */
  readonly atMs?: number
}

/** A rate or a rule with what filters ask of it, and its row. */
type Listed = {
  readonly row: RateRow
  readonly fromMs: number
  readonly toMs: number
  readonly historical: boolean
}

const listed = new WeakMap<PriceLayer, readonly Listed[]>()

export function listRates(book: PriceBook, filter: RateFilter): readonly RateRow[] {
  const { layer, atMs } = filter
  const accepts = acceptsOf(book, filter)
  const inForce = ({ fromMs, toMs, historical }: Listed): boolean =>
    atMs === undefined || (!historical && fromMs <= atMs && atMs < toMs)
  const all = [
    book.overrides.map(listedOverride),
    ...book.layers.filter(({ name }) => layer === undefined || layer === name).map(listedOf),
  ]
  return all
    .flatMap((some) => some.filter((one) => accepts(one.row) && inForce(one)))
    .map(({ row }) => (atMs === undefined || row.in_force ? row : { ...row, in_force: true }))
    .toSorted(compareRows)
}

/** In order, so that putting the layers together is a merge. */
function listedOf(layer: PriceLayer): readonly Listed[] {
  const before = listed.get(layer)
  if (before !== undefined) return before
  const rows = ratesOfLayer(layer)
    .map((rate) => ({
      row: rowOf(rate),
      fromMs: rate.validFromMs,
      toMs: rate.validToMs,
      historical: rate.historical,
    }))
    .toSorted((left, right) => compareRows(left.row, right.row))
  listed.set(layer, rows)
  return rows
}

/** A rate that `findRate` found, as a row. */
export function rateRow(book: PriceBook, rate: Rate): RateRow {
  const override =
    rate.layer === 'override'
      ? book.overrides.find(({ overrideId }) => rate.rateId.endsWith(overrideId))
      : undefined
  return { ...rowOf(rate), account_id: override?.accountId ?? null }
}

function rowOf(rate: Rate): RateRow {
  const per = UNITS_PER_PRICE[rate.unit]
  return {
    rate_id: rate.rateId,
    layer: rate.layer,
    model_id: rate.modelId,
    region: rate.region,
    scope: rate.scope,
    tier: rate.tier,
    kind: rate.kind,
    unit: rate.unit,
    medium: rate.medium,
    variant: rate.variant,
    context_above: rate.contextAbove,
    price_usd: usdFor(rate.price, per),
    per: Number(per),
    rate_usd: rate.price.usdPerUnit,
    percent: null,
    account_id: null,
    from: isoOrNull(rate.validFromMs),
    to: isoOrNull(rate.validToMs),
    source: rate.source,
    source_date: rate.sourceDate,
    derived_by: rate.derivedBy,
    base_source: rate.base?.source ?? null,
    base_source_date: rate.base?.sourceDate ?? null,
    in_force: !rate.historical && rate.validToMs === Infinity,
  }
}

function listedOverride(override: PriceOverride): Listed {
  return {
    row: overrideRow(override),
    fromMs: instantOf(override.validFrom ?? undefined, -Infinity),
    toMs: instantOf(override.validTo ?? undefined, Infinity),
    historical: false,
  }
}

function overrideRow(override: PriceOverride): RateRow {
  if (isFixed(override)) return { ...rowOf(fixedRate(override)), account_id: override.accountId }
  const { effect } = override
  return {
    rate_id: override.overrideId,
    layer: 'override',
    model_id: override.models,
    region: override.regions,
    scope: override.scope ?? '*',
    tier: override.tier ?? '*',
    kind: override.kind ?? '*',
    unit: null,
    medium: '*',
    variant: null,
    context_above: 0,
    price_usd: null,
    per: null,
    rate_usd: null,
    percent: 'percent' in effect ? effect.percent : null,
    account_id: override.accountId,
    from: override.validFrom,
    to: override.validTo,
    source: `override ${override.name}`,
    source_date: overrideDate(override) ?? '',
    derived_by: null,
    base_source: null,
    base_source_date: null,
    in_force: override.validTo === null,
  }
}

function isoOrNull(ms: number): string | null {
  return Number.isFinite(ms) ? isoTime(ms) : null
}

function acceptsOf(book: PriceBook, filter: RateFilter): (row: RateRow) => boolean {
  const { region, scope, tier, kind, layer } = filter
  const isModel = modelFilter(book, filter.model)
  const commercial = region !== undefined && isCommercialRegion(region)
  return (row) => {
    const isOverride = row.layer === 'override'
    return (
      (layer === undefined || row.layer === layer) &&
      isModel(row) &&
      (region === undefined ||
        row.region === region ||
        (isOverride ? compileGlob(row.region)(region) : commercial && row.region === '*')) &&
      (scope === undefined || row.scope === scope || row.scope === '*') &&
      (tier === undefined || row.tier === tier || row.tier === '*') &&
      (kind === undefined || row.kind === kind || row.kind === '*')
    )
  }
}

function modelFilter(book: PriceBook, model: string | undefined): (row: RateRow) => boolean {
  if (model === undefined) return () => true
  const modelId = book.baseIds.get(model) ?? book.profiles.get(model)?.modelId ?? model
  const matches = compileGlob(modelId)
  return (row) => {
    if (row.model_id === '*' && row.layer !== 'override') {
      return row.kind !== '*' && matches(modelOfKind('*', row.kind))
    }
    if (matches(row.model_id)) return true
    return row.layer === 'override' && !isPattern(modelId) && compileGlob(row.model_id)(modelId)
  }
}

function compareRows(left: RateRow, right: RateRow): number {
  return (
    compareText(left.model_id, right.model_id) ||
    compareText(left.region, right.region) ||
    compareText(left.scope, right.scope) ||
    compareText(left.tier, right.tier) ||
    compareText(left.kind, right.kind) ||
    compareText(left.unit ?? '', right.unit ?? '') ||
    compareText(left.medium, right.medium) ||
    compareText(left.variant ?? '', right.variant ?? '') ||
    left.context_above - right.context_above ||
    LAYER_NAMES.indexOf(left.layer) - LAYER_NAMES.indexOf(right.layer) ||
    compareText(left.from ?? '', right.from ?? '') ||
    compareText(left.rate_id, right.rate_id)
  )
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
