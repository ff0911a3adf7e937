import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallRecord, Granularity } from '@ledgerock/contract'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatUsd, parseUsd, sumMoney } from '../kernel/money.ts'
import { mustOk } from '../kernel/result.ts'
import { nodeFiles } from '../platform/node-files.ts'
import { findRate } from '../pricing/find-rate.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import { repricerOf } from '../pricing/reprice/repricer.ts'
import { budgetCharge } from '../journal/budget-charge.ts'
import { entryOf } from './entry.ts'
import { createRerater, type Rerater } from './rerate.ts'
import type { RerateReport } from './rerate-question.ts'
import { askSpend } from './spend.ts'
import type { LedgerStore } from './store.ts'
import { chargeDigits } from './testing/naive-budget.ts'
import { monthBatches } from './testing/month-batches.ts'
import { inOneOrder, naiveMetered } from './testing/naive-metered.ts'
import { naiveSpend } from './testing/naive-spend.ts'
import {
  arbitraryBook,
  arbitrarySettled,
  PRICED_FROM,
  PRICED_TO,
  pricedBy,
  type SettledSample,
} from './testing/priced-calls.ts'
import { openRoom, ROOM_KINDS, TEST_DIMENSIONS, type Room } from './testing/store-rooms.ts'

function sampleBook(knowsLate: boolean, seed: number): PriceBook {
  const book = fc.sample(arbitraryBook(knowsLate), { numRuns: 1, seed })[0] as PriceBook
  books.push(book)
  return book
}

function sampleCalls(book: PriceBook, count: number, seed: number): readonly SettledSample[] {
  const ids = new Set<string>()
  return fc
    .sample(arbitrarySettled(book, TEST_DIMENSIONS), { numRuns: count, seed })
    .filter(({ record }) => !ids.has(record.call_id) && ids.add(record.call_id))
    .toSorted((a, b) => (a.record.started_at < b.record.started_at ? -1 : 1))
    .map((sample) => ({ ...sample, record: chargedForGood(sample.record) }))
}

/** To budgets that never begin anew, with one counter. */
function chargedForGood(record: CallRecord): CallRecord {
  const forGood = { period: new Date(0).toISOString(), counter: null }
  const charges = record.budget_charges.map((charge) => ({ ...charge, ...forGood }))
  return { ...record, budget_charges: charges }
}

/** A standard call whose tier nobody knew stays unknown. */
function expectedRecord(book: PriceBook, { record, asked }: SettledSample): CallRecord {
  const isUnknown = record.unpriced_reason === 'unknown_tier' && record.tier === 'standard'
  return pricedBy(book, record, isUnknown ? { ...asked, tier: null } : asked)
}

const books: PriceBook[] = []
/** As whoever keeps every price list ever used can tell. */
const formerRate = (rateId: string) =>
  books.map((book) => findRate(book, rateId)).find((rate) => rate !== null) ?? null

const sortOfRate = (rateId: string): string => formerRate(rateId)?.variant ?? ''

/** A new price changes none of these. */
const SAME = [
  'logical_id',
  'aws_request_id',
  'trace_id',
  'raw_usage',
  'attributes',
  'dimensions',
  'evidence',
  'conflicts',
  'other_usage',
  'input_tokens',
  'started_at',
  'ended_at',
  'seq',
] as const satisfies readonly (keyof CallRecord)[]

const prices = (record: CallRecord) => [
  record.model_id,
  record.scope,
  record.cost_usd,
  record.unpriced_reason,
  record.charges.map(({ kind, quantity, rate_usd, amount_usd }) => [
    kind,
    quantity,
    rate_usd,
    amount_usd,
  ]),
]
/** What budgets are charged at the new price, as the gateway would have: what was counted, else the bound. */
function chargesNow(record: CallRecord): CallRecord['budget_charges'] {
  const settled = {
    cost: record.cost_usd === null ? null : usd(record.cost_usd),
    usage: {},
    usageSource: record.usage_source,
  }
  const boundUsd = record.bound_usd === null ? null : usd(record.bound_usd)
  const charge = formatUsd(budgetCharge({ boundUsd, boundTokens: null }, settled).usd)
  return record.budget_charges.map((one) => (one.usd === null ? one : { ...one, usd: charge }))
}

const byId = (records: readonly CallRecord[]) =>
  new Map(records.map((record) => [record.call_id, record]))
const usd = (text: string | null) => mustOk(parseUsd(text ?? '0'))

