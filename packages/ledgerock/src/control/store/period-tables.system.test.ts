// Billing periods, on SQLite and on a real PostgreSQL: whatever holds here holds for both.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import { writePeriod } from '../periods/period-content.ts'
import { createPeriodWorld, share, usd } from '../testing/period-world.ts'
import type { Asker } from '../rules/pauses.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { ENGINE_KINDS } from './engine.ts'
import type { StoredBatch, StoredClosing } from './period-reads.ts'
import { packContent } from './period-writes.ts'
import { startStorePlaces, type StorePlaces } from './testing/store-places.ts'

const clock: Clock = { now: () => Date.parse('2026-11-14T12:00:00.000Z'), monotonic: () => 0 }
const AT = '2026-11-06T09:00:00.000Z'
const BIG = '123456789012345678.123456789012'
const BOSS: Asker = { name: 'boss', role: 'admin', scope: null, makers: [] }

const closing = (number: number): StoredClosing => ({
  period: '2026-10',
  number,
  sha256: `hash ${number}`,
  bill: usd(BIG),
  bills: [{ bill: 'it’s "odd"', version: 3 }],
  closedAt: AT,
  closedBy: 'fin',
  seenBills: 'cur@3',
  seenInputs: 'in',
  seenRules: 'rules',
  reopenedAt: null,
  reopenedBy: null,
})
const batch = (batchId: string, state: StoredBatch['state']): Omit<StoredBatch, 'place'> => ({
  batchId,
  chargePeriod: '2026-10',
  number: 1,
  state,
  reason: 'late_delivery',
  bill: usd(BIG),
  usd: usd('-1'),
  moved: usd('2'),
  madeAt: AT,
  postedIn: state === 'posted' ? '2026-11' : null,
  postedAt: state === 'posted' ? AT : null,
  approvedBy: null,
})

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

describe.each(ENGINE_KINDS)('billing periods on %s', (kind) => {
  let store: ControlStore
  let other: ControlStore
  beforeEach(async () => {
    const { target } = await places.fresh(kind)
    store = await openControlStore({ clock, onConnectionError: () => {} }, target)
    other = await openControlStore({ clock, onConnectionError: () => {} }, target)
  })
  afterEach(async () => {
    await store.close()
    await other.close()
  })

  it('[C180] come back as they were frozen, and are closed once at a time', async () => {
    const packed = await packContent('{"a":"ü"}\n')
    await store.write(({ periods }) => periods.close(closing(1), packed))
    await expect(store.write(({ periods }) => periods.close(closing(2), packed))).rejects.toThrow(
      /unique/i,
    )
    await store.write(({ periods }) => periods.reopen('2026-10', 1, AT, 'boss'))
    await store.write(({ periods }) => periods.close(closing(2), packed))
    // It was reopened before, and stays so.
    await store.write(({ periods }) => periods.reopen('2026-10', 1, '2027', 'other'))
    const { periods } = store.read
    expect(await periods.closings('2026-10')).toEqual([
      { ...closing(1), reopenedAt: AT, reopenedBy: 'boss' },
      closing(2),
    ])
    expect(await periods.closed()).toEqual(['2026-10'])
    expect(await periods.content('2026-10', 1)).toBe('{"a":"ü"}\n')
    expect(await periods.content('2026-10', 3)).toBe(null)
  })

  it('[C182] keeps many adjustments in order, and posts or drops only what waits', async () => {
    const rows = Array.from({ length: 1_201 }, (_, index) => ({
      owner: { team: `t${index}` },
      modelId: 'm',
      basis: 'metered' as const,
      pool: '',
      usd: usd(`-${BIG}`),
    }))
    await store.write(async ({ periods }) => {
      await periods.adjust(batch('b1', 'waiting'), rows)
      await periods.adjust(batch('b2', 'posted'), rows.slice(0, 1))
      await periods.adjust(batch('b3', 'waiting'), [])
    })
    const { periods } = store.read
    const kept = await periods.adjustments('b1')
    expect(kept.map(({ row }) => row)).toEqual(rows.map((_, index) => index + 1))
    expect(kept.at(-1)).toEqual({ batchId: 'b1', row: 1_201, ...rows.at(-1) })
    expect(await periods.waiting()).toEqual(['2026-10', '2026-10'])
    await store.write(async (tables) => {
      await tables.periods.post('b1', '2026-12', AT, 'fin')
      await tables.periods.supersede('b1')
      await tables.periods.supersede('b3')
      await tables.periods.post('b3', '2026-12', AT, 'fin')
      await tables.periods.post('b2', '2026-12', AT, 'fin')
    })
    const batches = await periods.batchesFor('2026-10')
    expect(batches.map(({ batchId, state, postedIn }) => [batchId, state, postedIn])).toEqual([
      ['b1', 'posted', '2026-12'],
      ['b2', 'posted', '2026-11'],
      ['b3', 'superseded', null],
    ])
    expect((await periods.batchesIn('2026-12')).map(({ batchId }) => batchId)).toEqual(['b1'])
  })

  it('[C180] holds a month of 200,000 shares, whole', async () => {
    const world = createPeriodWorld('2026-11-08T00:00:00.000Z')
    const shares = Array.from({ length: 200_000 }, (_, index) =>
      share(`team-${index % 50}`, `0.${String(index + 1).padStart(12, '0')}`, {
        owner: { team: `team-${index % 50}`, application: `application-${index % 997}` },
        modelId: `model-${index % 13}`,
      }),
    )
    world.deliver('2026-10', shares)
    const closed = await world.node(store).close(BOSS, '2026-10', null)
    expect(closed).toMatchObject({ ok: true, value: { state: 'closed' } })
    const frozen = await world.node(other).frozen('2026-10')
    expect(frozen?.shares.length).toBe(shares.length)
    expect(frozen?.shares[199_999]).toEqual(shares[199_999])
    if (frozen === null) throw new Error('nothing is frozen')
    const { sha256, ...content } = frozen
    expect((await writePeriod(content)).sha256).toBe(sha256)
  }, 120_000)

  it('[C186] of several nodes on one store one closes, and one adjusts', async () => {
    const world = createPeriodWorld('2026-11-03T00:00:00.000Z')
    world.deliver('2026-10', [share('search', '100')])
    world.travel('2026-11-09T12:00:00.000Z')
    const nodes = [world.node(store), world.node(other), world.node(store)]
    await Promise.all(nodes.map((node) => node.tick()))
    expect((await store.read.periods.closings()).length).toBe(1)
    world.deliver('2026-10', [share('search', '105')])
    await Promise.all(nodes.map((node) => node.onImport(['2026-10'])))
    const posted = await nodes[0]?.adjustmentsIn('2026-11')
    expect(posted?.map((one) => one.usd)).toEqual([usd('5')])
    expect(world.errors).toEqual([])
  })
})
