// Fallbacks before two simulators: another region, another profile, another model; and the breaker that sends calls there at once
// while a target is dead.

import { hash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compileGlob } from '../kernel/glob.ts'
import type { Clock } from '../kernel/time.ts'
import { systemClock } from '../platform/clock.ts'
import { freePort, startFaultyUpstream, type FaultyUpstream } from './testing/faulty-upstream.ts'
import { startHeldUpstream } from './testing/held-upstream.ts'
import { nothingHeld } from './testing/nothing-held.ts'
import { post, type Answer } from './testing/post.ts'
import { startGateway, type RunningGateway } from './testing/running-gateway.ts'
import { settledLines } from './testing/settled-lines.ts'
import type { RouteRule } from './attempt/plan-steps.ts'

const SONNET = 'us.anthropic.claude-sonnet-4-6'
const HAIKU = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
const PRO = 'us.amazon.nova-pro-v1:0'
const LITE = 'us.amazon.nova-lite-v1:0'
const GPT = 'openai.gpt-oss-120b-1:0'
const SMALL_GPT = 'openai.gpt-oss-20b-1:0'
const BODY = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello there.' }] }] })

function rule(from: string, ...fallback: Partial<RouteRule['fallback'][number]>[]): RouteRule {
  const nowhere = { region: null, scope: null, model: null }
  return {
    when: {},
    budget: null,
    from: compileGlob(from),
    to: [],
    fallback: fallback.map((place) => ({ ...nowhere, ...place })),
  }
}

let east: FaultyUpstream
let west: FaultyUpstream
let gateway: RunningGateway
let seen = 0

const twoRegions = (eastUrl: string) =>
  [
    { name: 'east', region: 'us-east-1', when: {}, endpoint: eastUrl },
    { name: 'west', region: 'us-west-2', when: {}, endpoint: west.url },
  ] as const

beforeAll(async () => {
  east = await startFaultyUpstream()
  west = await startFaultyUpstream()
  gateway = await startGateway({
    targets: twoRegions(east.url),
    routes: [
      rule('*claude-sonnet*', { region: 'us-west-2' }),
      rule('*claude-haiku*', { scope: 'global' }),
      rule('*nova-pro*', { model: LITE }, { region: 'us-west-2', model: LITE }),
      rule('*gpt-oss-120b*', { model: SMALL_GPT }),
    ],
  })
})
afterAll(async () => {
  await gateway.close()
  await Promise.all([east.close(), west.close()])
})
beforeEach(() => {
  seen = gateway.lines().length
  for (const { simulator, plan } of [east, west]) {
    simulator.reset()
    plan([])
  }
})
afterEach(() => nothingHeld(gateway))

const converse = (model: string, kind: 'converse' | 'converse-stream' = 'converse') =>
  post(gateway, `/model/${encodeURIComponent(model)}/${kind}`, BODY)
const rows = (count: number) => settledLines(gateway, seen, count)

