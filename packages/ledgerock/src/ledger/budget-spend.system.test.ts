import type { BudgetChargeLine, CallRecord } from '@ledgerock/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatUsd, picodollars } from '../kernel/money.ts'
import { MS_PER_DAY, MS_PER_HOUR } from '../kernel/time.ts'
import type {
  BudgetSpend,
  BudgetSpendQuestion,
  BudgetStretch,
  BudgetWindow,
} from './budget-question.ts'
import { correctionOf, entryOf, type LedgerEntry } from './entry.ts'
import type { LedgerStore } from './store.ts'
import { arbitraryRecord } from './testing/arbitrary-record.ts'
import { monthBatches } from './testing/month-batches.ts'
import { chargeDigits, naiveBudgetSpend } from './testing/naive-budget.ts'
import { openRoom, ROOM_KINDS, TEST_DIMENSIONS, type Room } from './testing/store-rooms.ts'

const FROM = Date.parse('2026-10-24T00:00:00Z')
const TO = Date.parse('2026-11-03T00:00:00Z')
const BUDGETS = ['search-monthly', 'each-user', "o'brien%_"] as const
const JOURNALS = [
  '0192f3a00000aaaaaaaaaaaa',
  '0192f3a00000aaaaaaaaaaaar',
  '0192f3a00001bbbbbbbbbbbb',
]
const COUNTERS = ['user_id-1', 'unknown', "x'y\\"]

const amount = fc.bigInt({ min: 0n, max: 10n ** 14n }).map((one) => formatUsd(picodollars(one)))
const hourOf = (ms: number): number => Math.floor(ms / MS_PER_HOUR) * MS_PER_HOUR
/** The period a call belongs to begins before it, or, for one that had to wait, a little after; or it was another one once. */
const instantOf = (startedMs: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: -20 * MS_PER_HOUR, max: MS_PER_HOUR }).map((ms) => startedMs + ms),
    fc.integer({ min: -8, max: 1 }).map((hours) => hourOf(startedMs) + hours * MS_PER_HOUR),
  )

function chargesOf(
  startedMs: number,
  values: readonly string[],
): fc.Arbitrary<readonly BudgetChargeLine[]> {
  const charge = fc
    .record({
      budget: fc.constantFrom(...BUDGETS),
      fromMs: instantOf(startedMs),
      counter: fc.option(fc.constantFrom(...COUNTERS, ...values), { nil: null }),
      inTokens: fc.boolean(),
      usd: amount,
      tokens: fc.nat(2 ** 40),
    })
    .map(({ budget, fromMs, counter, inTokens, usd, tokens }) => ({
      budget,
      period: new Date(fromMs).toISOString(),
      counter,
      usd: inTokens ? null : usd,
      tokens: inTokens ? tokens : null,
    }))
  return fc.array(charge, { maxLength: 3 })
}

const calls = arbitraryRecord({ fromMs: FROM, toMs: TO, dimensions: TEST_DIMENSIONS }).chain(
  (record) =>
    fc
      .record({
        budget_charges: chargesOf(Date.parse(record.started_at), Object.values(record.dimensions)),
        journal_id: fc.constantFrom(...JOURNALS),
        corrections: fc.array(fc.record({ cost: amount, usd: amount }), { maxLength: 2 }),
      })
      .map(({ corrections, ...more }) => entriesOf({ ...record, ...more }, corrections)),
)

function entriesOf(
  first: CallRecord,
  corrections: readonly { readonly cost: string; readonly usd: string }[],
): readonly LedgerEntry[] {
  const entries = [entryOf(first)]
  let old = first
  for (const { cost, usd } of corrections) {
    const next: CallRecord = {
      ...old,
      cost_usd: cost,
      charges: [],
      budget_charges: old.budget_charges.map((charge) =>
        charge.usd === null ? charge : { ...charge, usd },
      ),
      version: old.version + 1,
      corrects: 'test',
    }
    entries.push(...correctionOf(old, next))
    old = next
  }
  return entries
}

const scope = fc.record(
  {
    team: fc.subarray(['team-1', 'team-2', 'unknown'], { minLength: 1 }),
    squad: fc.subarray(["x'y\\", 'squad-1'], { minLength: 1 }),
    key_name: fc.constantFrom(
      ['search-*'],
      ['*-prod'],
      ['support-prod', 'x'],
      ['%'],
      ['search_prod'],
    ),
    model: fc.constantFrom(
      ['amazon.*'],
      ['*sonnet*', 'x'],
      ['us.*'],
      ['anthropic.claude-sonnet-4-6'],
    ),
  },
  { requiredKeys: [] },
)
const periodsOf = (lengthMs: number): readonly BudgetStretch[] =>
  Array.from({ length: 40 }, (_one, index) => FROM + index * lengthMs).map((fromMs, index) => ({
    fromMs,
    toMs: index === 39 ? null : fromMs + lengthMs,
  }))
