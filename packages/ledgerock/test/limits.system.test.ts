// Limits that two workers share, under uneven traffic of real clients: what is let through is what the file says, calls at a time
// never pass their limit, and who waits as long as it was told is served. Counted, with bounds wide enough for a slow machine; how
// near the shares come is shown on a virtual clock.

import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { Agent } from 'node:http'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bedrockClient, openaiClient } from './support/clients.ts'
import { AWS_MODEL, CLIENTS, OPENAI_MODEL } from './support/refused-clients.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'
import { childrenOf, signal } from './support/system-processes.ts'

const RATE = 120
const PLACES = 4
/** Of every answer: a call keeps its place at least so long. */
const LATENCY_MS = 100

const CONFIG = `
limits:
  - { name: research-rate, scope: { team: research }, requests_per_minute: ${RATE} }
  - { name: search-places, scope: { team: search }, concurrent_calls: ${PLACES} }
  - { name: support-rate, scope: { team: support }, requests_per_minute: 30 }
`

let system: RunningSystem
let keys: Readonly<Record<'research' | 'search' | 'support', string>>

beforeAll(async () => {
  system = await startSystem({
    workers: 2,
    config: CONFIG,
    simulator: { latencyMs: LATENCY_MS, recordLimit: 100_000 },
  })
  const keyOf = (team: string) => system.createKey(team, { team })
  keys = {
    research: await keyOf('research'),
    search: await keyOf('search'),
    support: await keyOf('support'),
  }
})
afterAll(() => system.dispose())

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

type Refusal = {
  readonly name: string
  readonly status: number
  readonly code: string
  readonly retryAfterS: number
}

/** One call of the AWS SDK; null: it was served. */
async function ask(client: BedrockRuntimeClient): Promise<Refusal | null> {
  try {
    const messages = [{ role: 'user' as const, content: [{ text: 'Hello' }] }]
    await client.send(new ConverseCommand({ modelId: AWS_MODEL, messages }))
    return null
  } catch (error) {
    const { name, $response } = error as {
      name: string
      $response?: { statusCode: number; headers: Record<string, string> }
    }
    const headers = $response?.headers ?? {}
    return {
      name,
      status: $response?.statusCode ?? 0,
      code: headers['x-ledgerock-refusal'] ?? '',
      retryAfterS: Number(headers['retry-after']),
    }
  }
}

type Shared = {
  readonly worker: string
  readonly asked: number
  readonly share: number
  readonly slots: number | null
}

async function sharesOf(name: string): Promise<readonly Shared[]> {
  const response = await system.api('/api/v1/limits')
  const { items } = (await response.json()) as {
    items: { name: string; workers: readonly Shared[] }[]
  }
  return items.find((item) => item.name === name)?.workers ?? []
}
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** One connection, so one worker. */
function narrowClient(key: string): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: system.gatewayUrl,
    maxAttempts: 1,
    token: { token: key },
    authSchemePreference: ['httpBearerAuth'],
    requestHandler: new NodeHttpHandler({
      httpAgent: new Agent({ keepAlive: true, maxSockets: 1 }),
    }),
  })
}

/** Asks with so many calls on the way, resting after each, until it is told to stop. */
function traffic(client: BedrockRuntimeClient, atOnce: number, restMs: number) {
  const refusals: Refusal[] = []
  let served = 0
  const end = new AbortController()
  const loop = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const refusal = await ask(client)
      if (refusal === null) served += 1
      else refusals.push(refusal)
      await pause(restMs)
    }
  }
  const loops = Array.from({ length: atOnce }, loop)
  return {
    served: () => served,
    refusals,
    async stop(): Promise<void> {
      end.abort()
      await Promise.all(loops)
      client.destroy()
    },
  }
}

/** The most calls that reached Bedrock within the time each of them takes: so many held a place together. */
function mostAtOnce(instants: readonly number[], withinMs: number): number {
  const sorted = instants.toSorted((one, other) => one - other)
  const counts = sorted.map((at, index) => {
    const end = sorted.findIndex((other) => other >= at + withinMs)
    return (end === -1 ? sorted.length : end) - index
  })
  return Math.max(0, ...counts)
}