describe.each(ROOM_KINDS)('re-rating in the %s store', (kind) => {
  let room: Room
  let store: LedgerStore
  let state: string

  beforeEach(async () => {
    room = await openRoom(kind)
    store = await room.open({ sortOfRate })
    state = mkdtempSync(join(tmpdir(), 'ledger-rerate-'))
  })
  afterEach(async () => {
    await store.close()
    await room.close()
    rmSync(state, { recursive: true })
  })

  const rerater = (book: PriceBook): Promise<Rerater> =>
    createRerater(
      {
        files: nodeFiles,
        store: store.rerating,
        prices: () => repricerOf(book, formerRate),
        whilePaused: (work) => work(),
        log: () => undefined,
      },
      state,
    )
  async function rerate(book: PriceBook, id: string, more = {}): Promise<RerateReport> {
    // Where several nodes write, what arrived in the last second is left alone.
    if (kind === 'server') await new Promise((resolve) => setTimeout(resolve, 1_100))
    const one = await rerater(book)
    return one.rerate({
      fromMs: PRICED_FROM,
      toMs: PRICED_TO,
      dryRun: false,
      rerateId: id,
      bookVersion: book.version,
      closedPeriods: [],
      ...more,
    })
  }
  const all = (): Promise<readonly CallRecord[]> =>
    store.calls({ fromMs: PRICED_FROM, toMs: PRICED_TO, where: [], before: null, limit: 10_000 })
  async function enter(samples: readonly SettledSample[]): Promise<void> {
    const entries = samples.map(({ record }) => entryOf(record))
    for (const batch of monthBatches(entries, 'settled', 400)) await store.insertBatch(batch)
  }

  async function expectBooks(before: readonly CallRecord[], expected: readonly CallRecord[]) {
    const now = byId(await all())
    const old = byId(before)
    expect(now.size).toBe(expected.length)
    for (const record of expected) {
      const found = now.get(record.call_id) as CallRecord
      const was = old.get(record.call_id) as CallRecord
      expect([found.call_id, prices(found)]).toEqual([record.call_id, prices(record)])
      const isSame = JSON.stringify(prices(was)) === JSON.stringify(prices(record))
      expect(found.version).toBe(isSame ? was.version : was.version + 1)
    }
    expect(await store.findings(0)).toEqual([])
    await expectMetered([...now.values()])
    for (const granularity of ['total', 'month'] satisfies Granularity[]) {
      const question = {
        by: ['team', 'model_id'],
        from: new Date(PRICED_FROM).toISOString(),
        to: new Date(PRICED_TO).toISOString(),
        granularity,
        tz: 'UTC',
        where: [],
      }
      const deps = { spend: store.spend, dimensions: TEST_DIMENSIONS, keptSinceMs: () => null }
      const answer = mustOk(await askSpend(deps, question))
      const naive = naiveSpend(expected, question)
      const plain = (rows: readonly unknown[]) =>
        rows
          .map((row) => row as Record<string, unknown>)
          .map((row) =>
            JSON.stringify([
              row['team'],
              row['model_id'],
              row['bucket'],
              row['calls'],
              row['cost_usd'],
              row['input_usd'],
              row['output_usd'],
              row['cache_usd'],
              row['other_usd'],
              row['unpriced_calls'],
              row['logical_calls'],
            ]),
          )
          .toSorted()
      expect(plain(answer.rows)).toEqual(plain(naive.rows))
    }
  }

  /** The books never lose a call for its price: what is metered follows the versions in force. */
  async function expectMetered(records: readonly CallRecord[]): Promise<void> {
    const stretch = { fromMs: PRICED_FROM, toMs: PRICED_TO }
    const page = await store.meteredUse({ ...stretch, cursor: null, limit: 50_000 })
    expect(page.next_cursor).toBe(null)
    expect(inOneOrder(page.items)).toEqual(inOneOrder(naiveMetered(records, sortOfRate)))
  }

  it('[L25][L40] gives every call the cost its question has in the new book, again and again, for random books and calls', async () => {
    const seeds = kind === 'embedded' ? [1] : [5]
    for (const seed of seeds) {
      await store.close()
      await room.close()
      room = await openRoom(kind)
      store = await room.open({ sortOfRate })
      const samples = sampleCalls(sampleBook(false, seed), 300, seed)
      await enter(samples)
      const before = await all()
      const second = sampleBook(true, seed + 100)
      const dry = await rerate(second, `dry-${seed}`, { dryRun: true })
      expect(await all()).toEqual(before)
      const report = await rerate(second, `first-${seed}`)
      expect({ ...report, dry_run: true, rerate_id: dry.rerate_id }).toEqual(dry)
      const expected = samples.map((sample) => expectedRecord(second, sample))
      await expectBooks(before, expected)
      expectSums(report, before, expected)

      const nothing = await rerate(second, `again-${seed}`)
      expect([nothing.changed, nothing.difference_usd, nothing.calls]).toEqual([
        0,
        '0',
        samples.length,
      ])
      const after = await all()
      const third = sampleBook(true, seed + 200)
      await rerate(third, `third-${seed}`)
      const asked = samples.map(({ asked: question }, index) => ({
        asked: question,
        record: expected[index] as CallRecord,
      }))
      await expectBooks(
        after,
        asked.map((sample) => expectedRecord(third, sample)),
      )
    }
  }, 110_000)

  function expectSums(
    report: RerateReport,
    before: readonly CallRecord[],
    expected: readonly CallRecord[],
  ): void {
    const total = (records: readonly CallRecord[]) =>
      formatUsd(sumMoney(records.map(({ cost_usd }) => usd(cost_usd))))
    expect(report.before_usd).toBe(total(before))
    expect(report.after_usd).toBe(total(expected))
    const old = byId(before)
    for (const team of report.by) {
      const own = expected.filter(({ dimensions }) => dimensions['team'] === team.team)
      expect(team.after_usd).toBe(total(own))
      expect(team.calls).toBe(own.length)
      const changed = own.filter(
        (record) =>
          JSON.stringify(prices(record)) !==
          JSON.stringify(prices(old.get(record.call_id) as CallRecord)),
      )
      expect(team.changed).toBe(changed.length)
    }
    const unpriced = expected.filter(({ cost_usd }) => cost_usd === null).length
    expect(report.unpriced.reduce((sum, { calls }) => sum + calls, 0)).toBe(unpriced)
  }

  /** What was charged at first and what corrections moved is together what is charged now. */
  async function expectBudgets(before: readonly CallRecord[]): Promise<void> {
    const forGood = { fromMs: 0, toMs: null }
    const whole = {
      scope: { team: ['nobody'] },
      per: null,
      ...forGood,
      periods: [forGood],
    } as const
    const budgets = [
      { ...whole, id: 'usd', budget: 'search-monthly', unit: 'usd' },
      { ...whole, id: 'tokens', budget: 'each-user', unit: 'tokens' },
    ] as const
    const spends = await store.budgetSpend({ budgets, liveJournals: [] })
    const sumOf = (records: readonly CallRecord[], name: string) =>
      records
        .flatMap((record) => record.budget_charges)
        .filter(({ budget }) => budget === name)
        .reduce((sum, charge) => sum + chargeDigits(charge), 0n)
    const now = await all()
    for (const { id, budget } of budgets) {
      const spend = spends.find((one) => one.id === id)
      const [first, moved] = [BigInt(spend?.chargedElse ?? 0), BigInt(spend?.other ?? 0)]
      expect(first).toBe(sumOf(before, budget))
      expect(first + moved).toBe(sumOf(now, budget))
      expect(moved !== 0n).toBe(id === 'usd')
    }
  }

  it('[L26] leaves closed months alone and reports them apart, and keeps every version readable', async () => {
    const book = sampleBook(false, 7)
    const samples = sampleCalls(book, 120, 7)
    await enter(samples)
    const before = await all()
    const second = sampleBook(true, 107)
    const closedPeriods = ['2026-02', '2026-03']
    const isClosed = ({ started_at }: CallRecord) => closedPeriods.includes(started_at.slice(0, 7))
    const report = await rerate(second, 'some-closed', { closedPeriods })
    const old = byId(before)
    for (const record of await all()) {
      const was = old.get(record.call_id) as CallRecord
      if (isClosed(record)) expect(record).toEqual(was)
      const versions = await store.versions(record.call_id)
      expect(versions.at(-1)).toEqual(was)
      expect(versions.length).toBe(record.version)
      if (record.version === 2) expect(record.corrects).toBe('some-closed')
      for (const name of SAME) expect(record[name]).toEqual(was[name])
      const charges = record.version === 1 ? was.budget_charges : chargesNow(record)
      expect(record.budget_charges).toEqual(charges)
    }
    await expectBudgets(before)
    const whole = await rerate(second, 'all-dry', { dryRun: true })
    const closedSum = report.closed.reduce((sum, { changed }) => sum + changed, 0)
    expect(whole.changed).toBe(closedSum)
    expect(whole.difference_usd).toBe(
      formatUsd(sumMoney(report.closed.map(({ difference_usd }) => usd(difference_usd)))),
    )
    expect(closedSum).toBeGreaterThan(0)
  }, 60_000)
})
