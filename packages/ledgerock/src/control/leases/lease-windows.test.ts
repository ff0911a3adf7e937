// What a lease counts for when its budget's window moves on, or the budget itself is changed, with real wallets on a real SQLite store.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { instanceAt } from '../../governance/budget/budget-period.ts'
import { instanceKey } from '../../governance/budget/lease.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import { createLeaseWorld, T0, testBudget } from '../testing/lease-world.ts'
import { openControlStore, type ControlStore } from '../store/control-store.ts'
import { sharedStore } from '../testing/shared-store.ts'

const clock = { now: () => T0, monotonic: () => 0 }
let directory: string
let store: ControlStore
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ledgerock-windows-'))
  const path = join(directory, 'control.db')
  store = await openControlStore({ clock, onConnectionError: () => {} }, { kind: 'embedded', path })
})
afterEach(async () => {
  await store.close()
  rmSync(directory, { recursive: true, force: true })
})

type World = ReturnType<typeof createLeaseWorld>
type Worker = ReturnType<ReturnType<World['node']>['worker']>

/** Waits in virtual time, for longer than a call's patience. */
async function called(world: World, worker: Worker, amount: bigint): Promise<string> {
  const answers: string[] = []
  void worker.call(amount, amount).then((kind) => answers.push(kind))
  for (let waited = 0; waited < 400 && answers.length === 0; waited += 20) await world.pass(20)
  return answers[0] ?? 'no answer'
}

it('[C120] leases for the next hour of a rolling budget count while this hour is granted from', async () => {
  const period = { kind: 'rolling', days: 1 } as const
  const world = createLeaseWorld([testBudget({ period, limit: '100000' })])
  const node = world.node(store, 'a')
  const workers = ['1', '2', '3', '4'].map((one) => node.worker(`w${one}`, `j${one}`))
  await world.pass(1_000)
  world.jump(MS_PER_HOUR - 62_000)
  await world.pass(2_000)
  let charged = 0n
  // All of them lie in the window of the next hour.
  const counted: bigint[] = []
  const spend = async (worker: Worker, amount: bigint): Promise<string> => {
    const kind = await called(world, worker, amount)
    if (kind === 'held') charged += amount
    const leases = await node.leases.leases()
    counted.push(leases.reduce((sum, lease) => sum + lease.settled + lease.held, 0n))
    return kind
  }
  for (const worker of workers) for (let call = 0; call < 5; call += 1) await spend(worker, 1_000n)
  const next = instanceAt(period, 'UTC', T0 + MS_PER_HOUR)
  const instance = instanceKey('team', next.fromMs, null)
  for (const { wallet } of workers) {
    for (const ending of wallet.endingBy(world.now() + 60_000)) {
      wallet.expect({ ...ending, ...next, instance }, ending.instance)
    }
  }
  await world.pass(2_000)
  const [first] = workers as [Worker]
  let kind = 'held'
  for (let call = 0; call < 200 && kind !== 'spent'; call += 1) kind = await spend(first, 1_000n)
  expect(kind).toBe('spent')
  world.jump(Math.max(0, next.fromMs - world.now()) + 1_000)
  for (const worker of workers) for (let call = 0; call < 3; call += 1) await spend(worker, 500n)
  expect(counted.filter((sum) => sum > 100_000n)).toEqual([])
  expect(charged).toBeLessThanOrEqual(100_000n)
  expect(charged).toBeGreaterThan(90_000n)
}, 60_000)

it('[C121] a limit that is lowered is heard by those who hold more than it leaves, asked or not', async () => {
  const world = createLeaseWorld([testBudget({ limit: '1000000' })])
  const node = world.node(store, 'a')
  const worker = node.worker('w1', 'j1')
  await world.pass(1_000)
  // Traffic earns a slice.
  for (let call = 0; call < 20; call += 1) await called(world, worker, 1_000n)
  await world.pass(1_000)
  const [before] = node.leases.states()
  expect(before?.reserved).toBeGreaterThan(2_000n)
  world.state.budgets = [testBudget({ limit: '10000' })]
  await world.pass(3_000)
  expect(node.leases.states()[0]).toMatchObject({ reserved: 0n, remaining: 0n })
  expect(await called(world, worker, 1_000n)).toBe('spent')
  expect(node.errors).toEqual([])
})

it('[C122] a budget that is counted otherwise since grants nothing of what was said of it before', async () => {
  const world = createLeaseWorld([testBudget({ scope: { env: ['test'] } })])
  const node = world.node(store, 'a')
  const worker = node.worker('w1', 'j1')
  await world.pass(1_000)
  expect(await called(world, worker, 100n)).toBe('held')
  await world.pass(2_000)
  const { fromMs } = node.leases.states()[0]?.instance ?? { fromMs: 0 }
  const earlier = { journalId: 'old', budget: null, fromMs, atMs: world.now(), counter: null }
  world.ledger.calls.push({ ...earlier, amount: 850n })
  world.ledger.failure = new Error('down')
  world.state.budgets = [testBudget({ scope: {} })]
  expect(await called(world, worker, 100n)).toBe('unavailable')
  world.ledger.failure = null
  await world.pass(2_000)
  expect(await called(world, worker, 100n)).toBe('spent')
  expect(await called(world, worker, 50n)).toBe('held')
})

