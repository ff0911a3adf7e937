// Reads an outcome as somebody sends it, or says why it cannot be one. What the credential binds outranks what is sent (a caller cannot
// choose whose result it is), and a key may say of itself only what a request may. Amounts are decimals as text: a float would be
// another number than the one that was meant.

import { createHash } from 'node:crypto'
import { UNKNOWN } from '@ledgerock/contract'
import {
  dimensionWord,
  isPlainText,
  valueProblem,
  VALUE_CHARACTERS_MAX,
  type DimensionRules,
} from '../../attribution/dimension-rule.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, MS_PER_DAY } from '../../kernel/time.ts'
import type { Outcome } from '../../ledger/outcome.ts'
import { parseInstant } from '../../pricing/parse-instant.ts'
import { plainDecimal } from '../../reconciliation/outcome-cost.ts'

export const OUTCOME_REFUSALS = ['invalid', 'dimension', 'time', 'idempotency_conflict'] as const
export type OutcomeRefusal = {
  readonly code: (typeof OUTCOME_REFUSALS)[number]
  readonly message: string
}

export type OutcomeContext = {
  readonly rules: DimensionRules
  readonly nowMs: number
  /** Of the key that sends it; null: somebody of `admin` or `finance`, whose word it is. */
  readonly bind: Readonly<Record<string, string>> | null
  /** Where a row stands that need not have a key of its own; null: it must have one. */
  readonly place: readonly string[] | null
}

const OUTCOME_FIELDS = ['name', 'at', 'quantity', 'value_usd', 'idempotency_key']
export const isOutcomeField = (field: string): boolean => OUTCOME_FIELDS.includes(field)

export const OUTCOME_NAME = /^[a-z][a-z0-9_.-]{0,63}$/
export const OUTCOME_NAME_RULE =
  'must be 1 to 64 of a-z, 0-9, dot, dash and underscore, a letter first'
/** Fifteen digits before the point: sums of billions of them still fit. */
const QUANTITY = /^\d{1,15}(?:\.\d{1,12})?$/
const VALUE = /^-?\d{1,15}(?:\.\d{1,12})?$/
const DECIMAL_RULE = 'at most 15 digits before and 12 after the point, as text or a whole number'
const KEY_CHARACTERS_MAX = 256
const FUTURE_MS_MAX = MS_PER_DAY
const EARLIEST_MS = Date.UTC(2000, 0)
const ID_CHARACTERS = 32

/** The first says what kind of refusal it is; all are named. */
type Say = (code: OutcomeRefusal['code'], message: string) => void

export function checkOutcome(
  entry: unknown,
  context: OutcomeContext,
): Result<Outcome, OutcomeRefusal> {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return err({ code: 'invalid', message: 'must be an object' })
  }
  const faults: OutcomeRefusal[] = []
  const say: Say = (code, message) => void faults.push({ code, message })
  const fields = entry as Readonly<Record<string, unknown>>
  const value = fields['value_usd'] ?? null
  const content = {
    name: nameOf(fields['name'], say),
    at: instantOf(fields['at'], context.nowMs, say),
    quantity: amountOf(fields['quantity'], QUANTITY, 'quantity must be a number from 0 on', say),
    value_usd: value === null ? null : amountOf(value, VALUE, 'value_usd must be a number', say),
    dimensions: dimensionsOf(fields, context, say),
  }
  const key = keyOf(fields['idempotency_key'], context, say)
  const [first] = faults
  if (first === undefined) return ok({ outcome_id: idOf(key, content, context), ...content })
  return err({ code: first.code, message: faults.map(({ message }) => message).join('; ') })
}

function nameOf(name: unknown, say: Say): string {
  if (typeof name === 'string' && OUTCOME_NAME.test(name)) return name
  say('invalid', `name ${OUTCOME_NAME_RULE}`)
  return ''
}

