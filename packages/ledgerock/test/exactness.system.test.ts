// The promise of the product, tried on random traffic: every call Bedrock served is in the ledger exactly once, with its exact
// tokens and dollars and the owner its key and headers meant; every total is the sum of its calls; bytes and costs the
// client saw are the ones in the books, and Bedrock got what its caller sent, but for the metadata the gateway adds where it is told
// to. LEDGEROCK_TEST_SEED replays a run.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { driveAll, type Attempt } from './support/drive-traffic.ts'
import { differencesOf, joinEvidence, type Joined } from './support/ground-truth.ts'
import type { Witnessed } from './support/witnessed.ts'
import { allCalls, ask, orNull, spend, verify, type ApiCall } from './support/ledger-api.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'
import { mustBeExact } from './support/call-differences.ts'
import { sumsBy, sumsOf, usdByKind, usdSum, type Sums } from './support/spend-oracle.ts'
import { planTraffic } from './support/traffic.ts'
import { TRAFFIC_DIMENSIONS, TRAFFIC_KEYS } from './support/traffic-attribution.ts'
import { TRAFFIC_REGIONS, trafficSimulator } from './support/traffic-models.ts'
import { createWireClient } from './support/wire-client.ts'
import { testSeed } from './support/test-seed.ts'

const CALLS = 300
const CONCURRENCY = 16
const seed = testSeed()

