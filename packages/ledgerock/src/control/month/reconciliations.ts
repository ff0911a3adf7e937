// Months reconciled, one at a time: gathered, worked out, and kept. A month that was worked out is not worked out again while nothing it
// came from has changed; who asks for it anew gets it anew.

import { AssertionError } from '../../kernel/assert.ts'
import { Fault } from '../../kernel/fault.ts'
import { formatUsd } from '../../kernel/money.ts'
import { ok, type Result } from '../../kernel/result.ts'
import { createTurns } from '../../kernel/turns.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Cost } from '../../reconciliation/cell.ts'
import type { PoolRule, Split } from '../../reconciliation/pool.ts'
import { moved, type Moved } from '../../reconciliation/preview.ts'
import type { Reconciliation } from '../../reconciliation/reconcile.ts'
import { reportOf, type ReconciliationReport } from '../../reconciliation/report.ts'
import { focusTolerance } from '../../reconciliation/tolerance.ts'
import type { BillProblem } from './bill-problem.ts'
import type { BillRate, MonthInputs, ReconciledMonth, WholeMonth } from './month.ts'
import { invoicesOf } from './month-inputs.ts'
import { createMonthKeeper, type WorkedOut } from './month-keeper.ts'
import { rulesKey } from './month-rules.ts'
import { datedRules, monthTerms, type MonthTerms, type MonthTermsDeps } from './month-terms.ts'
import type { Reconciler } from './reconcile-apart.ts'
import type { ControlStore } from '../store/control-store.ts'

/** The report with what it was made from, and how much may stay unexplained. */
export type KeptReport = ReconciliationReport & {
  readonly tolerance_usd: string
  /** Bills in other currencies: the rate they were read at. */
  readonly exchange: readonly BillRate[]
  readonly inputs_hash: string
  readonly price_book_version: string
  readonly reconciled_at: string
  readonly reconciled_by: string
}

export type ReconciliationService = {
  /** Works it out anew and keeps the report. */
  readonly reconcile: (
    actor: string,
    period: string,
    cost: Cost,
  ) => Promise<Result<KeptReport, BillProblem>>
  /** Of the last run, unless something changed since; else works it out. */
  readonly report: (period: string, cost: Cost) => Promise<Result<KeptReport, BillProblem>>
  /** For freezing and statements; what came of two months stays in memory. */
  readonly month: (period: string, cost: Cost) => Promise<Result<ReconciledMonth, BillProblem>>
  /** With all its rows, for exports. */
  readonly wholeMonth: (period: string, cost: Cost) => Promise<Result<WholeMonth, BillProblem>>
  /** The key of the dated rules of any month, as they are now: cheap to ask. */
  readonly rulesNow: () => Promise<(period: string) => string>
  /** Dollars of each team as it is and as it would be. */
  readonly preview: (
    period: string,
    pools: readonly PoolRule[],
    defaultSplit: Split,
  ) => Promise<Result<readonly Moved[], BillProblem>>
}

export type ReconciliationDeps = MonthTermsDeps & {
  readonly ledger: Pick<Ledger, 'billSummary' | 'spend' | 'billCells' | 'meteredUse'>
  readonly store: Pick<ControlStore, 'read' | 'write'>
  readonly reconciler: Reconciler
  /** Null: as FOCUS has it, by rows. */
  readonly toleranceUsd: () => string | null
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void
}

/** A GET keeps what it had to work out. */
const NOBODY = 'system'

