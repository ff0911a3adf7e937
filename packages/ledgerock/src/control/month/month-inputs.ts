// Everything a month is reconciled from, gathered once: the bill in force and what the ledger metered. Pages are read one after the
// other, so that nobody waits for a long month; what was read is hashed as it comes.

import { createHash, type Hash } from 'node:crypto'
import { SCOPES, TIERS } from '@ledgerock/contract'
import { Fault } from '../../kernel/fault.ts'
import { formatUsd, parseUsd } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { createTextPool, type TextPool } from '../../kernel/text-pool.ts'
import type { BillBooks } from '../../ledger/bill.ts'
import type { MeteredBooks, MeteredUseRow } from '../../ledger/metered-use.ts'
import type { BilledLine, Cost, MeteredUse } from '../../reconciliation/cell.ts'
import { poolRuleOf, splitOf } from '../../reconciliation/declared-pool.ts'
import { exactOf, roundToPicodollars, sumExact, type Exact } from '../../reconciliation/exact.ts'
import { lineOfCell } from '../../reconciliation/line-of-cell.ts'
import type { BillFacts } from '../../reconciliation/report.ts'
import { inDollars, lineInDollars } from './exchange.ts'
import type { BillRate, MonthInputs } from './month.ts'
import { evidenceRulesOf } from './month-evidence.ts'
import type { MonthBill, MonthTerms } from './month-terms.ts'
import { canonicalJson, type Json } from '../store/canonical-json.ts'

/** Big enough that few questions are asked, small enough that reading one answer holds nobody up. */
const PAGE_ROWS = 20_000

export type MonthBooks = Pick<BillBooks, 'billCells'> & Pick<MeteredBooks, 'meteredUse'>

export type GatheredMonth = { readonly inputs: MonthInputs; readonly inputsHash: string }

/**
 * @throws Fault `bill_changed` (retryable) where the bill was replaced meanwhile
 */
export async function gatherMonth(books: MonthBooks, terms: MonthTerms): Promise<GatheredMonth> {
  const { period, bills, evidence, pools, defaultSplit } = terms
  const hash = createHash('sha256')
  const texts = createTextPool()
  const lines: BilledLine[] = []
  const reaches: number[] = []
  for (const bill of bills) {
    const own = await billedLines(books, bill, hash, texts)
    reaches.push(...reachOf(own))
    for (const line of own) lines.push(line)
  }
  const metered = await meteredUses(books, terms, hash, texts)
  const reachedMs = reaches.length === 0 ? terms.startMs : Math.min(...reaches)
  const billedUntilMs = terms.isOver ? null : reachedMs
  const rest = {
    period,
    evidence,
    pools,
    default_split: defaultSplit,
    billed_until_ms: billedUntilMs,
    bills: bills.map(({ version: { bill, version, fingerprint }, exchange }) => {
      return { bill, version, fingerprint, exchange }
    }),
  }
  hash.update(canonicalJson(JSON.parse(JSON.stringify(rest)) as Json))
  return {
    inputs: {
      period,
      versions: bills.map(({ version }) => version),
      leftAside: leftAsideOf(bills),
      invoices: invoicesOf(bills, 'net'),
      exchange: ratesOf(terms),
      lines,
      metered,
      evidence: evidenceRulesOf(evidence, metered),
      pools: pools.map(poolRuleOf),
      defaultSplit: splitOf(defaultSplit),
      group: 'team',
      billedUntilMs,
    },
    inputsHash: hash.digest('hex'),
  }
}

export function invoicesOf(bills: readonly MonthBill[], cost: Cost): BillFacts['invoices'] {
  return bills.flatMap(({ invoices, exchange }) =>
    invoices.map((invoice) => {
      const { invoice_id, issuer } = invoice
      const usd = cost === 'net' ? invoice.net_usd : invoice.unblended_usd
      const dollars = (text: string): string => rounded(inDollars(exactOf(text), exchange))
      return { invoice_id, issuer, bill_usd: dollars(usd), tax_usd: dollars(invoice.tax_usd) }
    }),
  )
}