describe('a fallback', () => {
  it.each(['converse', 'converse-stream'] as const)(
    '[Y15] goes to another region with the same bytes: %s',
    async (kind) => {
      east.plan(['throttle'])
      const answer = await converse(SONNET, kind)
      const [first, second] = await rows(2)
      expect(answer.headers['x-ledgerock-route']).toBe(`model=${SONNET},region=us-west-2`)
      expect([first?.opened.region, second?.opened.region]).toEqual(['us-east-1', 'us-west-2'])
      expect([first?.settled?.status, second?.settled?.status]).toEqual(['throttled', 'ok'])
      expect([first?.settled?.changes, second?.settled?.changes]).toEqual([[], ['fallback:region']])
      expect([first?.opened.attempt, second?.opened.attempt]).toEqual([1, 2])
      expect(first?.opened.logicalId).toBe(second?.opened.logicalId)
      expect(answer.headers['x-ledgerock-call-id']).toBe(second?.opened.callId)
      const [refused, served] = [east.simulator.calls()[0], west.simulator.calls()[0]]
      expect([refused?.request_sha256, served?.request_sha256]).toEqual([
        hash('sha256', BODY),
        hash('sha256', BODY),
      ])
      // Signed anew, for the region it went to.
      expect([refused?.region, served?.region]).toEqual(['us-east-1', 'us-west-2'])
      expect(hash('sha256', answer.body)).toBe(served?.response_sha256)
      expect(second?.settled?.usage.output).toBe(served?.usage?.output)
    },
  )

  it('[Y15] takes the profile of another scope, at its price', async () => {
    east.plan(['error503'])
    const answer = await converse(HAIKU)
    const global = HAIKU.replace('us.', 'global.')
    expect(answer.headers['x-ledgerock-route']).toBe(`model=${global},region=us-east-1`)
    const [first, second] = await rows(2)
    expect([first?.opened.scope, second?.opened.scope]).toEqual(['geo', 'global'])
    expect(second?.opened).toMatchObject({ modelRequested: HAIKU, inferenceProfile: global })
    expect(second?.settled?.changes).toEqual(['fallback:scope'])
    const served = east.simulator.calls()[1]
    expect(served).toMatchObject({ scope: 'global', model_requested: global })
    expect(Number(second?.settled?.cost) / 1e12).toBeCloseTo(Number(served?.cost_usd), 11)
  })

  it('[Y15] goes from model to model and region to region, in order, the answer in one row', async () => {
    east.plan(['throttle', 'error503'])
    const answer = await converse(PRO)
    expect(answer.headers['x-ledgerock-route']).toBe(`model=${LITE},region=us-west-2`)
    const lines = await rows(3)
    expect(lines.map(({ opened }) => opened.modelRequested)).toEqual([PRO, PRO, PRO])
    expect(lines.map(({ opened }) => opened.modelId)).toEqual([
      'amazon.nova-pro-v1:0',
      'amazon.nova-lite-v1:0',
      'amazon.nova-lite-v1:0',
    ])
    expect(lines.map(({ settled }) => settled?.status)).toEqual([
      'throttled',
      'upstream_error',
      'ok',
    ])
    expect(lines.map(({ settled }) => settled?.changes)).toEqual([
      [],
      ['fallback:model'],
      ['fallback:region', 'fallback:model'],
    ])
    expect(east.simulator.calls().map((call) => call.model_requested)).toEqual([PRO, LITE])
    expect(west.simulator.calls().map((call) => call.model_requested)).toEqual([LITE])
  })

  it('[Y14] [Y15] names the other model in the body where the API does, and changes nothing else', async () => {
    east.plan(['throttle'])
    const body = `{ "model": "${GPT}",\n "messages": [{"role":"user","content":"Hi \\u00e9"}] }`
    const answer = await post(gateway, '/openai/v1/chat/completions', body)
    expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([
      200,
      { model: SMALL_GPT },
    ])
    const [first, second] = east.simulator.calls()
    expect(first?.request_sha256).toBe(hash('sha256', body))
    expect(second?.request_sha256).toBe(hash('sha256', body.replace(GPT, SMALL_GPT)))
    const lines = await rows(2)
    expect(lines.map(({ opened }) => opened.modelRequested)).toEqual([GPT, GPT])
    expect(lines.map(({ opened }) => opened.modelId)).toEqual([GPT, SMALL_GPT])
  })

  it('[Y15] is taken also where the client would retry, and its failure is the answer', async () => {
    east.plan(['throttle'])
    west.plan(['error503'])
    const headers = { 'amz-sdk-request': 'attempt=1; max=3' }
    const answer = await post(gateway, `/model/${SONNET}/converse`, BODY, headers)
    expect(answer.status).toBe(503)
    const lines = await rows(2)
    expect(lines.map(({ settled }) => settled?.httpStatus)).toEqual([429, 503])
    expect(answer.headers['x-ledgerock-call-id']).toBe(lines[1]?.opened.callId)
  })

  it('[Y15] is not taken after a byte of the answer, nor for the caller’s own faults', async () => {
    for (const [fault, kind] of [
      ['cut@2', 'converse-stream'],
      ['cut@1', 'converse'],
      ['nonsense', 'converse'],
    ] as const) {
      east.plan([fault])
      await converse(SONNET, kind).catch(() => null)
    }
    expect(await rows(3)).toHaveLength(3)
    expect(west.simulator.calls()).toEqual([])
  })

  it('[Y15] leaves no mark on a call that needs none', async () => {
    const answer = await converse(SONNET)
    expect(answer.headers['x-ledgerock-route']).toBeUndefined()
    expect((await rows(1))[0]?.settled?.changes).toEqual([])
  })
})

