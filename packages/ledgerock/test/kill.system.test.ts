// Fifty processes are killed with SIGKILL under traffic, the supervisor among them: no served call is lost and none is there
// twice. LEDGEROCK_TEST_SEED replays the order of the kills.

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mustBeExact } from './support/call-differences.ts'
import { driveCall, type Attempt, type Drive } from './support/drive-traffic.ts'
import { differencesOf, joinEvidence, type Joined } from './support/ground-truth.ts'
import { allCalls, orNull, spend, verify, type ApiCall } from './support/ledger-api.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'
import { sumsOf } from './support/spend-oracle.ts'
import { childrenOf, signal, type ChildRole } from './support/system-processes.ts'
import { testSeed } from './support/test-seed.ts'
import { planTraffic, type PlannedCall } from './support/traffic.ts'
import { TRAFFIC_KEYS } from './support/traffic-attribution.ts'
import { trafficSimulator } from './support/traffic-models.ts'
import { createWireClient, type WireClient } from './support/wire-client.ts'

const KILLS = 50
const LANES = 12
const BATCH = 500
/** Keeps the number of calls, and so the test, within bounds on a fast machine. */
const BETWEEN_CALLS_MS = 40
const seed = testSeed()

type Kill = {
  readonly victim: ChildRole | 'supervisor'
  /** Calls to be answered since the kill before: every one strikes a system at work. */
  readonly afterCalls: number
}

/** Mostly workers, as they are most and do most; every kind of process several times. */
function planKills(): readonly Kill[] {
  const victim = fc.oneof(
    { arbitrary: fc.constant('worker' as const), weight: 6 },
    { arbitrary: fc.constant('ledger' as const), weight: 2 },
    { arbitrary: fc.constant('control' as const), weight: 1 },
  )
  const kill = fc.record<Kill>({ victim, afterCalls: fc.integer({ min: 1, max: 25 }) })
  const kills = fc.sample(kill, { seed, numRuns: KILLS })
  return kills.map((one, index) => (index % 12 === 11 ? { ...one, victim: 'supervisor' } : one))
}

