// Parts of the world fail while traffic goes on: the ledger store is away or lies about what it did, control stands still, the
// journal is full. Calls go on where they may, are refused before Bedrock sees them where they may not, and afterwards
// every served call is in the books exactly once.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { MISHAPS, startClickHouseServer } from '../src/ledger/testing/clickhouse-http-server.ts'
import { driveAll, type Attempt, type Drive } from './support/drive-traffic.ts'
import { differencesOf, joinEvidence } from './support/ground-truth.ts'
import { allCalls, orNull, spend, verify } from './support/ledger-api.ts'
import {
  eventually,
  startSystem,
  type RunningSystem,
  type SystemOptions,
} from './support/running-system.ts'
import { sumsOf, usdSum } from './support/spend-oracle.ts'
import { childrenOf, signal, type ChildRole } from './support/system-processes.ts'
import { testSeed } from './support/test-seed.ts'
import { planTraffic } from './support/traffic.ts'
import { TRAFFIC_KEYS } from './support/traffic-attribution.ts'
import { trafficSimulator } from './support/traffic-models.ts'
import { createWireClient, type WireClient, type WireRequest } from './support/wire-client.ts'

const seed = testSeed()
const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function start(options: SystemOptions): Promise<RunningSystem> {
  const system = await startSystem({ simulator: trafficSimulator('us-east-1', seed), ...options })
  closing.push(() => system.dispose())
  return system
}

type Traffic = {
  /** Plays more calls; all of them get their answer from Bedrock in the end. */
  readonly more: (count: number) => Promise<void>
  readonly attempts: readonly Attempt[]
}

async function trafficFor(system: RunningSystem): Promise<Traffic> {
  const secrets = new Map<string, string>()
  for (const { name, bind } of TRAFFIC_KEYS) {
    secrets.set(name, await system.createKey(name, bind))
  }
  const client = createWireClient(system.gatewayUrl)
  closing.push(() => Promise.resolve(client.close()))
  const drive: Drive = { client: () => client, secrets, attemptsMax: 40, pauseMs: 100 }
  const attempts: Attempt[] = []
  let round = 0
  return {
    attempts,
    more: async (count) => {
      round += 1
      const options = { region: 'us-east-1', calm: true, prefix: `round-${round}` } as const
      const plan = planTraffic(options, seed + round, count)
      const made = await driveAll(drive, plan, 8)
      const answered = made.filter(({ received }) => received.complete && received.status === 200)
      expect(answered).toHaveLength(count)
      attempts.push(...made)
    },
  }
}

/** Everything served arrives, exactly once and exactly right. */
async function expectExactBooks(system: RunningSystem, traffic: Traffic): Promise<void> {
  const { simulator } = system
  const rows = await eventually(
    async () => {
      const known = await orNull(allCalls(system))
      const sent = known?.filter((row) => row.aws_request_id !== null)
      return known !== null && sent?.length === simulator.calls().length ? known : null
    },
    'all served calls in the ledger',
    // A shipment that fails is tried again after up to half a minute.
    150_000,
  )
  const joined = joinEvidence({ served: simulator.calls(), attempts: traffic.attempts, rows })
  expect(joined.differences).toEqual([])
  expect(differencesOf(joined.witnessed)).toEqual([])
  expect((await spend(system, 'by=team')).total).toMatchObject(sumsOf(rows))
  expect(await verify(system)).toMatchObject({ sound: true, findings: [] })
}

function only(system: RunningSystem, role: ChildRole): number {
  const [found] = childrenOf(system).filter((child) => child.role === role)
  if (found === undefined) throw new Error(`no ${role} runs`)
  return found.pid
}

