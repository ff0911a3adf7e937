// Budgets by themselves and among each other: one limit each, a period that there is, and none above the one it lies within: the
// rest of such a budget could never be spent.

import { RESERVED_BUDGET_NAMES } from '../../governance/budget/budget.ts'
import type { BudgetPeriod } from '../../governance/budget/budget-period.ts'
import { isWithin } from '../../governance/rule-scope.ts'
import { parseUsd } from '../../kernel/money.ts'
import { PERIOD_WORDS, WEEKDAYS } from '../schema/budget-schema.ts'
import { periodOf, type WrittenPeriod } from '../settings/budget-settings.ts'
import { checkScope, scopeOf } from './check-governance.ts'
import { unknownDimension } from './check-dimensions.ts'
import { isWritten, list, text, tree, type Path, type PathFault, type Tree } from '../raw.ts'

type PeriodWord = (typeof PERIOD_WORDS)[number] | 'rolling'

/** How messages call the budget at a place of the list. */
export type Called = (index: number, name: string | null) => string

const IN_FILE: Called = (index, name) => {
  return name === null ? `budgets[${index}]` : `budgets[${index}] (${name})`
}

export function checkBudgets(
  written: unknown,
  dimensions: Tree,
  called: Called = IN_FILE,
): readonly PathFault[] {
  const budgets = list(written).map(tree)
  const places = new Map<string, number>()
  const own = budgets.map((budget, index) => {
    const name = text(budget['name'])
    const earlier = name === null ? undefined : places.get(name)
    if (name !== null && earlier === undefined) places.set(name, index)
    return [
      ...(earlier === undefined ? [] : [nameTaken(index, called(earlier, null))]),
      ...ownFaults(['budgets', index], budget, dimensions),
    ]
  })
  // What is wrong by itself is not held against others: one mistake is one fault.
  const families = budgets.map((budget, index) => {
    return own[index]?.length === 0 ? familyOf(budget) : null
  })
  return budgets.flatMap((_budget, index) => [
    ...(own[index] ?? []),
    ...checkNested(['budgets', index], families[index] ?? null, families, called),
  ])
}

function nameTaken(index: number, other: string): PathFault {
  return { path: ['budgets', index, 'name'], message: `is already the name of ${other}` }
}

function ownFaults(path: Path, budget: Tree, dimensions: Tree): readonly PathFault[] {
  return [
    ...checkName(path, text(budget['name'])),
    ...checkScope([...path, 'scope'], budget['scope'], dimensions),
    ...checkPer(path, budget, dimensions),
    ...checkLimit(path, budget),
    ...checkPeriod(path, budget),
  ]
}

function checkName(path: Path, name: string | null): readonly PathFault[] {
  if (!RESERVED_BUDGET_NAMES.some((word) => word === name)) return []
  return [{ path: [...path, 'name'], message: 'means something else in paths of the API' }]
}

function checkPer(path: Path, { per }: Tree, dimensions: Tree): readonly PathFault[] {
  const unknown = typeof per === 'string' ? unknownDimension(dimensions, per) : null
  return unknown === null ? [] : [{ path: [...path, 'per'], message: unknown }]
}

function checkLimit(path: Path, budget: Tree): readonly PathFault[] {
  const [usd, tokens] = [budget['limit_usd'], budget['limit_tokens']]
  if (isWritten(usd) && isWritten(tokens)) {
    const message = 'cannot stand beside limit_usd: a budget is in dollars or in tokens'
    return [{ path: [...path, 'limit_tokens'], message }]
  }
  if (!isWritten(usd) && !isWritten(tokens)) {
    return [{ path, message: 'must say limit_usd or limit_tokens' }]
  }
  if (!isWritten(usd) || limitOf(budget)?.amount !== 0n) return []
  const message = 'must be more than nothing (to stop a scope, pause it)'
  return [{ path: [...path, 'limit_usd'], message }]
}

type StartsOn = { readonly wanted: string | null; readonly fits: (written: unknown) => boolean }

const NOWHERE: StartsOn = { wanted: null, fits: () => false }
const MONTH_AND_DAY: StartsOn = {
  wanted: "month and day in quotes, such as '04-01'",
  fits: (written) => typeof written === 'string' && /^\d/.test(written),
}
const STARTS_ON: Readonly<Record<PeriodWord, StartsOn>> = {
  hour: NOWHERE,
  day: NOWHERE,
  week: {
    wanted: 'a weekday such as monday',
    fits: (written) => WEEKDAYS.some((name) => name === written),
  },
  month: {
    wanted: 'a day of the month from 1 to 28',
    fits: (written) => typeof written === 'number',
  },
  quarter: MONTH_AND_DAY,
  year: MONTH_AND_DAY,
  total: NOWHERE,
  rolling: NOWHERE,
}

function checkPeriod(path: Path, budget: Tree): readonly PathFault[] {
  const word = wordOf(budget)
  if (word === null) return []
  const faults: PathFault[] = []
  const startsOn = budget['starts_on']
  const { wanted, fits } = STARTS_ON[word]
  if (isWritten(startsOn) && !fits(startsOn)) {
    const message =
      wanted === null
        ? `a period of ${nameOf(word)} has no first day`
        : `must be ${wanted} for a ${word}`
    faults.push({ path: [...path, 'starts_on'], message })
  }
  if (word !== 'total' && word !== 'rolling') return faults
  if (budget['carry_over'] === true) {
    const message = `a period of ${nameOf(word)} has no end at which anything is left`
    faults.push({ path: [...path, 'carry_over'], message })
  }
  if (isWritten(budget['alert_forecast_at'])) {
    const message = `a period of ${nameOf(word)} has no end to draw a line to`
    faults.push({ path: [...path, 'alert_forecast_at'], message })
  }
  return faults
}

