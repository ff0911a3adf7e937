// A month as it is reconciled: everything that goes in, gathered once, and what comes of it. Who freezes a period, writes a statement
// or exports it works from this and from nothing else.

import type { EvidenceRules } from '../../reconciliation/evidence.ts'
import type { BilledLine, MeteredUse } from '../../reconciliation/cell.ts'
import type { PoolRule, Split } from '../../reconciliation/pool.ts'
import type { Reconciliation } from '../../reconciliation/reconcile.ts'
import type { BillFacts } from '../../reconciliation/report.ts'
import type { BillVersion } from '../../ledger/bill.ts'

/** A bill in another currency, and what it was read at. */
export type BillRate = {
  readonly bill: string
  readonly currency: string
  readonly usd_per_unit: string
  /** The day whose rate it is: the first of the month. */
  readonly rate_date: string
}

export type MonthInputs = {
  /** `2026-10` */
  readonly period: string
  /** In force, one for each bill (payer), by name. */
  readonly versions: readonly BillVersion[]
  readonly leftAside: BillFacts['left_aside']
  readonly invoices: BillFacts['invoices']
  /** Of the bills that are not in dollars. */
  readonly exchange: readonly BillRate[]
  readonly lines: readonly BilledLine[]
  readonly metered: readonly MeteredUse[]
  readonly evidence: EvidenceRules
  /** The file's first, then those people made. */
  readonly pools: readonly PoolRule[]
  readonly defaultSplit: Split
  readonly group: 'team'
  /** How far the bill surely reaches; null: to the end of the month. */
  readonly billedUntilMs: number | null
}

/** Without its rows, and what is asked of them. */
export type MonthFacts = Omit<MonthInputs, 'lines' | 'metered' | 'evidence'>

/** With every row that went in. */
export type WholeMonth = ReconciledMonth & { readonly inputs: MonthInputs }

export type ReconciledMonth = {
  readonly reconciliation: Reconciliation
  readonly inputs: MonthFacts
  /** Of everything that went in; the same hash is the same result. */
  readonly inputsHash: string
  /** Of the prices in force when this was worked out. */
  readonly priceBookVersion: string
  /** Of the dated rules it was shared out by. */
  readonly rulesKey: string
  readonly at: string
}