function ratesOf({ bills, period }: MonthTerms): readonly BillRate[] {
  return bills.flatMap(({ version: { bill }, exchange: { currency, rate } }) =>
    rate === null ? [] : [{ bill, currency, usd_per_unit: rate, rate_date: `${period}-01` }],
  )
}

function leftAsideOf(bills: readonly MonthBill[]): BillFacts['left_aside'] {
  const aside = bills.map(({ version, exchange }) =>
    inDollars(exactOf(version.left_aside.usd), exchange),
  )
  const rows = bills.reduce((all, { version }) => all + version.left_aside.rows, 0)
  return { rows, usd: rounded(sumExact(aside)) }
}

function rounded(amount: Exact): string {
  return formatUsd(roundToPicodollars(amount))
}

/**
 * Charges that no call makes are dated to the end of the month from its first day on: use alone tells how far a bill has come. None: a
 * payer who used nothing.
 */
function reachOf(lines: readonly BilledLine[]): readonly number[] {
  let reachMs = -Infinity
  for (const { thing, toMs } of lines) if (thing === 'usage') reachMs = Math.max(reachMs, toMs)
  return reachMs === -Infinity ? [] : [reachMs]
}

async function billedLines(
  { billCells }: MonthBooks,
  { version: { period, version, bedrock_rows, unblended_usd, net_usd }, exchange }: MonthBill,
  hash: Hash,
  texts: TextPool,
): Promise<readonly BilledLine[]> {
  const lines: BilledLine[] = []
  let [rows, unblended, net] = [0, 0n, 0n]
  let cursor: string | null = null
  do {
    // By its number: a version that comes into force now belongs to the next run.
    const page = await billCells({ period, version, cursor, limit: PAGE_ROWS })
    note(hash, page.items)
    for (const row of page.items) {
      const line = lineOfCell(row, texts)
      rows += line.rows
      unblended += line.unblended
      net += line.net
      lines.push(lineInDollars(line, exchange))
    }
    cursor = page.next_cursor
  } while (cursor !== null)
  const isWhole =
    rows === bedrock_rows && unblended === exactOf(unblended_usd) && net === exactOf(net_usd)
  if (isWhole) return lines
  const detail = `the bill of ${period} was replaced while it was read, or its books are damaged; ask again`
  throw new Fault('bill_changed', detail, { retryable: true })
}

async function meteredUses(
  { meteredUse }: MonthBooks,
  { startMs, endMs }: MonthTerms,
  hash: Hash,
  texts: TextPool,
): Promise<readonly MeteredUse[]> {
  const uses: MeteredUse[] = []
  let cursor: string | null = null
  do {
    const page = await meteredUse({ fromMs: startMs, toMs: endMs, cursor, limit: PAGE_ROWS })
    note(hash, page.items)
    for (const row of page.items) uses.push(useOf(row, texts))
    cursor = page.next_cursor
  } while (cursor !== null)
  return uses
}

/** A row of the ledger as reconciliation has it, its texts those of the pool. */
export function useOf(row: MeteredUseRow, texts: TextPool): MeteredUse {
  return {
    accountId: row.account_id === null ? null : texts.text(row.account_id),
    region: texts.text(row.region),
    modelId: texts.text(row.model_id),
    kind: texts.text(row.kind),
    scope: SCOPES.find((scope) => scope === row.scope) ?? null,
    tier: TIERS.find((tier) => tier === row.tier) ?? null,
    sort: texts.text(row.sort),
    principal: texts.text(row.principal),
    hourMs: Date.parse(row.hour),
    owner: texts.words(row.owner),
    tokens: BigInt(row.tokens),
    estimatedTokens: BigInt(row.estimated_tokens),
    usd: row.usd === null ? null : mustOk(parseUsd(row.usd)),
  }
}

/** Every row with a comma after it, so that it is the same whatever the pages were. */
function note(hash: Hash, rows: readonly unknown[]): void {
  if (rows.length > 0) hash.update(JSON.stringify(rows).slice(1, -1)).update(',')
}
