// What counters hold besides leases, asked of the ledger now and then: calls from before the budget existed or from elsewhere,
// corrections, and the calls of journals whose leases are closed, which then go away. What is carried over follows from it.

import type { Budget } from '../../governance/budget/budget.ts'
import { carriedOver } from '../../governance/budget/budget-limit.ts'
import {
  instanceAt,
  previousInstance,
  type PeriodInstance,
} from '../../governance/budget/budget-period.ts'
import { instanceKey } from '../../governance/budget/lease.ts'
import { MS_PER_DAY, MS_PER_MINUTE } from '../../kernel/time.ts'
import { CHARGE_NEAR_MS } from '../../ledger/budget-question.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { counterOf, inWindow, isRolling, newInstance, textOf } from './budget-counter.ts'
import type { BookDraft, BookReads } from './lease-book.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { StoredInstance } from '../store/lease-tables.ts'

type Question = Parameters<Ledger['budgetSpend']>[0]
type Row = Awaited<ReturnType<Ledger['budgetSpend']>>[number]
export type SpendWindow = {
  readonly id: string
  readonly budget: Budget
  readonly instance: PeriodInstance
}

/** A period goes on being looked at after its end: calls of it are still under way. */
const LATE_MS = 10 * MS_PER_MINUTE
const EARLY_MS = 2 * MS_PER_MINUTE
/** What was carried over follows corrections of the period before for so long. */
const CARRY_FOLLOWS_MS = 7 * MS_PER_DAY

export type SpendDeps = {
  readonly keeper: LeaseKeeper
  readonly ledger: Pick<Ledger, 'budgetSpend'>
  readonly budgets: () => readonly Budget[]
  /** Periods not over yet of which every counter the ledger knows is written now. */
  readonly onAsked?: (windows: readonly SpendWindow[]) => void
}

/** False: leases came or went in between; ask again. */
export async function refreshSpend(deps: SpendDeps): Promise<boolean> {
  const { keeper, ledger } = deps
  const nowMs = keeper.nowMs()
  const asked = deps.budgets().flatMap((budget) => windowsOf(budget, nowMs))
  if (asked.length === 0 || keeper.health().stop === 'ledgers') return true
  const live = liveHolders(keeper.book())
  const folds = foldsOf(keeper.book())
  const rows = await ledger.budgetSpend(questionOf(asked, live))
  const isDone = await keeper.write(({ draft, stop }) => {
    // This ledger does not know of all calls: a lease that went away for what it says would be spent again.
    if (stop === 'ledgers') return false
    // A journal that was not live then, and has a lease now, would be counted twice.
    for (const holder of liveHolders(draft)) if (!live.has(holder)) return false
    // One that was live then, and has become part of a counter since, would be left out.
    for (const [key, folded] of foldsOf(draft)) if ((folds.get(key) ?? 0) !== folded) return false
    const inForce = new Set(deps.budgets().map(nameAndText))
    const windows = asked.filter(({ budget }) => inForce.has(nameAndText(budget)))
    const before = byPeriod(draft)
    for (const window of windows) take(draft, window, before.get(window.id) ?? [], rows, nowMs)
    const taken = byPeriod(draft)
    for (const window of windows) fold(draft, window, taken.get(window.id) ?? [], live)
    const folded = byPeriod(draft)
    for (const window of windows) carry(draft, window, folded, nowMs)
    return true
  })
  if (isDone) deps.onAsked?.(asked.filter(({ instance }) => !isOver(instance, nowMs)))
  return isDone
}

function nameAndText(budget: Budget): string {
  return `${budget.name} ${textOf(budget)}`
}

/** Rows of one budget and period, by the id of their window. */
function byPeriod(
  book: Pick<BookReads, 'entries'>,
): ReadonlyMap<string, readonly StoredInstance[]> {
  const found = new Map<string, StoredInstance[]>()
  for (const { row } of book.entries()) {
    const id = instanceKey(row.budget, row.fromMs, null)
    const known = found.get(id)
    if (known === undefined) found.set(id, [row])
    else known.push(row)
  }
  return found
}

export function liveHolders(book: Pick<BookReads, 'entries'>): ReadonlySet<string> {
  const live = new Set<string>()
  for (const { leases } of book.entries()) {
    for (const { state, holder } of leases.values()) if (state !== 'closed') live.add(holder)
  }
  return live
}

function foldsOf(book: Pick<BookReads, 'entries'>): ReadonlyMap<string, number> {
  return new Map([...book.entries()].map(({ row }) => [row.instance, row.folded]))
}

export function questionOf(windows: readonly SpendWindow[], live: ReadonlySet<string>): Question {
  return {
    budgets: windows.map(({ id, budget, instance }) => ({
      id,
      budget: budget.name,
      scope: budget.scope,
      per: budget.per,
      unit: budget.unit,
      fromMs: instance.sinceMs,
      toMs: instance.toMs,
      periods: periodsAbout(budget, instance),
    })),
    liveJournals: [...live],
  }
}

