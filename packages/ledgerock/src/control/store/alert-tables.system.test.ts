// Alerts and their outbox, on SQLite and on a real PostgreSQL: whatever holds here holds for both. And which of two nodes watches.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import { createWatchPost } from '../alerts/watch-post.ts'
import type { StoredDelivery } from './alert-outbox.ts'
import type { StoredAlert } from './alert-tables.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { ENGINE_KINDS } from './engine.ts'
import { startStorePlaces, type StorePlaces } from './testing/store-places.ts'

const T0 = Date.parse('2026-10-14T12:00:00.000Z')
const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString()
const clock: Clock = { now: () => T0, monotonic: () => 0 }

const alert = (alertId: string, at: number, subject = 's'): StoredAlert => ({
  alertId,
  rule: 'it’s "odd"',
  kind: 'budget',
  nodeId: null,
  subject,
  severity: 'warning',
  scope: { team: ['a', 'b'] },
  budget: 'search',
  counter: 'ann',
  period: { from: iso(0), to: null },
  value: '83.2',
  threshold: '80',
  message: 'why; drop table',
  sinks: ['ops'],
  firedAt: iso(at),
  resolvedAt: null,
  ackedAt: null,
  ackedBy: null,
  mutedUntil: null,
  mutedBy: null,
})
const delivery = (
  deliveryId: string,
  at: number,
  parts: Partial<StoredDelivery> = {},
): StoredDelivery => ({
  deliveryId,
  eventId: 'e',
  alertId: `of ${deliveryId}`,
  sink: 'ops',
  severity: 'warning',
  event: '{"id":"e"}',
  createdAt: iso(at),
  nextAt: iso(at),
  attempts: 0,
  lastError: null,
  ...parts,
})

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

