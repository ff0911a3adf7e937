// What time does to periods: it closes those of which nothing more is expected, and finds deliveries to closed ones that nobody told of.

import { MS_PER_MINUTE } from '../../kernel/time.ts'
import type { BillSummary, BillVersion } from '../../ledger/bill.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { billsKey, closingOf, settle, SYSTEM, type AdjustmentDeps } from './period-adjustments.ts'
import { isDue, stateAt, type BillStanding } from '../month/period-calendar.ts'
import { closePeriod } from './period-close.ts'

/** Between two ticks. */
export const PERIOD_TICK_MS = MS_PER_MINUTE

export type PeriodServiceDeps = AdjustmentDeps & {
  readonly ledger: Pick<Ledger, 'billVersions' | 'billSummary'>
  /** After the end of a month, before it may close by itself. */
  readonly graceMs: () => number
  /** What this node settled each month by; nodes whose files differ for a while would else take turns for as long. */
  readonly settled: Map<string, string>
  /** Something that is tried again by itself failed. */
  readonly onError: (error: unknown) => void
}

export async function lookAtPeriods(deps: PeriodServiceDeps): Promise<void> {
  const bills = billsInForce(await deps.ledger.billVersions({ period: null }))
  await closeDue(deps, bills)
  await catchUp(deps, await deps.store.read.periods.closed(), bills)
}

export type BillsByPeriod = ReadonlyMap<string, readonly BillVersion[]>

/** The newest of each payer's bill is in force. */
export function billsInForce(versions: readonly BillVersion[]): BillsByPeriod {
  const newest = new Map<string, BillVersion>()
  for (const one of versions) {
    const key = JSON.stringify([one.period, one.bill])
    const known = newest.get(key)
    if (known === undefined || known.version < one.version) newest.set(key, one)
  }
  const periods = new Map<string, BillVersion[]>()
  for (const one of newest.values()) {
    const bills = periods.get(one.period)
    if (bills === undefined) periods.set(one.period, [one])
    else bills.push(one)
  }
  return periods
}

/** Months of which nothing more is expected. One that cannot be closed holds up no other. */
async function closeDue(deps: PeriodServiceDeps, bills: BillsByPeriod): Promise<void> {
  const closings = await deps.store.read.periods.closings()
  // Whoever reopened a month closes it again.
  const touched = new Set(closings.map(({ period }) => period))
  const nowMs = deps.clock.now()
  for (const [period, versions] of bills) {
    if (touched.has(period) || stateAt(period, false, nowMs) === 'open') continue
    try {
      if (!(await isNothingExpected(deps, period))) continue
      const reason = `grace is over and the bill (${billsKey(versions)}) has not changed`
      const done = await closePeriod(deps, { by: SYSTEM, reason }, period)
      if (!done.ok && done.problem.code !== 'period_closed') deps.onError(done.problem)
    } catch (error) {
      deps.onError(error)
    }
  }
}

async function isNothingExpected(deps: PeriodServiceDeps, period: string): Promise<boolean> {
  const versions = await deps.ledger.billVersions({ period })
  // Each payer's for itself: that of one may have broken off while another's goes on.
  const standings = [...Map.groupBy(versions, ({ bill }) => bill).values()].map(standingOf)
  const nowMs = deps.clock.now()
  const areDue = (isFinal: boolean): boolean =>
    standings.every((one) => isDue(period, { ...one, isInvoiced: isFinal }, deps.graceMs(), nowMs))
  // Whether it is invoiced costs a look at every line, so it is asked only of what could be due.
  if (!areDue(true)) return false
  const summary = await deps.ledger.billSummary({ period, version: null })
  return areDue(summary !== null && isInvoiced(summary))
}

/** Of one payer's bill. A delivery that says what the one before it said changes nothing. */
function standingOf(versions: readonly BillVersion[]): Omit<BillStanding, 'isInvoiced'> {
  const times = (some: readonly BillVersion[]): readonly number[] =>
    some.map((one) => Date.parse(one.imported_at))
  const changes = versions.filter(
    ({ difference }) => difference === null || difference.added + difference.removed > 0,
  )
  const firstAtMs = Math.min(...times(versions))
  return { firstAtMs, changedAtMs: Math.max(firstAtMs, ...times(changes)) }
}

function isInvoiced({ invoices }: BillSummary): boolean {
  return invoices.length > 0 && invoices.every((one) => one.invoice_id !== '')
}

/**
 * Adjusts closed months whose bill, owners, pools or rate are others than those last looked at: also where nobody told of an import, or
 * whoever corrected an owner died over it.
 */
export async function catchUp(
  deps: PeriodServiceDeps,
  periods: readonly string[],
  known?: BillsByPeriod,
): Promise<void> {
  const rulesOf = await deps.reconciliations.rulesNow()
  for (const period of periods) {
    const bills = known ?? billsInForce(await deps.ledger.billVersions({ period }))
    const closing = await closingOf(deps.store.read.periods, period)
    const versions = bills.get(period)
    if (closing === null || versions === undefined) continue
    const now = { seenBills: billsKey(versions), seenRules: rulesOf(period) }
    if (closing.seenBills === now.seenBills && closing.seenRules === now.seenRules) continue
    const what = JSON.stringify([closing.number, now])
    if (deps.settled.get(period) === what) continue
    if (await settleOrReport(deps, period)) deps.settled.set(period, what)
  }
}

/** False: it is to be tried again. */
export async function settleOrReport(deps: PeriodServiceDeps, period: string): Promise<boolean> {
  try {
    const problem = await settle(deps, period)
    if (problem !== null) deps.onError(problem)
    return problem === null
  } catch (error) {
    deps.onError(error)
    return false
  }
}
