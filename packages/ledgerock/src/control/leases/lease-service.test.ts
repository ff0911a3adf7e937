// Leases as control grants them, with real wallets on a real SQLite store.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answered, createLeaseWorld, only, T0, testBudget } from '../testing/lease-world.ts'
import { openControlStore, type ControlStore } from '../store/control-store.ts'

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

describe('one node', () => {
  it('[C80] grants up to the limit, then says that nothing is left', async () => {
    const world = createLeaseWorld([testBudget()])
    const node = world.node(store, 'a')
    const [first, second] = [node.worker('w1', 'j1'), node.worker('w2', 'j2')]
    await world.pass(1_000)
    const kinds: string[] = []
    for (let call = 0; call < 12; call += 1) {
      const worker = call % 2 === 0 ? first : second
      kinds.push(await answered(world, worker.call(100n, 100n)))
    }
    expect(kinds).toEqual([...Array<string>(10).fill('held'), 'spent', 'spent'])
    await world.pass(2_000)
    expect(only(node)).toMatchObject({ spent: 1000n, reserved: 0n, remaining: 0n })
    expect(node.errors).toEqual([])
  })

  it('[C81] recalls what others hold idle before it refuses anybody', async () => {
    const world = createLeaseWorld([testBudget({ limit: '100000' })])
    const node = world.node(store, 'a')
    const [first, second] = [node.worker('w1', 'j1'), node.worker('w2', 'j2')]
    // Traffic earns the first one a slice it then leaves idle.
    for (let call = 0; call < 20; call += 1) await answered(world, first.call(1_000n, 900n))
    await world.pass(1_000)
    const { spent } = only(node)
    expect(await answered(world, second.call(100_000n - spent, 1n))).toBe('held')
    expect(node.told.some(({ message }) => message.kind === 'budget-recall')).toBe(true)
  })

  it('[C82] writes a grant before it is sent: control that dies right after still counts it', async () => {
    const world = createLeaseWorld([testBudget()])
    const node = world.node(store, 'a')
    const worker = node.worker('w1', 'j1')
    await world.pass(1_000)
    const held = await answered(world, worker.reserve(1_000n))
    expect(held.kind).toBe('held')
    node.stop()
    const again = world.node(store, 'a')
    await again.leases.tick()
    expect(only(again)).toMatchObject({ spent: 0n, reserved: 1000n, remaining: 0n })
    const other = again.worker('w2', 'j2')
    // The first worker was not heard of by this control: it may hold it idle, nobody knows.
    expect((await answered(world, other.reserve(1n))).kind).toBe('unavailable')
  })

  it('[C83] a dead worker’s lease counts until its journal has ended, then as its calls were charged', async () => {
    const world = createLeaseWorld([testBudget()])
    const node = world.node(store, 'a')
    const worker = node.worker('w1', 'j1')
    await world.pass(1_000)
    expect((await answered(world, worker.reserve(900n))).kind).toBe('held')
    expect(await answered(world, worker.call(50n, 40n))).toBe('held')
    node.kill('w1', 'running')
    await world.pass(5_000)
    expect(only(node).remaining).toBeLessThanOrEqual(100n)
    const next = node.worker('w1', 'j2')
    expect((await answered(world, next.reserve(500n))).kind).toBe('unavailable')
    // The call that was cut off is in the books with its bound.
    const { fromMs } = only(node).instance
    const cut = { journalId: 'j1', budget: 'team', fromMs, atMs: world.now(), counter: null }
    world.ledger.calls.push({ ...cut, amount: 300n })
    world.ledger.ends.set('j1', 'ended')
    for (let second = 0; second < 12; second += 1) {
      await world.pass(1_000)
      const { spent, reserved } = only(node)
      expect(spent + reserved).toBeGreaterThanOrEqual(340n)
    }
    expect(only(node).spent).toBe(340n)
    expect((await answered(world, next.reserve(660n))).kind).toBe('held')
    await world.pass(15_000)
    // Its row is gone: the ledger stands for it now.
    expect((await store.read.leases.leasesSince(0)).map(({ holder }) => holder)).toEqual(['j2'])
    expect(only(node).spent).toBe(340n)
  })

  it('[C84] a journal that may have lost lines holds its lease until somebody reclaims it, with a reason', async () => {
    const world = createLeaseWorld([testBudget()])
    const node = world.node(store, 'a')
    const worker = node.worker('w1', 'j1')
    await world.pass(1_000)
    expect((await answered(world, worker.reserve(900n))).kind).toBe('held')
    const { key } = only(node)
    expect(await node.leases.reclaim(key, 'j1', 'mia', 'why not')).toMatchObject({
      ok: false,
      problem: { code: 'lease_not_lost' },
    })
    node.kill('w1', 'unsure')
    await world.pass(3_600_000 / 100)
    expect(only(node)).toMatchObject({ spent: 0n, reserved: 900n })
    const [lost] = await node.leases.leases()
    expect(lost).toMatchObject({ holder: 'j1', state: 'lost', held: 900n })
    const freed = await node.leases.reclaim(key, 'j1', 'mia', 'the disk is gone')
    expect(freed).toMatchObject({ ok: true, value: { freed: 900n } })
    expect(only(node)).toMatchObject({ spent: 0n, reserved: 0n, remaining: 1000n })
    const [entry] = await store.read.audit.entries(0, 10)
    expect(entry).toMatchObject({
      actor: 'mia',
      action: 'lease.reclaim',
      subject: key,
      reason: 'the disk is gone',
    })
    expect(await node.leases.reclaim(key, 'nobody', 'mia', 'x')).toMatchObject({
      problem: { code: 'lease_unknown' },
    })
  })

  it('[C85] counts what the ledger has besides, before it grants anything of a budget that is new', async () => {
    const world = createLeaseWorld([testBudget()])
    const earlier = { journalId: 'j0', budget: null, fromMs: 0, atMs: T0 - 1, counter: null }
    world.ledger.calls.push({ ...earlier, amount: 700n })
    const node = world.node(store, 'a')
    const worker = node.worker('w1', 'j1')
    expect((await answered(world, worker.reserve(400n))).kind).toBe('spent')
    expect((await answered(world, worker.reserve(300n))).kind).toBe('held')
    // A correction, and prices worked out anew.
    world.ledger.calls.push({ ...earlier, amount: -200n })
    node.leases.refreshSoon()
    await world.pass(1_000)
    expect(only(node)).toMatchObject({ spent: 500n, reserved: 300n })
  })

  it('[C85] without the ledger nothing is granted of what nobody knows, and all that is known', async () => {
    const world = createLeaseWorld([testBudget({ period: { kind: 'hour' } })])
    const node = world.node(store, 'a')
    world.ledger.failure = new Error('down')
    const worker = node.worker('w1', 'j1')
    expect((await answered(world, worker.reserve(1n))).kind).toBe('unavailable')
    // The next hour begins while the budget is in force: nothing can be in it yet.
    await world.pass(1_000)
    world.jump(3_600_000)
    expect((await answered(world, worker.reserve(1n))).kind).toBe('held')
  })

  it('[C86] a check compares counters at rest with the ledger, and names what differs', async () => {
    const world = createLeaseWorld([testBudget()])
    const node = world.node(store, 'a')
    const worker = node.worker('w1', 'j1')
    await world.pass(1_000)
    await answered(world, worker.call(100n, 60n))
    await world.pass(1_000)
    expect(await node.leases.check()).toEqual({ checked: 1, moving: 0, findings: [], lost: [] })
    world.ledger.calls.pop()
    const { key } = only(node)
    expect(await node.leases.check()).toEqual({
      checked: 1,
      moving: 0,
      findings: [{ instance: key, budget: 'team', counter: null, counted: 60n, ledger: 0n }],
      lost: [],
    })
  })

  it('[C87] counts every value of `per` apart, and tells workers what changed', async () => {
    const world = createLeaseWorld([testBudget({ per: 'user', limit: '100' })])
    const node = world.node(store, 'a')
    const worker = node.worker('w1', 'j1')
    await world.pass(1_000)
    expect(await answered(world, worker.call(100n, 100n, 'ann'))).toBe('held')
    expect(await answered(world, worker.call(1n, 1n, 'ann'))).toBe('spent')
    expect(await answered(world, worker.call(40n, 30n, 'bob'))).toBe('held')
    await world.pass(2_000)
    expect(node.leases.states().map(({ counter, spent }) => [counter, spent])).toEqual([
      ['ann', 100n],
      ['bob', 30n],
    ])
    const key = node.leases.states()[1]?.key ?? ''
    expect(worker.wallet.state(key)).toEqual({ limit: 100n, spent: 30n })
  })

  it('[C88] a rolling budget counts every hour of its window, and forgets those that leave it', async () => {
    const world = createLeaseWorld([testBudget({ period: { kind: 'rolling', days: 1 } })])
    const node = world.node(store, 'a')
    const worker = node.worker('w1', 'j1')
    await world.pass(1_000)
    expect(await answered(world, worker.call(600n, 600n))).toBe('held')
    await world.pass(1_000)
    world.jump(3_600_000)
    await world.pass(1_000)
    expect((await answered(world, worker.reserve(500n))).kind).toBe('spent')
    expect(await answered(world, worker.call(400n, 400n))).toBe('held')
    world.jump(23 * 3_600_000)
    await world.pass(2_000)
    expect(only(node).spent).toBe(400n)
    expect(await answered(world, worker.call(600n, 600n))).toBe('held')
  })

  it('[C89] what a period leaves over is carried into the next one', async () => {
    const world = createLeaseWorld([testBudget({ carryOver: true })])
    const node = world.node(store, 'a')
    const worker = node.worker('w1', 'j1')
    await world.pass(1_000)
    expect(await answered(world, worker.call(300n, 300n))).toBe('held')
    await world.pass(1_000)
    world.jump(12 * 3_600_000)
    await world.pass(15_000)
    expect(only(node)).toMatchObject({ limit: 1_700n, spent: 0n })
    expect((await answered(world, worker.reserve(1_700n))).kind).toBe('held')
  })
})

