// R11: two nodes with two workers each, real processes, on one PostgreSQL and one ClickHouse, under 64 callers of hard budgets. One node
// loses PostgreSQL, comes back, is killed, comes back with its disk, and is killed for good. What was charged and what the simulators
// served never pass a limit; the other node goes on; what a node that is gone may have spent stays counted until it is given up.

import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres, type TestPostgres } from '../src/control/store/testing/start-postgres.ts'
import { parseUsd } from '../src/kernel/money.ts'
import { mustOk } from '../src/kernel/result.ts'
import {
  startClickHouseServer,
  type TestServer,
} from '../src/ledger/testing/clickhouse-http-server.ts'
import { callOnce, startCallers, type Callers } from './support/budget-callers.ts'
import { ledgerockJson } from './support/command-line.ts'
import { openLink, type CuttableLink } from '../src/control/store/testing/cuttable-link.ts'
import { allCalls, ask, orNull, type ApiCall } from './support/ledger-api.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'
import { childrenOf, signal } from './support/system-processes.ts'

const WORKERS = 2
const CALLERS = 32
/** By name of the budget and its team; a call is about a hundred-thousandth. */
const LIMITS = { cut: '0.1', back: '0.04', gone: '0.01' } as const
type Budget = keyof typeof LIMITS
const BUDGETS = Object.keys(LIMITS) as Budget[]

const CONFIG = `budgets:
${BUDGETS.map(
  (name) =>
    `  - { name: ${name}, scope: { team: ${name} }, period: month, limit_usd: "${LIMITS[name]}", mode: hard }`,
).join('\n')}
  - { name: company, period: year, limit_usd: "1000", mode: hard }
`
const SIMULATOR = { latencyMs: 250, recordLimit: 100_000 }

type Lease = {
  readonly instance: string
  readonly budget: string
  readonly holder: string
  readonly node_id: string
  readonly state: string
  readonly cut_off: boolean
  readonly held_usd: string
  readonly settled_usd: string
}
type State = {
  readonly spent_usd: string
  readonly reserved_usd: string
  readonly remaining_usd: string
  readonly exposure_usd: string
}
type Verified = {
  readonly sound: boolean
  readonly budgets: {
    readonly findings: readonly unknown[]
    readonly lost: readonly { readonly budget: string; readonly lost_usd: string }[]
  }
}

let directory: string
let postgres: TestPostgres
let clickhouse: TestServer
let link: CuttableLink
let near: RunningSystem
let far: RunningSystem
let keys: Readonly<Record<Budget, string>>
const running: Callers[] = []

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ledgerock-nodes-'))
  postgres = await startPostgres()
  clickhouse = await startClickHouseServer(join(directory, 'engine'))
  const url = await postgres.createDatabase()
  link = await openLink(url)
  const options = {
    workers: WORKERS,
    simulator: SIMULATOR,
    config: `stores: { ledger: '${clickhouse.url}', control: '\${CONTROL_URL}' }\n${CONFIG}`,
  }
  near = await startSystem({ ...options, env: { CONTROL_URL: url } })
  const dataDir = mkdtempSync(join(tmpdir(), 'ledgerock-test-'))
  // What every node of a fleet has in common.
  for (const file of ['master-key', 'admin-token']) {
    copyFileSync(join(near.dataDir, file), join(dataDir, file))
  }
  far = await startSystem({ ...options, dataDir, env: { CONTROL_URL: link.url } })
  const made = await Promise.all(
    BUDGETS.map(async (team) => [team, await near.createKey(team, { team })] as const),
  )
  keys = Object.fromEntries(made) as Record<Budget, string>
})
afterEach(async () => {
  link.set('whole')
  await Promise.all(running.splice(0).map((one) => one.stop()))
})
afterAll(async () => {
  await far?.dispose()
  await near?.dispose()
  await link?.close()
  await clickhouse?.close()
  await postgres?.stop()
  rmSync(directory, { recursive: true, force: true })
})

const usd = (text: string): bigint => mustOk(parseUsd(text))
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n)
const nodeOf = ({ dataDir }: RunningSystem): string =>
  readFileSync(join(dataDir, 'node-id'), 'utf8').trim()

