// Any bill and any ledger: the sum is the bill, order does not matter, no token is used twice, every level adds up.

import type { Scope, Tier } from '@ledgerock/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BILL_THINGS } from '../billing/bill-word.ts'
import { COSTS, costOf, type BilledLine, type MeteredUse } from './cell.ts'
import { EXACT_PER_PICODOLLAR, roundToPicodollars, sumExact, wholeOf, type Exact } from './exact.ts'
import { matchUsage } from './match.ts'
import { ownerKey } from './owner.ts'
import type { PoolRule, Split } from './pool.ts'
import { reportOf } from './report.ts'
import {
  GATEWAY,
  line,
  reconciled,
  ROLE,
  rulesOf,
  SESSION,
  START_MS,
  use,
} from './testing/small-books.ts'

const HOUR_MS = 3_600_000
const one = <Value>(...values: readonly Value[]) => fc.constantFrom(...values)
const amount = fc.bigInt({ min: -(10n ** 27n), max: 10n ** 32n }) as fc.Arbitrary<Exact>
const team = one('search', 'support', 'research')
const cell = {
  accountId: one('111', '222'),
  kind: one('input', 'output', 'cache_write_5m', 'cache_write_1h'),
  scope: one<Scope | null>('in-region', 'geo', 'global', null),
  tier: one<Tier | null>('standard', 'flex', null),
  sort: one('', 'long_context'),
  principal: one(GATEWAY, ROLE, SESSION, ''),
} as const

const aLine: fc.Arbitrary<BilledLine> = fc
  .record({
    ...cell,
    thing: fc.oneof({ weight: 6, arbitrary: one('usage' as const) }, one(...BILL_THINGS)),
    fromHour: fc.nat(80),
    hours: one(1, 1, 1, 24, 744),
    quantity: fc.option(fc.integer({ min: -3, max: 60 }), { freq: 8 }),
    unblended: amount,
    net: amount,
    list: fc.option(amount),
    unmappedReason: one('', '', '', '', 'model'),
    tags: fc.dictionary(one('iamPrincipal/team', 'resourceTags/team', 'accountTag/app'), team),
  })
  .map(({ fromHour, hours, quantity, ...rest }) => {
    const fromMs = START_MS + fromHour * HOUR_MS
    const counted = quantity === null ? null : ((BigInt(quantity) * 10n ** 30n) as Exact)
    return { ...line(0, 0), ...rest, fromMs, toMs: fromMs + hours * HOUR_MS, quantity: counted }
  })

const aUse: fc.Arbitrary<MeteredUse> = fc
  .record({
    ...cell,
    accountId: one('111', '222', null),
    atHour: fc.nat(80),
    team: one('search', 'support', 'research', ''),
    tokens: fc.nat(40),
    isEstimate: fc.boolean(),
  })
  .map(({ atHour, team: name, tokens, isEstimate, ...rest }) =>
    use(atHour, name, tokens, { ...rest, estimatedTokens: isEstimate ? BigInt(tokens) : 0n }),
  )

const aSplit: fc.Arbitrary<Split> = fc.oneof(
  one<Split>(
    { kind: 'proportional' },
    { kind: 'even' },
    { kind: 'apart' },
    { kind: 'owner', owner: null },
  ),
  team.map((name): Split => ({ kind: 'owner', owner: { team: name } })),
  fc
    .uniqueArray(fc.record({ team, weight: fc.bigInt(0n, 9n) }), { selector: (each) => each.team })
    .map((shares): Split => ({
      kind: 'fixed',
      shares: shares.map(({ team: name, weight }) => ({ owner: { team: name }, weight })),
    })),
)
const aPool: fc.Arbitrary<PoolRule> = fc.record({
  name: one('a', 'b'),
  match: fc.oneof(one(...BILL_THINGS), one({ usageType: 'USE1-*' }, { usageType: 'nothing' })),
  split: aSplit,
  fromMs: one(null, START_MS + 40 * HOUR_MS),
  toMs: one(null, START_MS + 60 * HOUR_MS),
})

const aMonth = fc.record({
  lines: fc.array(aLine, { maxLength: 30 }),
  metered: fc.array(aUse, { maxLength: 30 }),
  pools: fc.array(aPool, { maxLength: 3 }),
  defaultSplit: aSplit,
  cost: one(...COSTS),
})
const EVIDENCE = rulesOf([
  { match: { principal: ROLE }, set: { team: 'search' }, from: null, to: '2026-10-02T12:00:00Z' },
  { match: { principal: ROLE }, set: { team: 'support' }, from: '2026-10-02T12:00:00Z', to: null },
])
const FACTS = { bill_version: 1, left_aside: { rows: 0, usd: '0' }, invoices: [] }

