import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatUsd, parseUsd, picodollars, sumMoney } from '../kernel/money.ts'
import { mustOk } from '../kernel/result.ts'
import type { Outcome, OutcomeQuestion } from './outcome.ts'
import type { LedgerStore } from './store.ts'
import { openRoom, ROOM_KINDS, type Room } from './testing/store-rooms.ts'

const FROM = Date.parse('2026-10-24T00:00:00Z')
const TO = Date.parse('2026-10-27T00:00:00Z')

const amount = fc
  .bigInt({ min: -(10n ** 14n), max: 10n ** 15n })
  .map((one) => formatUsd(picodollars(one)))
const teams = fc.constantFrom('search', "o'brien\\\t", 'unknown')
const outcome: fc.Arbitrary<Outcome> = fc.record({
  outcome_id: fc.oneof(fc.uuid(), fc.constantFrom('a', "b'\n", 'c')),
  name: fc.constantFrom('tickets', 'revenue'),
  at: fc
    .integer({ min: FROM - 3_600_000, max: TO + 3_600_000 })
    .map((ms) => new Date(ms).toISOString()),
  quantity: amount,
  value_usd: fc.option(amount, { nil: null }),
  dimensions: fc.oneof(
    teams.map((team): Record<string, string> => ({ team, feature: 'x' })),
    fc.constant<Record<string, string>>({}),
  ),
})

const plain = (text: string): string => formatUsd(mustOk(parseUsd(text)))
const added = (texts: readonly string[]): string =>
  formatUsd(sumMoney(texts.map((text) => mustOk(parseUsd(text)))))

