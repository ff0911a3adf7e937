// A ledger that holds a month as a test wrote it: its bills by cell, and what was metered, in pages. And the services that reconcile it.

import { randomBytes } from 'node:crypto'
import type { DimensionRules } from '../../attribution/dimension-rule.ts'
import { ok } from '../../kernel/result.ts'
import { formatUsd, parseUsd, sumMoney } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { isoTime, MS_PER_DAY, type Clock } from '../../kernel/time.ts'
import type { BillCellRow, BillSummary, BillVersion } from '../../ledger/bill.ts'
import type { MeteredUseRow } from '../../ledger/metered-use.ts'
import type { BilledLine, MeteredUse } from '../../reconciliation/cell.ts'
import type { DeclaredPool, DeclaredSplit } from '../../reconciliation/declared-pool.ts'
import { PRECEDENCE, type Told } from '../../reconciliation/evidence.ts'
import { exactOf, formatExact, sumExact } from '../../reconciliation/exact.ts'
import type { EvidenceConfig } from '../month/month-evidence.ts'
import type { OwnerService } from '../month/owners.ts'
import { createPoolService, type PoolService } from '../month/pools.ts'
import { reconcileApart, type Reconciler } from '../month/reconcile-apart.ts'
import {
  createReconciliations,
  type ReconciliationDeps,
  type ReconciliationService,
} from '../month/reconciliations.ts'
import type { ControlStore } from '../store/control-store.ts'

type FakeBill = {
  readonly version: BillVersion
  readonly cells: readonly BillCellRow[]
  readonly invoices: BillSummary['invoices']
}

export type FakeMonth = {
  bills: readonly FakeBill[]
  metered: readonly MeteredUseRow[]
  targets: EvidenceConfig['bedrock']['targets']
  toleranceUsd: string | null
  reconciler: Reconciler
  /** Rows in a page. */
  pageRows: number
  /** How often lines were read. */
  reads: number
  /** Called before each page of lines. */
  onCells: () => void
}

/** As the file has it; a test may change it. */
export type FakeBilling = {
  gatewayPrincipals: readonly string[]
  precedence: readonly Told[]
  defaultSplit: DeclaredSplit
  graceMs: number
  exchange: ReturnType<ReconciliationDeps['config']>['billing']['exchange']
  pools: readonly DeclaredPool[]
}

export type TestBill = {
  readonly reconciliations: ReconciliationService
  readonly pools: PoolService
  readonly month: FakeMonth
  readonly billing: FakeBilling
}

export type TestBillParts = {
  readonly store: ControlStore
  readonly owners: Pick<OwnerService, 'ownersInForce'>
  readonly dimensions: () => EvidenceConfig['dimensions']
  readonly rules: () => DimensionRules
  readonly clock: Clock
  readonly log: (event: string) => void
  /** In place of the fake's own. */
  readonly books?: Partial<ReconciliationDeps['ledger']>
}

export function createTestBill(parts: TestBillParts): TestBill {
  const { store, owners, dimensions, rules, clock, log } = parts
  const month: FakeMonth = {
    bills: [],
    metered: [],
    targets: [],
    toleranceUsd: null,
    reconciler: reconcileApart,
    pageRows: 100,
    reads: 0,
    onCells: () => {},
  }
  const billing: FakeBilling = {
    gatewayPrincipals: [],
    precedence: PRECEDENCE,
    defaultSplit: { kind: 'proportional' },
    graceMs: 5 * MS_PER_DAY,
    exchange: [],
    pools: [],
  }
  const reconciliations = createReconciliations({
    store,
    ledger: { ...booksOf(month), ...parts.books },
    config: () => ({ billing, bedrock: { targets: month.targets }, dimensions: dimensions() }),
    owners: owners.ownersInForce,
    pools: () => pools.inForce(),
    priceBookVersion: () => 'book-1',
    clock,
    reconciler: (ask, facts) => month.reconciler(ask, facts),
    toleranceUsd: () => month.toleranceUsd,
    log,
  })
  const pools = createPoolService({
    store,
    declared: () => billing,
    reconciliations,
    rules,
    random: randomBytes,
    clock,
  })
  return { reconciliations, pools, month, billing }
}

