import type { CallRecord } from '@ledgerock/contract'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { MIGRATIONS } from './clickhouse/migration.ts'
import { correctionOf, entryOf, type LedgerEntry } from './entry.ts'
import { RELATIVE_ERROR } from './histogram.ts'
import type { SpendQuestion } from './question.ts'
import { askSpend, BUCKETS_MAX, planSpend, type SpendDeps } from './spend.ts'
import type { LedgerStore } from './store.ts'
import { arbitraryRecord } from './testing/arbitrary-record.ts'
import { monthBatches } from './testing/month-batches.ts'
import { naiveSpend, type NaiveRow } from './testing/naive-spend.ts'
import { realisticCalls } from './testing/realistic-calls.ts'
import { openRoom, ROOM_KINDS, TEST_DIMENSIONS, type Room } from './testing/store-rooms.ts'

const FROM = Date.parse('2026-10-24T00:00:00Z')
const TO = Date.parse('2026-11-03T00:00:00Z')
const records = arbitraryRecord({ fromMs: FROM, toMs: TO, dimensions: TEST_DIMENSIONS })

function sample(count: number, seed: number): readonly CallRecord[] {
  const drawn = fc.sample(records, { numRuns: count, seed })
  const ids = new Set<string>()
  return drawn
    .filter((record) => !ids.has(record.call_id) && ids.add(record.call_id))
    .toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1))
    .map((record, index) => ({ ...record, seq: index + 1 }))
}

async function enter(store: LedgerStore, entries: readonly LedgerEntry[], name: string) {
  for (const batch of monthBatches(entries, name)) await store.insertBatch(batch)
}

const depsOf = (store: LedgerStore, source: SpendDeps['source']): SpendDeps => ({
  spend: store.spend,
  dimensions: TEST_DIMENSIONS,
  keptSinceMs: () => null,
  ...(source === undefined ? {} : { source }),
})

async function all(store: LedgerStore): Promise<readonly CallRecord[]> {
  return store.calls({ fromMs: FROM, toMs: TO, where: [], before: null, limit: 10_000 })
}

const byId = (unsorted: readonly CallRecord[]) =>
  unsorted.toSorted((a, b) => (a.call_id < b.call_id ? -1 : 1))