describe('a dead target', () => {
  let other: RunningGateway
  let port: number
  let skippedMs = 0
  const clock: Clock = {
    now: systemClock.now,
    monotonic: () => systemClock.monotonic() + skippedMs,
  }
  beforeEach(async () => {
    port = await freePort()
    skippedMs = 0
  })
  afterEach(async () => {
    await nothingHeld(other)
    await other.close()
  })
  const ask = (): Promise<Answer> => post(other, `/model/${SONNET}/converse`, BODY)
  const attemptsOf = async (calls: number): Promise<readonly number[]> => {
    const counts: number[] = []
    for (let call = 0; call < calls; call += 1) {
      const before = other.lines().length
      expect((await ask()).status).toBe(200)
      counts.push(other.lines().length - before)
    }
    return counts
  }

  it('[Y16] is left alone after a run of failures, tried by one call at a time, and taken back', async () => {
    other = await startGateway({
      targets: twoRegions(`http://127.0.0.1:${port}`),
      routes: [rule('*', { region: 'us-west-2' })],
      clock,
    })
    expect(await attemptsOf(14)).toEqual([...Array<number>(10).fill(2), 1, 1, 1, 1])
    const straight = other.lines().at(-1)
    expect(straight?.opened).toMatchObject({ region: 'us-west-2', attempt: 1 })
    expect(straight?.settled?.changes).toEqual(['fallback:region'])

    // Still dead: one call tries, and the others go on as before.
    skippedMs += 1_100
    const before = other.lines().length
    await Promise.all(Array.from({ length: 8 }, ask))
    expect(other.lines().length - before).toBe(9)

    // The pause has doubled.
    skippedMs += 1_100
    expect(await attemptsOf(2)).toEqual([1, 1])

    const back = await startFaultyUpstream(port)
    skippedMs += 1_100
    await ask()
    expect(other.lines().at(-1)?.opened.region).toBe('us-east-1')
    await Promise.all(Array.from({ length: 8 }, ask))
    expect(back.simulator.calls()).toHaveLength(9)
    await back.close()
  })

  it('[Y16] without a fallback is answered for at once, each refusal with its own row', async () => {
    other = await startGateway({ endpoint: `http://127.0.0.1:${port}`, clock })
    const statuses: number[] = []
    for (let call = 0; call < 13; call += 1) statuses.push((await ask()).status)
    expect(statuses).toEqual(Array(13).fill(502))
    const lines = await settledLines(other, 0, 13)
    expect(new Set(lines.map(({ opened }) => opened.callId)).size).toBe(13)
    expect(lines.map(({ settled }) => settled?.refusal)).toEqual(
      Array(13).fill('upstream_unreachable'),
    )
  })

  it('[Y16] is found out also where it takes connections and never answers', async () => {
    const silent = await startHeldUpstream()
    other = await startGateway({ endpoint: silent.url, callTimeoutMs: 20, clock })
    const statuses: number[] = []
    for (let call = 0; call < 12; call += 1) statuses.push((await ask()).status)
    expect(statuses).toEqual([...Array<number>(10).fill(408), 502, 502])
    expect(silent.count()).toBe(10)
    await silent.close()
  })

  it('[Y6] [Y16] that is given up between two attempts leaves two rows with two ids', async () => {
    other = await startGateway({
      endpoint: `http://127.0.0.1:${port}`,
      attemptsMax: 2,
      jitter: () => 1,
      clock,
    })
    // Ten at once: the first attempts open the breaker, so that no second one may be made.
    const answers = await Promise.all(Array.from({ length: 10 }, ask))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(502))
    const lines = await settledLines(other, 0, 20)
    expect(new Set(lines.map(({ opened }) => opened.callId)).size).toBe(20)
    const told = answers.map(({ headers }) => headers['x-ledgerock-call-id'])
    const last = lines.filter(({ opened }) => opened.attempt === 2).map((row) => row.opened.callId)
    expect(new Set(told)).toEqual(new Set(last))
  })
})
