// A reconciliation as the API shows it: one row for each owner, basis and reason; money as decimal text, tokens as numbers.

import { formatUsd, type Picodollars } from '../kernel/money.ts'
import { isoTime } from '../kernel/time.ts'
import { formatExact, roundToPicodollars } from './exact.ts'
import type { Finding } from './finding.ts'
import { ownerKey } from './owner.ts'
import type { Reconciliation, RoundedVariance } from './reconcile.ts'

/** What is known of the bill beside its lines. */
export type BillFacts = {
  readonly bill_version: number
  readonly left_aside: { readonly rows: number; readonly usd: string }
  readonly invoices: readonly {
    readonly invoice_id: string
    readonly issuer: string
    readonly bill_usd: string
    readonly tax_usd: string
  }[]
}

export type ReportedAllocation = {
  readonly owner: Readonly<Record<string, string>>
  readonly amount_usd: string
  readonly basis: string
  readonly reason: string
}

export type ReportedVariance = {
  readonly cell: {
    readonly account_id: string | null
    readonly region: string | null
    readonly model_id: string | null
    readonly kind: string | null
    readonly scope: string | null
    readonly tier: string | null
    readonly principal: string | null
    readonly day: string | null
  }
  readonly bill_tokens: number
  readonly metered_tokens: number
  readonly bill_usd: string
  readonly metered_usd: string
  readonly difference_usd: string
  readonly cause: string
}

export type ReportedFinding = {
  readonly code: string
  readonly principal: string
  readonly owners: readonly Readonly<Record<string, string>>[]
  readonly usd: string
  readonly tokens: number
  readonly since: string
}

export type ReconciliationReport = BillFacts & {
  readonly period: string
  readonly cost: string
  readonly bill_usd: string
  readonly allocated_usd: string
  readonly shared_usd: string
  readonly unattributed_usd: string
  readonly coverage: {
    readonly bill_tokens: number
    readonly metered_tokens: number
    /** Null: the bill has no tokens. */
    readonly ratio: string | null
  }
  readonly variance: readonly ReportedVariance[]
  readonly allocation: readonly ReportedAllocation[]
  readonly pools: readonly {
    readonly name: string
    readonly split: string
    readonly amount_usd: string
    readonly apart_usd: string
  }[]
  readonly findings: readonly ReportedFinding[]
  readonly unexplained_usd: string
  readonly identity: {
    readonly sum_of_allocation_usd: string
    readonly difference_usd: string
  }
}

export function reportOf(reconciled: Reconciliation, facts: BillFacts): ReconciliationReport {
  const { period, cost, bill, allocated, apart, unattributed } = reconciled
  const sum = (allocated + apart + unattributed) as Picodollars
  return {
    period,
    bill_version: facts.bill_version,
    cost,
    bill_usd: formatUsd(bill),
    allocated_usd: formatUsd(allocated),
    shared_usd: formatUsd(apart),
    unattributed_usd: formatUsd(unattributed),
    left_aside: facts.left_aside,
    invoices: facts.invoices,
    coverage: {
      bill_tokens: Number(reconciled.billTokens),
      metered_tokens: Number(reconciled.meteredTokens),
      ratio: ratioOf(reconciled.meteredTokens, reconciled.billTokens),
    },
    variance: reconciled.variance.map(reportedVariance),
    allocation: allocationOf(reconciled.shares),
    pools: reconciled.pools.map((pool) => ({
      name: pool.name,
      split: pool.split,
      amount_usd: formatUsd(pool.usd),
      apart_usd: formatUsd(pool.apart),
    })),
    findings: reconciled.findings.map(reportedFinding),
    unexplained_usd: formatUsd(reconciled.unexplained),
    identity: {
      sum_of_allocation_usd: formatUsd(sum),
      difference_usd: formatUsd((bill - sum) as Picodollars),
    },
  }
}

/** Each owner's dollars by basis and reason, the dearest first. With what is kept apart they add up to the bill. */
export function allocationOf(shares: Reconciliation['shares']): readonly ReportedAllocation[] {
  const rows = new Map<string, { readonly share: Reconciliation['shares'][number]; usd: bigint }>()
  for (const share of shares) {
    const key = `${share.basis} ${share.reason} ${ownerKey(share.owner)}`
    const row = rows.get(key) ?? { share, usd: 0n }
    rows.set(key, row)
    row.usd += share.usd
  }
  return [...rows]
    .toSorted(([one, left], [other, right]) => {
      if (left.usd !== right.usd) return left.usd > right.usd ? -1 : 1
      return one < other ? -1 : 1
    })
    .map(([, { share, usd }]) => ({
      owner: share.owner,
      amount_usd: formatUsd(usd as Picodollars),
      basis: share.basis,
      reason: share.reason,
    }))
}

/** The dollars that pools keep for themselves, of no owner. */
export function keptApart(pools: Reconciliation['pools']): readonly ReportedAllocation[] {
  return pools
    .filter(({ apart }) => apart !== 0n)
    .map(({ name, apart }) => {
      return { owner: {}, amount_usd: formatUsd(apart), basis: 'apart', reason: name }
    })
}

function reportedVariance(row: RoundedVariance): ReportedVariance {
  const { cell } = row
  return {
    cell: {
      account_id: cell.accountId,
      region: cell.region,
      model_id: cell.modelId,
      kind: cell.kind,
      scope: cell.scope,
      tier: cell.tier,
      principal: cell.principal,
      day: cell.dayMs === null ? null : isoTime(cell.dayMs).slice(0, 10),
    },
    bill_tokens: Number(row.billTokens),
    metered_tokens: Number(row.meteredTokens),
    // What rounding leaves is smaller than a picodollar, and shown as it is.
    bill_usd:
      row.cause === 'rounding' ? formatExact(row.bill) : formatUsd(roundToPicodollars(row.bill)),
    metered_usd: formatUsd(row.metered),
    difference_usd: row.cause === 'rounding' ? formatExact(row.difference) : formatUsd(row.rounded),
    cause: row.cause,
  }
}

function reportedFinding({
  code,
  principal,
  owners,
  usd,
  tokens,
  sinceMs,
}: Finding): ReportedFinding {
  return {
    code,
    principal,
    owners: owners.map(({ owner, millionths }) =>
      millionths === null ? owner : { ...owner, share: partOf(BigInt(millionths), 1_000_000n, 6) },
    ),
    usd: formatUsd(roundToPicodollars(usd)),
    tokens: Number(tokens),
    since: isoTime(sinceMs),
  }
}

function ratioOf(part: bigint, whole: bigint): string | null {
  return whole <= 0n ? null : partOf(part, whole, 4)
}

/** Rounded down, so that what is not whole never reads as one. */
function partOf(part: bigint, whole: bigint, decimals: number): string {
  const scaled = (part * 10n ** BigInt(decimals)) / whole
  const digits = scaled.toString().padStart(decimals + 1, '0')
  const fraction = digits.slice(-decimals).replace(/0+$/, '')
  return `${digits.slice(0, -decimals)}${fraction === '' ? '' : `.${fraction}`}`
}
