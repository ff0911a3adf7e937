// Two nodes on one store under random faults, by seed: workers and control processes die, the store goes away, calls are cut off. Whatever
// happens, what was admitted stays within the limit, and afterwards counters are the sum of the ledger.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { BudgetReservation } from '../governance/budget-wallet.ts'
import { openControlStore } from './store/control-store.ts'
import { createLeaseWorld, T0, testBudget } from './testing/lease-world.ts'
import { sharedStore } from './testing/shared-store.ts'

const SEEDS = 4
const STEPS = 100
const ACTIONS_A_STEP = 4
/** Of about a fifth of what is asked for. */
const LIMIT = 15_000n

type Flight = {
  readonly holder: string
  readonly worker: string
  readonly reservation: BudgetReservation
  readonly bound: bigint
}

/** Mulberry32. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

async function runSeed(seed: number): Promise<void> {
  const random = randomOf(seed)
  const directory = mkdtempSync(join(tmpdir(), 'ledgerock-lease-faults-'))
  const target = { kind: 'embedded', path: join(directory, 'control.db') } as const
  const clock = { now: () => T0, monotonic: () => 0 }
  const store = await openControlStore({ clock, onConnectionError: () => {} }, target)
  const world = createLeaseWorld([testBudget({ limit: String(LIMIT), period: { kind: 'total' } })])
  const standing = { identity: 'db:1', nowMs: null }
  const stores = [sharedStore(store, () => standing), sharedStore(store, () => standing)]
  const nodes = stores.map(({ shared }, at) => world.node(shared, `node-${at}`))
  let journals = 0
  let flights: Flight[] = []
  let charged = 0n
  let refused = 0
  const begin = (node: (typeof nodes)[number], name: string): void => {
    journals += 1
    node.worker(name, `journal-${journals}`)
  }
  for (const node of nodes) for (const name of ['w1', 'w2']) begin(node, name)
  const written = (holder: string, amount: bigint): void => {
    charged += amount
    const call = { journalId: holder, budget: 'team', fromMs: 0, atMs: world.now(), counter: null }
    world.ledger.calls.push({ ...call, amount })
  }
  const admitted = (): bigint => flights.reduce((sum, { bound }) => sum + bound, charged)

  const steps: readonly (() => void)[] = [
    ...Array<() => void>(12).fill(() => {
      const node = nodes[random(2)]
      const worker = node?.workers.get(`w${1 + random(2)}`)
      if (worker === undefined) return
      const bound = BigInt(1 + random(900))
      const { holder, name } = worker
      void worker.reserve(bound).then((outcome) => {
        if (outcome.kind === 'spent') refused += 1
        if (outcome.kind !== 'held') return
        const isGone = node?.workers.get(name)?.holder !== holder
        // Nobody learns of a call that was admitted by a process that is gone.
        if (!isGone) flights.push({ holder, worker: name, reservation: outcome.reservation, bound })
      })
    }),
    ...Array<() => void>(10).fill(() => {
      const flight = flights[random(Math.max(1, flights.length))]
      if (flight === undefined) return
      flights = flights.filter((one) => one !== flight)
      const charge = (flight.bound * BigInt(random(101))) / 100n
      written(flight.holder, charge)
      for (const { workers } of nodes) {
        for (const one of workers.values()) {
          if (one.holder === flight.holder) one.wallet.settle(flight.reservation, [charge])
        }
      }
    }),
    () => {
      if (random(3) > 0) return
      const node = nodes[random(2)]
      const name = `w${1 + random(2)}`
      const holder = node?.workers.get(name)?.holder
      if (node === undefined || holder === undefined) return
      node.kill(name, 'running')
      for (const one of flights) if (one.holder === holder) written(holder, one.bound)
      flights = flights.filter((one) => one.holder !== holder)
      begin(node, name)
      setTimeout(() => world.ledger.ends.set(holder, 'ended'), 0)
    },
    () => {
      if (random(3) === 0) nodes[random(2)]?.restart()
    },
    () => {
      const way = stores[random(2)]
      if (way === undefined) return
      way.fault.next = way.fault.next === null ? new Error('cut off') : null
    },
  ]
  for (let step = 0; step < STEPS; step += 1) {
    for (let action = 0; action < ACTIONS_A_STEP; action += 1) steps[random(steps.length)]?.()
    await world.pass(10 * (1 + random(20)))
    expect(admitted() <= LIMIT, `seed ${seed}, step ${step}: ${admitted()} of ${LIMIT}`).toBe(true)
  }
  // Everything ends, and everybody is heard again.
  for (const way of stores) way.fault.next = null
  // Calls that wait are answered, or have no patience any more.
  await world.pass(500)
  for (const { holder, bound, reservation } of flights) {
    written(holder, bound)
    for (const { workers } of nodes) {
      for (const one of workers.values()) {
        if (one.holder === holder) one.wallet.settle(reservation, [bound])
      }
    }
  }
  flights = []
  for (const { workers } of nodes) for (const one of workers.values()) one.wallet.close()
  await world.pass(15_000)
  for (const node of nodes) {
    expect(node.leases.states()[0], `seed ${seed}`).toMatchObject({ spent: charged, reserved: 0n })
    expect(await node.leases.check(), `seed ${seed}`).toEqual({
      checked: 1,
      moving: 0,
      findings: [],
    })
  }
  // Else the limit was never reached, and nothing was shown.
  expect(refused).toBeGreaterThan(0)
  await store.close()
  rmSync(directory, { recursive: true, force: true })
}

it.each(Array.from({ length: SEEDS }, (_, at) => at + 1))(
  '[C95] holds the limit through faults, and counts what the ledger has: seed %i',
  (seed) => runSeed(seed),
  60_000,
)
