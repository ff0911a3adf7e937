// A hard budget holds only what is remembered: its counter is what the ledger has of its period. Where calls leave the ledger before their
// period ends, what they cost would be free to be spent again; so such a budget is refused, with the retention that it needs. A sum of
// what was forgotten, kept beside the ledger, would hold too, but no check could ever prove it again.

import type { Budget } from '../../governance/budget/budget.ts'
import type { BudgetPeriod } from '../../governance/budget/budget-period.ts'
import { MS_PER_DAY } from '../../kernel/time.ts'
import { wordOf } from './check-budgets.ts'
import { parseDuration } from '../duration.ts'
import { isWritten, list, text, tree, type PathFault, type Tree } from '../raw.ts'

const RETENTION_DEFAULT_MS = 400 * MS_PER_DAY
/** The longest there is of each. */
const DAYS: Readonly<Record<Exclude<BudgetPeriod['kind'], 'total' | 'rolling'>, number>> = {
  hour: 1,
  day: 2,
  week: 8,
  month: 32,
  quarter: 93,
  year: 367,
}
/** Calls end, and are priced anew, after their period. */
const LATE_DAYS = 1
/** What a period leaves over follows corrections of it for so long. */
const CARRY_DAYS = 7

/** Of the budgets of a file, before any of it is known to be right. */
export function checkRetention(root: Tree): readonly PathFault[] {
  const keptMs = keptMsOf(tree(root['retention'])['calls'])
  return list(root['budgets'])
    .map(tree)
    .flatMap((budget, index) => {
      if (budget['mode'] !== 'hard' || budget['shadow'] === true) return []
      const kind = wordOf(budget)
      const rolling = tree(budget['period'])['rolling_days']
      if (kind === null || (kind === 'rolling' && typeof rolling !== 'number')) return []
      const needed = daysNeeded(kind, Number(rolling), budget['carry_over'] === true)
      const message = tooShort(needed, keptMs)
      return message === null ? [] : [{ path: ['budgets', index, 'period'], message }]
    })
}

/** Of one budget from elsewhere; null: its calls are kept long enough. `keptMs` null: for ever. */
export function retentionFault(
  { mode, shadow, period, carryOver }: Budget,
  keptMs: number | null,
): string | null {
  if (mode !== 'hard' || shadow) return null
  const rolling = period.kind === 'rolling' ? period.days : 0
  return tooShort(daysNeeded(period.kind, rolling, carryOver), keptMs)
}

/** Infinity: for ever. */
function daysNeeded(kind: BudgetPeriod['kind'], rolling: number, carries: boolean): number {
  if (kind === 'total') return Infinity
  const days = kind === 'rolling' ? rolling : DAYS[kind]
  return days + (carries ? CARRY_DAYS : 0) + LATE_DAYS
}

function tooShort(needed: number, keptMs: number | null): string | null {
  if (keptMs === null || needed * MS_PER_DAY <= keptMs) return null
  const kept = `calls are kept for ${String(Math.floor(keptMs / MS_PER_DAY))}d (retention.calls)`
  const why = `${kept}, and a hard budget would forget what was spent`
  return needed === Infinity
    ? `never ends, but ${why}: set retention.calls: forever, or choose a period that ends`
    : `counts further back: ${why}: set retention.calls to ${String(needed)}d or more, or choose a shorter period`
}

/** Null: for ever, or nothing that can be read. */
function keptMsOf(written: unknown): number | null {
  return isWritten(written) ? parseDuration(text(written) ?? '') : RETENTION_DEFAULT_MS
}
