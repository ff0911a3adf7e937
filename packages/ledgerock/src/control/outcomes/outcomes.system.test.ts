// Outcomes and what they cost on a real ledger: told through the API with a key, laid beside calls, and divided exactly.

import type { SpendRow } from '@ledgerock/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileDimensionRules, DEFAULT_DIMENSION_RULES } from '../../attribution/dimension-rule.ts'
import { parseUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { askCall, askCalls, askCallsSince } from '../../ledger/calls.ts'
import { entryOf } from '../../ledger/entry.ts'
import { askSpend } from '../../ledger/spend.ts'
import type { LedgerStore } from '../../ledger/store.ts'
import { arbitraryRecord } from '../../ledger/testing/arbitrary-record.ts'
import { monthBatches } from '../../ledger/testing/month-batches.ts'
import { openRoom, TEST_DIMENSIONS, type Room } from '../../ledger/testing/store-rooms.ts'
import { createApi } from '../api.ts'
import { createOutcomeService, type OutcomesTaken } from './outcomes.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

const range = {
  fromMs: Date.parse('2026-10-01T00:00:00Z'),
  toMs: Date.parse('2026-10-08T00:00:00Z'),
  dimensions: TEST_DIMENSIONS,
}
const WHEN = 'from=2026-10-01&to=2026-10-08'
const TEAMS = ['team-1', 'team-2', 'nobody-spent']

let room: Room
let store: LedgerStore
let plane: ControlPlane
let api: ReturnType<typeof createApi>
let key: string

const value = (text: unknown): Picodollars => mustOk(parseUsd(String(text)))

const tellings = fc.sample(
  fc.record({
    team: fc.constantFrom(...TEAMS, 'unknown'),
    at: fc
      .integer({ min: range.fromMs, max: range.toMs - 1 })
      .map((ms) => new Date(ms).toISOString()),
    quantity: fc.integer({ min: 1, max: 5_000 }).map((thousandths) => `${thousandths / 1_000}`),
  }),
  { numRuns: 200, seed: 7 },
)

beforeAll(async () => {
  plane = await startControlPlane()
  room = await openRoom('embedded')
  store = await room.open()
  const dimensions = TEST_DIMENSIONS
  const ledger = {
    ...plane.ledger,
    spend: (question: Parameters<typeof askSpend>[1]) =>
      askSpend({ spend: store.spend, dimensions, keptSinceMs: () => null }, question),
    calls: (question: Parameters<typeof askCalls>[1]) => askCalls({ store, dimensions }, question),
    call: (callId: string) => askCall({ store, dimensions }, callId),
    callsSince: (question: Parameters<typeof askCallsSince>[1]) =>
      askCallsSince({ store, dimensions }, question),
    outcomeSums: store.outcomeSums,
    outcomeTotals: store.outcomeTotals,
  }
  const outcomes = createOutcomeService({
    ledger: store,
    clock: { now: plane.now },
    rules: () => mustOk(compileDimensionRules(DEFAULT_DIMENSION_RULES)),
  })
  api = createApi({ ...plane.apiDeps, ledger, outcomes })
  const made = await plane.send('POST', '/api/v1/keys', { name: 'k', bind: { team: 'team-1' } })
  key = ((await made.json()) as { readonly key: string }).key
  const drawn = fc.sample(arbitraryRecord(range), { numRuns: 200, seed: 5 })
  const records = [...new Map(drawn.map((record) => [record.call_id, record])).values()]
  const entries = records.map((record, index) => entryOf({ ...record, seq: index + 1 }))
  for (const batch of monthBatches(entries, 'outcomes')) await store.insertBatch(batch)
})
afterAll(async () => {
  await store.close()
  await room.close()
  await plane.stop()
})

async function send(body: object, secret = plane.token): Promise<OutcomesTaken> {
  const answer = await api.request('/api/v1/outcomes', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as OutcomesTaken
}

async function spend(query: string) {
  const answer = await api.request(`/api/v1/spend?${WHEN}&${query}`, {
    headers: { authorization: `Bearer ${plane.token}` },
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as { readonly rows: readonly SpendRow[]; readonly total: SpendRow }
}

const sent = tellings.map((one, index) => ({
  ...one,
  name: 'tickets',
  idempotency_key: `ticket ${index}`,
}))
const quantityOf = (fits: (one: (typeof sent)[number]) => boolean): Picodollars =>
  sumMoney(sent.filter(fits).map(({ quantity }) => value(quantity)))

describe('outcomes on a real ledger', () => {
  it('[C260] count once, whoever sends them how often', async () => {
    expect(await send({ outcomes: sent.slice(0, 120) })).toMatchObject({ accepted: 120 })
    const all = await Promise.all([send({ outcomes: sent }), send({ outcomes: sent })])
    // Which of the two came first is nobody's business.
    expect(new Set(all.map(({ accepted, duplicate }) => `${accepted} ${duplicate}`))).toEqual(
      new Set(['80 120', '0 200']),
    )
    const [first] = sent
    expect(await send({ ...first, quantity: '9999' })).toMatchObject({
      accepted: 0,
      rejected: [{ index: 0, code: 'idempotency_conflict' }],
    })
  })

  it('[C263] lie beside the dollars of the same team and day, and every unit has its price', async () => {
    const plain = await spend('by=team&granularity=day')
    const { rows, total } = await spend('by=team&granularity=day&per=outcome:tickets')
    expect(rows.length).toBeGreaterThan(plain.rows.length)
    let [outcomes, dollars] = [0n, 0n]
    for (const row of rows) {
      const { team, bucket } = row
      const expected = quantityOf(
        (one) => one.team === team && `${one.at.slice(0, 10)}T00:00:00.000Z` === bucket,
      )
      expect([team, bucket, value(row['outcomes'])]).toEqual([team, bucket, expected])
      const same = plain.rows.find((one) => one['team'] === team && one['bucket'] === bucket)
      expect(row['cost_usd']).toBe(same?.['cost_usd'] ?? '0')
      outcomes += expected
      dollars += value(row['cost_usd'])
      if (expected === 0n) expect(row['usd_per_unit']).toBeNull()
      else checkPrice(row, expected)
    }
    expect(outcomes).toBe(quantityOf(() => true))
    expect(value(total['outcomes'])).toBe(outcomes)
    expect(value(total['cost_usd'])).toBe(dollars)
    checkPrice(total, outcomes as Picodollars)
    const nobody = rows.filter((row) => row['team'] === 'nobody-spent')
    expect(nobody.length).toBeGreaterThan(0)
    expect(nobody.every((row) => row['usd_per_unit'] === '0')).toBe(true)
  })

  it('[C263] are those of the rows that were asked for', async () => {
    const { total } = await spend('where=team%3Dteam-2,unknown&per=outcome:tickets')
    expect(value(total['outcomes'])).toBe(
      quantityOf(({ team }) => team === 'team-2' || team === 'unknown'),
    )
    const { rows } = await spend('by=model_id&per=outcome:tickets')
    expect(rows.every((row) => row['outcomes'] === null && row['usd_per_unit'] === null)).toBe(true)
  })

  it('[C261] a key tells of its own team only', async () => {
    const before = await spend('by=team&per=outcome:tickets')
    const told = { name: 'tickets', at: '2026-10-02', quantity: 10, team: 'team-2' }
    await send({ ...told, idempotency_key: 'own' }, key)
    const after = await spend('by=team&per=outcome:tickets')
    const gained = ['team-1', 'team-2'].map((team) => {
      const [old, now] = [before, after].map(({ rows }) => rows.find((row) => row['team'] === team))
      return value(now?.['outcomes']) - value(old?.['outcomes'])
    })
    expect(gained).toEqual([value('10'), 0n])
  })
})

/** Times the quantity it is the cost, within half a picodollar for each. */
function checkPrice(row: SpendRow, quantity: Picodollars): void {
  const one = 10n ** 12n
  const away = value(row['usd_per_unit']) * quantity - value(row['cost_usd']) * one
  expect(2n * (away < 0n ? -away : away)).toBeLessThanOrEqual(quantity)
}
