// That people hear of a hard budget that refuses calls, however much of it seems to be left: real wallets and leases on a real SQLite
// store, up to what alert rules read of them.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Budget, BudgetRaise } from '../../governance/budget/budget.ts'
import { instanceAt } from '../../governance/budget/budget-period.ts'
import type { ReserveOutcome } from '../../governance/budget/budget-claim.ts'
import { instanceKey } from '../../governance/budget/lease.ts'
import { ALERT_KIND_ROWS } from '../alerts/alert-kinds.ts'
import { rulesInForce, watchedRule } from '../alerts/declared-rules.ts'
import { fires } from '../alerts/evaluate.ts'
import type { BudgetState } from '../leases/budget-state.ts'
import { openControlStore, type ControlStore } from '../store/control-store.ts'
import { answered, createLeaseWorld, only, T0, testBudget } from '../testing/lease-world.ts'

const DAY_MS = 86_400_000
const clock = { now: () => T0, monotonic: () => 0 }
let directory: string
let store: ControlStore
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ledgerock-refusals-'))
  const path = join(directory, 'control.db')
  store = await openControlStore({ clock, onConnectionError: () => {} }, { kind: 'embedded', path })
})
afterEach(async () => {
  await store.close()
  rmSync(directory, { recursive: true, force: true })
})

/** What the budget's own rules say of a state, of those that fire. */
function said(budget: Budget, state: BudgetState): readonly string[] {
  const facts = {
    nodeId: 'a',
    nowMs: T0,
    budgets: [state],
    spend: () => null,
    journal: null,
    storeDown: { ledgerMs: 0, controlMs: 0 },
    clockOffsetMs: 0,
  }
  const config = { sinks: [], rules: [], allowHosts: [] }
  return rulesInForce(config, [budget])
    .filter(({ when }) => when === 'budget')
    .flatMap((rule) => {
      const readings = ALERT_KIND_ROWS.budget.read(rule, facts) ?? []
      return readings.filter((one) => fires(watchedRule(rule), one)).map(({ says }) => says)
    })
}

/** 720 of 1000 are spent, and one call that may take 300 is refused. */
async function refused(budget: Budget) {
  const world = createLeaseWorld([budget])
  const node = world.node(store, 'a')
  const worker = node.worker('w1', 'j1')
  await world.pass(1_000)
  expect(await answered(world, worker.call(720n, 720n))).toBe('held')
  await world.pass(2_000)
  const before = only(node)
  expect(await answered(world, worker.call(300n, 300n))).toBe('spent')
  const atMs = world.now()
  await world.pass(2_000)
  return { world, node, worker, before, atMs }
}

const raise = (amount: string): BudgetRaise => ({
  requestId: 'r',
  amount,
  counter: null,
  fromMs: T0,
  toMs: T0 + DAY_MS,
  carryOver: false,
})

describe('a hard budget that refuses a call', () => {
  it('[C99] is full from then on, on every node and after a restart of control', async () => {
    const budget = testBudget({ alertAt: [100] })
    const { world, node, before, atMs } = await refused(budget)
    expect([before.refusedAtMs, said(budget, before)]).toEqual([null, []])
    const state = only(node)
    expect([state.spent, state.remaining]).toEqual([720n, 280n])
    expect(state.refusedAtMs).toBeLessThanOrEqual(atMs)
    expect(state.exhaustedAtMs).toBe(state.refusedAtMs)
    expect(said(budget, state)).toEqual([
      expect.stringMatching(/^budget team has used 72 % of its limit: .* and refuses calls/),
    ])
    node.restart()
    const other = world.node(store, 'b')
    await node.leases.catchUp()
    await other.leases.catchUp()
    expect([only(node).refusedAtMs, only(other).refusedAtMs]).toEqual([
      state.refusedAtMs,
      state.refusedAtMs,
    ])
  })

  it('[C99] is not full by a call that then asks for less, as what control says is left', async () => {
    const budget = testBudget({ alertAt: [100] })
    const world = createLeaseWorld([budget])
    const node = world.node(store, 'a')
    const { wallet } = node.worker('w1', 'j1')
    await world.pass(1_000)
    const { fromMs, toMs } = instanceAt(budget.period, budget.timeZone, T0)
    const instance = instanceKey(budget.name, fromMs, null)
    const name = { instance, budget: budget.name, counter: null, fromMs, toMs, hard: true }
    const reserve = (amount: bigint, mayShrink: boolean) => {
      const claims = [{ ...name, amount, mayShrink }]
      return answered(world, new Promise<ReserveOutcome>((told) => wallet.reserve(claims, told)))
    }
    expect(await reserve(720n, false)).toMatchObject({ kind: 'held' })
    expect(await reserve(300n, true)).toMatchObject({ kind: 'spent', left: 280n })
    expect(await reserve(280n, false)).toMatchObject({ kind: 'held' })
    await world.pass(1_000)
    expect(only(node).refusedAtMs).toBeNull()
    expect(await reserve(10n, false)).toMatchObject({ kind: 'spent', left: 0n })
    await world.pass(1_000)
    expect(only(node).refusedAtMs).not.toBeNull()
  })

  it('[C99] is so no more with a raise, until it refuses under that too', async () => {
    const budget = testBudget({ alertAt: [100] })
    const { world, node, worker } = await refused(budget)
    const first = only(node).refusedAtMs ?? 0
    world.state.budgets = [{ ...budget, raises: [raise('100')] }]
    await world.pass(1_000)
    expect([only(node).limit, only(node).refusedAtMs]).toEqual([1100n, null])
    expect(await answered(world, worker.call(300n, 0n))).toBe('held')
    expect(await answered(world, worker.call(400n, 0n))).toBe('spent')
    await world.pass(1_000)
    expect(only(node).refusedAtMs).toBeGreaterThan(first)
  })

  it('[C99] is so no more in the next period, nor when it is not hard any more', async () => {
    const budget = testBudget({ alertAt: [100] })
    const { world, node } = await refused(budget)
    world.state.budgets = [{ ...budget, mode: 'soft' }]
    expect(only(node).refusedAtMs).toBeNull()
    world.state.budgets = [budget]
    expect(only(node).refusedAtMs).not.toBeNull()
    world.jump(DAY_MS)
    await world.pass(2_000)
    expect(only(node)).toMatchObject({ spent: 0n, refusedAtMs: null, exhaustedAtMs: null })
  })
})