describe.each(TRAFFIC_REGIONS)(`random traffic in %s (seed ${seed})`, (region) => {
  const injectsMetadata = region === 'us-east-1'
  let system: RunningSystem
  let attempts: readonly Attempt[]
  let rows: readonly ApiCall[]
  let joined: Joined

  beforeAll(async () => {
    system = await startSystem({
      workers: 2,
      // Two modes of the journal and of the metadata, one of each in each region.
      bedrock: (endpoint) => ({
        region,
        endpoint,
        account_id: '123456789012',
        inject_metadata: injectsMetadata,
      }),
      config: `${TRAFFIC_DIMENSIONS}\njournal: { sync: ${region === 'eu-west-1' ? 'each' : '20ms'} }`,
      simulator: trafficSimulator(region, seed),
    })
    const secrets = new Map<string, string>()
    for (const { name, bind } of TRAFFIC_KEYS) {
      secrets.set(name, await system.createKey(name, bind))
    }
    const plan = planTraffic({ region, calm: false, prefix: `exact-${region}` }, seed, CALLS)
    const client = createWireClient(system.gatewayUrl)
    const drive = { client: () => client, secrets, attemptsMax: 3, pauseMs: 5 }
    attempts = await driveAll(drive, plan, CONCURRENCY)
    client.close()
    await eventually(async () => {
      const known = await orNull(allCalls(system))
      return known !== null && sentOf(known) >= system.simulator.calls().length ? known : null
    }, 'as many rows as served calls')
    // Whatever is still on its way is there after an orderly end.
    const exitCode = await system.end('SIGTERM')
    if (exitCode !== 0) throw new Error(`up ended with ${exitCode}:\n${system.log()}`)
    system = await system.again()
    rows = await allCalls(system)
    joined = joinEvidence({ served: system.simulator.calls(), attempts, rows })
  })
  afterAll(() => system.dispose())

  const exact = (): Witnessed[] => joined.witnessed.filter(mustBeExact)

  it('every served call is in the ledger exactly once, and nothing else is', () => {
    expect(joined.differences).toEqual([])
    expect(exact().length).toBeGreaterThan(CALLS / 2)
  })

  it('rows, answers and bytes agree with what Bedrock did and what the callers meant', () => {
    expect(differencesOf(joined.witnessed, injectsMetadata)).toEqual([])
  })

  it('the traffic had everything the proof is about', () => {
    expect(counted(rows, (row) => row.cache_read_tokens > 0)).toBeGreaterThan(5)
    expect(counted(rows, (row) => row.cache_write_5m_tokens > 0)).toBeGreaterThan(0)
    expect(counted(rows, (row) => row.cache_write_1h_tokens > 0)).toBeGreaterThan(0)
    expect(counted(rows, (row) => row.scope !== 'in-region')).toBeGreaterThan(20)
    expect(counted(rows, (row) => row.tier !== 'standard')).toBeGreaterThan(3)
    expect(counted(rows, (row) => row.cost_usd === null)).toBeGreaterThan(0)
    expect(counted(rows, (row) => row.conflicts.length > 0)).toBeGreaterThan(20)
    expect(counted(rows, (row) => row.attempt > 1)).toBeGreaterThan(20)
    expect(counted(rows, (row) => row.usage_source === 'drained')).toBeGreaterThan(0)
    expect(counted(rows, (row) => row.interrupted_by === 'client')).toBeGreaterThan(3)
    expect(counted(rows, (row) => row.interrupted_by === 'upstream')).toBeGreaterThan(3)
    expect(counted(rows, (row) => row.status === 'throttled')).toBeGreaterThan(3)
    expect(counted(rows, (row) => row.status === 'refused')).toBeGreaterThan(0)
  })

  it('attempts of one call are grouped and never merged', async () => {
    const groups = [...Map.groupBy(rows, (row) => row.logical_id).values()]
    const [most = []] = groups.toSorted((one, other) => other.length - one.length)
    expect(most.length).toBeGreaterThan(1)
    const explained = await ask<{ attempts: ApiCall[] }>(
      system,
      `/api/v1/calls/${most[0]?.call_id ?? ''}`,
    )
    const numbers = explained.attempts.map((row) => row.attempt)
    expect(numbers).toEqual(most.map((row) => row.attempt).toSorted((a, b) => a - b))
  })

  it.each(['team', 'model_id', 'key_name', 'tier', 'scope', 'stream', 'status', 'user_id'])(
    'spend by %s is the sum of its calls',
    async (field) => {
      const answer = await spend(system, `by=${field}`)
      const expected = sumsBy(rows, (row) => fieldText(row[field]))
      const groups = answer.rows.map((row) => [fieldText(row[field]), measuresOf(row)] as const)
      expect(new Map(groups)).toEqual(new Map(expected))
      expect(groups).toHaveLength(expected.size)
      expect(measuresOf(answer.total)).toEqual(sumsOf(rows))
    },
  )

  it('spend by kind is the sum of the charges, and by day the sum of the days', async () => {
    const kinds = await spend(system, 'by=kind')
    const dollars = kinds.rows
      .filter((row) => row['kind'] !== 'unknown')
      .map((row) => [row['kind'], row['cost_usd']])
    expect(Object.fromEntries(dollars)).toEqual(usdByKind(rows))
    const days = await spend(system, 'by=team&granularity=day')
    const expected = sumsBy(rows, (row) => `${row.started_at.slice(0, 10)} ${String(row['team'])}`)
    const found = days.rows
      .filter((row) => Number(row['calls']) + Number(row['refused_calls']) > 0)
      .map((row) => [`${String(row['bucket']).slice(0, 10)} ${row['team']}`, measuresOf(row)])
    expect(new Map(found as [string, Sums][])).toEqual(new Map(expected))
  })

  it('what was exact adds up to what Bedrock would bill for it', async () => {
    const priced = exact().filter(({ served, row }) => served?.cost_usd && row?.cost_usd)
    expect(priced.length).toBeGreaterThan(CALLS / 4)
    const answer = await spend(system, 'by=team')
    const rest = rows.filter((row) => !priced.some((entry) => entry.row === row))
    const { cost_usd: total } = measuresOf(answer.total)
    const { cost_usd: others } = sumsOf(rest)
    const billed = priced.map(({ served }) => served?.cost_usd ?? '0')
    expect(usdSum([...billed, others])).toBe(total)
  })

  it('the books are sound', async () => {
    expect(await verify(system)).toMatchObject({ sound: true, findings: [] })
  })
})

function sentOf(rows: readonly ApiCall[]): number {
  return counted(rows, (row) => row.status !== 'refused')
}

function counted(rows: readonly ApiCall[], holds: (row: ApiCall) => boolean): number {
  return rows.filter(holds).length
}

function fieldText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'boolean' ? `${value}` : 'unknown'
}

/** The measures the oracle sums by hand. */
function measuresOf(row: Readonly<Record<string, unknown>>): Sums {
  const names = Object.keys(sumsOf([]))
  return Object.fromEntries(names.map((name) => [name, row[name]])) as unknown as Sums
}