describe(`the ledger store, R6 and R7 (seed ${seed})`, () => {
  it('is down for a while: calls go on, and everything arrives when it is back', async () => {
    const { system, server } = await startOnServer()
    const traffic = await trafficFor(system)
    await traffic.more(30)
    await server.goAway()
    await traffic.more(120)
    await server.comeBack()
    await traffic.more(30)
    await expectExactBooks(system, traffic)
  })

  it('takes batches and says it did not, or half of it: nothing is there twice', async () => {
    const { system, server } = await startOnServer()
    const traffic = await trafficFor(system)
    let inserts = 0
    server.setMishaps((statement) => {
      if (!/^\s*INSERT INTO ledgerock\.calls/i.test(statement)) return null
      inserts += 1
      return MISHAPS[inserts % (MISHAPS.length + 1)] ?? null
    })
    await eventually(
      async () => {
        await traffic.more(10)
        return inserts > MISHAPS.length ? true : null
      },
      'every mishap',
      120_000,
    )
    await expectExactBooks(system, traffic)
  })

  async function startOnServer() {
    const path = mkdtempSync(join(tmpdir(), 'ledgerock-store-'))
    const server = await startClickHouseServer(path)
    closing.push(async () => {
      await server.close()
      rmSync(path, { recursive: true, force: true })
    })
    return { server, system: await start({ config: `stores: { ledger: '${server.url}' }` }) }
  }
})

describe(`control (seed ${seed})`, () => {
  it('stands still: calls go on, also on a worker that was started meanwhile', async () => {
    const system = await start({ workers: 2 })
    const traffic = await trafficFor(system)
    await traffic.more(10)
    const control = only(system, 'control')
    expect(signal(control, 'SIGSTOP')).toBe(true)
    try {
      await traffic.more(30)
      expect(signal(only(system, 'worker'), 'SIGKILL')).toBe(true)
      await traffic.more(60)
    } finally {
      signal(control, 'SIGCONT')
    }
    await expectExactBooks(system, traffic)
  })
})

describe('the journal, R4', () => {
  const FULL_MIB = 64

  it('is full: new calls are refused before Bedrock sees them, and served again once shipped', async () => {
    const system = await start({ workers: 1, config: `journal: { max_size: ${FULL_MIB}MiB }` })
    const { simulator } = system
    const key = await system.createKey('filler', { team: 'search' })
    const client = createWireClient(system.gatewayUrl)
    closing.push(() => Promise.resolve(client.close()))
    const ledger = only(system, 'ledger')
    expect(signal(ledger, 'SIGSTOP')).toBe(true)
    let served = 0
    let refused = 0
    const fill = async (): Promise<void> => {
      while (refused === 0) {
        const { status, refusal } = await client.send(bulky(key))
        if (status === 200) served += 1
        else {
          expect([status, refusal]).toEqual([503, 'journal_unavailable'])
          refused += 1
        }
      }
    }
    try {
      await Promise.all(Array.from({ length: 32 }, fill))
      expect(simulator.calls()).toHaveLength(served)
      expect(served).toBeGreaterThan(1_000)
    } finally {
      signal(ledger, 'SIGCONT')
    }
    // More than what the end of those in flight has made room for.
    const again = Array.from({ length: 300 }, () => servedInTheEnd(client, bulky(key)))
    await Promise.all(again)
    const calls = simulator.calls()
    const total = await eventually(
      async () => {
        const answer = await orNull(spend(system, 'by=team'))
        return answer?.total['calls'] === calls.length ? answer.total : null
      },
      'all served calls in the report',
      150_000,
    )
    expect(total['cost_usd']).toBe(usdSum(calls.map((call) => call.cost_usd ?? 'unpriced')))
    expect(await verify(system)).toMatchObject({ sound: true, findings: [] })
  })

  function servedInTheEnd(client: WireClient, request: WireRequest): Promise<true> {
    return eventually(
      async () => ((await client.send(request)).status === 200 ? true : null),
      'calls are served again',
      60_000,
    )
  }

  /** A small call with much to note about it: its lines fill a journal soon. */
  function bulky(key: string): WireRequest {
    const notes = Array.from({ length: 16 }, (_, index) =>
      `x-ledgerock-note-${index}`.padEnd(120, 'o'),
    )
    const question = { role: 'user', content: [{ text: 'Why?' }] }
    return {
      protocol: 'http/1.1',
      path: '/model/amazon.nova-micro-v1:0/converse',
      body: JSON.stringify({ messages: [question], inferenceConfig: { maxTokens: 1 } }),
      headers: {
        ...Object.fromEntries(notes.map((name) => [name, 'n'.repeat(256)])),
        'content-type': 'application/json',
        authorization: `Bearer ${key}`,
      },
      leaving: 'never',
    }
  }
})
