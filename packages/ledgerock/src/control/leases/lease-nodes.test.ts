// Several nodes on one store: real wallets on a real SQLite store that stands for a shared database.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answered, createLeaseWorld, only, T0, testBudget } from '../testing/lease-world.ts'
import { openControlStore, type ControlStore } from '../store/control-store.ts'
import { sharedStore } from '../testing/shared-store.ts'

const clock = { now: () => T0, monotonic: () => 0 }
let directory: string
let store: ControlStore
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ledgerock-leases-'))
  const path = join(directory, 'control.db')
  store = await openControlStore({ clock, onConnectionError: () => {} }, { kind: 'embedded', path })
})
afterEach(async () => {
  await store.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('several nodes on one store', () => {
  const standing = { identity: 'db:1', nowMs: null as number | null }
  beforeEach(() => {
    standing.identity = 'db:1'
    standing.nowMs = null
  })

  it('[C90] share one limit, and give back to each other what they hold idle', async () => {
    const world = createLeaseWorld([testBudget({ limit: '100000' })])
    const { shared } = sharedStore(store, () => standing)
    const [a, b] = [world.node(shared, 'a'), world.node(shared, 'b')]
    const [first, second] = [a.worker('w1', 'ja'), b.worker('w1', 'jb')]
    await world.pass(2_000)
    for (let call = 0; call < 20; call += 1) await answered(world, first.call(1_000n, 900n))
    await world.pass(1_000)
    expect(only(b).spent).toBe(18_000n)
    expect((await answered(world, second.reserve(82_000n))).kind).toBe('held')
    expect((await answered(world, first.reserve(1n))).kind).toBe('spent')
    expect([...a.errors, ...b.errors]).toEqual([])
  })

  it('[C91] what a node that is cut off may spend is exposure; evicted, it is lost, and held until it is reclaimed', async () => {
    const world = createLeaseWorld([testBudget()])
    const { shared } = sharedStore(store, () => standing)
    const [a, b] = [world.node(shared, 'a'), world.node(shared, 'b')]
    const [first, second] = [a.worker('w1', 'ja'), b.worker('w1', 'jb')]
    await world.pass(2_000)
    expect((await answered(world, first.reserve(600n))).kind).toBe('held')
    expect(await b.leases.evict('a', 'mia', 'too early')).toMatchObject({
      problem: { code: 'node_alive' },
    })
    a.stop()
    await world.pass(5_000)
    expect(only(b)).toMatchObject({ exposure: 600n, reserved: 600n })
    expect((await answered(world, second.reserve(500n))).kind).toBe('unavailable')
    expect((await answered(world, second.reserve(400n))).kind).toBe('held')
    const evicted = await b.leases.evict('a', 'mia', 'burnt down')
    expect(evicted).toMatchObject({
      ok: true,
      value: [{ holder: 'ja', state: 'lost', held: 600n }],
    })
    // Now it is known that nothing comes back.
    expect((await answered(world, second.reserve(1n))).kind).toBe('spent')
    expect(only(b)).toMatchObject({ exposure: 0n, reserved: 1000n })
    const { key } = only(b)
    const lost = [{ instance: key, budget: 'team', counter: null, amount: 600n }]
    expect(await b.leases.check()).toMatchObject({ findings: [], lost })
    await b.leases.reclaim(key, 'ja', 'mia', 'it was idle')
    expect((await answered(world, second.reserve(600n))).kind).toBe('held')
    expect(await b.leases.check()).toMatchObject({ lost: [] })
    expect(await b.leases.evict('a', 'mia', 'again')).toMatchObject({
      problem: { code: 'node_unknown' },
    })
    const actions = (await store.read.audit.entries(0, 10)).map(({ action }) => action)
    expect(actions).toEqual(['node.evict', 'lease.reclaim'])
  })

  it('[C92] after a failover nothing is granted until every node has laid its leases before the new database', async () => {
    const world = createLeaseWorld([testBudget()])
    const { shared } = sharedStore(store, () => standing)
    const [a, b] = [world.node(shared, 'a'), world.node(shared, 'b')]
    const [first, second] = [a.worker('w1', 'ja'), b.worker('w1', 'jb')]
    await world.pass(2_000)
    expect((await answered(world, first.reserve(900n))).kind).toBe('held')
    await world.pass(1_000)
    const { key } = only(a)
    // The new database never heard of that grant, and `a` does not reach it yet.
    a.stop()
    await store.write(async ({ leases }) => {
      await leases.removeLeases(key, ['ja'])
    })
    standing.identity = 'db:2'
    await world.pass(1_000)
    expect(b.leases.health()).toMatchObject({ stop: 'failover', awaited: ['a'] })
    expect((await answered(world, second.reserve(500n))).kind).toBe('unavailable')
    await a.leases.tick()
    await world.pass(1_000)
    expect(b.leases.health()).toMatchObject({ stop: null, awaited: [] })
    expect(only(b).reserved).toBeGreaterThanOrEqual(900n)
    expect((await answered(world, second.reserve(101n))).kind).not.toBe('held')
    expect((await answered(world, second.reserve(100n))).kind).toBe('held')
  })

  it('[C92] a node that ended in order is not waited for after a failover', async () => {
    const world = createLeaseWorld([testBudget()])
    const { shared } = sharedStore(store, () => standing)
    const [a, b] = [world.node(shared, 'a'), world.node(shared, 'b')]
    const [first, second] = [a.worker('w1', 'ja'), b.worker('w1', 'jb')]
    await world.pass(2_000)
    expect(await answered(world, first.call(100n, 60n))).toBe('held')
    await world.pass(1_000)
    first.wallet.close()
    await world.settle()
    world.ledger.ends.set('ja', 'ended')
    a.leases.workerDied('w1')
    await a.leases.leave()
    a.stop()
    standing.identity = 'db:2'
    await world.pass(5_000)
    expect(b.leases.health()).toMatchObject({ stop: null, awaited: [] })
    expect(await b.leases.leases()).toEqual([])
    expect(only(b)).toMatchObject({ spent: 60n, reserved: 0n })
    expect((await answered(world, second.reserve(940n))).kind).toBe('held')
  })

  it('[C93] a node whose clock is more than half a minute off grants nothing', async () => {
    const world = createLeaseWorld([testBudget()])
    const offset = { ms: 29_000 }
    const { shared } = sharedStore(store, () => ({
      identity: 'db:1',
      nowMs: world.now() + offset.ms,
    }))
    const node = world.node(shared, 'a')
    const worker = node.worker('w1', 'j1')
    await world.pass(2_000)
    expect((await answered(world, worker.reserve(1n))).kind).toBe('held')
    offset.ms = -31_000
    await world.pass(1_000)
    expect(node.leases.health()).toMatchObject({ clockOffsetMs: -31_000, stop: 'clock' })
    expect((await answered(world, worker.reserve(500n))).kind).toBe('unavailable')
  })

  it('[C90] nodes on one store, each with a ledger of its own, grant nothing until one of them is given up', async () => {
    const world = createLeaseWorld([testBudget()], false)
    const { shared } = sharedStore(store, () => standing)
    const a = world.node(shared, 'a')
    const worker = a.worker('w1', 'ja')
    await world.pass(2_000)
    expect(await answered(world, worker.call(100n, 100n))).toBe('held')
    const b = world.node(shared, 'b')
    await world.pass(1_000)
    const asked = world.ledger.asked
    await world.pass(20_000)
    expect([a, b].map((node) => node.leases.health().stop)).toEqual(['ledgers', 'ledgers'])
    expect((await answered(world, worker.reserve(900n))).kind).toBe('unavailable')
    // Nothing is taken for spent, or not, by the word of a ledger that does not have it all.
    expect(world.ledger.asked).toBe(asked)
    expect(only(a).spent).toBe(100n)
    b.stop()
    await world.pass(5_000)
    expect((await a.leases.evict('b', 'admin', 'never meant to be')).ok).toBe(true)
    await world.pass(1_000)
    expect(a.stops).toEqual(['ledgers', null])
    expect((await answered(world, worker.reserve(900n))).kind).toBe('held')
  })

  it('[C94] a store that is away leaves workers with what they have, and is asked again', async () => {
    const world = createLeaseWorld([testBudget()])
    const { shared, fault } = sharedStore(store, () => standing)
    const node = world.node(shared, 'a')
    const worker = node.worker('w1', 'j1')
    await world.pass(2_000)
    const held = await answered(world, worker.reserve(500n))
    if (held.kind !== 'held') throw new Error('not held')
    fault.next = new Error('away')
    worker.wallet.settle(held.reservation, [100n])
    expect(await answered(world, worker.call(300n, 300n))).toBe('held')
    expect((await answered(world, worker.reserve(500n))).kind).toBe('unavailable')
    expect(node.errors.length).toBeGreaterThan(0)
    fault.next = null
    expect((await answered(world, worker.reserve(600n))).kind).toBe('held')
    await world.pass(2_000)
    expect(only(node)).toMatchObject({ spent: 400n, reserved: 600n })
  })
})
