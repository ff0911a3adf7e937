// Leases and counters on SQLite and on a real PostgreSQL: whatever holds here holds for both.

import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import { createLeaseBook } from '../leases/lease-book.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { ENGINE_KINDS } from './engine.ts'
import type { StoredInstance, StoredLease } from './lease-tables.ts'
import { openPostgresEngine } from './postgres-engine.ts'
import { standingOf, standingSource } from './store-standing.ts'
import { startStorePlaces, type StorePlaces } from './testing/store-places.ts'

const clock: Clock = { now: () => Date.parse('2026-10-14T12:00:00.000Z'), monotonic: () => 0 }
/** More than 64 bits hold. */
const HUGE = 123_456_789_012_345_678_901n
const T0_MS = 1_800_000_000_000

const instance = (key: string, changes: Partial<StoredInstance> = {}): StoredInstance => ({
  instance: key,
  budget: 'it’s "odd"',
  counter: null,
  fromMs: 1,
  toMs: null,
  other: null,
  carried: 0n,
  recalls: 0,
  folded: 0,
  refused: null,
  ...changes,
})
const lease = (key: string, holder: string, changes: Partial<StoredLease> = {}): StoredLease => ({
  instance: key,
  holder,
  nodeId: 'a',
  granted: HUGE,
  returned: 1n,
  settled: 2n,
  reserved: 3n,
  bare: true,
  state: 'open',
  ...changes,
})

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

describe.each(ENGINE_KINDS)('leases on %s', (kind) => {
  let store: ControlStore
  beforeEach(async () => {
    const { target } = await places.fresh(kind)
    store = await openControlStore({ clock, onConnectionError: () => {} }, target)
  })
  afterEach(() => store.close())

  it('[C80] come back as they were written, larger than 64 bits, and changed by their key', async () => {
    const refused = { atMs: T0_MS, limit: HUGE }
    const big = { other: -HUGE, carried: 5n, refused }
    const row = instance('b@1', { ...big, counter: 'x', toMs: 7, recalls: 2 })
    await store.write(async ({ leases }) => {
      const revision = await leases.nextRevision(0)
      await leases.putInstances([{ ...row, revision }])
      await leases.putLeases([{ ...lease('b@1', 'j1'), revision }])
    })
    const { leases } = store.read
    expect(await leases.instancesSince(0)).toEqual([{ ...row, revision: 1 }])
    expect(await leases.leasesSince(0)).toEqual([{ ...lease('b@1', 'j1'), revision: 1 }])
    const changed = { ...lease('b@1', 'j1'), state: 'lost' as const, bare: false, settled: 9n }
    await store.write(async (tables) => {
      const revision = await tables.leases.nextRevision(40)
      await tables.leases.putLeases([{ ...changed, revision }])
    })
    expect(await leases.revision()).toBe(41)
    expect(await leases.leasesSince(1)).toEqual([{ ...changed, revision: 41 }])
    expect(await leases.instancesSince(1)).toEqual([])
  })

  it('[C80] a copy follows what others write, and forgets what became part of a counter', async () => {
    const [mine, theirs] = [createLeaseBook(), createLeaseBook()]
    const change = async (
      book: typeof mine,
      work: (draft: ReturnType<typeof mine.draft>) => void,
    ) => {
      const { draft, revision } = await store.write(async ({ leases }) => {
        await book.pull(leases)
        const made = book.draft()
        work(made)
        return { draft: made, revision: await made.save(leases, 0) }
      })
      if (revision !== null) book.take(draft, revision)
    }
    const seen = (book: typeof mine) => book.entry('b@1')?.leases
    await change(mine, (draft) => {
      draft.putInstance(instance('b@1'))
      draft.putLease(lease('b@1', 'j1'))
      draft.putLease(lease('b@1', 'j2'))
    })
    expect(await theirs.pull(store.read.leases)).toEqual(['b@1'])
    for (const holder of ['j1', 'j2']) {
      expect(seen(theirs)?.get(holder)).toMatchObject(seen(mine)?.get(holder) ?? {})
    }
    expect(seen(theirs)?.size).toBe(2)
    await change(theirs, (draft) => {
      draft.putInstance({ ...instance('b@1'), other: 4n })
      draft.fold('b@1', ['j1'])
      draft.putLease(lease('b@1', 'j3'))
    })
    expect([...(seen(theirs)?.keys() ?? [])].toSorted()).toEqual(['j2', 'j3'])
    await mine.pull(store.read.leases)
    expect(new Set(seen(mine)?.keys())).toEqual(new Set(['j2', 'j3']))
    expect(mine.entry('b@1')?.row).toMatchObject({ other: 4n, folded: 1 })
    expect(mine.ofCounter('it’s "odd"', null)).toHaveLength(1)
    await change(mine, (draft) => draft.dropInstances(['b@1']))
    expect(await store.read.leases.leasesOf(['b@1'])).toEqual([])
    expect(mine.ofCounter('it’s "odd"', null)).toEqual([])
  })

  it('[C80] what was rolled back is in no copy', async () => {
    const book = createLeaseBook()
    const failed = store.write(async ({ leases }) => {
      await book.pull(leases)
      const draft = book.draft()
      draft.putInstance(instance('b@1'))
      await draft.save(leases, 0)
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    expect(await book.pull(store.read.leases)).toEqual([])
    expect(book.entry('b@1')).toBeNull()
  })

  it('[C90] keeps the last word of every node', async () => {
    const node = { nodeId: 'a', beat: 1_800_000_000_000, identity: 'x:1', heard: ['j1', 'j"2'] }
    await store.write(async ({ leases }) => {
      await leases.putNode({ ...node, heard: [] })
      await leases.putNode(node)
    })
    expect(await store.read.leases.nodes()).toEqual([node])
    await store.write(({ leases }) => leases.removeNode('a'))
    expect(await store.read.leases.nodes()).toEqual([])
  })
})

describe('who the database is', () => {
  it('[C92] PostgreSQL says it, and its time, to a user without any rights, and to one who may not even ask', async () => {
    const place = await places.fresh('postgres')
    if (place.target.kind !== 'postgres') throw new Error('not postgres')
    const owner = place.engine()
    await sql`create role plain login password 'for-this-test-only'`.execute(owner.database)
    const url = new URL(place.target.url)
    url.username = 'plain'
    const plain = openPostgresEngine(url.href, () => {})
    expect(await standingSource(plain)).toBe('log')
    const { identity, nowMs } = await standingOf(plain.database, 'log')
    expect(identity).toMatch(/^\d{10,}:[0-9A-F]{8}$/)
    const here = performance.timeOrigin + performance.now()
    expect(Math.abs((nowMs ?? 0) - here)).toBeLessThan(60_000)

    await sql`revoke execute on function pg_control_system() from public`.execute(owner.database)
    expect(await standingSource(plain)).toBe('start')
    const other = await standingOf(plain.database, 'start')
    expect(other.identity).toMatch(/^start:\d{16}$/)
    expect(await standingOf(plain.database, 'start')).toMatchObject({ identity: other.identity })
    expect(Math.abs((other.nowMs ?? 0) - here)).toBeLessThan(60_000)
    await plain.database.destroy()
    await owner.database.destroy()
  })
})
