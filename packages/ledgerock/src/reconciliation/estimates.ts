// How much of what the ledger did not count its own estimates explain: an interrupted call was billed more than could be counted. An
// estimate explains as many tokens again as it counted, twice over, in its own hour first and then in its day; the rest is unmetered.

import { MS_PER_DAY, MS_PER_HOUR } from '../kernel/time.ts'
import type { MeteredUse } from './cell.ts'
import type { MatchedCell } from './match.ts'
import { rowsByCell } from './match-keys.ts'

/** A count cut short is rarely less than a third of the true one. */
const EXPLAINS_TIMES = 2n

/** Tokens of each cell's rest that estimates explain. */
export function explainedByEstimates(
  cells: readonly MatchedCell[],
  metered: readonly MeteredUse[],
): ReadonlyMap<MatchedCell, bigint> {
  const explained = new Map<MatchedCell, bigint>()
  const budgets = budgetsOf(metered.filter(({ estimatedTokens }) => estimatedTokens > 0n))
  const spend = (cell: MatchedCell, budget: Budget | undefined, time: number): void => {
    const open = cell.rest - (explained.get(cell) ?? 0n)
    const left = budget?.get(time) ?? 0n
    const tokens = open < left ? open : left
    if (tokens <= 0n) return
    budget?.set(time, left - tokens)
    explained.set(cell, (explained.get(cell) ?? 0n) + tokens)
  }
  const short = cells.filter(({ key, rest }) => rest > 0n && budgets.has(key))
  for (const cell of short) spend(cell, budgets.get(cell.key), hourOf(cell.fromMs))
  const days = new Map([...budgets].map(([key, hours]) => [key, byDay(hours)]))
  for (const cell of short) spend(cell, days.get(cell.key), dayOf(cell.fromMs))
  return explained
}

/** Tokens that may be explained yet, by hour or by day. */
type Budget = Map<number, bigint>

function budgetsOf(estimated: readonly MeteredUse[]): ReadonlyMap<string, Budget> {
  const budgets = new Map<string, Budget>()
  for (const { key, rows } of rowsByCell(estimated)) {
    const hours: Budget = new Map()
    budgets.set(key, hours)
    for (const { hourMs, estimatedTokens } of rows) {
      const hour = hourOf(hourMs)
      // One more: half a token may have been rounded away.
      hours.set(hour, (hours.get(hour) ?? 0n) + estimatedTokens * EXPLAINS_TIMES + 1n)
    }
  }
  return budgets
}

function byDay(hours: Budget): Budget {
  const days: Budget = new Map()
  for (const [hour, tokens] of hours) {
    const day = dayOf(hour * MS_PER_HOUR)
    days.set(day, (days.get(day) ?? 0n) + tokens)
  }
  return days
}

const hourOf = (ms: number): number => Math.floor(ms / MS_PER_HOUR)
const dayOf = (ms: number): number => Math.floor(ms / MS_PER_DAY)
