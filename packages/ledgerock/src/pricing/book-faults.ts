// Checks a price book as a whole: what a file from outside could get wrong, each fault with its place. An empty list means every
// rate can be compiled, so that pricing a call cannot fail later. Of two rates with one key and overlapping time neither would
// be right, so that is a fault and not a choice; a hole between two rates of one key is one too, since it was meant to be none.

import { isUsageKind } from '@ledgerock/contract'
import { documentShapeFaults } from './document-shape.ts'
import { exactRate } from './exact-rate.ts'
import { buildPriceBook, layerOf, type PriceBook, type PriceLayer } from './price-book.ts'
import type { PriceDocument, PricedModel, PriceRow } from './price-document.ts'
import { PRICE_UNITS, UNITS_PER_PRICE } from './price-unit.ts'
import { instantOf } from './rate.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'
import { variantKey } from './variant-key.ts'

export function bookFaults(book: PriceBook): readonly string[] {
  return book.layers.flatMap((layer) =>
    layerFaults(book, layer).map((fault) => `${layer.name}: ${fault}`),
  )
}

/** Of a document from outside, as parsed from JSON and not looked at yet. */
export function documentFaults(document: unknown): readonly string[] {
  const faults = documentShapeFaults(document)
  if (faults.length > 0) return faults
  const layer = layerOf('price_list', document as PriceDocument)
  return layerFaults(buildPriceBook([layer, SNAPSHOT_LAYER]), layer)
}

function layerFaults(book: PriceBook, { document }: PriceLayer): readonly string[] {
  return [
    ...document.models.flatMap((model) => rowsFaults(document, model.model_id, model.rates)),
    ...rowsFaults(document, 'shared_rates', document.shared_rates),
    ...nameFaults(document.models),
    ...profileFaults(book, document),
  ]
}

type PlacedRow = { readonly row: PriceRow; readonly index: number }

function rowsFaults(
  document: PriceDocument,
  place: string,
  rows: readonly PriceRow[],
): readonly string[] {
  const rivals = new Map<string, PlacedRow[]>()
  const dated = new Map<string, PlacedRow[]>()
  const faults = rows.flatMap((row, index) => {
    const own = rowFaults(document, row).map((fault) => `${place} rate ${index}: ${fault}`)
    for (const kind of Object.keys(row.prices)) {
      const key = keyOf(row, kind)
      const others = rivals.get(key) ?? []
      if (others.some((other) => overlap(row, other.row))) {
        own.push(`${place} rate ${index}: a second price for ${key} at the same time`)
      }
      others.push({ row, index })
      rivals.set(key, others)
      const thing = `${key}|${row.unit ?? 'token'}|${row.medium ?? 'text'}`
      const versions = dated.get(thing) ?? []
      versions.push({ row, index })
      dated.set(thing, versions)
    }
    return own
  })
  return [...faults, ...[...dated].flatMap(([key, versions]) => gapFaults(place, key, versions))]
}

function keyOf(row: PriceRow, kind: string): string {
  return JSON.stringify([
    row.region,
    row.scope,
    row.tier,
    row.context_above ?? 0,
    variantKey(row.variant ?? ''),
    row.status ?? '',
    kind,
  ])
}

/** A price that ends and begins again later: what is sold in between is nobody's guess. */
function gapFaults(place: string, key: string, rows: readonly PlacedRow[]): readonly string[] {
  if (rows.length < 2) return []
  const ordered = rows.toSorted(
    (left, right) =>
      instantOf(left.row.valid_from, -Infinity) - instantOf(right.row.valid_from, -Infinity),
  )
  return ordered.flatMap(({ row, index }, position) => {
    const before = ordered[position - 1]?.row
    if (before === undefined) return []
    const hole = instantOf(before.valid_to, Infinity) < instantOf(row.valid_from, -Infinity)
    if (!hole) return []
    return [
      `${place} rate ${index}: no price for ${key} from ${before.valid_to} to ${row.valid_from}`,
    ]
  })
}

function rowFaults(document: PriceDocument, row: PriceRow): readonly string[] {
  const faults: string[] = []
  const unit = row.unit ?? 'token'
  if (!PRICE_UNITS.includes(unit)) return [`unknown unit ${JSON.stringify(unit)}`]
  for (const [kind, usd] of Object.entries(row.prices)) {
    if (!isUsageKind(kind)) faults.push(`unknown usage kind ${JSON.stringify(kind)}`)
    const rate = exactRate(usd ?? '', UNITS_PER_PRICE[unit])
    if (!rate.ok) faults.push(`${kind}: ${rate.problem}`)
  }
  if (Object.keys(row.prices).length === 0) faults.push('a rate without a price')
  if (!Object.hasOwn(document.sources, row.source)) faults.push(`unknown source ${row.source}`)
  for (const rule of Object.values(row.derived ?? {})) {
    if (!document.rules.some(({ id }) => id === rule)) faults.push(`unknown rule ${rule}`)
  }
  const from = instantOf(row.valid_from, -Infinity)
  const to = instantOf(row.valid_to, Infinity)
  if (Number.isNaN(from) || Number.isNaN(to)) faults.push('a date that is none')
  else if (from >= to) faults.push('validity ends before it begins')
  return faults
}

function overlap(left: PriceRow, right: PriceRow): boolean {
  return (
    instantOf(left.valid_from, -Infinity) < instantOf(right.valid_to, Infinity) &&
    instantOf(right.valid_from, -Infinity) < instantOf(left.valid_to, Infinity)
  )
}

function nameFaults(models: readonly PricedModel[]): readonly string[] {
  const seen = new Set<string>()
  return models.flatMap((model) =>
    [model.model_id, ...(model.aliases ?? [])].flatMap((name) => {
      if (seen.has(name)) return [`two models are called ${name}`]
      seen.add(name)
      return []
    }),
  )
}

function profileFaults(book: PriceBook, document: PriceDocument): readonly string[] {
  return document.inference_profiles
    .filter((profile) => !book.models.has(profile.model_id))
    .map((profile) => `${profile.profile_id} leads to unknown model ${profile.model_id}`)
}
