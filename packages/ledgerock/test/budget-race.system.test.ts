// R11: four workers and 256 callers against a hard budget with room for about fifteen hundred calls. What was charged never passes the
// limit, whatever dies; what was left at the end is less than one call needs. Without kills the budget is spent to the last percent.
// LEDGEROCK_TEST_SEED replays the order of the kills; when they strike is the machine's business.

import fc from 'fast-check'
import { Agent, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mustOk } from '../src/kernel/result.ts'
import { formatUsd, parseUsd, picodollars } from '../src/kernel/money.ts'
import { CONVERSE_PATH } from './support/gateway-call.ts'
import { allCalls, orNull, verify, type ApiCall } from './support/ledger-api.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'
import { childrenOf, signal, type ChildRole } from './support/system-processes.ts'
import { testSeed } from './support/test-seed.ts'

const WORKERS = 4
const CALLERS = 64 * WORKERS
const LIMIT = '0.02'
/** A caller that is told so often in a row that the budget is spent believes it. */
const BELIEVES_AFTER = 4
const seed = testSeed()

const CONFIG = `
budgets:
  - { name: search-monthly, scope: { team: search }, period: month, time_zone: UTC,
      limit_usd: "${LIMIT}", mode: hard }
  - { name: company, scope: {}, period: year, time_zone: UTC, limit_usd: "1000", mode: hard }
`
const BODY = JSON.stringify({
  messages: [{ role: 'user', content: [{ text: 'Name three rivers of Europe.' }] }],
  inferenceConfig: { maxTokens: 40 },
})

/** Slow enough that every worker has many calls under way. */
const SIMULATOR = { latencyMs: 40, recordLimit: 100_000 }

const limit = mustOk(parseUsd(LIMIT))
const agent = new Agent({ keepAlive: true, maxSockets: CALLERS })
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

type Told = { readonly status: number; readonly refusal: string | null }

function converse(gatewayUrl: string, key: string): Promise<Told> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const sent = request(`${gatewayUrl}${CONVERSE_PATH}`, { method: 'POST', agent, headers })
    sent.on('response', (response) => {
      const refusal = response.headers['x-ledgerock-refusal']
      response.on('error', reject).on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          refusal: typeof refusal === 'string' ? refusal : null,
        }),
      )
      response.resume()
    })
    sent.on('error', reject)
    sent.end(BODY)
  })
}

type Traffic = { readonly ended: Promise<void>; readonly counts: Readonly<Record<string, number>> }

/** Every caller asks until it believes that the budget is spent; what cannot be answered now is asked again. */
function startTraffic(system: () => RunningSystem, key: string): Traffic {
  const counts: Record<string, number> = {}
  const caller = async (): Promise<void> => {
    for (let spent = 0; spent < BELIEVES_AFTER;) {
      const told = await converse(system().gatewayUrl, key).catch(() => null)
      const name = told === null ? 'cut' : (told.refusal ?? String(told.status))
      counts[name] = (counts[name] ?? 0) + 1
      if (name === 'budget') spent += 1
      else if (name === '200') spent = 0
      if (name !== '200') await pause(250)
    }
  }
  return {
    ended: Promise.all(Array.from({ length: CALLERS }, caller)).then(() => undefined),
    counts,
  }
}

const chargeOf = ({ budget_charges: charges }: ApiCall): bigint =>
  charges
    .filter(({ budget }) => budget === 'search-monthly')
    .reduce((sum, { usd }) => sum + mustOk(parseUsd(usd ?? '0')), 0n)

const charged = (rows: readonly ApiCall[]): bigint =>
  rows.reduce((sum, row) => sum + chargeOf(row), 0n)

function trueCost(system: RunningSystem): bigint {
  return system.simulator
    .calls()
    .reduce((sum, { cost_usd: cost }) => sum + mustOk(parseUsd(cost ?? '0')), 0n)
}

/** Every call the simulator served is in the ledger. */
function settled(system: RunningSystem): Promise<readonly ApiCall[]> {
  return eventually(
    async () => {
      const rows = await orNull(allCalls(system))
      const served = system.simulator.calls().length
      const known = rows?.filter(({ refusal }) => refusal === null).length ?? 0
      return rows !== null && known >= served ? rows : null
    },
    'every served call in the ledger',
    90_000,
  )
}

async function mustHold(system: RunningSystem): Promise<void> {
  const rows = await settled(system)
  const spent = charged(rows)
  expect(spent, `${formatUsd(picodollars(spent))} of ${LIMIT}`).toBeLessThanOrEqual(limit)
  expect(trueCost(system)).toBeLessThanOrEqual(limit)
  // What one call needs is far below a percent here.
  expect(spent * 100n).toBeGreaterThanOrEqual(limit * 99n)
  await eventually(
    async () => ((await verify(system)).sound ? true : null),
    'counters that are the ledger’s',
  )
}

describe('a hard budget under 256 callers', () => {
  let system: RunningSystem
  let key: string

  beforeAll(async () => {
    system = await startSystem({ workers: WORKERS, config: CONFIG, simulator: SIMULATOR })
    key = await system.createKey('search', { team: 'search' })
  })
  afterAll(() => system.dispose())

  it('is spent to the last percent and never passed', { timeout: 240_000 }, async () => {
    const traffic = startTraffic(() => system, key)
    await traffic.ended
    await mustHold(system)
    expect(traffic.counts['cut']).toBeUndefined()
  })
})

describe(`R10, R11: a hard budget while workers and control are killed (seed ${seed})`, () => {
  let system: RunningSystem
  let key: string

  beforeAll(async () => {
    system = await startSystem({ workers: WORKERS, config: CONFIG, simulator: SIMULATOR })
    key = await system.createKey('search', { team: 'search' })
  })
  afterAll(() => system.dispose())

  it(
    'is never passed, and what died gives back what it did not spend',
    { timeout: 280_000 },
    async () => {
      const traffic = startTraffic(() => system, key)
      const victims = fc.sample(
        fc.constantFrom<ChildRole>('worker', 'worker', 'worker', 'control', 'ledger'),
        {
          seed,
          numRuns: 10,
        },
      )
      for (const [strike, victim] of victims.entries()) {
        const served = system.simulator.calls().length
        // Never where the budget is spent before: then there is nothing to kill.
        await Promise.race([whenServed(system, served + 60), traffic.ended])
        kill(victim, seed + strike)
      }
      await traffic.ended
      await mustHold(system)
    },
  )

  /** Of several workers the seed says which. */
  function kill(victim: ChildRole, chosenBy: number): void {
    const children = childrenOf(system)
      .filter(({ role }) => role === victim)
      .toSorted((one, other) => one.pid - other.pid)
    if (children.length === 0) return
    const [target] = fc.sample(fc.constantFrom(...children), { seed: chosenBy, numRuns: 1 })
    if (target !== undefined) signal(target.pid, 'SIGKILL')
  }
})

function whenServed(system: RunningSystem, calls: number): Promise<boolean> {
  return eventually(
    () => Promise.resolve(system.simulator.calls().length >= calls ? true : null),
    'calls served',
    60_000,
  )
}