describe.each(ENGINE_KINDS)('alerts on %s', (kind) => {
  let store: ControlStore
  let other: ControlStore
  beforeEach(async () => {
    const { target } = await places.fresh(kind)
    const deps = { clock, onConnectionError: () => {} }
    store = await openControlStore(deps, target)
    other = await openControlStore(deps, target)
  })
  afterEach(async () => {
    await store.close()
    await other.close()
  })

  it('[C100] an alert comes back as it was given, and what fires already is not raised again', async () => {
    const raised = await store.write(async ({ alerts }) => [
      await alerts.raise(alert('a1', 0)),
      await alerts.raise(alert('a2', 1)),
      await alerts.raise(alert('a3', 1, 't')),
    ])
    expect(raised).toEqual([true, false, true])
    expect(await store.read.alerts.firing()).toEqual([alert('a1', 0), alert('a3', 1, 't')])
    const over = await other.write(async ({ alerts }) => [
      await alerts.resolve('a1', iso(5)),
      await alerts.resolve('a1', iso(6)),
      await alerts.raise(alert('a2', 7)),
    ])
    expect(over).toEqual([true, false, true])
    expect((await store.read.alerts.find('a1'))?.resolvedAt).toBe(iso(5))
    expect((await store.read.alerts.firing()).map(({ alertId }) => alertId)).toEqual(['a3', 'a2'])
  })

  it('[C100] of two nodes that see the same thing one raises it', async () => {
    const both = await Promise.all(
      [store, other].map((node, index) =>
        node.write(({ alerts }) => alerts.raise(alert(`a${index}`, 0))),
      ),
    )
    expect(both.filter((isRaised) => isRaised)).toHaveLength(1)
    expect(await store.read.alerts.firing()).toHaveLength(1)
  })

  it('[C109] pages go from the newest to the oldest, each alert once', async () => {
    await store.write(async ({ alerts }) => {
      for (const [index, at] of [3, 1, 1, 2].entries()) {
        await alerts.raise(alert(`a${index}`, at, `s${index}`))
      }
    })
    const [first, second] = await store.read.alerts.page(null, 2)
    const rest = await store.read.alerts.page(second ?? null, 5)
    expect([first, second, ...rest].map((one) => one?.alertId)).toEqual(['a0', 'a3', 'a2', 'a1'])
  })

  it('[C108] a mute is found by rule and subject until its time', async () => {
    await store.write(async ({ alerts }) => {
      await alerts.raise(alert('a1', 0))
      await alerts.mute('a1', iso(100), 'mia')
      await alerts.acknowledge('a1', iso(3), 'joe')
    })
    expect(await store.read.alerts.muted(iso(99))).toEqual([
      { rule: 'it’s "odd"', subject: 's', mutedUntil: iso(100), mutedBy: 'mia' },
    ])
    expect(await store.read.alerts.muted(iso(100))).toEqual([])
    expect(await store.read.alerts.find('a1')).toMatchObject({ ackedAt: iso(3), ackedBy: 'joe' })
  })

  it('[C106] the outbox gives each sink its messages in order until they are taken', async () => {
    const one = delivery('d1', 1)
    await store.write(({ alerts }) =>
      alerts.enqueue([delivery('d0', 9), delivery('d2', 1), { ...one, sink: 'b' }]),
    )
    // By a node whose clock is behind.
    await other.write(({ alerts }) => alerts.enqueue([delivery('d3', 0)]))
    const { alerts } = store.read
    expect(await alerts.pendingSinks()).toEqual(['b', 'ops'])
    expect((await alerts.due('ops', iso(9), 2)).map(({ deliveryId }) => deliveryId)).toEqual([
      'd0',
      'd2',
    ])
    expect(await alerts.due('b', iso(9), 9)).toEqual([{ ...one, sink: 'b' }])
    await store.write(async (tables) => {
      await tables.alerts.end('d0', 'delivered', iso(9), null)
      await tables.alerts.postpone('d2', { at: iso(50), attempts: 1, error: 'no' })
      await tables.alerts.end('d1', 'dropped', iso(9), 'gone')
    })
    expect(await alerts.due('ops', iso(49), 9)).toMatchObject([{ deliveryId: 'd3' }])
    expect(await alerts.due('ops', iso(50), 9)).toMatchObject([
      { deliveryId: 'd3' },
      { deliveryId: 'd2', nextAt: iso(50), attempts: 1, lastError: 'no' },
    ])
    expect([await alerts.lastError('ops'), await alerts.lastError('b')]).toEqual(['no', null])
    const tallies = await alerts.tallies()
    expect(tallies.find(({ sink }) => sink === 'ops')).toEqual({
      sink: 'ops',
      pending: 2,
      lastDeliveredAt: iso(9),
    })
  })

  it('[C106] what waits for later keeps nothing back but what follows of the same alert', async () => {
    const quiet = Array.from({ length: 60 }, (_, index) =>
      delivery(`quiet${index}`, 0, { nextAt: iso(3_600_000) }),
    )
    await store.write(({ alerts }) =>
      alerts.enqueue([
        ...quiet,
        delivery('failed', 0, { attempts: 3, severity: 'critical' }),
        delivery('end', 1, { alertId: 'of quiet7' }),
        delivery('warning', 2),
        delivery('critical', 3, { severity: 'critical' }),
      ]),
    )
    const names = async (at: number) =>
      (await store.read.alerts.due('ops', iso(at), 50)).map(({ deliveryId }) => deliveryId)
    expect(await names(9)).toEqual(['critical', 'failed', 'warning'])
    expect(await names(3_600_000)).toHaveLength(50)
    await store.write(({ alerts }) => alerts.end('quiet7', 'delivered', iso(9), null))
    expect(await names(9)).toEqual(['critical', 'failed', 'end', 'warning'])
  })

  it('[C108] what waits for the end of a mute is moved with it, or dropped', async () => {
    await store.write(async ({ alerts }) => {
      await alerts.enqueue([
        delivery('d1', 0, { alertId: 'a', nextAt: iso(100) }),
        delivery('d2', 0, { alertId: 'a', nextAt: iso(100), sink: 'b' }),
        delivery('tried', 0, { alertId: 'a', nextAt: iso(100), sink: 'c', attempts: 1 }),
        delivery('d3', 0, { alertId: 'other', nextAt: iso(100) }),
      ])
      await alerts.moveMuted('a', iso(100), iso(200))
    })
    expect(await store.read.alerts.due('b', iso(199), 9)).toEqual([])
    expect(await store.read.alerts.due('b', iso(200), 9)).toHaveLength(1)
    const sinks = await store.write(({ alerts }) => alerts.dropMuted('a', iso(200), iso(150)))
    expect(sinks.toSorted()).toEqual(['b', 'ops'])
    expect(await store.read.alerts.pendingSinks()).toEqual(['c', 'ops'])
  })

  it('[C106] what ended long ago is forgotten, what waits is not', async () => {
    await store.write(async ({ alerts }) => {
      await alerts.enqueue([delivery('d1', 0), delivery('d2', 0)])
      await alerts.end('d1', 'delivered', iso(1), null)
      await alerts.raise(alert('a1', 0))
      await alerts.resolve('a1', iso(1))
      await alerts.raise(alert('a2', 2))
      await alerts.prune(iso(1_000))
    })
    expect(await store.read.alerts.due('ops', iso(9), 9)).toHaveLength(1)
    expect(await store.read.alerts.find('a1')).toBeNull()
    expect(await store.read.alerts.firing()).toHaveLength(1)
  })
})

describe('which node watches', () => {
  it('[C106] one of two, until it is silent for ten seconds; then the other, and the first gives way', async () => {
    const { target } = await places.fresh('postgres')
    const deps = { clock, onConnectionError: () => {} }
    const stores = [await openControlStore(deps, target), await openControlStore(deps, target)]
    const times = [0, 1_000_000]
    const [first, second] = stores.map((store, index) => {
      const monotonic = (): number => times[index] ?? 0
      return createWatchPost({ store, nodeId: `n${index}`, clock: { monotonic } })
    })
    const pass = (node: number, ms: number): void => {
      times[node] = (times[node] ?? 0) + ms
    }
    try {
      expect(await first?.isOurs()).toBe(true)
      expect(await second?.isOurs()).toBe(false)
      for (let second_ = 0; second_ < 20; second_ += 1) {
        pass(0, 1_000)
        pass(1, 1_000)
        expect([await first?.isOurs(), await second?.isOurs()]).toEqual([true, false])
      }
      // The first is cut off.
      pass(1, 9_000)
      expect(await second?.isOurs()).toBe(false)
      pass(1, 2_000)
      expect(await second?.isOurs()).toBe(true)
      // Back again, it finds that somebody else watches.
      pass(0, 11_000)
      expect([await first?.isOurs(), await second?.isOurs()]).toEqual([false, true])
    } finally {
      for (const store of stores) await store.close()
    }
  })
})
