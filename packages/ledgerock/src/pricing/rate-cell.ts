// The rates that can apply to one (model, region, scope, tier), arranged per usage kind so that pricing a call is a few map
// look-ups. Compiled on first use from the rows of every layer, because most of a book is never asked for.
//
//   kind ─▶ layer 1: entry, entry, …   an entry is a row's price for the kind, or the row's lack of one
//           layer 2: entry, entry, …   order: variant rows, longest context band, own region before "*"
//
// In a layer the first entry that fits the call's time, prompt size and variant decides: its price, or by lacking one that
// this layer has none. Then the next layer is asked.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import { isCommercialRegion } from './commercial-region.ts'
import type { PriceRow } from './price-document.ts'
import { instantOf, rateOf, type Rate, type RateOrigin } from './rate.ts'

/** A row with what its rates need to know beside it. */
export type PlacedRow = { readonly origin: RateOrigin; readonly row: PriceRow }

type Entry = {
  readonly rate: Rate | null
  readonly contextAbove: number
  readonly validFromMs: number
  readonly validToMs: number
  readonly historical: boolean
  readonly variant: string | null
}

type KindRates = {
  /** Set where nothing about the call can change the answer: the path nearly every call takes. */
  readonly always: Rate | null
  readonly layers: readonly (readonly Entry[])[]
  /** The variant meant when none is asked for, or null where that would be a guess. */
  readonly defaultVariant: string | null
}

export type CellState = 'priced' | 'unknown_region' | 'unknown_tier'

export type RateCell = {
  readonly state: CellState
  readonly layers: readonly (readonly PlacedRow[])[]
  readonly region: string
  readonly kinds: Map<string, KindRates>
}

export type RateQuery = {
  readonly atMs: number
  readonly contextTokens: number
  /** As `variantKey` writes it. */
  readonly variant: string | null
}

/** Case, punctuation and remarks in brackets do not tell variants apart. */
export function variantKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/\([^)]*\)/g, ' ')
    .replace(/[^a-z0-9.]+/g, ' ')
    .trim()
}

export function compileCell(
  layers: readonly (readonly PlacedRow[])[],
  region: string,
  scope: Scope,
  tier: Tier | null,
  isSharedOnly: boolean,
): RateCell {
  const commercial = isCommercialRegion(region)
  const covers = ({ row }: PlacedRow): boolean =>
    (row.region === region || (row.region === '*' && commercial)) &&
    (row.scope === scope || row.scope === '*')
  const inRegion = layers.map((rows) => rows.filter(covers))
  const inTier = inRegion.map((rows) =>
    rows.filter(({ row }) => row.tier === tier || row.tier === '*'),
  )
  // What is sold beside every model ("*" tier) does not make a tier or region of the model known.
  const sold = (rows: readonly (readonly PlacedRow[])[]): boolean =>
    rows.some((layer) => layer.some(({ row }) => isSharedOnly || row.tier !== '*'))
  const state = !sold(inRegion) ? 'unknown_region' : !sold(inTier) ? 'unknown_tier' : 'priced'
  return { state, layers: inTier, region, kinds: new Map() }
}

/** The rate of a kind for a call, or why there is none. */
export function selectRate(
  cell: RateCell,
  kind: UsageKind,
  query: RateQuery,
): Rate | 'unknown_kind' | 'historical_only' {
  let rates = cell.kinds.get(kind)
  if (rates === undefined) {
    rates = compileKind(cell, kind)
    // Kinds without a rate are not kept: their names come from outside and have no bound.
    if (rates.layers.length > 0) cell.kinds.set(kind, rates)
  }
  return rates.always ?? search(rates, query)
}

function search(rates: KindRates, query: RateQuery): Rate | 'unknown_kind' | 'historical_only' {
  const variant = query.variant ?? rates.defaultVariant
  const fits = (entry: Entry): boolean =>
    (entry.contextAbove === 0 || query.contextTokens > entry.contextAbove) &&
    (entry.variant === null || entry.variant === variant)
  const inForce = (entry: Entry): boolean =>
    !entry.historical && entry.validFromMs <= query.atMs && query.atMs < entry.validToMs
  for (const entries of rates.layers) {
    const decides = entries.find((entry) => fits(entry) && inForce(entry))
    if (decides !== undefined && decides.rate !== null) return decides.rate
  }
  const onceSold = rates.layers.some((entries) =>
    entries.some((entry) => entry.rate !== null && fits(entry) && !inForce(entry)),
  )
  return onceSold ? 'historical_only' : 'unknown_kind'
}

function compileKind(cell: RateCell, kind: UsageKind): KindRates {
  const layers = cell.layers
    .map((rows) => layerEntries(rows, cell.region, kind))
    .filter((entries) => entries.length > 0)
  const variants = new Set(layers.flat().map((entry) => entry.variant))
  variants.delete(null)
  const only = variants.size === 1 ? ([...variants][0] ?? null) : null
  const first = layers[0]?.find((entry) => !entry.historical)
  const unconditional =
    first !== undefined &&
    first.variant === null &&
    first.contextAbove === 0 &&
    first.validFromMs === -Infinity &&
    first.validToMs === Infinity
  return {
    always: unconditional ? first.rate : null,
    layers,
    defaultVariant: only ?? (variants.has('standard') ? 'standard' : null),
  }
}

function layerEntries(
  rows: readonly PlacedRow[],
  region: string,
  kind: UsageKind,
): readonly Entry[] {
  const groups = new Set(rows.filter(({ row }) => pricedKind(row, kind)).map(groupOf))
  const own = ({ row }: PlacedRow): number => (row.region === region ? 1 : 0)
  // Rows of one key may each hold some of its kinds: only where none has the kind is it not sold.
  const sells = ({ row }: PlacedRow): number => (pricedKind(row, kind) === null ? 0 : 1)
  return rows
    .filter((placed) => groups.has(groupOf(placed)))
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
}

/** Rows compete only with rows that sell the same thing: unit, medium, variant. */
function groupOf({ row }: PlacedRow): string {
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