describe(`R1: ${KILLS} kills under traffic (seed ${seed})`, () => {
  let system: RunningSystem
  let client: WireClient
  const secrets = new Map<string, string>()
  const attempts: Attempt[] = []
  let rows: readonly ApiCall[]
  let joined: Joined

  beforeAll(async () => {
    system = await startSystem({ workers: 2, simulator: trafficSimulator('us-east-1', seed) })
    client = createWireClient(system.gatewayUrl)
    for (const { name, bind } of TRAFFIC_KEYS) {
      secrets.set(name, await system.createKey(name, bind))
    }
    const traffic = startTraffic()
    for (const kill of planKills()) {
      await answeredCalls(kill.afterCalls)
      await strike(kill.victim)
    }
    await traffic.end()
    client.close()
    rows = await settle()
    joined = joinEvidence({ served: system.simulator.calls(), attempts, rows })
  }, 290_000)
  afterAll(() => system.dispose())

  /** Clients that try again until they are answered, whatever dies in between. */
  function startTraffic(): { readonly end: () => Promise<void> } {
    const drive: Drive = { client: () => client, secrets, attemptsMax: 400, pauseMs: 50 }
    let plan: PlannedCall[] = []
    let batches = 0
    const state = { isEnding: false }
    const next = (): PlannedCall | undefined => {
      if (plan.length === 0) {
        batches += 1
        const options = { region: 'us-east-1', calm: true, prefix: `kill-${batches}` } as const
        plan = planTraffic(options, seed + batches, BATCH)
      }
      return plan.shift()
    }
    const lane = async (): Promise<void> => {
      for (let planned = next(); planned !== undefined && !state.isEnding; planned = next()) {
        await driveCall(drive, planned, attempts)
        await pause(BETWEEN_CALLS_MS)
      }
    }
    const lanes = Promise.all(Array.from({ length: LANES }, lane))
    return {
      end: async () => {
        state.isEnding = true
        await lanes
      },
    }
  }

  async function answeredCalls(count: number): Promise<void> {
    const from = attempts.length
    await eventually(
      () => {
        const since = attempts.slice(from).filter(({ received }) => received.status === 200)
        return Promise.resolve(since.length >= count ? true : null)
      },
      `${count} more calls answered`,
      60_000,
    )
  }

  async function strike(victim: Kill['victim']): Promise<void> {
    if (victim === 'supervisor') {
      await system.end('SIGKILL')
      system = await system.again()
      client.close()
      client = createWireClient(system.gatewayUrl)
      return
    }
    // One that is being started again cannot be killed a second time.
    await eventually(() => {
      const candidates = childrenOf(system).filter(({ role }) => role === victim)
      const target = candidates[attempts.length % Math.max(1, candidates.length)]
      return Promise.resolve(target !== undefined && signal(target.pid, 'SIGKILL') ? target : null)
    }, `a ${victim} to kill`)
  }

  /** All that was served is known, and what died is recovered; then the same after an orderly restart. */
  async function settle(): Promise<readonly ApiCall[]> {
    const before = await eventually(
      async () => {
        const known = await orNull(allCalls(system))
        const made = new Set(known?.map((row) => `${row.logical_id}#${row.attempt}`))
        const served = system.simulator.calls()
        return known !== null && served.every((call) => made.has(keyOf(call.headers)))
          ? known
          : null
      },
      'every served call in the ledger',
      90_000,
    )
    expect(await system.end('SIGTERM')).toBe(0)
    system = await system.again()
    const after = await allCalls(system)
    expect(after.length).toBeGreaterThanOrEqual(before.length)
    return after
  }

  it('every served call is in the ledger exactly once, cut ones as interrupted', () => {
    expect(joined.differences).toEqual([])
    const answered = attempts.filter(({ received }) => received.complete && received.status === 200)
    expect(answered.length).toBeGreaterThan(KILLS)
  })

  it('what a client received whole has its exact tokens and dollars', () => {
    const { witnessed } = joined
    const whole = witnessed.filter(({ attempt: { received } }) => received.complete)
    expect(differencesOf(whole)).toEqual([])
    const exact = whole.filter(mustBeExact)
    expect(exact.length).toBeGreaterThan(KILLS)
    expect(exact.filter(({ row }) => row?.status !== 'ok')).toEqual([])
  })

  it('what was cut is estimated, unless its numbers had come', () => {
    const cut = joined.witnessed.filter(
      ({ attempt: { received }, row }) => !received.complete && row !== null,
    )
    expect(cut.length).toBeGreaterThan(0)
    const wrong = cut.filter(({ row }) => row?.status === 'interrupted' && !isEstimate(row))
    expect(wrong.map(({ row }) => row)).toEqual([])
    const ends = new Set(cut.map(({ row }) => row?.interrupted_by))
    expect([...ends]).toContain('gateway')
  })

  it('the books are sound and the totals are the sums of the calls', async () => {
    expect(await verify(system)).toMatchObject({ sound: true, findings: [] })
    const { total } = await spend(system, 'by=team')
    expect(total).toMatchObject(sumsOf(rows))
  })

  it('a restart adds nothing', async () => {
    expect(await system.end('SIGTERM')).toBe(0)
    system = await system.again()
    const again = await allCalls(system)
    expect(new Set(again.map((row) => row.call_id))).toEqual(
      new Set(rows.map((row) => row.call_id)),
    )
    expect(again).toHaveLength(rows.length)
  })
})

/** A client that left in time to be noticed may have been drained: then its numbers are true. */
function isEstimate(row: ApiCall): boolean {
  return row.usage_source === 'estimated' || row.usage_source === 'drained'
}

function keyOf(headers: Readonly<Record<string, string | null>>): string {
  const attempt = /attempt=(\d+)/.exec(headers['amz-sdk-request'] ?? '')?.[1]
  return `${headers['amz-sdk-invocation-id']}#${attempt}`
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