describe.each(ROOM_KINDS)('outcomes in the %s store', (kind) => {
  let room: Room
  let store: LedgerStore
  const seed = kind === 'embedded' ? 3 : 4
  const all = fc.sample(outcome, { numRuns: 120, seed })
  const first = [...new Map(all.toReversed().map((one) => [one.outcome_id, one])).values()]

  beforeAll(async () => {
    room = await openRoom(kind)
    store = await room.open()
  })
  afterAll(async () => {
    await store.close()
    await room.close()
  })

  it('[L44] are entered once by their id, whatever comes again, in one list or in several', async () => {
    const half = all.slice(0, 60)
    const own = new Set(half.map(({ outcome_id }) => outcome_id)).size
    expect(await store.recordOutcomes(half)).toEqual({ accepted: own, duplicate: 60 - own })
    expect(await store.recordOutcomes(all)).toEqual({
      accepted: first.length - own,
      duplicate: all.length - first.length + own,
    })
    const changed = all.map((one) => ({ ...one, quantity: '7' }))
    expect(await store.recordOutcomes(changed)).toEqual({ accepted: 0, duplicate: all.length })
    expect(await store.recordOutcomes([])).toEqual({ accepted: 0, duplicate: 0 })
    expect(await store.outcomeNames()).toEqual(['revenue', 'tickets'])
  })

  it('[L44] add up exactly by dimensions and days', async () => {
    const question: OutcomeQuestion = {
      name: 'tickets',
      by: ['team'],
      from: new Date(FROM).toISOString(),
      to: new Date(TO).toISOString(),
      granularity: 'day',
      tz: 'UTC',
      where: [],
    }
    const asked = first.filter(({ name, at }) => {
      const ms = Date.parse(at)
      return name === 'tickets' && ms >= FROM && ms < TO
    })
    const groups = new Map<string, Outcome[]>()
    for (const one of asked) {
      const team = one.dimensions['team'] ?? 'unknown'
      const key = JSON.stringify([`${one.at.slice(0, 10)}T00:00:00.000Z`, team])
      groups.set(key, [...(groups.get(key) ?? []), one])
    }
    const expected = new Map(
      [...groups].map(([key, own]) => {
        const values = own.flatMap(({ value_usd }) => (value_usd === null ? [] : [value_usd]))
        const quantity = added(own.map((one) => one.quantity))
        return [key, [own.length, quantity, values.length === 0 ? null : added(values)]]
      }),
    )
    const sums = await store.outcomeSums(question)
    const found = new Map(
      sums.map(({ keys, bucket, outcomes, quantity, value_usd }) => [
        JSON.stringify([bucket, ...keys]),
        [outcomes, plain(quantity), value_usd === null ? null : plain(value_usd)],
      ]),
    )
    expect(found).toEqual(expected)

    const where = [{ field: 'team', values: ['unknown'] }]
    const total = { ...question, by: [], granularity: 'total', where } as const
    const [one, ...more] = await store.outcomeSums(total)
    expect(more).toEqual([])
    const unknown = asked.filter(
      ({ dimensions }) => (dimensions['team'] ?? 'unknown') === 'unknown',
    )
    expect([one?.bucket, one?.keys, one?.outcomes]).toEqual([null, [], unknown.length])
    expect(await store.outcomeSums({ ...total, name: 'nothing' })).toEqual([])
  })

  it('[L45] are found by their ids as they count, and add up by name', async () => {
    const ids = all.map(({ outcome_id: id }) => id)
    const kept = await store.outcomesKept([...new Set(ids), 'nobody'])
    const normal = (one: Outcome): Outcome => ({
      ...one,
      quantity: plain(one.quantity),
      value_usd: one.value_usd === null ? null : plain(one.value_usd),
      dimensions: { ...one.dimensions },
    })
    const sorted = (list: readonly Outcome[]): readonly Outcome[] =>
      list.map(normal).toSorted((left, right) => (left.outcome_id < right.outcome_id ? -1 : 1))
    expect(sorted(kept)).toEqual(sorted(first))
    expect(await store.outcomesKept([])).toEqual([])

    const everything = { from: null, to: null, where: [], recordedBefore: null }
    const expected = (['revenue', 'tickets'] as const).map((name) => {
      const own = first.filter((one) => one.name === name)
      const times = own.map(({ at }) => at).toSorted()
      const values = own.flatMap(({ value_usd }) => (value_usd === null ? [] : [value_usd]))
      const quantity = added(own.map((one) => one.quantity))
      return [name, own.length, quantity, added(values), times[0], times.at(-1)]
    })
    const shown = async (more: object) =>
      (await store.outcomeTotals({ ...everything, ...more })).map((one) => [
        one.name,
        one.outcomes,
        plain(one.quantity),
        plain(one.value_usd ?? 'none'),
        one.first_at,
        one.last_at,
      ])
    expect(await shown({})).toEqual(expected)
    expect(await shown({ recordedBefore: '2020-01-01T00:00:00.000Z' })).toEqual([])
    expect(await shown({ recordedBefore: '2099-01-01T00:00:00.000Z' })).toEqual(expected)
    const [from, to] = [new Date(FROM).toISOString(), new Date(TO).toISOString()]
    const where = [{ field: 'team', values: ['unknown'] }]
    const within = first.filter(
      ({ at, dimensions }) =>
        at >= from && at < to && (dimensions['team'] ?? 'unknown') === 'unknown',
    )
    const counts = (await store.outcomeTotals({ ...everything, from, to, where })).map(
      ({ name, outcomes }) => [name, outcomes],
    )
    expect(counts).toEqual(
      ['revenue', 'tickets'].map((name) => [
        name,
        within.filter((one) => one.name === name).length,
      ]),
    )
    await expect(store.outcomeTotals({ ...everything, from: 'then' })).rejects.toMatchObject({
      code: 'invalid_question',
    })
  })

  it('[L18] are refused as a whole where one cannot stand', async () => {
    const [good] = all as [Outcome]
    const fresh = { ...good, outcome_id: 'fresh' }
    for (const bad of [{ quantity: '1e3' }, { value_usd: 'x' }, { at: 'soon' }, { name: '' }]) {
      const both = [fresh, { ...fresh, outcome_id: 'bad', ...bad }]
      await expect(store.recordOutcomes(both)).rejects.toMatchObject({ code: 'invalid_question' })
    }
    expect(await store.recordOutcomes([fresh])).toEqual({ accepted: 1, duplicate: 0 })
  })
})
