// What a month is reconciled by, as far as it is known without reading its lines: the bill in force, owners, pools, rates of exchange.
// `standing` names all of it, so that a month that was worked out need not be worked out again.

import { createHash } from 'node:crypto'
import type { OwnerRule } from '../../attribution/owner-rule.ts'
import { assert } from '../../kernel/assert.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import type { BillSummary, BillVersion } from '../../ledger/bill.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { DeclaredPool, DeclaredSplit } from '../../reconciliation/declared-pool.ts'
import { billUnknown, isPeriod, periodInvalid, type BillProblem } from './bill-problem.ts'
import { exchangeAt, type Exchange, type ExchangeRule } from './exchange.ts'
import { evidenceFactsOf, type EvidenceConfig, type EvidenceFacts } from './month-evidence.ts'
import { rulesKey, type DatedRules } from './month-rules.ts'
import { canonicalJson, type Json } from '../store/canonical-json.ts'

export type MonthConfig = EvidenceConfig & {
  readonly billing: {
    readonly defaultSplit: DeclaredSplit
    readonly graceMs: number
    readonly exchange: readonly ExchangeRule[]
  }
}

export type MonthTermsDeps = {
  readonly ledger: Pick<Ledger, 'billSummary' | 'spend'>
  readonly config: () => MonthConfig
  /** The time line, the file's and the assigned. */
  readonly owners: () => Promise<readonly OwnerRule[]>
  /** The file's first, then those people made. */
  readonly pools: () => Promise<readonly DeclaredPool[]>
  readonly priceBookVersion: () => string
  readonly clock: Clock
}

export type MonthBill = {
  readonly version: BillVersion
  readonly invoices: BillSummary['invoices']
  readonly exchange: Exchange
}

export type MonthTerms = {
  readonly period: string
  readonly startMs: number
  readonly endMs: number
  /** Over for so long that nothing is late any more. */
  readonly isOver: boolean
  /** One for each payer, by name. */
  readonly bills: readonly MonthBill[]
  readonly evidence: EvidenceFacts
  readonly pools: readonly DeclaredPool[]
  readonly defaultSplit: DeclaredSplit
  readonly priceBookVersion: string
  readonly rulesKey: string
  readonly standing: string
}

export async function monthTerms(
  deps: MonthTermsDeps,
  period: string,
): Promise<Result<MonthTerms, BillProblem>> {
  if (!isPeriod(period)) return err(periodInvalid('period'))
  const { startMs, endMs } = monthOf(period)
  const { ledger, clock } = deps
  const config = deps.config()
  const bills = await billsOf(ledger, period, startMs, config.billing.exchange)
  if (!bills.ok) return bills
  const rules = await datedRules(deps)
  const terms = {
    period,
    startMs,
    endMs,
    isOver: clock.now() >= endMs + config.billing.graceMs,
    bills: bills.value,
    evidence: evidenceFactsOf(config, rules.owners),
    pools: rules.pools,
    defaultSplit: config.billing.defaultSplit,
    priceBookVersion: deps.priceBookVersion(),
    rulesKey: rulesKey(rules, period),
  }
  const metered = await meteredSums(ledger, startMs, endMs)
  const text = canonicalJson(JSON.parse(JSON.stringify({ ...terms, metered })) as Json)
  return ok({ ...terms, standing: createHash('sha256').update(text).digest('hex') })
}

/** As they are now. */
export async function datedRules({
  config,
  owners,
  pools,
}: Pick<MonthTermsDeps, 'config' | 'owners' | 'pools'>): Promise<DatedRules> {
  const { exchange } = config().billing
  return { owners: await owners(), pools: await pools(), exchange }
}

export function monthOf(period: string): { readonly startMs: number; readonly endMs: number } {
  const [year = 0, month = 0] = period.split('-').map(Number)
  return { startMs: Date.UTC(year, month - 1, 1), endMs: Date.UTC(year, month, 1) }
}

export async function billsOf(
  ledger: Pick<Ledger, 'billSummary'>,
  period: string,
  startMs: number,
  rules: readonly ExchangeRule[],
): Promise<Result<readonly MonthBill[], BillProblem>> {
  const summary = await ledger.billSummary({ period, version: null })
  if (summary === null || summary.versions.length === 0) return err(billUnknown(period))
  const { versions } = summary
  const bills: MonthBill[] = []
  for (const version of versions) {
    const exchange = exchangeAt(rules, version.currency, startMs)
    if (!exchange.ok) return exchange
    const own =
      versions.length === 1
        ? summary
        : await ledger.billSummary({ period, version: version.version })
    bills.push({ version, invoices: own?.invoices ?? [], exchange: exchange.value })
  }
  return ok(bills.toSorted((left, right) => (left.version.bill < right.version.bill ? -1 : 1)))
}

/** Cheap to ask, and another answer wherever calls came in, were priced anew or changed hands. */
async function meteredSums(
  ledger: Pick<Ledger, 'spend'>,
  startMs: number,
  endMs: number,
): Promise<unknown> {
  const month = {
    from: isoTime(startMs),
    to: isoTime(endMs),
    granularity: 'total',
    tz: 'UTC',
  } as const
  const byTeam = await ledger.spend({ ...month, by: ['team'], where: [] })
  // More teams than an answer has room for: their sum must do.
  const answer = byTeam.ok ? byTeam : await ledger.spend({ ...month, by: [], where: [] })
  assert(answer.ok, 'the sums of a month can be asked')
  const counts = ['team', 'calls', 'input_tokens', 'output_tokens', 'cost_usd', 'unpriced_calls']
  return answer.value.rows.map((row) => counts.map((name) => row[name] ?? null))
}