describe('reconcile', () => {
  it('[R1] gives out exactly the bill, in every view and under any pools', () => {
    fc.assert(
      fc.property(aMonth, ({ lines, metered, ...rest }) => {
        const result = reconciled(lines, metered, { ...rest, evidence: EVIDENCE })
        const bill = roundToPicodollars(sumExact(lines.map((each) => costOf(each, rest.cost))))
        const given = result.shares.reduce((sum, { usd }) => sum + usd, 0n)
        const apart = result.pools.reduce((sum, pool) => sum + pool.apart, 0n)
        expect(result.bill).toBe(bill)
        expect(given + apart).toBe(bill)
        expect(result.allocated + result.apart + result.unattributed).toBe(bill)
        expect(reportOf(result, FACTS).identity.difference_usd).toBe('0')
      }),
      { numRuns: 400 },
    )
  })

  it('[R2] gives the same report whatever the order of lines and calls', () => {
    fc.assert(
      fc.property(aMonth, fc.infiniteStream(fc.nat()), ({ lines, metered, ...rest }, numbers) => {
        const shuffled = <Item>(items: readonly Item[]): readonly Item[] =>
          items
            .map((item) => [numbers.next().value as number, item] as const)
            .toSorted(([left], [right]) => left - right)
            .map(([, item]) => item)
        const ask = { ...rest, evidence: EVIDENCE }
        const report = reportOf(reconciled(lines, metered, ask), FACTS)
        const other = reportOf(reconciled(shuffled(lines), shuffled(metered), ask), FACTS)
        expect({ ...other, pools: byName(other.pools) }).toEqual({
          ...report,
          pools: byName(report.pools),
        })
      }),
      { numRuns: 300 },
    )
  })

  it('[R3] uses no token twice and loses none', () => {
    fc.assert(
      fc.property(
        fc.array(aLine, { maxLength: 30 }),
        fc.array(aUse, { maxLength: 30 }),
        (lines, metered) => {
          const { cells, left } = matchUsage(lines, metered, 'x')
          const taken = cells.flatMap((each) => each.taken)
          const sum = (all: readonly { readonly tokens: bigint }[]): bigint =>
            all.reduce((tokens, each) => tokens + each.tokens, 0n)
          expect(sum(taken) + sum(left)).toBe(sum(metered))
          for (const matched of cells) {
            const billed = matched.lines.reduce(
              (tokens, { quantity }) => tokens + (quantity === null ? 0n : wholeOf(quantity)),
              0n,
            )
            expect(sum(matched.taken) + matched.rest).toBe(billed > 0n ? billed : 0n)
            for (const each of matched.taken) expect(each.tokens > 0n).toBe(true)
          }
          const usd = [...taken, ...left].reduce((all, each) => all + (each.usd ?? 0n), 0n)
          expect(usd).toBe(metered.reduce((all, each) => all + (each.usd ?? 0n), 0n))
          const owned = new Map<string, bigint>()
          for (const {
            use: { owner },
            tokens,
          } of [...taken, ...left]) {
            owned.set(ownerKey(owner), (owned.get(ownerKey(owner)) ?? 0n) + tokens)
          }
          for (const { owner, tokens } of metered) {
            owned.set(ownerKey(owner), (owned.get(ownerKey(owner)) ?? 0n) - tokens)
          }
          expect([...owned.values()].every((tokens) => tokens === 0n)).toBe(true)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('[R6] has a cause for every difference, and they add up', () => {
    fc.assert(
      fc.property(aMonth, ({ lines, metered, ...rest }) => {
        const { variance } = reconciled(lines, metered, { ...rest, evidence: EVIDENCE })
        const exact = sumExact(variance.map(({ difference }) => difference))
        const rounded = variance.reduce((sum, each) => sum + each.rounded, 0n)
        expect(rounded).toBe(roundToPicodollars(exact))
        for (const each of variance) {
          const off = each.difference - each.rounded * EXACT_PER_PICODOLLAR
          expect(off < EXACT_PER_PICODOLLAR && -off < EXACT_PER_PICODOLLAR).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })
})

function byName(pools: ReturnType<typeof reportOf>['pools']): readonly string[] {
  return pools.map((pool) => JSON.stringify(pool)).toSorted()
}
