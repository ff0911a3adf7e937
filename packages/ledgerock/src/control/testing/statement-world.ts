// Months that statements are made from, which a test may change, close and adjust.

import { err, ok } from '../../kernel/result.ts'
import type { OutcomeBooks } from '../../ledger/outcome.ts'
import type { EvidenceRules } from '../../reconciliation/evidence.ts'
import type { Reconciliation } from '../../reconciliation/reconcile.ts'
import { billUnknown } from '../month/bill-problem.ts'
import type { ReconciledMonth } from '../month/month.ts'
import type { Adjustment, FrozenPeriod } from '../periods/periods.ts'
import type { StatementSource } from '../statements/statement-source.ts'
import { createMemoryOutcomes } from './memory-outcomes.ts'

export type StatementWorld = {
  readonly months: Map<string, Reconciliation>
  readonly frozen: Map<string, FrozenPeriod>
  adjustments: readonly Adjustment[]
  /** When months are reconciled. */
  at: string
  readonly outcomes: OutcomeBooks
  readonly source: StatementSource
}

export function statementWorld(months: readonly Reconciliation[]): StatementWorld {
  const outcomes = createMemoryOutcomes()
  const world: StatementWorld = {
    outcomes,
    months: new Map(months.map((month) => [month.period, month])),
    frozen: new Map(),
    adjustments: [],
    at: '2026-11-03T08:00:00.000Z',
    source: {
      month: (period) => {
        const reconciliation = world.months.get(period)
        if (reconciliation === undefined) return Promise.resolve(err(billUnknown(period)))
        return Promise.resolve(ok(monthOf(reconciliation, world.at)))
      },
      async wholeMonth(period, cost) {
        const month = await world.source.month(period, cost)
        if (!month.ok) return month
        const rows = { lines: [], metered: [], evidence: {} as EvidenceRules }
        return ok({ ...month.value, inputs: { ...month.value.inputs, ...rows } })
      },
      frozen: (period) => Promise.resolve(world.frozen.get(period) ?? null),
      adjustmentsIn: (period) =>
        Promise.resolve(world.adjustments.filter(({ postedIn }) => postedIn === period)),
      outcomeTotals: outcomes.outcomeTotals,
    },
  }
  return world
}

function monthOf(reconciliation: Reconciliation, at: string): ReconciledMonth {
  const inputs = {
    period: reconciliation.period,
    versions: [],
    leftAside: { rows: 0, usd: '0' },
    invoices: [
      { invoice_id: 'EUINGB26-1', issuer: 'Amazon Web Services', bill_usd: '10', tax_usd: '2' },
    ],
    exchange: [],
    pools: [],
    defaultSplit: { kind: 'proportional' },
    group: 'team',
    billedUntilMs: null,
  } as const
  const said = { inputsHash: 'one', priceBookVersion: '2026.10', rulesKey: 'rules' }
  return { reconciliation, inputs, ...said, at }
}

export function frozenOf(all: Reconciliation, more: Partial<FrozenPeriod> = {}): FrozenPeriod {
  return {
    period: all.period,
    number: 1,
    sha256: 'f'.repeat(64),
    cost: 'net',
    bill: all.bill,
    shares: all.shares,
    pools: all.pools,
    poolRules: [],
    defaultSplit: { kind: 'proportional' },
    versions: [],
    invoices: [],
    leftAside: { rows: 0, usd: '0' },
    exchange: [],
    inputsHash: 'one',
    rows: all.rows,
    metered: all.metered,
    billTokens: all.billTokens,
    meteredTokens: all.meteredTokens,
    adjustments: [],
    closedAt: '2026-11-06T04:00:00.000Z',
    closedBy: 'finance',
    pricesAsOf: '2026.10',
    ...more,
  }
}