describe('limits shared by two workers', () => {
  it('[Z12] uneven traffic gets the rate that the file says, and the shares follow it', async () => {
    const busy = traffic(narrowClient(keys.research), 1, 5)
    const quiet = traffic(narrowClient(keys.research), 1, 300)
    // What the buckets began with is used up, and the shares have moved.
    await eventually(
      async () => {
        const shares = await sharesOf('research-rate')
        const moved = shares.length === 2 && Math.max(...shares.map(({ share }) => share)) > 0.8
        const isUsedUp = busy.refusals.length > 50 && quiet.refusals.length > 5
        return moved && isUsedUp ? shares : null
      },
      'a worker with most of the share',
      60_000,
    )
    const [from, servedBefore] = [performance.now(), busy.served() + quiet.served()]
    await pause(15_000)
    const minutes = (performance.now() - from) / 60_000
    const perMinute = (busy.served() + quiet.served() - servedBefore) / minutes
    const shares = await sharesOf('research-rate')
    await Promise.all([busy.stop(), quiet.stop()])

    expect(sum(shares.map(({ share }) => share))).toBeCloseTo(1)
    expect(perMinute).toBeGreaterThan(0.7 * RATE)
    expect(perMinute).toBeLessThan(1.3 * RATE)
    for (const { name, status, code, retryAfterS } of busy.refusals) {
      expect([name, status, code]).toEqual(['ThrottlingException', 429, 'rate_limit'])
      expect(retryAfterS).toBeGreaterThanOrEqual(1)
      expect(retryAfterS).toBeLessThanOrEqual(60)
    }
  })

  it('[Z13] calls at a time never pass their limit, while places move between workers', async () => {
    const before = system.simulator.calls().length
    const first = traffic(bedrockClient(system.gatewayUrl, keys.search), 8, 20)
    await pause(4_000)
    const second = traffic(bedrockClient(system.gatewayUrl, keys.search), 8, 20)
    await pause(2_000)
    await first.stop()
    await pause(4_000)
    const slots = (await sharesOf('search-places')).map((one) => one.slots ?? 0)
    await second.stop()

    const reached = system.simulator.calls().slice(before)
    const instants = reached.map(({ at }) => Date.parse(at))
    // Instants are whole milliseconds.
    expect(mostAtOnce(instants, LATENCY_MS - 2)).toBe(PLACES)
    expect(first.served() + second.served()).toBe(reached.length)
    expect(sum(slots)).toBeLessThanOrEqual(PLACES)
    expect(Math.min(...slots)).toBeGreaterThanOrEqual(1)
    const refusals = [...first.refusals, ...second.refusals]
    expect(refusals.length).toBeGreaterThan(0)
    for (const refusal of refusals) {
      expect(refusal).toEqual({
        name: 'ThrottlingException',
        status: 429,
        code: 'concurrency',
        retryAfterS: 1,
      })
    }
  })

  it('[Z14] control is not needed: the last shares stay', async () => {
    const control = childrenOf(system).find(({ role }) => role === 'control')?.pid as number
    signal(control, 'SIGSTOP')
    const before = system.simulator.calls().length
    const callers = traffic(bedrockClient(system.gatewayUrl, keys.search), 12, 20)
    await pause(3_000)
    await callers.stop()
    signal(control, 'SIGCONT')
    const instants = system.simulator
      .calls()
      .slice(before)
      .map(({ at }) => Date.parse(at))
    expect(callers.served()).toBeGreaterThan(0)
    expect(callers.refusals.every(({ code }) => code === 'concurrency')).toBe(true)
    expect(mostAtOnce(instants, LATENCY_MS - 2)).toBeLessThanOrEqual(PLACES)
  })

  it('[Z12] who waits as long as `retry-after` says is served', async () => {
    const client = bedrockClient(system.gatewayUrl, keys.support)
    let refusal: Refusal | null = null
    for (let call = 0; call < 40 && refusal === null; call += 1) {
      const answers = await Promise.all([ask(client), ask(client), ask(client), ask(client)])
      refusal = answers.find((answer) => answer !== null) ?? null
    }
    expect(refusal).toMatchObject({ status: 429, code: 'rate_limit' })
    await pause((refusal?.retryAfterS ?? 0) * 1_000)
    expect(await ask(client)).toBeNull()
    client.destroy()

    // The vendors' clients read the header themselves.
    const patient = new OpenAI({
      apiKey: keys.support,
      baseURL: `${system.gatewayUrl}/openai/v1`,
      maxRetries: 5,
      logLevel: 'off',
    })
    for (let call = 0; call < 3; call += 1) {
      const messages = [{ role: 'user' as const, content: 'Hello' }]
      const answer = await patient.chat.completions.create({ model: OPENAI_MODEL, messages })
      expect(answer.choices).toHaveLength(1)
    }
  })

  it('[Z12] every vendor’s client sees a limit as its own kind of error', async () => {
    const place = { gatewayUrl: system.gatewayUrl, key: keys.support }
    const impatient = openaiClient(`${system.gatewayUrl}/openai/v1`, keys.support)
    const drain = async (): Promise<void> => {
      const messages = [{ role: 'user' as const, content: 'Hello' }]
      const asked = Array.from({ length: 20 }, () =>
        impatient.chat.completions.create({ model: OPENAI_MODEL, messages }).catch(() => null),
      )
      await Promise.all(asked)
    }
    for (const { client, call, tooFast } of CLIENTS) {
      await drain()
      const told = await call(place)
      expect([client, told?.type, told?.status, told?.refusal]).toEqual([
        client,
        tooFast,
        429,
        'rate_limit',
      ])
      expect(Number(told?.retryAfter)).toBeGreaterThanOrEqual(1)
    }
  })
})
