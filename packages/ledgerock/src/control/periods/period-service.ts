// The periods' service: what the API, statements, exports, imports and the clock ask of closing and adjusting.

import { err, ok, type Result } from '../../kernel/result.ts'
import type { BillVersion } from '../../ledger/bill.ts'
import {
  billProblem,
  billUnknown,
  isPeriod,
  periodInvalid,
  type BillProblem,
} from '../month/bill-problem.ts'
import { adjustmentList } from './period-adjustment-list.ts'
import { adjustmentsPostedIn, approveWaiting, closingOf, settle } from './period-adjustments.ts'
import { periodAt } from '../month/period-calendar.ts'
import {
  billsInForce,
  catchUp,
  lookAtPeriods,
  settleOrReport,
  type PeriodServiceDeps,
} from './period-clock.ts'
import { closePeriod } from './period-close.ts'
import { readPeriod } from './period-content.ts'
import { askReopening, decideReopening } from './period-reopening.ts'
import { periodView, reopeningView, type PeriodView } from './period-view.ts'
import type { FrozenPeriod, PeriodService } from './periods.ts'

export function createPeriodService(given: Omit<PeriodServiceDeps, 'settled'>): PeriodService {
  const deps: PeriodServiceDeps = { ...given, settled: new Map() }
  const { read } = deps.store
  const known = (period: string) => knownPeriod(deps, period)
  return {
    list: () => listPeriods(deps),
    get: checked(known),
    close: (asker, period, reason) =>
      checked(async (month) => {
        const done = await closePeriod(deps, { by: asker.name, reason }, month)
        if (!done.ok) return done
        await catchUp(deps, [month])
        return known(month)
      })(period),
    reopen: (asker, period, reason) =>
      checked(async (month) => {
        const asked = await askReopening(deps, asker, month, reason)
        return asked.ok ? ok(reopeningView(asked.value, deps.clock.now())) : asked
      })(period),
    approveReopen: (asker, period, reason) =>
      checked(async (month) => {
        const done = await decideReopening(deps, asker, month, { wanted: 'approved', reason })
        return done.ok ? known(month) : done
      })(period),
    denyReopen: (asker, period, reason) =>
      checked(async (month) => {
        const done = await decideReopening(deps, asker, month, { wanted: 'denied', reason })
        return done.ok ? ok(reopeningView(done.value, deps.clock.now())) : done
      })(period),
    adjustments: (period, own) =>
      checked(async (month) => ok(await adjustmentList(read.periods, month, own)))(period),
    adjust: (asker, period, reason) =>
      checked(async (month) => {
        const closing = await closingOf(read.periods, month)
        if (closing === null) return err(isNotClosed(month))
        const problem = await settle(deps, month, { by: asker.name, reason })
        return problem === null ? ok(await adjustmentList(read.periods, month, null)) : err(problem)
      })(period),
    approveAdjustments: (asker, period, reason) =>
      checked(async (month) => {
        const done = await approveWaiting(deps, asker.name, month, reason)
        return done.ok ? ok(await adjustmentList(read.periods, month, null)) : done
      })(period),
    closedPeriods: () => read.periods.closed(),
    frozen: (period, number) => frozenPeriod(deps, period, number),
    frozenText: (period, number) => read.periods.content(period, number),
    adjustmentsIn: (period) => adjustmentsPostedIn(read.periods, period),
    onImport: async (periods) => {
      for (const period of periods) await settleOrReport(deps, period)
    },
    tick: () => lookAtPeriods(deps),
  }
}

function isNotClosed(period: string): BillProblem {
  const detail = `${period} is not closed, so it shows every change itself and is not adjusted`
  return billProblem('period_open', detail)
}

/** A month, or nothing is asked. */
function checked<Value>(
  work: (period: string) => Promise<Result<Value, BillProblem>>,
): (period: string) => Promise<Result<Value, BillProblem>> {
  return async (period) => (isPeriod(period) ? work(period) : err(periodInvalid('period')))
}

async function listPeriods(deps: PeriodServiceDeps): Promise<readonly PeriodView[]> {
  const bills = billsInForce(await deps.ledger.billVersions({ period: null }))
  const closings = await deps.store.read.periods.closings()
  const periods = new Set([
    ...bills.keys(),
    ...closings.map(({ period }) => period),
    periodAt(deps.clock.now()),
  ])
  const views: PeriodView[] = []
  for (const period of [...periods].toSorted().toReversed()) {
    views.push(await viewOf(deps, period, bills.get(period) ?? []))
  }
  return views
}

async function knownPeriod(
  deps: PeriodServiceDeps,
  period: string,
): Promise<Result<PeriodView, BillProblem>> {
  const bills = billsInForce(await deps.ledger.billVersions({ period }))
  const view = await viewOf(deps, period, bills.get(period) ?? [])
  const isKnown = bills.has(period) || view.closings.length > 0 || isRunning(deps, period)
  return isKnown ? ok(view) : err(billUnknown(period))
}

async function frozenPeriod(
  { store }: PeriodServiceDeps,
  period: string,
  number?: number,
): Promise<FrozenPeriod | null> {
  const { periods } = store.read
  const closing = (await periods.closings(period)).find((one) =>
    number === undefined ? one.reopenedAt === null : one.number === number,
  )
  if (closing === undefined) return null
  return readPeriod((await periods.content(period, closing.number)) ?? '', closing.sha256)
}

function isRunning({ clock }: PeriodServiceDeps, period: string): boolean {
  return periodAt(clock.now()) === period
}

async function viewOf(
  { store, clock, graceMs }: PeriodServiceDeps,
  period: string,
  bills: readonly BillVersion[],
): Promise<PeriodView> {
  const { periods } = store.read
  const batches = await periods.batchesFor(period)
  return periodView({
    period,
    closings: await periods.closings(period),
    reopening: (await periods.reopenings(period))[0] ?? null,
    bills,
    isWaiting: batches.some(({ state }) => state === 'waiting'),
    graceMs: graceMs(),
    nowMs: clock.now(),
  })
}
