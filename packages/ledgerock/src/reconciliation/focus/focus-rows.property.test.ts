// Whole simulated months as FOCUS rows: nothing our checker finds, and to the picodollar the bill, and each owner's shares.

import { simulateMonth, writeBill } from '@ledgerock/bedrock-simulator'
import { describe, expect, it } from 'vitest'
import { sumMoney, type Picodollars } from '../../kernel/money.ts'
import { isTokens } from '../cell.ts'
import { NO_EXACT, wholeOf } from '../exact.ts'
import { checkFocus } from './focus-check.ts'
import { ATTOS_PER_PICODOLLAR, type FocusRow } from './focus-row.ts'
import { focusRows, type FocusMonth } from './focus-rows.ts'
import { lineParts, type DividedLine } from '../line-parts.ts'
import type { PoolRule, Split } from '../pool.ts'
import { reconcile, type ReconcileAsk } from '../reconcile.ts'
import { bedrockLines, evidenceRules, meteredUses } from '../testing/month-books.ts'

const SEEDS = Array.from({ length: 6 }, (_, index) => index + 1)

const POOLS: readonly (readonly PoolRule[])[] = [
  [],
  [
    { name: 'tax', match: 'tax', split: { kind: 'owner', owner: null }, fromMs: null, toMs: null },
    { name: 'credits', match: 'credit', split: { kind: 'even' }, fromMs: null, toMs: null },
    { name: 'platform', match: 'provisioned', split: { kind: 'apart' }, fromMs: null, toMs: null },
  ],
]
const SPLITS: readonly Split[] = [{ kind: 'proportional' }, { kind: 'even' }, { kind: 'apart' }]

type Divided = FocusMonth & { readonly divided: readonly DividedLine[] }
const months = new Map<number, Divided>()

/** Made once: several tests look at it. */
function monthOf(seed: number): Divided {
  const known = months.get(seed)
  if (known !== undefined) return known
  const month = simulateMonth({ seed, calls: 600, interruptedPerMille: seed % 3 })
  const bill = writeBill(month)
  const ask: ReconcileAsk = {
    period: month.period,
    cost: 'net',
    lines: bedrockLines(bill),
    metered: meteredUses(month),
    evidence: evidenceRules(month),
    pools: POOLS[seed % POOLS.length] ?? [],
    defaultSplit: SPLITS[seed % SPLITS.length] ?? { kind: 'proportional' },
    group: 'team',
    billedUntilMs: null,
  }
  const invoices = [] as const
  const frame = { period: ask.period, currency: 'USD', billingAccountId: '111122223333', invoices }
  const reconciled = reconcile(ask)
  const made = { frame, ask, reconciled, adjustments: [], divided: lineParts(ask, reconciled) }
  months.set(seed, made)
  return made
}

const billed = (rows: readonly FocusRow[]): bigint =>
  rows.reduce((sum, row) => sum + row.BilledCost, 0n) / ATTOS_PER_PICODOLLAR

describe('a simulated month in FOCUS', () => {
  it.each(SEEDS)('[R50] is the bill, and each team’s rows are its shares: seed %d', (seed) => {
    const month = monthOf(seed)
    const rows = [...focusRows(month, null, month.divided)]
    const { bill, shares } = month.reconciled
    expect(billed(rows)).toBe(bill)
    const teams = new Set(shares.map(({ owner }) => owner['team'] ?? ''))
    teams.delete('')
    expect(teams.size).toBeGreaterThan(2)
    for (const team of teams) {
      const owned = shares.filter(({ owner }) => owner['team'] === team)
      const wanted = sumMoney(owned.map(({ usd }) => usd))
      expect(billed([...focusRows(month, { team }, month.divided)])).toBe(wanted)
    }
    const unattributed = rows.filter((row) => row.x_LedgerockBasis === 'unattributed')
    expect(billed(unattributed)).toBe(month.reconciled.unattributed)
  })

  it.each(SEEDS)('[R52] breaks no rule: seed %d', (seed) => {
    const month = monthOf(seed)
    const rows = [...focusRows(month, null, month.divided)]
    const found = checkFocus(rows, {
      period: month.frame.period,
      currency: 'USD',
      billed: month.reconciled.bill,
    })
    expect(found.slice(0, 5)).toEqual([])
    // It splits, and it names meters, sellers and owners.
    const isSplit = rows.some((row) => row.AllocatedMethodId !== null)
    expect(isSplit || month.ask.defaultSplit.kind === 'apart').toBe(true)
    expect(rows.some((row) => row.SkuMeter === 'Cache Read Input Tokens')).toBe(true)
    expect(new Set(rows.map((row) => row.ServiceProviderName)).size).toBeGreaterThan(1)
    expect(rows.some((row) => row.ChargeCategory === 'Tax')).toBe(true)
  })

  it('[R51] counts every billed token once, in tokens and in millions of them', () => {
    const month = monthOf(3)
    const rows = [...focusRows(month, null, month.divided)].filter(
      (row) => row.ConsumedUnit === 'Tokens',
    )
    const counted = rows.reduce((sum, row) => sum + (row.ConsumedQuantity ?? 0n), 0n) / 10n ** 18n
    const priced = rows.reduce((sum, row) => sum + (row.PricingQuantity ?? 0n), 0n) / 10n ** 12n
    expect(priced).toBe(counted)
    const isText = (sort: string): boolean => sort === '' || sort === 'long_context'
    const lines = month.ask.lines.filter(({ kind, sort }) => isTokens(kind) && isText(sort))
    expect(counted).toBe(lines.reduce((sum, line) => sum + wholeOf(line.quantity ?? NO_EXACT), 0n))
  })

  it('[R53] marks what is metered and not billed yet, outside the billed cost', () => {
    const { ask, ...month } = monthOf(2)
    const billedUntilMs = Date.UTC(2026, 9, 20)
    const rows = [...focusRows({ ...month, ask: { ...ask, billedUntilMs } }, null)]
    const estimates = rows.filter((row) => row.x_LedgerockIsEstimate)
    const late = ask.metered.filter(({ hourMs }) => hourMs >= billedUntilMs)
    const wanted = sumMoney(late.map(({ usd }) => usd ?? (0n as Picodollars)))
    expect(wanted > 0n).toBe(true)
    expect(billed(estimates)).toBe(0n)
    const effective = estimates.reduce((sum, row) => sum + row.EffectiveCost, 0n)
    expect(effective / ATTOS_PER_PICODOLLAR).toBe(wanted)
    expect(billed(rows)).toBe(month.reconciled.bill)
    const expected = { period: month.frame.period, currency: 'USD', billed: month.reconciled.bill }
    expect(checkFocus(rows, expected).slice(0, 5)).toEqual([])
  })
})
