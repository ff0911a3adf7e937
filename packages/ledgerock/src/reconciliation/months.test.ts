// Whole simulated months, bill and ledger, against the truth beside the bill.

import { simulateMonth, writeBill, type BillOptions } from '@ledgerock/bedrock-simulator'
import { describe, expect, it } from 'vitest'
import type { Cost } from './cell.ts'
import { ownerKey } from './owner.ts'
import { reconcile, type Reconciliation } from './reconcile.ts'
import { bedrockLines, evidenceRules, meteredUses } from './testing/month-books.ts'
import { add, expectedCauses, expectedOf, isSame } from './testing/month-truth.ts'

const SEEDS = Array.from({ length: 24 }, (_, index) => index + 1)

const ASK = {
  cost: 'net',
  pools: [],
  defaultSplit: { kind: 'proportional' },
  group: 'team',
  billedUntilMs: null,
} as const

function reconciledMonth(seed: number, cost: Cost = 'net', options: Partial<BillOptions> = {}) {
  const interruptedPerMille = seed % 2 === 0 ? 0 : 2
  const simulated = simulateMonth({ seed, calls: 1_500, interruptedPerMille })
  const month = { ...simulated, options: { ...simulated.options, ...options } }
  const bill = writeBill(month)
  const lines = bedrockLines(bill)
  const reconciled = reconcile({
    ...ASK,
    period: month.period,
    cost,
    lines,
    metered: meteredUses(month),
    evidence: evidenceRules(month),
  })
  return { month, bill, lines, reconciled }
}

const months = new Map<number, ReturnType<typeof reconciledMonth>>()

/** Made once: two tests look at it. */
function monthOf(seed: number): ReturnType<typeof reconciledMonth> {
  const month = months.get(seed) ?? reconciledMonth(seed)
  months.set(seed, month)
  return month
}

function causesOf(
  { variance }: Reconciliation,
  estimatedModels: ReadonlySet<string>,
): Map<string, bigint> {
  const causes = new Map<string, bigint>()
  for (const { cause, cell, rounded } of variance) {
    if (cause !== 'price' || !estimatedModels.has(cell.modelId ?? '')) add(causes, cause, rounded)
  }
  return causes
}