const window: fc.Arbitrary<Omit<BudgetWindow, 'id'>> = fc.record({
  budget: fc.constantFrom(...BUDGETS, 'nobody'),
  scope,
  per: fc.option(fc.constantFrom('user_id', 'team'), { nil: null }),
  unit: fc.constantFrom('usd', 'tokens'),
  fromMs: fc.oneof(fc.constant(0), fc.integer({ min: FROM - MS_PER_DAY, max: TO })),
  toMs: fc.option(fc.integer({ min: FROM, max: TO + MS_PER_DAY }), { nil: null }),
  periods: fc.constantFrom(
    'hours' as const,
    [],
    periodsOf(MS_PER_HOUR),
    periodsOf(6 * MS_PER_HOUR),
  ),
})
const question: fc.Arbitrary<BudgetSpendQuestion> = fc.record({
  budgets: fc
    .array(window, { minLength: 1, maxLength: 6 })
    .map((windows) => windows.map((one, index) => ({ ...one, id: `w${index}` }))),
  liveJournals: fc.subarray(['0192f3a00000aaaaaaaaaaaa', '0192f3a00001bbbbbbbbbbbb']),
})

/** A stretch that ends when a period has just begun: its calls come hours later. */
const BROKEN_OFF: BudgetSpendQuestion = {
  budgets: [
    {
      id: 'w',
      budget: 'search-monthly',
      scope: {},
      per: null,
      unit: 'tokens',
      fromMs: FROM - MS_PER_DAY,
      toMs: FROM + MS_PER_DAY + 1,
      periods: periodsOf(6 * MS_PER_HOUR),
    },
    {
      id: 'hourly',
      budget: "o'brien%_",
      scope: {},
      per: 'team',
      unit: 'usd',
      fromMs: FROM - MS_PER_DAY,
      toMs: Date.parse('2026-11-02T22:00:00Z') + 1,
      periods: 'hours',
    },
  ],
  liveJournals: [],
}

const sorted = (rows: readonly BudgetSpend[]): readonly string[] =>
  rows
    .map(({ id, counter, other, chargedElse }) => JSON.stringify([id, counter, other, chargedElse]))
    .toSorted()

describe.each(ROOM_KINDS)('charges to budgets in the %s store', (kind) => {
  let room: Room
  let store: LedgerStore
  const entries = fc.sample(calls, { numRuns: 250, seed: 11 }).flat()

  beforeAll(async () => {
    room = await openRoom(kind)
    store = await room.open()
    for (const batch of monthBatches(entries, 'budgets', 500)) await store.insertBatch(batch)
  })
  afterAll(async () => {
    await store.close()
    await room.close()
  })

  it('[L28] answers what a walk over all entries gives, for any scope, counter, unit and stretch', async () => {
    let rows = 0
    await fc.assert(
      fc.asyncProperty(question, async (asked) => {
        const answer = await store.budgetSpend(asked)
        rows += answer.length
        expect(sorted(answer)).toEqual(sorted(naiveBudgetSpend(entries, asked)))
      }),
      { numRuns: kind === 'embedded' ? 60 : 25, examples: [[BROKEN_OFF]] },
    )
    expect(rows).toBeGreaterThan(50)
  }, 90_000)

  it('[L28] needs more than one statement for many budgets, and no other answer', async () => {
    const windows = fc.sample(window, { numRuns: 70, seed: 3 })
    const budgets = windows.map((one, index) => ({ ...one, id: `w${index}` }))
    const asked = { budgets, liveJournals: [] }
    expect(sorted(await store.budgetSpend(asked))).toEqual(sorted(naiveBudgetSpend(entries, asked)))
  }, 60_000)

  it('[L28] refuses a name that is no dimension', async () => {
    const budgets = [
      {
        id: 'w',
        budget: 'b',
        per: null,
        unit: 'usd',
        fromMs: 0,
        toMs: null,
        periods: [],
        scope: { tema: ['x'] },
      },
    ] as const
    await expect(store.budgetSpend({ budgets, liveJournals: [] })).rejects.toMatchObject({
      code: 'invalid_question',
    })
  })

  it('[L29] sums what journals were charged when their calls were settled, whatever corrections say', async () => {
    const charges = await store.journalCharges(JOURNALS)
    for (const journalId of JOURNALS) {
      const expected = new Map<string, bigint>()
      for (const { record } of entries) {
        if (record.journal_id !== journalId || record.version > 1) continue
        if (record.corrects !== null) continue
        for (const charge of firstCharges(record)) {
          const { budget, period, counter, usd } = charge
          const unit = usd === null ? 'tokens' : 'usd'
          const key = JSON.stringify([budget, Date.parse(period), counter, unit])
          expected.set(key, (expected.get(key) ?? 0n) + chargeDigits(charge))
        }
      }
      const found = (charges.get(journalId) ?? []).map(
        ({ budget, fromMs, counter, unit, amount: digits }): [string, bigint] => [
          JSON.stringify([budget, fromMs, counter, unit]),
          BigInt(digits),
        ],
      )
      expect(new Map(found)).toEqual(expected)
      expect(found.length).toBe(expected.size)
      expect(found.length).toBeGreaterThan(10)
    }
  })

  /** The first version stands in a +1 and, where it was corrected, again in a −1 entry. */
  const seen = new Set<string>()
  function firstCharges(record: CallRecord): readonly BudgetChargeLine[] {
    if (seen.has(record.call_id)) return []
    seen.add(record.call_id)
    return record.budget_charges
  }
})
