// Checks a price book as a whole: what a file from outside could get wrong, each fault with its place. An empty list means every
// rate can be compiled, so that pricing a call cannot fail later. Of two rates with one key and overlapping time neither would
// be right, so that is a fault and not a choice.

import { isUsageKind } from '@ledgerock/contract'
import { exactRate } from './exact-rate.ts'
import type { PriceBook } from './price-book.ts'
import type { PriceDocument, PricedModel, PriceRow } from './price-document.ts'
import { PRICE_UNITS, UNITS_PER_PRICE } from './price-unit.ts'
import { instantOf } from './rate.ts'
import { variantKey } from './rate-cell.ts'

export function bookFaults(book: PriceBook): readonly string[] {
  return book.layers.flatMap(({ name, document }) => {
    const faults = [
      ...document.models.flatMap((model) => modelFaults(document, model)),
      ...rowsFaults(document, 'shared_rates', document.shared_rates),
      ...nameFaults(document.models),
      ...profileFaults(book, document),
    ]
    return faults.map((fault) => `${name}: ${fault}`)
  })
}

function modelFaults(document: PriceDocument, model: PricedModel): readonly string[] {
  return rowsFaults(document, model.model_id, model.rates)
}

function rowsFaults(
  document: PriceDocument,
  place: string,
  rows: readonly PriceRow[],
): readonly string[] {
  const seen = new Map<string, PriceRow[]>()
  return rows.flatMap((row, index) => {
    const faults = rowFaults(document, row).map((fault) => `${place} rate ${index}: ${fault}`)
    for (const kind of Object.keys(row.prices)) {
      const key = JSON.stringify([
        row.region,
        row.scope,
        row.tier,
        row.context_above ?? 0,
        variantKey(row.variant ?? ''),
        row.status ?? '',
        kind,
      ])
      const others = seen.get(key) ?? []
      if (others.some((other) => overlap(row, other))) {
        faults.push(`${place} rate ${index}: a second price for ${key} at the same time`)
      }
      seen.set(key, [...others, row])
    }
    return faults
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
  if (document.sources[row.source] === undefined) faults.push(`unknown source ${row.source}`)
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
