// Reads the query strings of the price routes, every fault at once.

import {
  isUsageKind,
  SCOPES,
  TIERS,
  USAGE_KINDS,
  type ProblemError,
  type UsageKind,
} from '@ledgerock/contract'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { RatesAt } from '../prices/price-views.ts'
import { LAYER_NAMES, type LayerName } from '../../pricing/rate.ts'
import { one, unexpected, type Query } from './query.ts'
import { parseTime } from './time-argument.ts'

type Parsed<T> = Result<T, readonly ProblemError[]>

const LIMIT_DEFAULT = 100
const LIMIT_MAX = 1_000

export type RatesQuery = {
  readonly filter: RatesAt
  readonly cursor: string | null
  readonly limit: number
}

export function parseRatesQuery(query: Query, nowMs: number): Parsed<RatesQuery> {
  const errors = unexpected(query, [
    'model',
    'region',
    'scope',
    'tier',
    'kind',
    'layer',
    'at',
    'cursor',
    'limit',
  ])
  const given = <Name extends string>(name: Name): { readonly [Key in Name]?: string } => {
    const value = one(query, name, errors)
    return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: string }
  }
  const filter: RatesAt = {
    ...given('model'),
    ...given('region'),
    ...chosen(query, 'scope', SCOPES, errors),
    ...chosen(query, 'tier', TIERS, errors),
    ...kindOf(query, errors),
    ...chosen(query, 'layer', LAYER_NAMES, errors),
    atMs: timeOf(query, nowMs, errors),
  }
  const limit = limitOf(one(query, 'limit', errors), errors)
  const cursor = one(query, 'cursor', errors) ?? null
  return errors.length > 0 ? err(errors) : ok({ filter, cursor, limit })
}

export type DiffQuery = {
  readonly layer: LayerName
  readonly against: LayerName
  readonly atMs: number
}

/** Without a word: the imported price list against what was shipped. */
export function parseDiffQuery(query: Query, nowMs: number): Parsed<DiffQuery> {
  const errors = unexpected(query, ['layer', 'against', 'at'])
  const { layer = 'price_list' } = chosen(query, 'layer', LAYER_NAMES, errors)
  const { against = 'snapshot' } = chosen(query, 'against', LAYER_NAMES, errors)
  if (layer === against) errors.push({ path: 'against', message: `is ${layer} itself` })
  const atMs = timeOf(query, nowMs, errors)
  return errors.length > 0 ? err(errors) : ok({ layer, against, atMs })
}

function chosen<Name extends string, Word extends string>(
  query: Query,
  name: Name,
  words: readonly Word[],
  errors: ProblemError[],
): { readonly [Key in Name]?: Word } {
  const value = one(query, name, errors)
  if (value === undefined) return {}
  const word = words.find((known) => known === value)
  if (word !== undefined) return { [name]: word } as { readonly [Key in Name]?: Word }
  errors.push({ path: name, message: `must be one of ${words.join(', ')}` })
  return {}
}

function kindOf(query: Query, errors: ProblemError[]): { readonly kind?: UsageKind } {
  const value = one(query, 'kind', errors)
  if (value === undefined) return {}
  if (isUsageKind(value)) return { kind: value }
  const known = [...USAGE_KINDS, 'text_units_<policy>'].join(', ')
  errors.push({ path: 'kind', message: `must be one of ${known}` })
  return {}
}

function timeOf(query: Query, nowMs: number, errors: ProblemError[]): number {
  const value = one(query, 'at', errors)
  const read = value === undefined ? ok(nowMs) : parseTime(value, 'UTC', nowMs)
  if (read.ok) return read.value
  errors.push({ path: 'at', message: read.problem })
  return nowMs
}

function limitOf(text: string | undefined, errors: ProblemError[]): number {
  if (text === undefined) return LIMIT_DEFAULT
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= LIMIT_MAX) return limit
  errors.push({ path: 'limit', message: `must be a whole number from 1 to ${LIMIT_MAX}` })
  return LIMIT_DEFAULT
}