function nameOf(word: PeriodWord): string {
  return word === 'rolling' ? 'rolling_days' : word
}

/** Null: what is written is no period. */
export function wordOf({ period }: Tree): PeriodWord | null {
  if (isWritten(tree(period)['rolling_days'])) return 'rolling'
  return PERIOD_WORDS.find((word) => word === period) ?? null
}

/** What two budgets are held against each other by, read once of each. */
type Family = {
  readonly name: string | null
  readonly limit: Limit | null
  /** The same text for the same times; null: what is written is no period. */
  readonly times: string | null
  readonly scope: ReturnType<typeof scopeOf>
  readonly per: string | null
  /** `per` says something, whether or not it can be read. */
  readonly isSplit: boolean
  readonly isShadow: boolean
  /** Nothing more than its limit can be spent in one period. */
  readonly isFirm: boolean
  readonly period: BudgetPeriod | null
  readonly zone: string
}

function familyOf(budget: Tree): Family {
  return {
    name: text(budget['name']),
    limit: limitOf(budget),
    times: periodText(budget),
    scope: scopeOf(budget),
    per: text(budget['per']),
    isSplit: isWritten(budget['per']),
    isShadow: budget['shadow'] === true,
    isFirm: budget['mode'] === 'hard' && budget['carry_over'] !== true,
    period: readPeriod(budget),
    zone: text(budget['time_zone']) ?? 'UTC',
  }
}

/** In every budget that is wider, in the same unit and at the same times: what a call takes here it takes there too. */
function checkNested(
  path: Path,
  budget: Family | null,
  all: readonly (Family | null)[],
  called: Called,
): readonly PathFault[] {
  if (budget === null || budget.limit === null || budget.isShadow) return []
  const { limit } = budget
  const faults: PathFault[] = []
  for (const [index, parent] of all.entries()) {
    const room = parent === null || parent === budget ? null : roomWithin(parent, budget)
    if (parent === null || room === null || limit.amount <= room) continue
    const message = `is above the limit of ${called(index, parent.name)}, which counts all of the same calls`
    faults.push({ path: [...path, limit.key], message })
  }
  return faults
}

/** The most that `parent` leaves for all that `child` counts; null: nothing can be said. */
function roomWithin(parent: Family, child: Family): bigint | null {
  const { limit, per } = parent
  if (limit === null || limit.key !== child.limit?.key || parent.isShadow) return null
  if (child.times === null) return null
  if (parent.times !== child.times && !(parent.isFirm && liesWithin(child, parent))) return null
  // Two limits for the same calls, one that warns and one that refuses, are no family.
  if (!isWithin(child.scope, parent.scope)) return null
  if (parent.times === child.times && isSame(parent, child)) return null
  if (per === null || per === child.per) return limit.amount
  const values = Object.hasOwn(child.scope, per) ? child.scope[per] : undefined
  if (values === undefined || child.isSplit) return null
  return limit.amount * BigInt(values.length)
}

function isSame(one: Family, other: Family): boolean {
  return (
    one.per === other.per && isWithin(one.scope, other.scope) && isWithin(other.scope, one.scope)
  )
}

/** Whether each period of the one lies within one period of the other, which is longer. */
function liesWithin(
  { period: child, zone }: Family,
  { period: parent, zone: parentZone }: Family,
): boolean {
  if (child === null || parent === null || child.kind === 'rolling') return false
  if (parent.kind === 'rolling' || child.kind === 'total') return false
  if (parent.kind === 'total') return true
  if (zone !== parentZone) return false
  switch (child.kind) {
    case 'hour':
      return parent.kind !== 'hour'
    case 'day':
      return parent.kind !== 'hour' && parent.kind !== 'day'
    case 'week':
    case 'year':
      return false
    case 'month':
      return isOfMonths(parent) && parent.startsOn === child.startsOn
    case 'quarter':
      return parent.kind === 'year' && beginsTogether(child, parent)
  }
}

type OfMonths = Extract<BudgetPeriod, { readonly kind: 'quarter' | 'year' }>

function isOfMonths(period: BudgetPeriod): period is OfMonths {
  return period.kind === 'quarter' || period.kind === 'year'
}

function beginsTogether(quarter: OfMonths, year: OfMonths): boolean {
  return quarter.startsOn === year.startsOn && (quarter.month - year.month) % 3 === 0
}

function readPeriod(budget: Tree): BudgetPeriod | null {
  const word = wordOf(budget)
  const { period, starts_on: written } = budget
  if (word === null || (isWritten(written) && !STARTS_ON[word].fits(written))) return null
  return periodOf({ period, starts_on: written ?? null } as WrittenPeriod)
}

/** The same text for the same times; null: what is written is no period. */
function periodText(budget: Tree): string | null {
  const begins = readPeriod(budget)
  if (begins === null) return null
  const hasZone = begins.kind !== 'total' && begins.kind !== 'rolling'
  return JSON.stringify([begins, hasZone ? (budget['time_zone'] ?? 'UTC') : null])
}

type Limit = { readonly key: 'limit_usd' | 'limit_tokens'; readonly amount: bigint }

/** Null: none that can be read; that is the schema's to say. */
function limitOf({ limit_usd: usd, limit_tokens: tokens }: Tree): Limit | null {
  if (isWritten(usd)) {
    const amount = parseUsd(Number.isSafeInteger(usd) ? String(usd) : (text(usd) ?? ''))
    return amount.ok ? { key: 'limit_usd', amount: amount.value } : null
  }
  const isWhole = typeof tokens === 'number' && Number.isSafeInteger(tokens)
  return isWhole ? { key: 'limit_tokens', amount: BigInt(tokens) } : null
}
