// Checks what was asked before anything is looked up, and names every fault at its place together with what would be right.

import { CALL_FIELDS, GRANULARITIES, type ProblemError } from '@ledgerock/contract'
import { err, type Result } from '../kernel/result.ts'
import { isTimeZone } from '../kernel/time-zone.ts'
import {
  CALLS_LIMIT_MAX,
  type CallsQuestion,
  type CallsSinceQuestion,
  type Condition,
  type QuestionProblem,
  type SpendQuestion,
} from './question.ts'

export const VALUES_MAX = 1_000
export const GROUPS_MAX = 10

export function faultsOfSpend(
  question: SpendQuestion,
  dimensions: readonly string[],
): readonly ProblemError[] {
  const names = validNames(dimensions)
  const unknown = question.by.flatMap((name, index) =>
    names.includes(name) ? [] : [{ path: `by[${index}]`, message: noSuchName(name, names) }],
  )
  return [
    ...unknown,
    ...fault(question.by.length > GROUPS_MAX, 'by', `at most ${GROUPS_MAX} names`),
    ...fault(new Set(question.by).size < question.by.length, 'by', 'names a field twice'),
    ...faultsOfRange(question),
    ...faultsOfWhere(question.where, names),
    ...fault(
      !(GRANULARITIES as readonly string[]).includes(question.granularity),
      'granularity',
      `is one of ${GRANULARITIES.join(', ')}`,
    ),
    ...fault(!isTimeZone(question.tz), 'tz', `${JSON.stringify(question.tz)} is no IANA time zone`),
  ]
}

export function faultsOfCalls(
  question: CallsQuestion,
  dimensions: readonly string[],
): readonly ProblemError[] {
  return [
    ...faultsOfRange(question),
    ...faultsOfWhere(question.where, validNames(dimensions)),
    ...faultsOfLimit(question.limit),
  ]
}

export function faultsOfSince(
  question: CallsSinceQuestion,
  dimensions: readonly string[],
): readonly ProblemError[] {
  return [
    ...faultsOfWhere(question.where, validNames(dimensions)),
    ...faultsOfLimit(question.limit),
  ]
}

export function invalid(errors: readonly ProblemError[]): Result<never, QuestionProblem> {
  const detail = errors.map((one) => `${one.path}: ${one.message}`).join('; ')
  return err({ code: 'invalid_question', detail, errors })
}

function validNames(dimensions: readonly string[]): readonly string[] {
  return [...dimensions, ...CALL_FIELDS]
}

function faultsOfRange(range: {
  readonly from: string
  readonly to: string
}): readonly ProblemError[] {
  const from = Date.parse(range.from)
  const to = Date.parse(range.to)
  return [
    ...fault(Number.isNaN(from), 'from', 'is not an ISO 8601 time'),
    ...fault(Number.isNaN(to), 'to', 'is not an ISO 8601 time'),
    ...fault(from > to, 'to', 'lies before `from`'),
  ]
}

function faultsOfWhere(
  where: readonly Condition[],
  names: readonly string[],
): readonly ProblemError[] {
  return where.flatMap(({ field, values }, index) => [
    ...fault(!names.includes(field), `where[${index}].field`, noSuchName(field, names)),
    ...fault(values.length === 0, `where[${index}].values`, 'needs a value'),
    ...fault(values.length > VALUES_MAX, `where[${index}].values`, `at most ${VALUES_MAX} values`),
  ])
}

function faultsOfLimit(limit: number): readonly ProblemError[] {
  const right = Number.isInteger(limit) && limit >= 1 && limit <= CALLS_LIMIT_MAX
  return fault(!right, 'limit', `is a whole number from 1 to ${CALLS_LIMIT_MAX}`)
}

function noSuchName(name: string, names: readonly string[]): string {
  const valid = names.join(', ')
  return `${JSON.stringify(name)} is neither a declared dimension nor a field; valid are ${valid}`
}

function fault(holds: boolean, path: string, message: string): readonly ProblemError[] {
  return holds ? [{ path, message }] : []
}
