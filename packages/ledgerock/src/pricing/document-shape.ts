// Whether an untrusted JSON value has the shape of a price document, every fault with its place (`models[3].rates[0].region`).
// What the values mean (prices, dates, units) is looked at by `bookFaults`.

import { SCOPES, TIERS } from '@ledgerock/contract'
import type { PriceRow } from './price-document.ts'
import type { RowKey } from './rate-key.ts'

export type Fields = Readonly<Record<string, unknown>>
/** What of a row decides with which others it competes. */
export type KeyedRow = RowKey &
  Pick<PriceRow, 'valid_from' | 'valid_to'> & { readonly prices: Fields }

type Check = (value: unknown, place: string) => readonly string[]

export const FAULTS_SHOWN_MAX = 1_000

export function documentShapeFaults(document: unknown): readonly string[] {
  return isFields(document)
    ? DOCUMENT(document, '').slice(0, FAULTS_SHOWN_MAX)
    : ['the document must be an object']
}

/** Whether it can be told which question a row answers, and when, whatever else is wrong with it. */
export function hasRowKey(row: Fields): row is Fields & KeyedRow {
  return isFields(row['prices']) && ROW_KEY(row, '').length === 0
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const text: Check = (value, place) =>
  typeof value === 'string' && value !== '' && value.length <= 1_000
    ? []
    : [`${place} must be a text`]
const textOrNull: Check = (value, place) => (value === null ? [] : text(value, place))
const flag: Check = (value, place) =>
  typeof value === 'boolean' ? [] : [`${place} must be true or false`]
const count: Check = (value, place) =>
  Number.isSafeInteger(value) && (value as number) > 0
    ? []
    : [`${place} must be a whole number above 0`]

function oneOf(words: readonly string[]): Check {
  return (value, place) =>
    words.includes(value as string) ? [] : [`${place} must be one of ${words.join(', ')}`]
}

function listOf(check: Check): Check {
  return (value, place) =>
    Array.isArray(value)
      ? value.flatMap((item: unknown, index) => check(item, `${place}[${index}]`))
      : [`${place} must be a list`]
}

function recordOf(check: Check): Check {
  return (value, place) =>
    isFields(value)
      ? Object.entries(value).flatMap(([key, item]) => check(item, join(place, key)))
      : [`${place} must be an object`]
}

/** Fields that are named must be right; `needed` ones must be there; others are let be, since a later version may add some. */
function fields(
  needed: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>>,
): Check {
  return (value, place) => {
    if (!isFields(value)) return [`${place} must be an object`]
    const faults: string[] = []
    for (const [key, check] of Object.entries(needed)) {
      faults.push(...check(Object.hasOwn(value, key) ? value[key] : undefined, join(place, key)))
    }
    for (const [key, check] of Object.entries(optional)) {
      if (Object.hasOwn(value, key)) faults.push(...check(value[key], join(place, key)))
    }
    return faults
  }
}

/** A field nobody knows would be a price condition that is not obeyed. */
function onlyFields(
  needed: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>>,
): Check {
  const check = fields(needed, optional)
  return (value, place) => {
    const unknown = isFields(value)
      ? Object.keys(value).filter((key) => !(key in needed) && !(key in optional))
      : []
    return [
      ...check(value, place),
      ...unknown.map((key) => `${join(place, key)} is no known field`),
    ]
  }
}

function join(place: string, key: string): string {
  return place === '' ? key : `${place}.${key}`
}

const KEY_NEEDED = {
  region: text,
  scope: oneOf([...SCOPES, '*']),
  tier: oneOf([...TIERS, '*']),
}
const KEY_OPTIONAL = {
  context_above: count,
  variant: text,
  valid_from: text,
  valid_to: text,
  status: oneOf(['historical']),
}
const ROW_KEY = fields(KEY_NEEDED, KEY_OPTIONAL)

const ROW = onlyFields(
  { ...KEY_NEEDED, prices: recordOf(text), source: text },
  { ...KEY_OPTIONAL, unit: text, medium: text, derived: recordOf(text), note: text },
)

const MODEL = fields(
  {
    model_id: text,
    name: text,
    provider: text,
    modality: text,
    lifecycle: fields({ status: text }, {}),
    rates: listOf(ROW),
  },
  { aliases: listOf(text), id_inferred: flag, cache_write_ttl: text },
)

const DOCUMENT = fields(
  {
    schema: oneOf(['ledgerock-prices/1']),
    sources: recordOf(
      fields({ publisher: text, carried_by: text, date: text }, { commit: textOrNull, note: text }),
    ),
    rules: listOf(fields({ id: text, text }, {})),
    models: listOf(MODEL),
    shared_rates: listOf(ROW),
    inference_profiles: listOf(
      fields(
        { profile_id: text, model_id: text, scope: oneOf(SCOPES), source: text },
        { source_regions: listOf(text) },
      ),
    ),
  },
  {},
)