it('[C122] an answer of the ledger about a budget as it was is thrown away', async () => {
  const world = createLeaseWorld([testBudget({ scope: { env: ['test'] } })])
  const node = world.node(store, 'a')
  await world.pass(1_000)
  const { fromMs } = node.leases.states()[0]?.instance ?? { fromMs: 0 }
  world.ledger.meanwhile = async () => {
    world.ledger.meanwhile = async () => {}
    world.state.budgets = [testBudget({ scope: {}, name: 'other' })]
    const earlier = { journalId: 'old', budget: null, fromMs, atMs: world.now(), counter: null }
    world.ledger.calls.push({ ...earlier, amount: 900n })
  }
  node.leases.refreshSoon()
  await world.pass(5_000)
  expect(node.leases.states()).toMatchObject([{ spent: 900n }])
  const { row } = { row: (await store.read.leases.instancesSince(0)).find(isTeam) }
  expect(row?.other).toBe(0n)
})

const isTeam = ({ budget }: { readonly budget: string }): boolean => budget === 'team'

it('[C89] a counter nobody used for a whole period carries over what it was left', async () => {
  const day = { period: { kind: 'day' }, per: 'user', carryOver: true } as const
  const world = createLeaseWorld([testBudget(day)])
  // The ledger speaks only of counters that have anything.
  const { budgetSpend } = world.ledger
  world.ledger.budgetSpend = async (question) =>
    (await budgetSpend(question)).filter(
      ({ other, chargedElse }) => other !== '0' || chargedElse !== '0',
    )
  const node = world.node(store, 'a')
  const worker = node.worker('w1', 'j1')
  await world.pass(1_000)
  void worker.call(300n, 300n, 'ann')
  await world.pass(13_000)
  world.jump(24 * MS_PER_HOUR)
  await world.pass(15_000)
  expect(node.leases.states()).toMatchObject([{ counter: 'ann', limit: 1_700n }])
  world.jump(24 * MS_PER_HOUR)
  await world.pass(15_000)
  expect(node.leases.states()).toMatchObject([{ counter: 'ann', limit: 2_700n, spent: 0n }])
})

it('[C123] a holder whose lease is lost hears that it is over, and is served under another journal', async () => {
  const world = createLeaseWorld([testBudget({ period: { kind: 'total' }, limit: '100000' })])
  const standing = { identity: 'db:1', nowMs: null }
  const [here, there] = [sharedStore(store, () => standing), sharedStore(store, () => standing)]
  const [a, b] = [world.node(here.shared, 'a'), world.node(there.shared, 'b')]
  const worker = b.worker('w1', 'j1')
  await world.pass(2_000)
  expect(await called(world, worker, 1_000n)).toBe('held')
  there.fault.next = new Error('cut')
  await world.pass(6_000)
  expect((await a.leases.evict('b', 'admin', 'gone')).ok).toBe(true)
  there.fault.next = null
  await world.pass(3_000)
  expect(await called(world, worker, 50_000n)).toBe('unavailable')
  const grants = b.told.flatMap(({ message }) =>
    message.kind === 'budget-grant' ? message.grants : [],
  )
  expect(grants.at(-1)).toMatchObject({ answer: 'unavailable', isOver: true })
  expect(grants.filter(({ isOver }) => isOver !== true).length).toBeGreaterThan(0)
  b.kill('w1', 'ended')
  const next = b.worker('w1', 'j2')
  await world.pass(2_000)
  expect(await called(world, next, 50_000n)).toBe('held')
})

it('[C86] a check finds what an answer about charges forgets, by what the calls of the scope cost', async () => {
  const world = createLeaseWorld([testBudget()])
  const node = world.node(store, 'a')
  await world.pass(2_000)
  expect(await node.leases.check()).toMatchObject({ checked: 1, findings: [] })
  const { budgetSpend } = world.ledger
  world.ledger.budgetSpend = async (question) =>
    question.budgets.every(({ budget }) => budget === '')
      ? question.budgets.map(({ id }) => ({ id, counter: null, other: '70', chargedElse: '0' }))
      : budgetSpend(question)
  const { findings } = await node.leases.check()
  expect(findings).toMatchObject([{ budget: 'team', counted: 0n, ledger: 70n }])
})

it('[C83] a row whose budget nobody knew goes away too, long after its period', async () => {
  const world = createLeaseWorld([testBudget({ name: 'gone', period: { kind: 'hour' } })])
  const node = world.node(store, 'a')
  const worker = node.worker('w1', 'j1')
  await world.pass(1_000)
  world.state.budgets = [testBudget({ period: { kind: 'total' } })]
  const { fromMs } = instanceAt({ kind: 'hour' }, 'UTC', T0)
  const instance = instanceKey('unknown', fromMs, null)
  const claim = { instance, budget: 'unknown', counter: null, fromMs, toMs: null }
  worker.wallet.reserve([{ ...claim, hard: false, amount: 5n }], () => {})
  await world.pass(2_000)
  const names = async (): Promise<readonly string[]> =>
    (await store.read.leases.instancesSince(0)).map(({ budget }) => budget)
  expect(await names()).toContain('unknown')
  node.kill('w1', 'ended')
  world.jump(401 * 24 * MS_PER_HOUR)
  await world.pass(2_000)
  expect(await names()).toEqual(['team'])
})
