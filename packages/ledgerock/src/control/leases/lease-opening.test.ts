// What control knows before it hears anybody: the first call of a budget, and of each of its counters, is answered at once.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openControlStore, type ControlStore } from '../store/control-store.ts'
import { createLeaseWorld, T0, testBudget } from '../testing/lease-world.ts'
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

type World = ReturnType<typeof createLeaseWorld>

const earlier = (world: World, counter: string | null, amount: bigint): void => {
  const atMs = world.now()
  world.ledger.calls.push({
    journalId: 'before',
    budget: null,
    atMs,
    fromMs: atMs,
    counter,
    amount,
    dimensions: { env: 'prod', ...(counter === null ? {} : { team: counter }) },
  })
}

/** Without a tick of the clock: what is not answered from what is known stays unanswered. */
async function atOnce(world: World, outcome: Promise<unknown>): Promise<unknown> {
  let answer: unknown = 'nothing'
  void outcome.then((value) => {
    answer = value
  })
  await world.settle()
  return answer
}

const PERIODS = [{ kind: 'day' }, { kind: 'total' }, { kind: 'rolling', days: 7 }] as const

it.each(PERIODS)(
  '[C98] the ledger is asked of all counters before the first call: $kind',
  async (period) => {
    const world = createLeaseWorld([testBudget({ per: 'team', period })])
    earlier(world, 'search', 950n)
    const node = world.node(store, 'a')
    await node.leases.open()
    expect(world.ledger.asked).toBe(1)
    const worker = node.worker('w1', 'j1')
    expect(await atOnce(world, worker.call(100n, 1n, 'search'))).toBe('spent')
    // Between two asks for the same lease.
    await world.pass(20)
    expect(await atOnce(world, worker.call(50n, 1n, 'search'))).toBe('held')
    // Of the other counter the ledger did not speak: it holds nothing.
    expect(await atOnce(world, worker.call(900n, 1n, 'ads'))).toBe('held')
    expect(world.ledger.asked).toBe(1)
  },
)

it('[C98] a ledger that is down is asked again, and meanwhile nothing is granted of what nobody knows', async () => {
  const world = createLeaseWorld([testBudget({ per: 'team', period: { kind: 'day' } })])
  earlier(world, 'search', 950n)
  const node = world.node(store, 'a')
  world.ledger.failure = new Error('down')
  await expect(node.leases.open()).rejects.toThrow('down')
  const worker = node.worker('w1', 'j1')
  const first = worker.call(100n, 1n, 'search')
  await world.pass(400)
  expect(await first).toBe('unavailable')
  world.ledger.failure = null
  await world.pass(2_000)
  expect(await atOnce(world, worker.call(100n, 1n, 'search'))).toBe('spent')
})

it('[C98] a counter of a budget that is counted otherwise since is asked for', async () => {
  const world = createLeaseWorld([testBudget({ per: 'team', period: { kind: 'day' } })])
  const node = world.node(store, 'a')
  await node.leases.open()
  world.state.budgets = [
    testBudget({ per: 'team', period: { kind: 'day' }, scope: { env: ['prod'] } }),
  ]
  earlier(world, 'search', 950n)
  const worker = node.worker('w1', 'j1')
  const answer = worker.call(100n, 1n, 'search')
  await world.pass(100)
  expect(await answer).toBe('spent')
  expect(world.ledger.asked).toBeGreaterThan(1)
})

it('[C98] a database that took over may have lost counters: each is asked for again', async () => {
  const standing = { identity: 'db:1', nowMs: null }
  const { shared } = sharedStore(store, () => standing)
  const world = createLeaseWorld([testBudget({ per: 'team', period: { kind: 'day' } })])
  const node = world.node(shared, 'a')
  await node.leases.open()
  const asked = world.ledger.asked
  const worker = node.worker('w1', 'j1')
  expect(await atOnce(world, worker.call(10n, 1n, 'search'))).toBe('held')
  expect(world.ledger.asked).toBe(asked)
  standing.identity = 'db:2'
  const answer = worker.call(10n, 1n, 'ads')
  await world.pass(100)
  expect(await answer).toBe('held')
  expect(world.ledger.asked).toBeGreaterThan(asked)
})
