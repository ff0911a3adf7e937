// Budgets by themselves and among each other: one limit each, a period that there is, and none above the one it lies within: the
// rest of such a budget could never be spent.

import { RESERVED_BUDGET_NAMES } from '../governance/budget.ts'
import { isWithin } from '../governance/rule-scope.ts'
import { parseUsd } from '../kernel/money.ts'
import { PERIOD_WORDS, WEEKDAYS } from './budget-schema.ts'
import { periodOf, type WrittenPeriod } from './budget-settings.ts'
import { checkScope, scopeOf } from './check-governance.ts'
import { unknownDimension } from './check-dimensions.ts'
import { isWritten, list, text, tree, type Path, type PathFault, type Tree } from './raw.ts'

type PeriodWord = (typeof PERIOD_WORDS)[number] | 'rolling'

/** How messages call the budget at a place of the list. */
export type Called = (index: number) => string

const IN_FILE: Called = (index) => `budgets[${index}]`

export function checkBudgets(
  written: unknown,
  dimensions: Tree,
  called: Called = IN_FILE,
): readonly PathFault[] {
  const budgets = list(written).map(tree)
  const places = new Map<string, number>()
  return budgets.flatMap((budget, index) => {
    const path = ['budgets', index]
    const name = text(budget['name'])
    const earlier = name === null ? undefined : places.get(name)
    if (name !== null && earlier === undefined) places.set(name, index)
    return [
      ...(earlier === undefined
        ? []
        : [{ path: [...path, 'name'], message: `is already the name of ${called(earlier)}` }]),
      ...checkName(path, name),
      ...checkScope([...path, 'scope'], budget['scope'], dimensions),
      ...checkPer(path, budget, dimensions),
      ...checkLimit(path, budget),
      ...checkPeriod(path, budget),
      ...checkNested(path, budget, budgets, called),
    ]
  })
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

function wordOf({ period }: Tree): PeriodWord | null {
  if (isWritten(tree(period)['rolling_days'])) return 'rolling'
  return PERIOD_WORDS.find((word) => word === period) ?? null
}

/** In every budget that is wider, in the same unit and at the same times: what a call takes here it takes there too. */
function checkNested(
  path: Path,
  budget: Tree,
  all: readonly Tree[],
  called: Called,
): readonly PathFault[] {
  const limit = limitOf(budget)
  if (limit === null || budget['shadow'] === true) return []
  return all.flatMap((parent, index) => {
    const room = parent === budget ? null : roomWithin(parent, budget)
    if (room === null || limit.amount <= room) return []
    const message = `is above the limit of ${called(index)}, which counts all of the same calls`
    return [{ path: [...path, limit.key], message }]
  })
}

/** The most that `parent` leaves for all that `child` counts; null: nothing can be said. */
function roomWithin(parent: Tree, child: Tree): bigint | null {
  const [wide, narrow] = [limitOf(parent), limitOf(child)]
  if (wide === null || wide.key !== narrow?.key || parent['shadow'] === true) return null
  const times = periodText(child)
  if (times === null || periodText(parent) !== times) return null
  const [outer, inner] = [scopeOf(parent), scopeOf(child)]
  // Two limits for the same calls, one that warns and one that refuses, are no family.
  if (!isWithin(inner, outer) || isSame(parent, child)) return null
  const per = text(parent['per'])
  if (per === null || per === child['per']) return wide.amount
  const values = Object.hasOwn(inner, per) ? inner[per] : undefined
  if (values === undefined || isWritten(child['per'])) return null
  return wide.amount * BigInt(values.length)
}

function isSame(one: Tree, other: Tree): boolean {
  const [left, right] = [scopeOf(one), scopeOf(other)]
  return isWithin(left, right) && isWithin(right, left) && text(one['per']) === text(other['per'])
}

/** The same text for the same times; null: what is written is no period. */
function periodText(budget: Tree): string | null {
  const word = wordOf(budget)
  const { period, starts_on: written, time_zone: zone } = budget
  if (word === null || (isWritten(written) && !STARTS_ON[word].fits(written))) return null
  const begins = periodOf({ period, starts_on: written ?? null } as WrittenPeriod)
  const hasZone = word !== 'total' && word !== 'rolling'
  return JSON.stringify([begins, hasZone ? (zone ?? 'UTC') : null])
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
