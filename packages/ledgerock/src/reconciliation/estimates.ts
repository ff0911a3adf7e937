// How much of what the ledger did not count its own estimates explain: an interrupted call was billed more than could be counted. An
// estimate explains as many tokens again as it counted, twice over, in its own hour first and then in its day; the rest is unmetered.

import { MS_PER_DAY, MS_PER_HOUR } from '../kernel/time.ts'
import type { MeteredUse } from './cell.ts'
import type { MatchedCell } from './match.ts'
import { EXACT_PASS, keyOf } from './match-keys.ts'

/** A count cut short is rarely less than a third of the true one. */
const EXPLAINS_TIMES = 2n

/** Tokens of each cell's rest that estimates explain. */
export function explainedByEstimates(
  cells: readonly MatchedCell[],
  metered: readonly MeteredUse[],
): ReadonlyMap<MatchedCell, bigint> {
  const explained = new Map<MatchedCell, bigint>()
  const hours = new Map<string, bigint>()
  for (const use of metered) {
    if (use.estimatedTokens === 0n) continue
    const key = hourKey(keyOf(use, EXACT_PASS), use.hourMs)
    // One more: half a token may have been rounded away.
    const tokens = use.estimatedTokens * EXPLAINS_TIMES + 1n
    hours.set(key, (hours.get(key) ?? 0n) + tokens)
  }
  if (hours.size === 0) return explained
  const spend = (cell: MatchedCell, budgets: Map<string, bigint>, key: string): void => {
    const open = cell.rest - (explained.get(cell) ?? 0n)
    const budget = budgets.get(key) ?? 0n
    const tokens = open < budget ? open : budget
    if (tokens <= 0n) return
    budgets.set(key, budget - tokens)
    explained.set(cell, (explained.get(cell) ?? 0n) + tokens)
  }
  for (const cell of cells) spend(cell, hours, hourKey(cell.key, cell.fromMs))
  const days = new Map<string, bigint>()
  for (const [key, tokens] of hours) {
    const [hour = '', ...rest] = key.split(' ')
    const day = `${Math.floor((Number(hour) * MS_PER_HOUR) / MS_PER_DAY)} ${rest.join(' ')}`
    days.set(day, (days.get(day) ?? 0n) + tokens)
  }
  for (const cell of cells) spend(cell, days, `${Math.floor(cell.fromMs / MS_PER_DAY)} ${cell.key}`)
  return explained
}

function hourKey(key: string, ms: number): string {
  return `${Math.floor(ms / MS_PER_HOUR)} ${key}`
}