const leasesOf = async (budget: Budget, node?: string): Promise<readonly Lease[]> => {
  const { items } = await ledgerockJson<{ items: readonly Lease[] }>(near, 'budgets', 'leases')
  return items.filter((one) => one.budget === budget && (node ?? one.node_id) === one.node_id)
}
async function stateOf(budget: Budget): Promise<State> {
  const { items } = await ask<{ items: readonly State[] }>(near, `/api/v1/budgets/${budget}`)
  const [state] = items
  if (state === undefined) throw new Error(`no state of ${budget}`)
  return state
}
const chargeOf = (row: ApiCall, budget: Budget): bigint =>
  sum(row.budget_charges.filter((one) => one.budget === budget).map((one) => usd(one.usd ?? '0')))

/** Of all calls either simulator ever served. */
const trueCost = (): bigint =>
  sum(
    [near, far].flatMap(({ simulator }) =>
      simulator.calls().map((one) => usd(one.cost_usd ?? '0')),
    ),
  )

const chargedOf = async (budget: Budget): Promise<bigint> =>
  sum((await allCalls(near)).map((row) => chargeOf(row, budget)))

async function mustHold(budget: Budget, costBefore: bigint): Promise<bigint> {
  const charged = await chargedOf(budget)
  expect(charged).toBeLessThanOrEqual(usd(LIMITS[budget]))
  // Only this budget's callers were there since.
  expect(trueCost() - costBefore).toBeLessThanOrEqual(usd(LIMITS[budget]))
  return charged
}

const until = (is: () => boolean, what: string, patienceMs = 20_000): Promise<true> =>
  eventually(() => Promise.resolve(is() ? true : null), what, patienceMs)
const count = ({ counts }: Callers, kind: string): number => counts[kind] ?? 0
const more = (callers: Callers, kind: string, by: number, what: string): Promise<true> => {
  const before = count(callers, kind)
  return until(() => count(callers, kind) >= before + by, what)
}

/** The machine, not only the supervisor, whose children would end in order. */
async function powerOff(system: RunningSystem): Promise<void> {
  const children = childrenOf(system)
  signal(system.pid, 'SIGSTOP')
  for (const { pid } of children) signal(pid, 'SIGKILL')
  await system.end('SIGKILL')
}

function called(system: () => RunningSystem, budget: Budget): Callers {
  const callers = startCallers(() => system().gatewayUrl, keys[budget], CALLERS)
  running.push(callers)
  return callers
}
const bothCalled = (budget: Budget): readonly [Callers, Callers] => [
  called(() => near, budget),
  called(() => far, budget),
]
async function bothServed([here, there]: readonly Callers[], calls: number): Promise<void> {
  for (const one of [here, there]) {
    if (one !== undefined) await until(() => count(one, '200') >= calls, `${calls} calls served`)
  }
}

