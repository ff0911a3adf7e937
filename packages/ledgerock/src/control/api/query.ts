// Reads the query strings of the read-only routes into the ledger's questions. Every fault is collected, unknown parameters and
// names included: a filter that was silently dropped would show somebody the wrong total.

import {
  CALL_FIELDS,
  GRANULARITIES,
  type Granularity,
  type ProblemError,
} from '@ledgerock/contract'
import {
  CALLS_LIMIT_MAX,
  type CallsQuestion,
  type Condition,
  type SpendQuestion,
} from '../../ledger/question.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { OUTCOME_NAME, OUTCOME_NAME_RULE } from '../outcomes/outcome-check.ts'
import { parseTimeRange } from './time-argument.ts'

/** As the URL has it: every value of every parameter. */
export type Query = Readonly<Record<string, readonly string[]>>
export type QueryContext = { readonly nowMs: number; readonly dimensions: readonly string[] }
type Parsed<T> = Result<T, readonly ProblemError[]>

export const CALLS_LIMIT_DEFAULT = 100
const BY_MAX = 10

export function parseSpendQuery(query: Query, context: QueryContext): Parsed<SpendQuestion> {
  const errors = unexpected(query, ['by', 'from', 'to', 'granularity', 'where', 'tz', 'per'])
  const by = parseBy(query, context, errors)
  const where = parseWhere(query, context, errors)
  const granularity = parseGranularity(one(query, 'granularity', errors), errors)
  const range = timeRange(query, context, errors, one(query, 'tz', errors))
  if (errors.length > 0 || !range.ok) return err(errors)
  return ok({ ...range.value, by, where, granularity })
}

/** Of `per=outcome:NAME` the name; null: not asked for. */
export function parsePer(query: Query): Parsed<string | null> {
  const errors: ProblemError[] = []
  const text = one(query, 'per', errors)
  const [, name] = /^outcome:(.+)$/.exec(text ?? '') ?? []
  if (text !== undefined && (name === undefined || !OUTCOME_NAME.test(name))) {
    errors.push({ path: 'per', message: `must be outcome:NAME; a name ${OUTCOME_NAME_RULE}` })
  }
  return errors.length > 0 ? err(errors) : ok(name ?? null)
}

export function parseCallsQuery(query: Query, context: QueryContext): Parsed<CallsQuestion> {
  const errors = unexpected(query, ['from', 'to', 'where', 'tz', 'cursor', 'limit'])
  const where = parseWhere(query, context, errors)
  const limit = parseLimit(one(query, 'limit', errors), errors)
  const cursor = one(query, 'cursor', errors) ?? null
  const range = timeRange(query, context, errors, one(query, 'tz', errors))
  if (errors.length > 0 || !range.ok) return err(errors)
  const { from, to } = range.value
  return ok({ from, to, where, cursor, limit })
}

export function parseStreamQuery(
  query: Query,
  context: QueryContext,
): Parsed<readonly Condition[]> {
  const errors = unexpected(query, ['where'])
  const where = parseWhere(query, context, errors)
  return errors.length > 0 ? err(errors) : ok(where)
}

/** Parameters nobody here knows. */
export function unexpected(query: Query, known: readonly string[]): ProblemError[] {
  return Object.keys(query)
    .filter((name) => !known.includes(name))
    .map((path) => ({ path, message: `is no parameter here; known are ${known.join(', ')}` }))
}

export function one(query: Query, path: string, errors: ProblemError[]): string | undefined {
  const values = query[path] ?? []
  if (values.length > 1) errors.push({ path, message: 'is given more than once' })
  return values[0]
}

export function timeRange(
  query: Query,
  { nowMs }: QueryContext,
  errors: ProblemError[],
  tz: string | undefined,
): ReturnType<typeof parseTimeRange> {
  const given = { from: one(query, 'from', errors), to: one(query, 'to', errors), tz }
  const range = parseTimeRange(given, nowMs)
  if (!range.ok) errors.push(...range.problem)
  return range
}

function parseBy(query: Query, context: QueryContext, errors: ProblemError[]): readonly string[] {
  const names = (query['by'] ?? [])
    .flatMap((value) => value.split(','))
    .filter((name) => name !== '')
  for (const [index, name] of names.entries()) {
    const path = `by[${index}]`
    if (names.indexOf(name) !== index) errors.push({ path, message: `${name} is given twice` })
    else checkField(name, context, path, errors)
  }
  if (names.length > BY_MAX) errors.push({ path: 'by', message: `takes at most ${BY_MAX} names` })
  return names
}

/** `field=value,other`; `\,` is a comma inside a value. */
function parseWhere(
  query: Query,
  context: QueryContext,
  errors: ProblemError[],
): readonly Condition[] {
  return (query['where'] ?? []).map((text, index) => {
    const path = `where[${index}]`
    const split = text.indexOf('=')
    if (split <= 0) errors.push({ path, message: 'must be name=value or name=value,other' })
    else checkField(text.slice(0, split), context, path, errors)
    const values = text
      .slice(split + 1)
      .split(/(?<!\\),/)
      .map((value) => value.replaceAll('\\,', ','))
    return { field: text.slice(0, Math.max(split, 0)), values }
  })
}

function checkField(
  name: string,
  { dimensions }: QueryContext,
  path: string,
  errors: ProblemError[],
): void {
  if (dimensions.includes(name) || (CALL_FIELDS as readonly string[]).includes(name)) return
  const known = [...dimensions, ...CALL_FIELDS].join(', ')
  errors.push({ path, message: `${JSON.stringify(name)} is not known; known are ${known}` })
}

function parseGranularity(text: string | undefined, errors: ProblemError[]): Granularity {
  const known = GRANULARITIES.find((granularity) => granularity === (text ?? 'total'))
  if (known !== undefined) return known
  errors.push({ path: 'granularity', message: `must be one of ${GRANULARITIES.join(', ')}` })
  return 'total'
}

export function parseLimit(text: string | undefined, errors: ProblemError[]): number {
  if (text === undefined) return CALLS_LIMIT_DEFAULT
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= CALLS_LIMIT_MAX) return limit
  errors.push({ path: 'limit', message: `must be a whole number from 1 to ${CALLS_LIMIT_MAX}` })
  return CALLS_LIMIT_DEFAULT
}