export function createReconciliations(deps: ReconciliationDeps): ReconciliationService {
  const inTurn = createTurns()
  const months = createMonthKeeper({
    ...deps,
    reconcile: (inputs, terms, cost) => reconciled(deps, inputs, terms, cost),
  })

  return {
    reconcile: (actor, period, cost) =>
      inTurn(async () => {
        months.forget(period)
        const worked = await months.workOut(period, cost)
        return worked.ok ? ok(await keep(deps, worked.value, cost, actor, true)) : worked
      }),
    async report(period, cost) {
      const terms = await monthTerms(deps, period)
      if (!terms.ok) return terms
      const stored = await deps.store.read.reconciliations.newest(period, cost)
      if (stored?.standing === reportStanding(deps, terms.value))
        return ok(JSON.parse(stored.report) as KeptReport)
      return inTurn(async () => {
        const worked = await months.workOut(period, cost)
        return worked.ok ? ok(await keep(deps, worked.value, cost, NOBODY, false)) : worked
      })
    },
    month: async (period, cost) => {
      const worked = await inTurn(() => months.workOut(period, cost))
      return worked.ok ? ok(worked.value.month) : worked
    },
    wholeMonth: (period, cost) =>
      inTurn(async () => {
        const worked = await months.workOut(period, cost)
        if (!worked.ok) return worked
        const { terms, month } = worked.value
        return ok({ ...month, inputs: await months.inputsOf(terms) })
      }),
    async rulesNow() {
      const rules = await datedRules(deps)
      return (period) => rulesKey(rules, period)
    },
    preview: (period, pools, defaultSplit) =>
      inTurn(async () => {
        const worked = await months.workOut(period, 'net')
        if (!worked.ok) return worked
        const { terms, month } = worked.value
        const inputs = { ...(await months.inputsOf(terms)), pools, defaultSplit }
        const after = await reconciled(deps, inputs, terms, 'net')
        return ok(moved(month.reconciliation, after, month.inputs.group))
      }),
  }
}

async function keep(
  deps: ReconciliationDeps,
  { terms, month }: WorkedOut,
  cost: Cost,
  actor: string,
  isAudited: boolean,
): Promise<KeptReport> {
  const report = keptReport(deps, terms, month, actor)
  const { period } = terms
  await deps.store.write(async ({ reconciliations, audit }) => {
    await reconciliations.keep({
      period,
      cost,
      standing: reportStanding(deps, terms),
      inputsHash: month.inputsHash,
      report: JSON.stringify(report),
      madeAt: month.at,
      madeBy: actor,
    })
    if (!isAudited) return
    const { bill_usd, unattributed_usd, unexplained_usd, inputs_hash } = report
    const after = { cost, bill_usd, unattributed_usd, unexplained_usd, inputs_hash }
    const action = 'period.reconcile'
    await audit.append({ actor, action, subject: period, before: null, after, reason: null })
  })
  return report
}

/** A report says how much is tolerated, besides what the month says. */
function reportStanding(
  { toleranceUsd }: Pick<ReconciliationDeps, 'toleranceUsd'>,
  { standing }: MonthTerms,
): string {
  return `${standing} ${toleranceUsd() ?? ''}`
}

/** @throws Fault `reconciliation_unsound`: the parts do not add up, so there is nothing to show. */
async function reconciled(
  { reconciler, log }: ReconciliationDeps,
  { period, lines, metered, evidence, pools, defaultSplit, group, billedUntilMs }: MonthInputs,
  terms: MonthTerms,
  cost: Cost,
): Promise<Reconciliation> {
  const rules = { evidence, pools, defaultSplit, group, billedUntilMs }
  try {
    return await reconciler({ period, cost, lines, metered, ...rules }, terms.evidence)
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error
    log('reconciliation_unsound', { period, cost, reason: error.message })
    const detail = `${period} was not reconciled: ${error.message}, and here it is not; nothing was kept`
    throw new Fault('reconciliation_unsound', detail, { cause: error })
  }
}

function keptReport(
  { toleranceUsd }: ReconciliationDeps,
  { bills }: MonthTerms,
  { reconciliation, inputs, inputsHash, priceBookVersion, at }: ReconciledMonth,
  actor: string,
): KeptReport {
  const { cost, rows } = reconciliation
  const report = reportOf(reconciliation, {
    bill_version: Math.max(...inputs.versions.map(({ version }) => version)),
    left_aside: inputs.leftAside,
    invoices: invoicesOf(bills, cost),
  })
  return {
    ...report,
    tolerance_usd: toleranceUsd() ?? formatUsd(focusTolerance(rows)),
    exchange: inputs.exchange,
    inputs_hash: inputsHash,
    price_book_version: priceBookVersion,
    reconciled_at: at,
    reconciled_by: actor,
  }
}