export function booksOf(month: FakeMonth): ReconciliationDeps['ledger'] {
  const inForce = (period: string, version: number | null): readonly FakeBill[] =>
    month.bills.filter(
      (bill) =>
        bill.version.period === period && (version === null || bill.version.version === version),
    )
  return {
    async billSummary({ period, version }) {
      const bills = inForce(period, version)
      if (bills.length === 0) return null
      const versions = bills.map((bill) => bill.version)
      const invoices = bills.flatMap((bill) => bill.invoices)
      return { period, versions, invoices, sums: [], unmapped: [] }
    },
    async billCells({ period, version, cursor }) {
      month.onCells()
      month.reads += 1
      const cells = inForce(period, version).flatMap((bill) => bill.cells)
      return pageOf(cells, cursor, month.pageRows)
    },
    async meteredUse({ fromMs, toMs, cursor }) {
      const [from, to] = [isoTime(fromMs), isoTime(toMs)]
      const rows = month.metered.filter(({ hour }) => hour >= from && hour < to)
      return pageOf(rows, cursor, month.pageRows)
    },
    async spend({ from, to }) {
      const rows = month.metered.filter(({ hour }) => hour >= from && hour < to)
      const teams = [...new Set(rows.map(({ owner }) => owner['team'] ?? 'unknown'))]
      return ok({
        total: {},
        rows: teams.toSorted().map((team) => {
          const own = rows.filter(({ owner }) => (owner['team'] ?? 'unknown') === team)
          const usd = sumMoney(own.map((row) => mustOk(parseUsd(row.usd ?? '0'))))
          return { team, calls: own.length, cost_usd: formatUsd(usd) }
        }),
      })
    },
  }
}

function pageOf<Row>(
  rows: readonly Row[],
  cursor: string | null,
  limit: number,
): { readonly items: readonly Row[]; readonly next_cursor: string | null } {
  const start = Number(cursor ?? 0)
  const end = start + limit
  return { items: rows.slice(start, end), next_cursor: end < rows.length ? String(end) : null }
}

export function fakeBill(
  lines: readonly BilledLine[],
  said: Partial<BillVersion> = {},
  invoices: BillSummary['invoices'] = [],
): FakeBill {
  const sum = (cost: 'net' | 'unblended'): string =>
    formatExact(sumExact(lines.map((line) => line[cost])))
  const rows = lines.reduce((all, line) => all + line.rows, 0)
  const nothing = { rows: 0, usd: '0' }
  const version: BillVersion = {
    period: '2026-10',
    bill: 'cur',
    version: 1,
    import_id: 'i1',
    fingerprint: 'f1',
    export_name: 'cur',
    execution_id: '',
    files: [],
    rows,
    bedrock_rows: rows,
    left_aside: nothing,
    currency: 'USD',
    unblended_usd: sum('unblended'),
    net_usd: sum('net'),
    words: 1,
    unmapped: nothing,
    rate_mismatches: nothing,
    columns: [],
    difference: null,
    imported_at: '2026-11-02T00:00:00.000Z',
    imported_by: 'test',
    ...said,
  }
  return { version, cells: lines.map(cellOf), invoices }
}

function cellOf(line: BilledLine): BillCellRow {
  return {
    payer_account: line.payerId ?? '',
    account_id: line.accountId ?? '',
    region: line.region,
    model_id: line.modelId,
    kind: line.kind,
    scope: line.scope ?? '',
    tier: line.tier ?? '',
    long_context: line.sort === 'long_context',
    variant: line.sort === 'long_context' ? '' : line.sort,
    thing: line.thing,
    line_item_type: 'Usage',
    unmapped_reason: line.unmappedReason,
    usage_type: line.usageType,
    principal: line.principal,
    resource_id: line.resourceId,
    tags: line.tags,
    invoice_id: '',
    from: isoTime(line.fromMs),
    to: isoTime(line.toMs),
    quantity: line.quantity === null ? '' : formatExact(line.quantity),
    unblended_usd: formatExact(line.unblended),
    net_usd: formatExact(line.net),
    list_usd: formatExact(line.list ?? exactOf('0')),
    rows: line.rows,
  }
}

export function meteredRow(use: MeteredUse): MeteredUseRow {
  return {
    account_id: use.accountId,
    region: use.region,
    model_id: use.modelId,
    kind: use.kind,
    scope: use.scope,
    tier: use.tier ?? '',
    sort: use.sort,
    principal: use.principal,
    hour: isoTime(use.hourMs),
    owner: use.owner,
    tokens: Number(use.tokens),
    estimated_tokens: Number(use.estimatedTokens),
    usd: use.usd === null ? null : formatUsd(use.usd),
  }
}