describe('what the ledger is asked', () => {
  it('[C85] an answer is thrown away where a journal got its first lease meanwhile', async () => {
    const world = createLeaseWorld([testBudget({ mode: 'soft' })])
    const node = world.node(store, 'a')
    await world.pass(11_000)
    let asked = 0
    world.ledger.meanwhile = async () => {
      asked += 1
      if (asked > 1) return
      // Its first call is in the ledger before the answer is made, its lease in the store after.
      const worker = node.worker('w1', 'j1')
      await worker.call(5n, 5n)
      worker.wallet.report()
      await world.settle()
      worker.wallet.report()
      await world.settle()
    }
    node.leases.refreshSoon()
    for (let look = 0; look < 30; look += 1) {
      await world.pass(100)
      expect(only(node).spent).toBeLessThanOrEqual(5n)
    }
    expect(asked).toBeGreaterThan(1)
    expect(only(node).spent).toBe(5n)
    expect(await node.leases.check()).toMatchObject({ moving: 0, findings: [] })
  })

  it('[C85] asks seldom where the ledger is slow, and at once for who waits', async () => {
    const world = createLeaseWorld([testBudget()])
    const node = world.node(store, 'a')
    await world.pass(2_000)
    world.ledger.meanwhile = async () => world.jump(1_000)
    const before = world.ledger.asked
    await world.pass(60_000)
    const asked = world.ledger.asked - before
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThanOrEqual(4)
    world.state.budgets = [testBudget({ name: 'new' })]
    const worker = node.worker('w1', 'j1')
    expect((await answered(world, worker.reserve(1n))).kind).toBe('held')
  })
})