describe('two nodes on one PostgreSQL', () => {
  it('[C94] one that is cut off goes on with what it has, then says so, until it is back', async () => {
    const costBefore = trueCost()
    const callers = bothCalled('cut')
    const [here, there] = callers
    await bothServed(callers, 50)
    const refusals = count(there, 'budget_unavailable')
    link.set('refused')
    await more(there, '200', 1, 'calls on leases in hand')
    await until(() => count(there, 'budget_unavailable') >= refusals + CALLERS, 'leases used up')
    expect(there.last['budget_unavailable']).toMatchObject({ status: 503, retryAfter: '1' })
    await more(here, '200', 50, 'the other node going on')
    await eventually(async () => {
      const held = await leasesOf('cut', nodeOf(far))
      return held.some((one) => one.cut_off && one.state === 'open') ? true : null
    }, 'leases shown as cut off')
    // Control goes too, and cannot begin again while the store is away.
    const control = childrenOf(far).find(({ role }) => role === 'control')
    expect(control === undefined ? false : signal(control.pid, 'SIGKILL')).toBe(true)
    await more(there, 'budget_unavailable', CALLERS, 'refusals without control')
    link.set('whole')
    await more(there, '200', 50, 'calls served again')
    await Promise.all(callers.map((one) => one.stop()))
    expect(count(here, 'cut')).toBe(0)
    await mustHold('cut', costBefore)
  })

  it('[C83] one that comes back with its disk has its leases closed, and nothing stays held', async () => {
    const costBefore = trueCost()
    const callers = bothCalled('back')
    const [here, there] = callers
    await bothServed(callers, 50)
    link.set('silent')
    await more(there, '200', 5, 'calls on leases in hand')
    await powerOff(far)
    const before = new Set((await leasesOf('back', nodeOf(far))).map(({ holder }) => holder))
    expect(before.size).toBeGreaterThan(0)
    await more(here, '200', 20, 'the other node going on')
    link.set('whole')
    far = await far.again()
    await more(there, '200', 20, 'calls on the node that is back')
    await eventually(
      async () => ((await leasesOf('back')).some(({ holder }) => before.has(holder)) ? null : true),
      'the old leases closed',
    )
    await Promise.all(callers.map((one) => one.stop()))
    await eventually(
      async () => ((await orNull(ask<Verified>(near, '/api/v1/verify')))?.sound ? true : null),
      'counters that are the ledger’s',
    )
    const charged = await mustHold('back', costBefore)
    const state = await eventually(async () => {
      const now = await stateOf('back')
      return usd(now.spent_usd) === charged ? now : null
    }, 'what was spent')
    expect(state).toMatchObject({ exposure_usd: '0' })
    // What died with calls under way is charged at their bounds: never less than they cost.
    expect(trueCost() - costBefore).toBeLessThanOrEqual(charged)
  })

  it('[C91] one whose disk is gone stays counted until it is given up, and that is in the trail', async () => {
    const costBefore = trueCost()
    const node = nodeOf(far)
    const callers = bothCalled('gone')
    const [here, there] = callers
    await bothServed(callers, 20)
    const evict = () =>
      ledgerockJson(near, 'budgets', 'evict', node, '--reason', 'the disk is gone')
    await expect(evict()).rejects.toThrow('is running')
    link.set('silent')
    await more(there, '200', 5, 'calls on leases in hand')
    await powerOff(far)
    await there.stop()
    rmSync(far.dataDir, { recursive: true, force: true })
    // To the end of what is left: what the other node may have spent is not given to anybody.
    await eventually(async () => {
      const { remaining_usd: left } = await stateOf('gone')
      return usd(left) * 50n < usd(LIMITS.gone) ? true : null
    }, 'next to nothing left here')
    await more(here, 'budget_unavailable', 2 * CALLERS, 'no last word while it may hold something')
    expect(count(here, 'budget')).toBe(0)
    await here.stop()
    const held = await leasesOf('gone', node)
    expect(held.every((one) => one.cut_off && one.state === 'open')).toBe(true)
    const exposure = sum(held.map((one) => usd(one.held_usd)))
    expect(exposure).toBeGreaterThan(0n)
    expect(usd((await stateOf('gone')).exposure_usd)).toBe(exposure)
    await mustHold('gone', costBefore)

    const evicted = await evict()
    expect(evicted).toMatchObject({ leases: expect.arrayContaining([expect.anything()]) })
    const lost = await leasesOf('gone', node)
    expect(lost.map((one) => one.state)).toEqual(held.map(() => 'lost'))
    expect(sum(lost.map((one) => usd(one.held_usd)))).toBe(exposure)
    const last = called(() => near, 'gone')
    await until(() => count(last, 'budget') >= CALLERS, 'a last word: the budget is spent')
    await last.stop()
    const { items } = await ask<{ items: readonly Readonly<Record<string, unknown>>[] }>(
      near,
      '/api/v1/audit-trail?limit=200',
    )
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          action: 'node.evict',
          subject: node,
          reason: 'the disk is gone',
        }),
      ]),
    )
    // What it spent without telling anybody is within what is counted of it.
    const counted = await stateOf('gone')
    const spent = usd(counted.spent_usd) + usd(counted.reserved_usd)
    expect(spent).toBeLessThanOrEqual(usd(LIMITS.gone))
    expect(trueCost() - costBefore).toBeLessThanOrEqual(spent)
    const { budgets } = await ask<Verified>(near, '/api/v1/verify')
    expect(budgets.findings).toEqual([])
    const writtenOff = budgets.lost.filter(({ budget }) => budget === 'gone')
    expect(sum(writtenOff.map((one) => usd(one.lost_usd)))).toBe(exposure)

    const agent = new Agent()
    for (const { instance, holder } of lost) {
      const which = ['--instance', instance, '--holder', holder]
      await ledgerockJson(near, 'budgets', 'reclaim', ...which, '--reason', 'bills were compared')
    }
    await eventually(
      async () =>
        (await callOnce(near.gatewayUrl, keys.gone, agent)).kind === '200' ? true : null,
      'a call on what was freed',
    )
    agent.destroy()
    expect(await leasesOf('gone', node)).toEqual([])
    // What no book has is forgotten with its lease; what the books have never passes the limit.
    expect(await chargedOf('gone')).toBeLessThanOrEqual(usd(LIMITS.gone))
  })
})
