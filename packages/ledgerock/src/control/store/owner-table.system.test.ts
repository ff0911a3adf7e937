// Owners people assign, on SQLite and on a real PostgreSQL: whatever holds here holds for both.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { ENGINE_KINDS } from './engine.ts'
import type { NewOwner } from './owner-table.ts'
import { startStorePlaces, type StorePlaces } from './testing/store-places.ts'

const T0 = Date.parse('2026-10-14T12:00:00.000Z')
const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString()
const clock: Clock = { now: () => T0, monotonic: () => 0 }

const assigned = (ownerId: string, at: number, part: Partial<NewOwner> = {}): NewOwner => ({
  ownerId,
  match: { principal: 'arn:aws:sts::*:assumed-role/it’s "odd"; drop table/*' },
  set: { team: 'search', cost_center: 'cc "12"' },
  from: iso(0),
  to: null,
  reason: null,
  assignedAt: iso(at),
  assignedBy: 'mia',
  ...part,
})
const OPEN = { endedAt: null, endedBy: null, removedAt: null, removedBy: null }

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

describe.each(ENGINE_KINDS)('owners people assign on %s', (kind) => {
  let store: ControlStore
  beforeEach(async () => {
    const { target } = await places.fresh(kind)
    store = await openControlStore({ clock, onConnectionError: () => {} }, target)
  })
  afterEach(() => store.close())

  it('[C240] come back as they were given, in the order in which they were assigned', async () => {
    const rows = [
      assigned('o2', 1, { match: { account: '12345*' }, to: iso(9), reason: 'why' }),
      assigned('o1', 2),
      assigned('o3', 2, { match: { key_name: 'search-*' } }),
    ]
    await store.write(async ({ assignedOwners }) => {
      for (const row of rows.toReversed()) await assignedOwners.insert(row)
    })
    const { assignedOwners } = store.read
    expect(await assignedOwners.list()).toEqual(rows.map((row) => ({ ...row, ...OPEN })))
  })

  it('[C241] what ended or was removed stays, with who did it', async () => {
    await store.write(async ({ assignedOwners }) => {
      for (const [at, id] of ['o1', 'o2', 'o3'].entries()) {
        await assignedOwners.insert(assigned(id, at))
      }
      await assignedOwners.end('o1', iso(100), iso(5), 'joe')
      await assignedOwners.remove('o2', iso(6), 'joe')
    })
    const ended = { ...assigned('o1', 0), ...OPEN, to: iso(100), endedAt: iso(5), endedBy: 'joe' }
    const removed = { ...assigned('o2', 1), ...OPEN, removedAt: iso(6), removedBy: 'joe' }
    const { assignedOwners } = store.read
    expect(await assignedOwners.list()).toEqual([ended, { ...assigned('o3', 2), ...OPEN }])
    expect((await assignedOwners.all()).slice(0, 2)).toEqual([ended, removed])
    // Whoever removed it first is told, and what is gone does not end.
    await store.write(async (tables) => {
      await tables.assignedOwners.remove('o2', iso(9), 'tom')
      await tables.assignedOwners.end('o2', iso(9), iso(9), 'tom')
    })
    expect((await assignedOwners.all())[1]).toEqual(removed)
  })

  it('[C240] an id is one owner’s', async () => {
    await store.write(({ assignedOwners }) => assignedOwners.insert(assigned('o1', 1)))
    await expect(
      store.write(({ assignedOwners }) => assignedOwners.insert(assigned('o1', 2))),
    ).rejects.toThrow(/unique/i)
    expect(await store.read.assignedOwners.list()).toHaveLength(1)
  })
})
