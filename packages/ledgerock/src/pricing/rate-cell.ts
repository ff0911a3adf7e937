// The rates that can apply to one (model, region, scope, tier), arranged per usage kind so that pricing a call is a few map
// look-ups. Compiled on first use from the rows of every layer, because most of a book is never asked for.
//
//   kind ─▶ layer 1: entry, entry, …   an entry is a row's price for the kind, or the row's lack of one
//           layer 2: entry, entry, …   order: variant rows, longest context band, own region before "*"
//
// The longest context band in which any layer below the overrides sells something of the kind's sort is the call's band; what is
// known of shorter ones only says nothing about it. In a layer the first entry that fits the call's time, band and variant
// decides: its price, or by lacking one that this layer has none. Then the next layer is asked.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import { isCommercialRegion } from './commercial-region.ts'
import { overrideEntries, type Entry, type LayerEntries } from './override/override-entries.ts'
import { isFixed } from './override/override-rate.ts'
import { coversPlace, type RankedOverride } from './override/rank-overrides.ts'
import type { PriceRow } from './price-document.ts'
import type { PriceUnit } from './price-unit.ts'
import { instantOf, rateOf, type Rate, type RateOrigin } from './rate.ts'
import { variantKey } from './variant-key.ts'

export { variantKey }

/** A row with what its rates need to know beside it. */
export type PlacedRow = { readonly origin: RateOrigin; readonly row: PriceRow }

/** What a model's cells are compiled from. */
export type CellSource = {
  readonly modelId: string
  /** The model's own rows and the shared ones, layer by layer. */
  readonly layers: readonly (readonly PlacedRow[])[]
  /** It has no rows of its own: what is sold beside any model is all it sells. */
  readonly isSharedOnly: boolean
  /** Every override of the book, the most specific first. */
  readonly overrides: readonly RankedOverride[]
}

export type Place = {
  readonly region: string
  readonly scope: Scope
  readonly tier: Tier | null
  /** Null: an account without overrides of its own. */
  readonly accountId: string | null
}

type KindRates = {
  /** Set where nothing about the call can change the answer: the path nearly every call takes. */
  readonly always: Rate | null
  readonly layers: readonly (readonly Entry[])[]
  /** The layers that say where a long prompt begins; empty where none does. An override prices one kind, not a size of prompt. */
  readonly banded: readonly (readonly Entry[])[]
  /** The variant meant when none is asked for, or null where that would be a guess. */
  readonly defaultVariant: string | null
}

type NotSold = 'unknown_region' | 'unknown_tier'
export type CellState = 'priced' | NotSold
export type MissingReason = NotSold | 'unknown_kind' | 'historical_only'

export type RateCell = {
  readonly modelId: string
  /** All that is sold here is what is sold beside any model. */
  readonly isSharedOnly: boolean
  readonly state: CellState
  /** Why a kind nobody sells here has no rate: where only capacity is sold, a token has no tier to be priced in. */
  readonly whyMissing: NotSold | 'unknown_kind'
  readonly layers: readonly (readonly PlacedRow[])[]
  readonly overrides: readonly RankedOverride[]
  readonly region: string
  readonly kinds: Map<string, KindRates>
}

export type RateQuery = {
  readonly atMs: number
  readonly contextTokens: number
  /** As `variantKey` writes it. */
  readonly variant: string | null
}

/** What is paid by the hour or month: to sell it in a place is not to sell calls there. */
const CAPACITY_UNITS: ReadonlySet<PriceUnit> = new Set([
  'model_unit_hour',
  'tpm_hour',
  'storage_month',
])

