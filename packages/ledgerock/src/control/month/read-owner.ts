// Reads an owner as somebody wrote it, by the file's rules: one thing it matches, dimensions there are with values they may have, and
// instants that mean the same on every machine. Every fault at its place.

import { UNKNOWN, type ProblemError } from '@ledgerock/contract'
import { valueProblem, type DimensionRules } from '../../attribution/dimension-rule.ts'
import {
  OWNER_MATCH_KEYS,
  type OwnerMatchKey,
  type OwnerRule,
} from '../../attribution/owner-rule.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime } from '../../kernel/time.ts'
import { parseInstant } from '../../pricing/parse-instant.ts'

export type WrittenOwner = {
  /** As in the file: a principal's ARN, or a map with one key. */
  readonly match: string | Readonly<Record<string, string>>
  readonly set: Readonly<Record<string, string>>
  readonly from: string
  readonly to: string | null
  readonly reason: string | null
}

export type DatedOwner = OwnerRule & { readonly from: string }

const GLOB = /^[\u0021-\u007e]{1,2048}$/
const PATTERNS: Readonly<Record<OwnerMatchKey, readonly [RegExp, string]>> = {
  principal: [/^(arn:|\*)[\u0021-\u007e]{0,2044}$/, 'must be a principal ARN; * is any text'],
  account: [/^[0-9*]{1,12}$/, 'must be an account id; * is any text'],
  profile: [GLOB, 'must be a text without spaces; * is any text'],
  project: [GLOB, 'must be a text without spaces; * is any text'],
  key_name: [GLOB, 'must be a text without spaces; * is any text'],
}

export function readOwner(
  rules: DimensionRules,
  written: WrittenOwner,
  nowMs: number,
): Result<DatedOwner, readonly ProblemError[]> {
  const errors: ProblemError[] = []
  const match = readMatch(written.match, errors)
  checkSet(rules, written.set, errors)
  const read = (path: 'from' | 'to', text: string | null): number | null => {
    if (text === null) return null
    const parsed = parseInstant(text, nowMs)
    if (!parsed.ok) errors.push({ path, message: parsed.problem })
    return parsed.ok ? parsed.value : null
  }
  const [fromMs, toMs] = [read('from', written.from), read('to', written.to)]
  if (fromMs !== null && toMs !== null && fromMs >= toMs) {
    errors.push({ path: 'to', message: 'must be after from' })
  }
  if (errors.length > 0 || fromMs === null) return err(errors)
  const to = toMs === null ? null : isoTime(toMs)
  return ok({ match, set: sorted(written.set), from: isoTime(fromMs), to })
}

function readMatch(written: WrittenOwner['match'], errors: ProblemError[]): OwnerRule['match'] {
  const said = typeof written === 'string' ? { principal: written } : written
  const entries = Object.entries(said)
  const [[name, pattern] = ['', '']] = entries
  const key = OWNER_MATCH_KEYS.find((one) => one === name)
  if (entries.length !== 1 || key === undefined) {
    const message = `must be a principal ARN, or name exactly one of ${OWNER_MATCH_KEYS.join(', ')}`
    errors.push({ path: 'match', message })
    return {}
  }
  const [form, message] = PATTERNS[key]
  const path = typeof written === 'string' ? 'match' : `match.${key}`
  if (!form.test(pattern)) errors.push({ path, message })
  return { [key]: pattern }
}

function checkSet(rules: DimensionRules, set: WrittenOwner['set'], errors: ProblemError[]): void {
  const entries = Object.entries(set)
  if (entries.length === 0) errors.push({ path: 'set', message: 'must set a dimension' })
  for (const [name, value] of entries) {
    const message = setProblem(rules, name, value)
    if (message !== null) errors.push({ path: `set.${name}`, message })
  }
}

function setProblem({ dimensions }: DimensionRules, name: string, value: string): string | null {
  const dimension = dimensions.find((one) => one.name === name)
  if (dimension === undefined) {
    return `is not a declared dimension; declared are ${dimensions.map((one) => one.name).join(', ')}`
  }
  if (!dimension.identityMay) return 'may not be said by an identity (assert)'
  if (value === '') return 'must not be empty'
  if (value === UNKNOWN) return `must not be ${UNKNOWN}, which is what nobody was named for`
  return valueProblem(dimension, value)
}

/** The same owner is the same text, in whatever order it was written. */
function sorted(set: WrittenOwner['set']): OwnerRule['set'] {
  return Object.fromEntries(
    Object.entries(set).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  )
}
