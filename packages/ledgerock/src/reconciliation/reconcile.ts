// A month of the bill laid beside a month of the ledger: every dollar with an owner or a reason, every difference with a cause, and the
// sum of what is given out exactly the bill. The bill is added up exactly and rounded once; from there on whole picodollars are divided
// from the top down.
//
//   lines ─▶ match (tokens) ─▶ share use ─▶ round from the top ─▶ split pools by use ─▶ sum = bill, or nothing is returned

import { assert } from '../kernel/assert.ts'
import { sumMoney, type Picodollars } from '../kernel/money.ts'
import { MS_PER_DAY } from '../kernel/time.ts'
import { shareBook } from './allocation.ts'
import { costOf, isTokens, type BilledLine, type Cost, type MeteredUse } from './cell.ts'
import { explainedByEstimates } from './estimates.ts'
import {
  exactOfPicodollars,
  lessExact,
  NO_EXACT,
  roundToPicodollars,
  sumExact,
  type Exact,
} from './exact.ts'
import { withTagged, type EvidenceRules } from './evidence.ts'
import { evidenceBook } from './evidence-book.ts'
import { findingBook, sharedRoles, type Finding } from './finding.ts'
import { matchUsage, type Matching } from './match.ts'
import { give, type PoolResult, type PoolSum, type RoundedShare } from './give.ts'
import { poolOf, type PoolRule, type Split } from './pool.ts'
import { roundToSum } from './round-tree.ts'
import { shareCell, shareUncounted, type ShareContext } from './share-use.ts'
import { causeOfThing, varianceBook, type Variance, type VarianceBook } from './variance.ts'

export type ReconcileAsk = {
  /** `2026-10` */
  readonly period: string
  readonly cost: Cost
  readonly lines: readonly BilledLine[]
  /** One for each hour, cell and owner; several are added up. */
  readonly metered: readonly MeteredUse[]
  readonly evidence: EvidenceRules
  /** The first that fits a line. */
  readonly pools: readonly PoolRule[]
  readonly defaultSplit: Split
  /** The dimension by which owners are grouped: shares of shared costs and findings go by it. */
  readonly group: string
  /** Until when AWS is sure to have billed; later calls that are not on the bill are late, not too many. Null: all of it. */
  readonly billedUntilMs: number | null
}

export type RoundedVariance = Variance & { readonly rounded: Picodollars }

export type Reconciliation = {
  readonly period: string
  readonly cost: Cost
  readonly rows: number
  /** The exact sum, rounded once. */
  readonly bill: Picodollars
  readonly billExact: Exact
  readonly metered: Picodollars
  /** Everything that has an owner; what pools gave included. */
  readonly allocated: Picodollars
  /** What pools keep apart. */
  readonly apart: Picodollars
  readonly unattributed: Picodollars
  readonly shares: readonly RoundedShare[]
  readonly pools: readonly PoolResult[]
  readonly variance: readonly RoundedVariance[]
  readonly findings: readonly Finding[]
  readonly billTokens: bigint
  /** Of those: found in the ledger. */
  readonly meteredTokens: bigint
  /** Dollars the ledger has and the bill does not: what no cause explains. */
  readonly unexplained: Picodollars
}

const NO_DOLLARS = 0n as Picodollars

export function reconcile(ask: ReconcileAsk): Reconciliation {
  const { period, cost, lines, evidence } = ask
  const metered = ask.metered.filter(isComparable)
  const roles = sharedRoles(metered, evidence, ask.group)
  const variance = varianceBook()
  const findings = findingBook(roles)
  const shares = shareBook()
  const pools = new Map<string, PoolSum>()
  const context: ShareContext = {
    cost,
    rules: evidence,
    shared: new Set(roles.keys()),
    poolOf: poolOf(ask.pools, ask.defaultSplit),
    addToPool(pool, line) {
      const sum = pools.get(pool.key) ?? { pool, lines: [], usd: NO_EXACT }
      pools.set(pool.key, sum)
      sum.lines.push(line)
      sum.usd = (sum.usd + costOf(line, cost)) as Exact
    },
    shares,
    variance,
    findings,
    salt: period,
  }
  const matching = shareLines(lines, metered, context)
  left(matching, ask, variance)
  const billExact = sumExact(lines.map((line) => costOf(line, cost)))
  const bill = roundToPicodollars(billExact)
  const rounded = give(bill, shares.rows(), [...pools.values()], { ...ask, shared: context.shared })
  const sum = (kind: (share: RoundedShare) => boolean): Picodollars =>
    sumMoney(rounded.shares.filter(kind).map(({ usd }) => usd))
  const unattributed = sum(({ basis }) => basis === 'unattributed')
  const apart = sumMoney(rounded.pools.map((pool) => pool.apart))
  const allocated = sum(({ basis }) => basis !== 'unattributed')
  assert(allocated + apart + unattributed === bill, 'the sum of the allocation is the bill')
  const differences = differencesOf(variance, bill, billExact, period)
  const compared = sumExact(lines.filter(isCompared).map((line) => costOf(line, cost)))
  const meteredUsd = sumMoney(metered.map(({ usd }) => usd ?? NO_DOLLARS))
  const rest = lessExact(exactOfPicodollars(bill), billExact)
  const explained = sumExact(differences.map(({ difference }) => difference))
  assert(
    explained === compared + rest - exactOfPicodollars(meteredUsd),
    'every difference has a cause',
  )
  return {
    period,
    cost,
    rows: lines.reduce((all, line) => all + line.rows, 0),
    bill,
    billExact,
    metered: meteredUsd,
    allocated,
    apart,
    unattributed,
    shares: rounded.shares,
    pools: rounded.pools,
    variance: differences,
    findings: findings.findings(),
    ...coverage(matching),
    unexplained: sumMoney(
      differences
        .filter(({ cause }) => cause === 'overmetered')
        .map((each) => (0n - each.rounded) as Picodollars),
    ),
  }
}

