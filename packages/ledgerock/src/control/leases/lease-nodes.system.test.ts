// Two nodes with two workers each on one real PostgreSQL, in real time: callers everywhere at once, against one limit, to its end.

import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createBudgetWallet } from '../../governance/budget/budget-wallet.ts'
import type { ReserveOutcome } from '../../governance/budget/budget-claim.ts'
import { instanceKey } from '../../governance/budget/lease.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLeaseService } from './lease-service.ts'
import { openControlStore } from '../store/control-store.ts'
import { startStorePlaces, type StorePlaces } from '../store/testing/store-places.ts'
import { createTestLedger, testBudget } from '../testing/lease-world.ts'

const LIMIT = 100_000n
const BOUND = 1_000n
const CALLERS = 16
/** Callers give up after so many refusals in a row. */
const REFUSALS_MAX = 3

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

it('[C90] workers of two nodes never pass a limit together, and use it up', async () => {
  const { target } = await places.fresh('postgres')
  const ledger = createTestLedger()
  const budgets = [testBudget({ limit: String(LIMIT), period: { kind: 'total' } })]
  const instance = instanceKey('team', 0, null)
  const errors: unknown[] = []
  let settled = 0n
  let held = 0n
  let most = 0n
  const answers: string[] = []

  async function openNode(nodeId: string) {
    const deps = { clock: systemClock, onConnectionError: (error: unknown) => errors.push(error) }
    const store = await openControlStore(deps, target)
    const wallets = new Map<string, ReturnType<typeof createBudgetWallet>>()
    const leases = createLeaseService({
      store,
      ledger,
      budgets: () => budgets,
      clock: systemClock,
      nodeId,
      isLedgerShared: true,
      tell: (holder, message) => {
        for (const [name, wallet] of wallets) {
          if (holder === null || holder === `${nodeId}-${name}`)
            setImmediate(() => wallet.taken(message))
        }
      },
      pause: (ms) => pause(ms),
      onStop: ({ stop }) => errors.push(stop),
      onError: (error) => errors.push(error),
    })
    for (const name of ['worker-1', 'worker-2']) {
      const wallet = createBudgetWallet({
        holder: `${nodeId}-${name}`,
        send: (message) => setImmediate(() => leases.said(name, message)),
        now: systemClock.monotonic,
        after: (ms, run) => {
          const timer = setTimeout(run, ms)
          return () => clearTimeout(timer)
        },
        patienceMs: 2_000,
      })
      wallets.set(name, wallet)
    }
    const timers = [
      setInterval(() => void leases.tick().catch((error: unknown) => errors.push(error)), 1_000),
      setInterval(() => void leases.follow().catch((error: unknown) => errors.push(error)), 100),
      setInterval(() => {
        for (const wallet of wallets.values()) wallet.report()
      }, 1_000),
    ]
    await leases.tick()
    const close = async () => {
      for (const timer of timers) clearInterval(timer)
      await leases.idle()
      await store.close()
    }
    return { leases, wallets: [...wallets.values()], close }
  }

  async function caller(wallet: ReturnType<typeof createBudgetWallet>, seed: number) {
    let refusals = 0
    for (let call = 0; refusals < REFUSALS_MAX; call += 1) {
      const bound = refusals === 0 ? BOUND : 100n
      const charge = (bound * BigInt(20 + ((seed * 31 + call * 17) % 80))) / 100n
      const claim = { instance, budget: 'team', counter: null, fromMs: 0, toMs: null, hard: true }
      const outcome: ReserveOutcome = await new Promise((resolve) =>
        wallet.reserve([{ ...claim, amount: bound }], resolve),
      )
      answers.push(outcome.kind)
      if (outcome.kind !== 'held') {
        refusals += 1
        continue
      }
      held += bound
      most = held + settled > most ? held + settled : most
      await pause((seed + call) % 7)
      held -= bound
      settled += charge
      wallet.settle(outcome.reservation, [charge])
    }
  }

  const nodes = [await openNode('a'), await openNode('b')]
  const wallets = nodes.flatMap((node) => node.wallets)
  await Promise.all(
    wallets.flatMap((wallet, at) =>
      Array.from({ length: CALLERS }, (_, seed) => caller(wallet, at * CALLERS + seed)),
    ),
  )
  expect(errors).toEqual([])
  expect(most).toBeLessThanOrEqual(LIMIT)
  expect(settled * 100n).toBeGreaterThanOrEqual(LIMIT * 99n)
  expect(answers.filter((answer) => answer === 'unavailable')).toHaveLength(0)
  for (const wallet of wallets) wallet.close()
  await pause(300)
  for (const { leases } of nodes) {
    await leases.follow()
    expect(leases.states()[0]).toMatchObject({ spent: settled, reserved: 0n })
  }
  for (const node of nodes) await node.close()
})