export function compileCell(source: CellSource, place: Place): RateCell {
  const { region, scope, tier, accountId } = place
  const commercial = isCommercialRegion(region)
  const covers = ({ row }: PlacedRow): boolean =>
    (row.region === region || (row.region === '*' && commercial)) &&
    (row.scope === scope || row.scope === '*')
  const inRegion = source.layers.map((rows) => rows.filter(covers))
  const inTier = inRegion.map((rows) =>
    rows.filter(({ row }) => row.tier === tier || row.tier === '*'),
  )
  const overrides = source.overrides.filter((ranked) =>
    coversPlace(ranked, region, scope, tier, accountId),
  )
  const isFixedHere = overrides.some(
    ({ override, matchesModel }) => isFixed(override) && matchesModel(source.modelId),
  )
  // What is sold beside every model does not make a tier or region of the model known.
  const sells = (placed: PlacedRow): boolean => source.isSharedOnly || placed.origin.modelId !== '*'
  const sellsCalls = (placed: PlacedRow): boolean =>
    sells(placed) && !CAPACITY_UNITS.has(placed.row.unit ?? 'token')
  const stateOf = (isSold: (placed: PlacedRow) => boolean): CellState => {
    if (isFixedHere || inTier.some((rows) => rows.some(isSold))) return 'priced'
    return inRegion.some((rows) => rows.some(isSold)) ? 'unknown_tier' : 'unknown_region'
  }
  const calls = stateOf(sellsCalls)
  return {
    modelId: source.modelId,
    isSharedOnly: source.isSharedOnly,
    state: stateOf(sells),
    whyMissing: calls === 'priced' ? 'unknown_kind' : calls,
    layers: inTier,
    overrides,
    region,
    kinds: new Map(),
  }
}

/** The rate of a kind for a call, or why there is none. */
export function selectRate(
  cell: RateCell,
  kind: UsageKind,
  query: RateQuery,
): Rate | MissingReason {
  let rates = cell.kinds.get(kind)
  if (rates === undefined) {
    rates = compileKind(cell, kind)
    // Kinds without a rate are not kept: their names come from outside and have no bound.
    if (rates.layers.length > 0) cell.kinds.set(kind, rates)
  }
  return rates.always ?? search(rates, query) ?? reasonOf(cell, rates, query)
}

function search(rates: KindRates, query: RateQuery): Rate | null {
  const variant = query.variant ?? rates.defaultVariant
  const band = rates.banded.length > 0 ? bandOf(rates.banded, query, variant) : 0
  for (const entries of rates.layers) {
    for (const entry of entries) {
      if (entry.contextAbove < band) continue
      if (!fits(entry, query, variant) || !inForce(entry, query)) continue
      if (entry.rate !== null) return entry.rate
      break
    }
  }
  return null
}

/** Whichever layer says it: a short prompt's price must not answer for a long one because its layer is asked first. */
function bandOf(
  layers: readonly (readonly Entry[])[],
  query: RateQuery,
  variant: string | null,
): number {
  let band = 0
  for (const entries of layers) {
    for (const entry of entries) {
      if (entry.contextAbove <= band) continue
      if (fits(entry, query, variant) && inForce(entry, query)) band = entry.contextAbove
    }
  }
  return band
}

function reasonOf(cell: RateCell, rates: KindRates, query: RateQuery): MissingReason {
  const variant = query.variant ?? rates.defaultVariant
  const onceSold = rates.layers.some((entries) =>
    entries.some(
      (entry) => entry.rate !== null && fits(entry, query, variant) && !inForce(entry, query),
    ),
  )
  if (onceSold) return 'historical_only'
  return rates.layers.length > 0 ? 'unknown_kind' : cell.whyMissing
}

function fits(entry: Entry, query: RateQuery, variant: string | null): boolean {
  return (
    (entry.contextAbove === 0 || query.contextTokens > entry.contextAbove) &&
    (entry.variant === null || entry.variant === variant)
  )
}

function inForce(entry: Entry, query: RateQuery): boolean {
  return !entry.historical && entry.validFromMs <= query.atMs && query.atMs < entry.validToMs
}