/** The periods a call of the stretch may be charged to. */
function periodsAbout({ period, timeZone }: Budget, { fromMs, toMs }: PeriodInstance) {
  if (period.kind === 'rolling') return 'hours'
  const periods: PeriodInstance[] = []
  const untilMs = toMs === null ? null : toMs + CHARGE_NEAR_MS
  for (let atMs: number | null = fromMs - CHARGE_NEAR_MS; atMs !== null;) {
    const instance = instanceAt(period, timeZone, atMs)
    periods.push(instance)
    atMs =
      untilMs !== null && instance.toMs !== null && instance.toMs < untilMs ? instance.toMs : null
  }
  return periods
}

/** The current period, the one before while it can still change something, and a rolling one that is about to begin. */
export function windowsOf(budget: Budget, nowMs: number): readonly SpendWindow[] {
  const { period, timeZone } = budget
  const current = instanceAt(period, timeZone, nowMs)
  const windows = [current]
  const before = previousInstance(period, timeZone, current)
  const age = nowMs - current.fromMs
  if (before !== null && (age < LATE_MS || (carries(budget) && age < CARRY_FOLLOWS_MS))) {
    windows.unshift(before)
  }
  if (isRolling(budget) && current.toMs !== null && current.toMs - nowMs < EARLY_MS) {
    windows.push(instanceAt(period, timeZone, current.toMs))
  }
  return windows.map((instance) => ({
    id: idOf(budget, instance),
    budget,
    instance,
  }))
}

function idOf({ name }: Budget, { fromMs }: PeriodInstance): string {
  return instanceKey(name, fromMs, null)
}

function carries(budget: Budget): boolean {
  return budget.carryOver || budget.raises.some(({ carryOver }) => carryOver)
}

function take(
  draft: BookDraft,
  { id, budget, instance }: SpendWindow,
  own: readonly StoredInstance[],
  rows: readonly Row[],
  nowMs: number,
): void {
  const found = new Map(
    rows
      .filter((row) => row.id === id)
      .map((row) => [row.counter, BigInt(row.other) + BigInt(row.chargedElse)]),
  )
  // A budget without counters has a row from its first day on, so that what it leaves over is known.
  if (budget.per === null && !found.has(null)) found.set(null, 0n)
  for (const row of own) if (!found.has(row.counter)) found.set(row.counter, 0n)
  for (const [counter, other] of found) {
    const key = instanceKey(budget.name, instance.fromMs, counter)
    const known = draft.entry(key)?.row
    const name = { instance: key, budget: budget.name, counter, fromMs: instance.fromMs }
    // A period that was over before anybody counted it had no budget, and leaves nothing over.
    if (known !== undefined && known.other !== other) draft.putInstance({ ...known, other })
    if (known === undefined && !isOver(instance, nowMs)) {
      draft.putInstance(newInstance(name, instance.toMs, other))
    }
  }
}

function isOver({ toMs }: PeriodInstance, nowMs: number): boolean {
  return toMs !== null && toMs <= nowMs
}

/** Closed leases whose calls are in `other` from now on. */
function fold(
  draft: BookDraft,
  { budget, instance }: SpendWindow,
  own: readonly StoredInstance[],
  live: ReadonlySet<string>,
): void {
  for (const { counter } of own) {
    for (const { row, leases } of inWindow(draft, budget.name, counter, instance)) {
      const closed = [...leases.values()].filter(
        ({ state, holder }) => state === 'closed' && !live.has(holder),
      )
      if (closed.length === 0) continue
      draft.fold(
        row.instance,
        closed.map(({ holder }) => holder),
      )
    }
  }
}

function carry(
  draft: BookDraft,
  { id, budget, instance }: SpendWindow,
  rows: ReadonlyMap<string, readonly StoredInstance[]>,
  nowMs: number,
): void {
  const before = previousInstance(budget.period, budget.timeZone, instance)
  const age = nowMs - instance.fromMs
  if (before === null || isRolling(budget) || age < 0 || age > CARRY_FOLLOWS_MS) return
  const own = new Map((rows.get(id) ?? []).map((row) => [row.counter, row]))
  for (const { counter, carried: earlier } of rows.get(idOf(budget, before)) ?? []) {
    const { other, spent, held } = counterOf(draft, { budget, counter }, before)
    // What a lease of the last period holds may still be spent there.
    const ended = { instance: before, carried: earlier, spent: spent + held }
    const carried = other === null || !carries(budget) ? 0n : carriedOver(budget, counter, ended)
    const row = own.get(counter)
    if (row !== undefined && row.carried !== carried) draft.putInstance({ ...row, carried })
    // A counter nobody uses in this period leaves over what it was left.
    if (row !== undefined || carried === 0n || isOver(instance, nowMs)) continue
    const { fromMs, toMs } = instance
    const key = instanceKey(budget.name, fromMs, counter)
    const name = { instance: key, budget: budget.name, counter, fromMs }
    draft.putInstance({ ...newInstance(name, toMs, 0n), carried })
  }
}
