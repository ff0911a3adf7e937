// Months whose reconciliation a test says, a clock it moves, and any number of nodes on one store.

import { createHash } from 'node:crypto'
import { parseUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import { err, mustOk, ok } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import type { BillVersion } from '../../ledger/bill.ts'
import type { Basis } from '../../reconciliation/allocation.ts'
import { exactOfPicodollars } from '../../reconciliation/exact.ts'
import type { PoolResult, RoundedShare } from '../../reconciliation/give.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import { billUnknown } from '../month/bill-problem.ts'
import type { ReconciledMonth } from '../month/month.ts'
import type { PeriodServiceDeps } from '../periods/period-clock.ts'
import { createPeriodService } from '../periods/period-service.ts'
import type { PeriodService } from '../periods/periods.ts'
import type { ReconciliationService } from '../month/reconciliations.ts'
import type { ControlStore } from '../store/control-store.ts'

export const usd = (text: string): Picodollars => mustOk(parseUsd(text))

/** Whose the dollars of a month are: a team's, or nobody's where the team is empty. */
export function share(
  team: string,
  amount: string,
  more: { readonly modelId?: string; readonly basis?: Basis; readonly owner?: Owner } = {},
): RoundedShare {
  const nobody = team === ''
  const money = usd(amount)
  return {
    owner: more.owner ?? (nobody ? {} : { team }),
    basis: more.basis ?? (nobody ? 'unattributed' : 'metered'),
    reason: nobody ? 'unmetered' : 'ledger',
    modelId: more.modelId ?? 'amazon.nova-pro-v1:0',
    dayMs: Date.parse('2026-10-03T00:00:00.000Z'),
    usd: money,
    list: exactOfPicodollars(money),
    metered: money,
    tokens: 7n,
  }
}

export function versionOf(period: string, version: number, importedAt: string): BillVersion {
  const nothing = { rows: 0, usd: '0' }
  return {
    period,
    bill: 'cur',
    version,
    import_id: `i${version}`,
    fingerprint: `f${version}`,
    export_name: 'export',
    execution_id: `e${version}`,
    files: [],
    rows: 2,
    bedrock_rows: 1,
    left_aside: nothing,
    currency: 'USD',
    unblended_usd: '1.5',
    net_usd: '1.5',
    words: 1,
    unmapped: nothing,
    rate_mismatches: nothing,
    columns: ['line_item_usage_type'],
    difference: null,
    imported_at: importedAt,
    imported_by: 'system',
  }
}

export type PeriodWorld = ReturnType<typeof createPeriodWorld>

export function createPeriodWorld(start: string) {
  let nowMs = Date.parse(start)
  const clock: Clock = { now: () => nowMs, monotonic: () => nowMs }
  const months = new Map<
    string,
    { versions: BillVersion[]; shares: readonly RoundedShare[]; pools: readonly PoolResult[] }
  >()
  const rules = new Map<string, string>()
  const rulesOf = (period: string): string => rules.get(period) ?? 'first rules'
  let invoiceId = 'INV-1'
  const errors: unknown[] = []
  /** Called each time a month is worked out. */
  const hooks: { onMonth: (period: string) => Promise<void> } = { onMonth: async () => {} }
  const month: ReconciliationService['month'] = async (period) => {
    const found = months.get(period)
    if (found === undefined) return err(billUnknown(period))
    const worked = reconciled(period, found, rulesOf(period), isoTime(nowMs))
    await hooks.onMonth(period)
    return ok(worked)
  }
  const ledger: PeriodServiceDeps['ledger'] = {
    billVersions: async ({ period }) =>
      [...months].flatMap(([name, { versions }]) =>
        period === null || name === period ? versions.toReversed() : [],
      ),
    billSummary: async ({ period }) => {
      const found = months.get(period)
      if (found === undefined) return null
      const amounts = { rows: 1, unblended_usd: '1', net_usd: '1', tax_usd: '0' }
      const invoices = [{ invoice_id: invoiceId, issuer: 'AWS', ...amounts }]
      return { period, versions: found.versions, sums: [], unmapped: [], invoices }
    },
  }
  let made = 0
  return {
    clock,
    errors,
    hooks,
    ledger,
    /** Delivers a bill: another version, as the month is now. */
    deliver(
      period: string,
      shares: readonly RoundedShare[],
      pools: readonly PoolResult[] = [],
      bill = 'cur',
    ): void {
      const versions = months.get(period)?.versions ?? []
      versions.push({ ...versionOf(period, versions.length + 1, isoTime(nowMs)), bill })
      months.set(period, { versions, shares, pools })
    },
    /** The bill and the rules stay; whose the dollars are changes: the ledger knows more. */
    correct(period: string, shares: readonly RoundedShare[]): void {
      const found = months.get(period)
      if (found !== undefined) months.set(period, { ...found, shares })
    },
    /** Owners or pools that concern the month are others. */
    rule(period: string, key: string, shares: readonly RoundedShare[]): void {
      rules.set(period, key)
      this.correct(period, shares)
    },
    invoice(id: string): void {
      invoiceId = id
    },
    travel(to: string): void {
      nowMs = Date.parse(to)
    },
    /** `file`: its own configuration, where nodes have different ones. */
    node: (store: ControlStore, file = ''): PeriodService =>
      createPeriodService({
        store,
        ledger,
        reconciliations: {
          month: async (period, cost) => {
            const worked = await month(period, cost)
            if (!worked.ok) return worked
            return ok({ ...worked.value, rulesKey: worked.value.rulesKey + file })
          },
          rulesNow: async () => (period) => rulesOf(period) + file,
        },
        clock,
        random: (bytes) => {
          made += 1
          return createHash('sha256').update(String(made)).digest().subarray(0, bytes)
        },
        graceMs: () => 5 * 86_400_000,
        onError: (error) => errors.push(error),
      }),
  }
}

function reconciled(
  period: string,
  {
    versions,
    shares,
    pools,
  }: {
    readonly versions: readonly BillVersion[]
    readonly shares: readonly RoundedShare[]
    readonly pools: readonly PoolResult[]
  },
  rulesKey: string,
  at: string,
): ReconciledMonth {
  const apart = sumMoney(pools.map((pool) => pool.apart))
  const given = sumMoney(shares.map((each) => each.usd))
  const bill = (given + apart) as Picodollars
  const inputs = JSON.stringify([versions, shares], (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return {
    reconciliation: {
      period,
      cost: 'net',
      rows: shares.length,
      bill,
      billExact: exactOfPicodollars(bill),
      metered: given,
      allocated: given,
      apart,
      unattributed: usd('0'),
      shares,
      pools,
      variance: [],
      findings: [],
      billTokens: 10n,
      meteredTokens: 9n,
      unexplained: usd('0'),
    },
    inputs: {
      period,
      versions: versions.slice(-1),
      leftAside: { rows: 3, usd: '4.5' },
      invoices: [{ invoice_id: 'INV-1', issuer: 'AWS', bill_usd: '1', tax_usd: '0' }],
      exchange: [{ bill: 'cur', currency: 'EUR', usd_per_unit: '1.5', rate_date: `${period}-01` }],
      pools: [
        {
          name: 'reserved',
          match: { usageType: '*Reserved*' },
          split: { kind: 'fixed', shares: [{ owner: { team: 'search' }, weight: 3n }] },
          fromMs: 5,
          toMs: null,
        },
      ],
      defaultSplit: { kind: 'proportional' },
      group: 'team',
      billedUntilMs: null,
    },
    inputsHash: createHash('sha256').update(inputs).digest('hex'),
    priceBookVersion: 'book-1',
    rulesKey,
    at,
  }
}