describe('a simulated month', () => {
  it.each(SEEDS)(
    '[R1] gives every told dollar to its owner, to the picodollar: seed %d',
    (seed) => {
      const { bill, lines, reconciled } = monthOf(seed)
      const { owned, untold, pooled, total, estimatedModels } = expectedOf(bill, lines)
      expect(isSame(total, reconciled.bill)).toBe(true)
      const { allocated, apart, unattributed } = reconciled
      expect(allocated + apart + unattributed).toBe(reconciled.bill)

      const given = new Map<string, bigint>()
      const left = new Map<string, bigint>()
      let shared = 0n
      for (const { owner, basis, reason, modelId, usd } of reconciled.shares) {
        if (basis === 'shared') shared += usd
        else if (estimatedModels.has(modelId)) continue
        else if (basis === 'unattributed') add(left, reason, usd)
        else add(given, `${ownerKey(owner)}|${modelId}`, usd)
      }
      expect(isSame(pooled, shared)).toBe(true)
      expect(apartBy(owned, given, isNear)).toEqual([])
      expect(apartBy(untold, left, isNear)).toEqual([])
      expect(owned.size).toBeGreaterThan(20)
      // From the top an owner is rounded once, however many rows it has.
      if (estimatedModels.size === 0)
        expect(apartBy(byOwner(owned), byOwner(given), isSame)).toEqual([])
    },
  )

  it.each(SEEDS)('[R91] tells 97 dollars of a hundred, at least: seed %d', (seed) => {
    const { bill, allocated, apart } = monthOf(seed).reconciled
    expect((allocated + apart) * 100n).toBeGreaterThanOrEqual(bill * 97n)
  })

  it.each(SEEDS)('[R6] names every cause with its dollars: seed %d', (seed) => {
    const { month, bill, lines, reconciled } = monthOf(seed)
    const expected = expectedCauses(month, bill, lines)
    const { usd, estimatedModels, estimatedTokens, crossedTokens } = expected
    const causes = causesOf(reconciled, estimatedModels)
    for (const cause of [
      'tax',
      'credit',
      'discount',
      'unmapped_usage_type',
      'unmetered',
      'price',
    ]) {
      const wanted = usd.get(cause) ?? 0n
      expect(
        isNear(wanted, causes.get(cause) ?? 0n),
        `${cause} ${wanted} ${causes.get(cause)}`,
      ).toBe(true)
    }
    const tokens = (cause: string, side: 'billTokens' | 'meteredTokens'): bigint =>
      reconciled.variance
        .filter((row) => row.cause === cause)
        .reduce((sum, row) => sum + row[side], 0n)
    expect(tokens('estimate', 'billTokens')).toBe(estimatedTokens)
    expect(tokens('late', 'billTokens')).toBeLessThanOrEqual(crossedTokens)
    expect(tokens('overmetered', 'meteredTokens')).toBe(0n)
    expect(reconciled.unexplained).toBe(0n)
  })

  const VARIANTS: readonly (readonly [string, Cost, Partial<BillOptions>])[] = [
    ['by the day', 'net', { granularity: 'DAILY' }],
    ['by the month', 'net', { granularity: 'MONTHLY' }],
    ['without principals', 'net', { principals: false }],
    ['without principals on the Marketplace', 'net', { marketplacePrincipals: false }],
    ['without resources', 'net', { resources: false }],
    ['of products of doubles', 'net', { amounts: 'product' }],
    ['before discounts', 'unblended', { discountLines: true, discountBasisPoints: 700 }],
    ['at the list price', 'list', {}],
  ]
  it.each(VARIANTS)(
    '[R3] gives what was metered to who used it, on a bill %s',
    (_, cost, options) => {
      for (const seed of [4, 6]) {
        const { bill, lines, reconciled } = reconciledMonth(seed, cost, options)
        const said = new Map<string, bigint>()
        const given = new Map<string, bigint>()
        for (const { place } of lines) {
          const { thing, parts } = bill.truth[place] ?? { thing: '', parts: [] }
          for (const { owner, isMetered, quantity } of thing === 'usage' ? parts : []) {
            if (isMetered) add(said, ownerKey(owner ?? {}), quantity)
          }
        }
        for (const { owner, basis, tokens } of reconciled.shares) {
          if (basis === 'metered') add(given, ownerKey(owner), tokens)
        }
        expect(given).toEqual(said)
        const { allocated, apart, unattributed } = reconciled
        expect(allocated + apart + unattributed).toBe(reconciled.bill)
      }
    },
  )

  it('[R6] calls late what AWS has not billed yet', () => {
    const asOfMs = Date.UTC(2026, 9, 20)
    const { month, lines, reconciled } = reconciledMonth(8, 'net', { asOfMs, latePerMille: 0 })
    const before = month.calls.filter(({ atMs }) => atMs < asOfMs)
    const early = reconcile({
      ...ASK,
      period: month.period,
      lines,
      metered: meteredUses({ calls: before }),
      evidence: evidenceRules(month),
      billedUntilMs: asOfMs,
    })
    const causes = new Set(early.variance.map(({ cause }) => cause))
    expect(causes.has('late')).toBe(true)
    expect(causes.has('overmetered')).toBe(false)
    expect(reconciled.unexplained > 0n).toBe(true)
  })
})

type Sums = ReadonlyMap<string, bigint>

function apartBy(
  wanted: Sums,
  found: Sums,
  isEqual: (fine: bigint, picodollars: bigint) => boolean,
): readonly unknown[] {
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((key) => !isEqual(wanted.get(key) ?? 0n, found.get(key) ?? 0n))
    .map((key) => [key, wanted.get(key), found.get(key)])
}

function byOwner(sums: Sums): Sums {
  const owners = new Map<string, bigint>()
  for (const [key, value] of sums) add(owners, key.slice(0, key.lastIndexOf('|')), value)
  return owners
}

/** Of rows of a month, each a picodollar off at most. */
function isNear(fine: bigint, picodollars: bigint): boolean {
  const apart = fine - picodollars * 10n ** 28n
  return (apart < 0n ? -apart : apart) <= 10n ** 31n
}