const PERCENTILES = /_p(50|95)$/
const exactOnly = (row: NaiveRow): string => {
  const entries = Object.entries(row).filter(([name]) => !PERCENTILES.test(name))
  return JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
const sorted = (rows: readonly NaiveRow[]) => rows.map(exactOnly).toSorted()

/** Half of the random questions are such as a rollup can answer. */
const questions: fc.Arbitrary<SpendQuestion> = fc
  .record({
    easy: fc.boolean(),
    by: fc.subarray(['team', 'model_id', 'scope', 'tier', 'key_name', 'application'], {
      maxLength: 3,
    }),
    byDay: fc.subarray(['team', 'user_id'], { maxLength: 2 }),
    byAny: fc.subarray(
      ['kind', 'squad', 'status', 'stream', 'refusal', 'region', 'user_id', 'team'],
      {
        maxLength: 3,
      },
    ),
    pick: fc.nat(2),
    fromMs: fc.oneof(fc.constant(FROM), fc.integer({ min: FROM, max: TO - 1 })),
    lengthMs: fc.oneof(fc.constant(86_400_000 * 3), fc.integer({ min: 0, max: 86_400_000 * 9 })),
    granularity: fc.constantFrom('total', 'hour', 'day', 'week', 'month'),
    tz: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'),
    where: fc.subarray(
      [
        { field: 'team', values: ['team-1', 'unknown'] },
        { field: 'tier', values: ['standard', 'flex', 'batch'] },
        { field: 'kind', values: ['input', 'unknown'] },
        { field: 'squad', values: ["x'y\\", 'squad-1'] },
      ],
      { maxLength: 2 },
    ),
  })
  .map((draw) => ({
    by: draw.easy ? draw.by : draw.pick === 0 ? draw.byDay : draw.byAny,
    from: new Date(draw.fromMs).toISOString(),
    to: new Date(draw.fromMs + draw.lengthMs).toISOString(),
    granularity: draw.granularity,
    tz: draw.tz,
    where: draw.easy ? draw.where.filter((one) => one.field === 'team') : draw.where,
  }))

const perUser: SpendQuestion = {
  by: ['user_id'],
  from: new Date(FROM + 5).toISOString(),
  to: new Date(TO - 5).toISOString(),
  granularity: 'week',
  tz: 'UTC',
  where: [{ field: 'team', values: ['team-1', 'unknown'] }],
}

describe.each(ROOM_KINDS)('the ledger store (%s)', (kind) => {
  let room: Room
  let store: LedgerStore

  beforeEach(async () => {
    room = await openRoom(kind)
    store = await room.open()
  })
  afterEach(async () => {
    await store.close()
    await room.close()
  })

  it('[L1] gives every record back exactly as it was entered', async () => {
    const entered = sample(400, 1)
    await enter(store, entered.map(entryOf), 'a')
    expect(byId(await all(store))).toEqual(byId(entered))
  })

  it('[L2] a batch any number of times, in any order, over a restart, is entered once', async () => {
    const entered = sample(200, 2)
    const batches = monthBatches(entered.map(entryOf), 'b')
    const deliveries = fc.sample(
      fc.shuffledSubarray([...batches, ...batches, ...batches, ...batches, ...batches]),
      { numRuns: 2, seed: 7 },
    )
    for (const batch of batches) await store.insertBatch(batch)
    for (const batch of deliveries[0] ?? []) await store.insertBatch(batch)
    await store.close()
    await room.restart()
    store = await room.open()
    for (const batch of batches.toReversed()) await store.insertBatch({ ...batch, again: true })
    for (const batch of deliveries[1] ?? []) await store.insertBatch(batch)
    expect(byId(await all(store))).toEqual(byId(entered))
    expect(await store.findings(0)).toEqual([])
    expect(await store.lastSeqs(['journal-1', 'journal-2'])).toEqual(
      new Map([['journal-1', entered.length]]),
    )
  })

  it('[L3] corrections keep calls, versions and rollups right', async () => {
    const entered = sample(120, 3)
    await enter(store, entered.map(entryOf), 'c')
    const corrected = entered.slice(0, 40).map((record, index): CallRecord => ({
      ...record,
      version: 2,
      corrects: 'true-up',
      dimensions: { ...record.dimensions, team: `moved-${index % 3}` },
      input_tokens: record.input_tokens + 7,
    }))
    const entries = entered
      .slice(0, 40)
      .flatMap((old, index) => correctionOf(old, corrected[index] as CallRecord))
    await enter(store, entries, 'c2')
    const now = [...corrected, ...entered.slice(40)]
    expect(byId(await all(store))).toEqual(byId(now))
    expect(await store.versions(entered[0]?.call_id ?? '')).toEqual([corrected[0], entered[0]])
    expect(await store.findings(0)).toEqual([])
    const question: SpendQuestion = {
      by: ['team'],
      from: new Date(FROM).toISOString(),
      to: new Date(TO).toISOString(),
      granularity: 'day',
      tz: 'UTC',
      where: [],
    }
    const expected = naiveSpend(now, question)
    for (const source of ['best', 'calls'] as const) {
      const answer = mustOk(await askSpend(depsOf(store, source), question))
      expect(sorted(answer.rows)).toEqual(sorted(expected.rows))
    }
  })

  it('[L4][L5] any answer, from rollups or calls, is the plain sum over the records', async () => {
    const first = sample(250, 4)
    const corrected = first.slice(0, 30).map((record): CallRecord => ({
      ...record,
      version: 2,
      status: 'ok',
      tier: 'flex',
    }))
    await enter(store, first.map(entryOf), 'd')
    const entries = corrected.flatMap((record, index) =>
      correctionOf(first[index] as CallRecord, record),
    )
    await enter(store, entries, 'd2')
    const now = [...corrected, ...first.slice(30)]
    const rolledUp = new Set<string>()
    await fc.assert(
      fc.asyncProperty(questions, async (question) => {
        const expected = naiveSpend(now, question)
        for (const source of ['best', 'calls'] as const) {
          const deps = depsOf(store, source)
          for (const segment of mustOk(planSpend(deps, question)).segments)
            rolledUp.add(segment.source)
          const answer = mustOk(await askSpend(deps, question))
          expect(sorted(answer.rows)).toEqual(sorted(expected.rows))
          expect(exactOnly(answer.total)).toEqual(exactOnly(expected.total))
        }
      }),
      { numRuns: kind === 'embedded' ? 60 : 20, examples: [[perUser]] },
    )
    expect([...rolledUp]).toEqual(
      expect.arrayContaining(['calls', 'spend_hour', 'spend_day_user_id']),
    )
  })

  it('[L6] percentiles from a rollup are those of the calls, within their error', async () => {
    const entered = sample(300, 5)
    await enter(store, entered.map(entryOf), 'e')
    const question: SpendQuestion = {
      by: [],
      from: new Date(FROM).toISOString(),
      to: new Date(TO).toISOString(),
      granularity: 'total',
      tz: 'UTC',
      where: [],
    }
    const { total } = mustOk(await askSpend(depsOf(store, 'best'), question))
    const latencies = entered
      .filter((record) => record.status !== 'refused')
      .map((record) => record.latency_ms)
      .toSorted((a, b) => a - b)
    for (const [name, fraction] of [
      ['latency_ms_p50', 0.5],
      ['latency_ms_p95', 0.95],
    ] as const) {
      const exact = latencies[Math.ceil(fraction * latencies.length) - 1] ?? 0
      const answered = total[name] as number
      expect(Math.abs(answered - exact)).toBeLessThanOrEqual(exact * RELATIVE_ERROR + 0.05 + 1e-9)
    }
    expect(mustOk(await askSpend(depsOf(store, 'calls'), question)).total).toEqual(total)
  })

  it('[L18] the largest batch and the longest question fit into a statement', async () => {
    const call = realisticCalls(11, FROM, 8_192)
    const entries = Array.from({ length: 8_192 }, (_, index) => entryOf(call(index)))
    await store.insertBatch({ entries, token: 'large', again: false })
    await store.insertBatch({ entries, token: 'large', again: true })
    expect(await store.countCalls()).toBe(8_192)
    const question: SpendQuestion = {
      by: ['team', 'status'],
      from: new Date(TO - (BUCKETS_MAX - 1) * 3_600_000).toISOString(),
      to: new Date(TO).toISOString(),
      granularity: 'hour',
      tz: 'Asia/Kolkata',
      where: [],
    }
    const { total } = mustOk(await askSpend(depsOf(store, 'best'), question))
    expect(total['calls']).toBe(8_192)
  })

  it('[L7] pages go through all calls once, newest first, under any condition', async () => {
    const entered = sample(90, 6)
    await enter(store, entered.map(entryOf), 'f')
    const where = [{ field: 'stream', values: ['true'] }]
    const seen: CallRecord[] = []
    let before = null
    for (;;) {
      const page = await store.calls({ fromMs: FROM, toMs: TO, where, before, limit: 7 })
      seen.push(...page)
      const last = page.at(-1)
      if (last === undefined) break
      before = { startedMs: Date.parse(last.started_at), callId: last.call_id }
    }
    const wanted = entered.filter((record) => record.stream)
    expect(byId(seen)).toEqual(byId(wanted))
    const instants = seen.map((record) => record.started_at)
    expect(instants).toEqual(instants.toSorted().toReversed())
    const shared =
      entered.find((record) => record.logical_id.startsWith('0192f3a0'))?.logical_id ?? ''
    const attempts = await store.attempts(shared, 100)
    expect(byId(attempts)).toEqual(byId(entered.filter((record) => record.logical_id === shared)))
  })

  it('[L8] a new dimension is a column at once, older calls show what they carried', async () => {
    await store.close()
    store = await room.open({ dimensions: TEST_DIMENSIONS.slice(0, 8) })
    const [record] = sample(1, 8)
    if (record === undefined) throw new Error('no record')
    const carried = { ...record, dimensions: { ...record.dimensions, squad: 'blue' } }
    await enter(store, [entryOf(carried)], 'g')
    expect(await all(store)).toEqual([carried])
    await store.close()
    store = await room.open()
    expect(await all(store)).toEqual([carried])
    const where = [{ field: 'squad', values: ['blue'] }]
    expect(await store.calls({ fromMs: FROM, toMs: TO, where, before: null, limit: 9 })).toEqual([
      carried,
    ])
  })

  it('[L11] a newer schema is refused, an older one is brought forward', async () => {
    await enter(store, sample(5, 9).map(entryOf), 'h')
    await store.close()
    const next = {
      version: MIGRATIONS.length + 1,
      statements: () => ['ALTER TABLE `ledgerock`.`calls` ADD COLUMN IF NOT EXISTS later UInt8'],
    }
    store = await room.open({ migrations: [...MIGRATIONS, next] })
    expect(store.schemaVersion).toBe(MIGRATIONS.length + 1)
    expect(await store.countCalls()).toBe(5)
    await store.close()
    await expect(room.open()).rejects.toMatchObject({ code: 'schema_newer' })
    store = await room.open({ migrations: [...MIGRATIONS, next] })
  })

  it('[L12] a record the ledger cannot hold is refused with its whole batch', async () => {
    const [good, bad] = sample(2, 10)
    if (good === undefined || bad === undefined) throw new Error('no records')
    const entries = [
      entryOf(good),
      entryOf({ ...bad, started_at: good.started_at, cost_usd: '1e3' }),
    ]
    await expect(store.insertBatch({ entries, token: 'bad', again: false })).rejects.toMatchObject({
      code: 'row_invalid',
      retryable: false,
    })
    expect(await store.countCalls()).toBe(0)
  })
})