function instantOf(at: unknown, nowMs: number, say: Say): string {
  // `-7d` would be another instant when the same is sent again.
  const instant = typeof at === 'string' && !at.startsWith('-') ? parseInstant(at, nowMs) : null
  if (instant === null || !instant.ok) {
    say('time', 'at must be a date or a timestamp such as 2026-10-01T12:00:00Z')
    return ''
  }
  if (instant.value > nowMs + FUTURE_MS_MAX) say('time', 'at lies more than a day in the future')
  if (instant.value < EARLIEST_MS) say('time', 'at lies before the year 2000')
  return isoTime(instant.value)
}

function amountOf(said: unknown, pattern: RegExp, rule: string, say: Say): string {
  const text = Number.isSafeInteger(said) ? String(said) : said
  if (typeof text === 'string' && pattern.test(text)) return plainDecimal(text)
  say('invalid', `${rule}: ${DECIMAL_RULE}`)
  return '0'
}

function dimensionsOf(
  fields: Readonly<Record<string, unknown>>,
  { rules, bind }: OutcomeContext,
  say: Say,
): Readonly<Record<string, string>> {
  const told = new Map<string, string>()
  for (const [field, value] of Object.entries(fields)) {
    if (isOutcomeField(field)) continue
    const dimension = rules.dimensions[rules.indexOf.get(dimensionWord(field)) ?? -1]
    if (dimension === undefined) {
      const known = rules.dimensions.map(({ name }) => name).join(', ')
      say('dimension', `${shown(field)} is no declared dimension; declared are ${known}`)
      continue
    }
    const { name } = dimension
    if (value === null || value === UNKNOWN) continue
    if (typeof value !== 'string' || value === '') {
      say('dimension', `${name} must be a text`)
      continue
    }
    const problem = told.has(name) ? 'is given twice' : valueProblem(dimension, value)
    if (problem !== null) say('dimension', `${name} ${problem}`)
    const isBound = bind !== null && Object.hasOwn(bind, name)
    if (bind !== null && !isBound && !dimension.requestMay) {
      say('dimension', `${name} may not be said by a request`)
    }
    told.set(name, value)
  }
  for (const [name, value] of Object.entries(bind ?? {})) told.set(name, value)
  return Object.fromEntries(byName(told))
}

type Content = Omit<Outcome, 'outcome_id'>

function keyOf(key: unknown, { place }: OutcomeContext, say: Say): string | null {
  if (key === undefined || key === null) {
    if (place === null) say('invalid', 'idempotency_key is missing: by it the same counts once')
    return null
  }
  const isText = typeof key === 'string' && key !== '' && isPlainText(key)
  if (isText && key.length <= KEY_CHARACTERS_MAX) return key
  const rule = `must be a text of 1 to ${KEY_CHARACTERS_MAX} characters`
  say('invalid', `idempotency_key ${rule}, without control characters`)
  return null
}

/** Keys of one owner are nothing to another: neither can take, or find out, what the other has used. */
function idOf(key: string | null, content: Content, { bind, place }: OutcomeContext): string {
  return key === null
    ? hashOf(['row', ...(place ?? []), contentOf(content)])
    : hashOf(['key', byName(Object.entries(bind ?? {})), key])
}

/** Two with the same id are the same outcome when this is the same. */
export function contentOf({ name, at, quantity, value_usd: value, dimensions }: Content): string {
  const sorted = byName(Object.entries(dimensions))
  const worth = value === null ? null : plainDecimal(value)
  return JSON.stringify([name, at, plainDecimal(quantity), worth, sorted])
}

function hashOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, ID_CHARACTERS)
}

function byName(
  pairs: Iterable<readonly [string, string]>,
): readonly (readonly [string, string])[] {
  return [...pairs].toSorted(([left], [right]) => (left < right ? -1 : 1))
}

function shown(field: string): string {
  return JSON.stringify(field.slice(0, VALUE_CHARACTERS_MAX))
}