function compileKind(cell: RateCell, kind: UsageKind): KindRates {
  const placed = cell.layers.flat()
  // Of all layers: one that sells other kinds of the sort in a band of its own still says where that band begins.
  const sorts = new Set(placed.filter(({ row }) => pricedKind(row, kind)).map(sortOf))
  const sold: readonly LayerEntries[] = cell.layers
    .map((rows) => layerEntries(rows, cell.region, kind, sorts))
    .filter(({ entries }) => entries.length > 0)
  const above = overrideEntries(cell.modelId, kind, cell.overrides, sold)
  const layers = [...above, ...sold.map(({ entries }) => entries)]
  const hasBands = sold.some(({ entries }) => entries.some((entry) => entry.contextAbove > 0))
  const first = layers[0]?.find((entry) => !entry.historical)
  const unconditional =
    first !== undefined &&
    first.variant === null &&
    first.contextAbove === 0 &&
    first.validFromMs === -Infinity &&
    first.validToMs === Infinity
  return {
    always: unconditional && !hasBands ? first.rate : null,
    layers,
    banded: hasBands ? sold.map(({ entries }) => entries) : [],
    defaultVariant: defaultVariantOf(
      sold.length > 0 ? sold.flatMap(({ entries }) => entries) : above.flat(),
    ),
  }
}

/** An override of a variant does not make another one than the list's the one that is meant. */
function defaultVariantOf(entries: readonly Entry[]): string | null {
  const variants = new Set(entries.map(({ variant }) => variant))
  if (variants.has('standard')) return 'standard'
  return variants.size === 1 ? ([...variants][0] ?? null) : null
}

function layerEntries(
  rows: readonly PlacedRow[],
  region: string,
  kind: UsageKind,
  sorts: ReadonlySet<string>,
): LayerEntries {
  const own = ({ row }: PlacedRow): number => (row.region === region ? 1 : 0)
  // Rows of one key may each hold some of its kinds: only where none has the kind is it not sold.
  const sells = ({ row }: PlacedRow): number => (pricedKind(row, kind) === null ? 0 : 1)
  const entries = rows
    .filter((placed) => sorts.has(sortOf(placed)))
    .toSorted(
      (left, right) =>
        Number(right.row.variant !== undefined) - Number(left.row.variant !== undefined) ||
        (right.row.context_above ?? 0) - (left.row.context_above ?? 0) ||
        own(right) - own(left) ||
        sells(right) - sells(left),
    )
    .map(({ origin, row }) => {
      const priced = pricedKind(row, kind)
      return {
        rate: priced === null ? null : rateOf(origin, row, priced),
        contextAbove: row.context_above ?? 0,
        validFromMs: instantOf(row.valid_from, -Infinity),
        validToMs: instantOf(row.valid_to, Infinity),
        historical: row.status === 'historical',
        variant: row.variant === undefined ? null : variantKey(row.variant),
      }
    })
  return { layer: rows[0]?.origin.layer ?? 'snapshot', entries }
}

/** Rows compete only with rows that sell the same thing: unit, medium, variant. */
function sortOf({ row }: PlacedRow): string {
  return `${row.unit ?? 'token'}|${row.medium ?? 'text'}|${row.variant ?? ''}`
}

/**
 * The kind a row prices a usage kind under. A model with one price for all cache writes says `cache_write`, and its writes of
 * any lifetime cost that; where only one lifetime is sold, a write of unstated lifetime is of that one. With two prices an
 * unstated lifetime stays unknown.
 */
export function pricedKind(row: PriceRow, kind: UsageKind): UsageKind | null {
  if (row.prices[kind] !== undefined) return kind
  switch (kind) {
    case 'cache_write_5m':
    case 'cache_write_30m':
    case 'cache_write_1h':
      return row.prices.cache_write === undefined ? null : 'cache_write'
    case 'cache_write': {
      const sold = (['cache_write_5m', 'cache_write_30m', 'cache_write_1h'] as const).filter(
        (lifetime) => row.prices[lifetime] !== undefined,
      )
      return sold.length === 1 ? (sold[0] ?? null) : null
    }
    default:
      return null
  }
}
