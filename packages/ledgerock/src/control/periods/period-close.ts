// Closing a month: the net allocation, what it came from and by which rules, frozen as one text under its hash. What is frozen is worked
// out before the store's transaction, and kept only if nothing it says has changed meanwhile.

import { formatUsd } from '../../kernel/money.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime } from '../../kernel/time.ts'
import { billProblem, type BillProblem } from '../month/bill-problem.ts'
import type { ReconciledMonth } from '../month/month.ts'
import {
  adjustmentsPostedIn,
  billsKey,
  closingOf,
  type AdjustmentDeps,
} from './period-adjustments.ts'
import { monthRange } from '../month/period-calendar.ts'
import { writePeriod, type PeriodContent } from './period-content.ts'
import type { Adjustment } from './periods.ts'
import type { StoredClosing } from '../store/period-reads.ts'
import { packContent } from '../store/period-writes.ts'

export type ClosingWord = { readonly by: string; readonly reason: string | null }

/** How often something may change while it is written down. */
const TRIES = 3

export async function closePeriod(
  deps: AdjustmentDeps,
  { by, reason }: ClosingWord,
  period: string,
): Promise<Result<StoredClosing, BillProblem>> {
  const { toMs } = monthRange(period)
  if (deps.clock.now() < toMs) {
    const detail = `${period} is not over until ${isoTime(toMs)}; a month that runs cannot be closed`
    return err(billProblem('period_open', detail))
  }
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { periods } = deps.store.read
    const closings = await periods.closings(period)
    if (closings.some(({ reopenedAt }) => reopenedAt === null)) return err(isClosed(period))
    const worked = await deps.reconciliations.month(period, 'net')
    if (!worked.ok) return worked
    const content = contentOf(worked.value, {
      number: closings.length + 1,
      adjustments: await adjustmentsPostedIn(periods, period),
      closedAt: isoTime(deps.clock.now()),
      closedBy: by,
    })
    const { text, sha256 } = await writePeriod(content)
    const packed = await packContent(text)
    const closing = closingFrom(content, sha256, worked.value.rulesKey)
    const kept = await keep(deps, closing, packed, content.adjustments.length, reason)
    if (kept !== 'again') return kept === 'kept' ? ok(closing) : err(isClosed(period))
  }
  const detail = `${period} changed while it was being closed; try again`
  return err(billProblem('period_unready', detail))
}

function isClosed(period: string): BillProblem {
  return billProblem('period_closed', `${period} is closed already; see "ledgerock period list"`)
}

function contentOf(
  { reconciliation, inputs, inputsHash, priceBookVersion }: ReconciledMonth,
  closing: {
    readonly number: number
    readonly adjustments: readonly Adjustment[]
    readonly closedAt: string
    readonly closedBy: string
  },
): PeriodContent {
  return {
    period: inputs.period,
    cost: 'net',
    bill: reconciliation.bill,
    shares: reconciliation.shares,
    pools: reconciliation.pools,
    poolRules: inputs.pools,
    defaultSplit: inputs.defaultSplit,
    versions: inputs.versions,
    invoices: inputs.invoices,
    leftAside: inputs.leftAside,
    exchange: inputs.exchange,
    inputsHash,
    rows: reconciliation.rows,
    metered: reconciliation.metered,
    billTokens: reconciliation.billTokens,
    meteredTokens: reconciliation.meteredTokens,
    pricesAsOf: priceBookVersion,
    ...closing,
  }
}

function closingFrom(content: PeriodContent, sha256: string, rulesKey: string): StoredClosing {
  const { period, number, bill, versions, inputsHash, closedAt, closedBy } = content
  return {
    period,
    number,
    sha256,
    bill,
    bills: versions.map((one) => ({ bill: one.bill, version: one.version })),
    closedAt,
    closedBy,
    seenBills: billsKey(versions),
    seenInputs: inputsHash,
    seenRules: rulesKey,
    reopenedAt: null,
    reopenedBy: null,
  }
}

/** `again`: something was posted in the month, or it was closed and reopened, since it was written down. */
function keep(
  deps: AdjustmentDeps,
  closing: StoredClosing,
  packed: string,
  adjustments: number,
  reason: string | null,
): Promise<'kept' | 'closed' | 'again'> {
  const { period, number, sha256, bill, bills, closedBy } = closing
  return deps.store.write(async ({ periods, audit }) => {
    if ((await closingOf(periods, period)) !== null) return 'closed'
    if ((await periods.closings(period)).length !== number - 1) return 'again'
    if ((await adjustmentsPostedIn(periods, period)).length !== adjustments) return 'again'
    await periods.close(closing, packed)
    await audit.append({
      actor: closedBy,
      action: 'period.close',
      subject: period,
      before: { state: 'closing' },
      after: { state: 'closed', number, sha256, bill_usd: formatUsd(bill), bills: [...bills] },
      reason,
    })
    return 'kept'
  })
}
