// Checks a price book as a whole: what a file from outside could get wrong, each fault with its place and all of them at once. An
// empty list means every rate can be compiled, so that pricing a call cannot fail later. Of two rates with one key and
// overlapping time neither would be right, so that is a fault and not a choice; a hole between two rates of one key is one too,
// since it was meant to be none. Nothing is taken for granted of a document's shape: what cannot be read is passed over here.

import type { UsageKind } from '@ledgerock/contract'
import {
  documentShapeFaults,
  FAULTS_SHOWN_MAX,
  hasRowKey,
  isFields,
  type Fields,
  type KeyedRow,
} from './document-shape.ts'
import { buildPriceBook, type PriceBook } from './price-book.ts'
import { rateKey } from './rate-key.ts'
import { instantOf } from './rate.ts'
import { rowFaults, type Referred } from './row-faults.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'

export function bookFaults(book: PriceBook): readonly string[] {
  return book.layers.flatMap(({ name, document }) =>
    meaningFaults(document, book).map((fault) => `${name}: ${fault}`),
  )
}

/** Of a document from outside, as parsed from JSON and not looked at yet. */
export function documentFaults(document: unknown): readonly string[] {
  const shape = documentShapeFaults(document)
  if (!isFields(document)) return shape
  const meaning = meaningFaults(document, buildPriceBook([SNAPSHOT_LAYER]))
  return [...shape, ...meaning].slice(0, FAULTS_SHOWN_MAX)
}

function meaningFaults(document: Fields, known: PriceBook): readonly string[] {
  const rules = listOf(document['rules'])
  const referred = {
    sources: isFields(document['sources']) ? document['sources'] : null,
    rules: rules === null ? null : new Set(fieldsOf(rules).map((rule) => rule['id'])),
  }
  const models = listOf(document['models']) ?? []
  return [
    ...models.flatMap((model, index) => {
      if (!isFields(model)) return []
      const { model_id: id, rates } = model
      return rowsFaults(typeof id === 'string' ? id : `models[${index}]`, rates, referred)
    }),
    ...rowsFaults('shared_rates', document['shared_rates'], referred),
    ...nameFaults(fieldsOf(models)),
    ...profileFaults(document, known),
  ]
}

function listOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null
}

function fieldsOf(values: readonly unknown[]): readonly Fields[] {
  return values.filter(isFields)
}

type PlacedRow = { readonly row: KeyedRow; readonly index: number }

function rowsFaults(place: string, rows: unknown, referred: Referred): readonly string[] {
  const byKey = new Map<string, PlacedRow[]>()
  const faults = (listOf(rows) ?? []).flatMap((row, index) => {
    if (!isFields(row)) return []
    const own = [...rowFaults(row, referred)]
    if (hasRowKey(row)) own.push(...rivalFaults(byKey, { row, index }))
    return own.map((fault) => `${place} rate ${index}: ${fault}`)
  })
  return [...faults, ...[...byKey].flatMap(([key, versions]) => gapFaults(place, key, versions))]
}

/** Of a row against those before it, among which it takes its place. */
function rivalFaults(byKey: Map<string, PlacedRow[]>, placed: PlacedRow): readonly string[] {
  return Object.keys(placed.row.prices).flatMap((kind) => {
    const key = rateKey(placed.row, kind as UsageKind)
    const others = byKey.get(key) ?? []
    const isRival = others.some((other) => overlap(placed.row, other.row))
    others.push(placed)
    byKey.set(key, others)
    return isRival ? [`a second price for ${key} at the same time`] : []
  })
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

function overlap(left: KeyedRow, right: KeyedRow): boolean {
  return (
    instantOf(left.valid_from, -Infinity) < instantOf(right.valid_to, Infinity) &&
    instantOf(right.valid_from, -Infinity) < instantOf(left.valid_to, Infinity)
  )
}

function nameFaults(models: readonly Fields[]): readonly string[] {
  const seen = new Set<unknown>()
  return models.flatMap(({ model_id: id, aliases }) =>
    [id, ...(listOf(aliases) ?? [])].flatMap((name) => {
      if (typeof name !== 'string') return []
      if (seen.has(name)) return [`two models are called ${name}`]
      seen.add(name)
      return []
    }),
  )
}

function profileFaults(document: Fields, known: PriceBook): readonly string[] {
  const models = listOf(document['models'])
  if (models === null) return []
  const own = new Set(fieldsOf(models).map((model) => model['model_id']))
  return fieldsOf(listOf(document['inference_profiles']) ?? []).flatMap((profile) => {
    const { profile_id: id, model_id: modelId } = profile
    if (typeof modelId !== 'string' || own.has(modelId) || known.models.has(modelId)) return []
    return [`${String(id)} leads to unknown model ${modelId}`]
  })
}