/** Guardrails are billed without a caller and shared out by a pool: their calls are no side of a comparison. */
export function isComparable({ kind }: MeteredUse): boolean {
  return !kind.startsWith('text_units_')
}

/** Use to owners, all else to pools. */
export function shareLines(
  lines: readonly BilledLine[],
  metered: readonly MeteredUse[],
  context: ShareContext,
): Matching {
  const isCounted = ({ thing, quantity, unmappedReason }: BilledLine): boolean =>
    thing === 'usage' && quantity !== null && unmappedReason === ''
  const matching = matchUsage(lines.filter(isCounted), metered, context.salt)
  const explained = explainedByEstimates(matching.cells, metered)
  const rules = withTagged(context.rules, lines)
  const telling = { ...context, rules, evidence: evidenceBook(rules) }
  for (const cell of matching.cells) shareCell(cell, explained.get(cell) ?? 0n, telling)
  for (const line of lines) {
    if (line.thing === 'usage') {
      if (!isCounted(line)) shareUncounted(line, telling)
      continue
    }
    const cause = causeOfThing(line.thing)
    const bill = costOf(line, context.cost)
    if (cause !== null && bill !== NO_EXACT) {
      const none = { billTokens: 0n, meteredTokens: 0n, metered: NO_DOLLARS }
      context.variance.add({ cell: line, atMs: line.fromMs, cause, bill, ...none })
    }
    const pool = context.poolOf(line)
    assert(pool, 'what is no use is a pool’s')
    context.addToPool(pool, line)
  }
  return matching
}

/** AWS has usage within a day, mostly. */
const LATE_MS = MS_PER_DAY

function left(
  { left: uses }: Matching,
  { billedUntilMs }: ReconcileAsk,
  variance: VarianceBook,
): void {
  for (const { use, tokens, usd } of uses) {
    const isLate = billedUntilMs !== null && use.hourMs >= billedUntilMs - LATE_MS
    variance.add({
      cell: use,
      atMs: use.hourMs,
      cause: isLate ? 'late' : 'overmetered',
      billTokens: 0n,
      meteredTokens: tokens,
      bill: NO_EXACT,
      metered: usd ?? NO_DOLLARS,
    })
  }
}

function coverage({ cells }: Matching): { billTokens: bigint; meteredTokens: bigint } {
  let [billTokens, meteredTokens] = [0n, 0n]
  for (const { lines, tokens, taken } of cells) {
    if (!isTokens(lines[0]?.kind ?? '')) continue
    billTokens += tokens
    for (const each of taken) meteredTokens += each.tokens
  }
  return { billTokens, meteredTokens }
}

/** What no call makes has no side in the ledger. */
function isCompared({ thing }: BilledLine): boolean {
  return thing === 'usage' || causeOfThing(thing) !== null
}

/** With the sub-picodollar rest of the bill as rounding, each in picodollars that add up. */
function differencesOf(
  variance: VarianceBook,
  bill: Picodollars,
  billExact: Exact,
  period: string,
): readonly RoundedVariance[] {
  const rest = lessExact(exactOfPicodollars(bill), billExact)
  if (rest !== NO_EXACT) {
    const none = { billTokens: 0n, meteredTokens: 0n, metered: NO_DOLLARS }
    variance.add({ cell: null, atMs: 0, cause: 'rounding', bill: rest, ...none })
  }
  const rows = variance.rows()
  const total = roundToPicodollars(sumExact(rows.map(({ difference }) => difference)))
  const parts = rows.map(({ cause, cell, difference }) => ({
    key: JSON.stringify([cause, cell]),
    exact: difference,
  }))
  const rounded = roundToSum(total, parts, `${period} variance`)
  return rows.map((row, index) => ({ ...row, rounded: rounded[index] as Picodollars }))
}
