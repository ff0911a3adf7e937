// The adjustments that concern a period: those posted in it, those posted elsewhere for it, and those that wait. Who sees a part sees
// the rows of that part.

import { formatUsd, sumMoney } from '../../kernel/money.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import { adjustmentsFrom } from './period-adjustments.ts'
import type { AdjustmentList, AdjustmentView, WaitingAdjustments } from './period-view.ts'
import type { Adjustment } from './periods.ts'
import type { UserScope } from '../people/scope.ts'
import type { PeriodReads, StoredBatch } from '../store/period-reads.ts'

export async function adjustmentList(
  periods: PeriodReads,
  period: string,
  own: UserScope | null,
): Promise<AdjustmentList> {
  const mine = await periods.batchesFor(period)
  const batches = [...(await periods.batchesIn(period)), ...mine].toSorted(
    (left, right) => left.place - right.place,
  )
  const rows: Adjustment[] = []
  for (const batch of batches) {
    for (const one of await adjustmentsFrom(periods, batch)) {
      if (isOwn(own, one.owner)) rows.push(one)
    }
  }
  const waiting = mine.find(({ state }) => state === 'waiting')
  return {
    period,
    items: rows.map(adjustmentView),
    total_usd: formatUsd(sumMoney(rows.map(({ usd }) => usd))),
    // Of the whole bill, and nothing yet: for those who see the whole.
    waiting: waiting === undefined || own !== null ? null : await waitingView(periods, waiting),
  }
}

/** An owner without the dimension is not known to be the reader's. */
function isOwn(own: UserScope | null, owner: Owner): boolean {
  return Object.entries(own ?? {}).every(([name, values]) => {
    const value = Object.hasOwn(owner, name) ? owner[name] : undefined
    return value !== undefined && values.includes(value)
  })
}

function adjustmentView(one: Adjustment): AdjustmentView {
  return {
    adjustment_id: one.adjustmentId,
    charge_period: one.chargePeriod,
    posted_in: one.postedIn,
    owner: one.owner,
    model_id: one.modelId,
    basis: one.basis,
    pool: one.pool,
    usd: formatUsd(one.usd),
    reason: one.reason,
    at: one.at,
  }
}

async function waitingView(
  periods: Pick<PeriodReads, 'adjustments'>,
  { batchId, chargePeriod, bill, moved, usd, madeAt, reason }: StoredBatch,
): Promise<WaitingAdjustments> {
  const rows = await periods.adjustments(batchId)
  return {
    charge_period: chargePeriod,
    bill_usd: formatUsd(bill),
    moved_usd: formatUsd(moved),
    usd: formatUsd(usd),
    at: madeAt,
    rows: rows.map((row) => ({
      charge_period: chargePeriod,
      owner: row.owner,
      model_id: row.modelId,
      basis: row.basis,
      pool: row.pool,
      usd: formatUsd(row.usd),
      reason,
      at: madeAt,
    })),
  }
}
