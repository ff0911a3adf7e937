// Attempts that follow a failed one, before a simulator that fails as it is told: when there is another, when there must be none,
// and what the books, the wire and the memory say afterwards.

import { hash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePort, startFaultyUpstream, type FaultyUpstream } from '../testing/faulty-upstream.ts'
import { startHeldUpstream } from '../testing/held-upstream.ts'
import { nothingHeld } from '../testing/nothing-held.ts'
import { post, type Answer } from '../testing/post.ts'
import { SEARCH_KEY, startGateway, type RunningGateway } from '../testing/running-gateway.ts'
import { settledLines } from '../testing/settled-lines.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const CONVERSE = `/model/${CLAUDE}/converse`
const STREAM = `/model/${CLAUDE}/converse-stream`
const BODY = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello there.' }] }] })

const AWS_WILL_RETRY = { 'amz-sdk-request': 'attempt=1; max=3' }
const AWS_WILL_NOT = { 'amz-sdk-request': 'attempt=3; max=3' }
const STAINLESS_WILL_RETRY = { 'x-stainless-retry-count': '0' }
const STAINLESS_WILL_NOT = { 'x-stainless-retry-count': '2' }

let upstream: FaultyUpstream
let gateway: RunningGateway
let seen = 0
/** What full jitter draws. */
let jitter = 0

beforeAll(async () => {
  upstream = await startFaultyUpstream()
  gateway = await startGateway({ endpoint: upstream.url, attemptsMax: 3, jitter: () => jitter })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})
beforeEach(() => {
  seen = gateway.lines().length
  jitter = 0
  upstream.simulator.reset()
  upstream.plan([])
})
afterEach(() => nothingHeld(gateway))

const ask = (path = CONVERSE, headers: Record<string, string> = {}): Promise<Answer> =>
  post(gateway, path, BODY, headers)
const rows = (count: number) => settledLines(gateway, seen, count)
const served = () => upstream.simulator.calls()

describe('an attempt that Bedrock refused', () => {
  it.each([
    ['throttle', 429, 'throttled', CONVERSE],
    ['throttle', 429, 'throttled', STREAM],
    ['error503', 503, 'upstream_error', CONVERSE],
    ['error503', 503, 'upstream_error', STREAM],
    ['error500', 500, 'upstream_error', CONVERSE],
    ['throttle', 429, 'throttled', '/openai/v1/chat/completions'],
    ['error503', 503, 'upstream_error', '/anthropic/v1/messages'],
  ])('[Y15] %s (%d) is followed by another: %s, %s', async (fault, status, kept, path) => {
    upstream.plan([fault, fault])
    const body = JSON.stringify({ ...bodyOf(path), max_tokens: 100 })
    const answer = await post(gateway, path, body, { 'anthropic-version': '2023-06-01' })
    expect(answer.status).toBe(200)
    const lines = await rows(3)
    expect(lines.map(({ opened }) => opened.attempt)).toEqual([1, 2, 3])
    expect(lines.map(({ settled }) => settled?.status)).toEqual([kept, kept, 'ok'])
    expect(lines.map(({ settled }) => settled?.httpStatus)).toEqual([status, status, 200])
    expect(new Set(lines.map(({ opened }) => opened.logicalId)).size).toBe(1)
    expect(new Set(lines.map(({ opened }) => opened.callId)).size).toBe(3)
    expect(answer.headers['x-ledgerock-call-id']).toBe(lines[2]?.opened.callId)
    expect(answer.headers['x-amzn-requestid']).toBe(lines[2]?.settled?.awsRequestId)
    expect(lines.slice(0, 2).map(({ settled }) => [settled?.cost, settled?.usage])).toEqual([
      [0n, {}],
      [0n, {}],
    ])
    // Each attempt carried the client's own bytes, and has the id Bedrock gave it.
    expect(served().map((call) => call.request_sha256)).toEqual(Array(3).fill(hash('sha256', body)))
    expect(served().map((call) => call.request_id)).toEqual(
      lines.map(({ settled }) => settled?.awsRequestId),
    )
  })

  it.each([
    ['an AWS SDK', AWS_WILL_RETRY],
    ['a Stainless client', STAINLESS_WILL_RETRY],
  ])('[Y15] is left to %s that will try again itself', async (_who, headers) => {
    upstream.plan(['throttle'])
    expect((await ask(CONVERSE, headers)).status).toBe(429)
    expect(await rows(1)).toHaveLength(1)
  })

  it.each([
    ['an AWS SDK', AWS_WILL_NOT],
    ['a Stainless client', STAINLESS_WILL_NOT],
  ])('[Y15] is tried again for %s that will not', async (_who, headers) => {
    upstream.plan(['throttle'])
    expect((await ask(CONVERSE, headers)).status).toBe(200)
    expect(await rows(2)).toHaveLength(2)
  })

  it('[Y15] counts on from the attempts of the client', async () => {
    upstream.plan(['throttle'])
    await ask(CONVERSE, { ...AWS_WILL_NOT, 'amz-sdk-invocation-id': 'one-invocation' })
    const lines = await rows(2)
    expect(lines.map(({ opened }) => opened.attempt)).toEqual([3, 4])
  })

  it('[Y15] reaches the client as it is when the attempts are used up', async () => {
    upstream.plan(['error503', 'error503', 'throttle'])
    const answer = await ask()
    const lines = await rows(3)
    expect(answer.status).toBe(429)
    expect(answer.headers['x-ledgerock-call-id']).toBe(lines[2]?.opened.callId)
    expect(hash('sha256', answer.body)).toBe(served()[2]?.response_sha256)
  })

  it.each([
    ['model_error', 424],
    ['timeout:1', 408],
    ['nonsense', 400],
  ])(
    '[Y15] is followed by none where it may have run, or was the caller’s fault: %s',
    async (fault, status) => {
      upstream.plan([fault])
      expect((await ask()).status).toBe(status)
      expect(await rows(1)).toHaveLength(1)
    },
  )

  it('[Y15] [Y16] is followed by another where a model is not loaded, which is no illness', async () => {
    for (let call = 0; call < 6; call += 1) {
      upstream.plan(['model_not_ready', 'model_not_ready'])
      expect((await ask()).status).toBe(200)
    }
  })
})

describe('the pause before the next attempt', () => {
  it('[Y15] is what Bedrock asks for, and is not waited for when it is too long', async () => {
    upstream.plan([{ fault: 'throttle', retryAfter: '1' }])
    expect((await ask()).status).toBe(200)
    const [first, second] = await rows(2)
    const pause = Number(second?.opened.startedAt) - Number(first?.settled?.endedAt)
    // Timers may be a millisecond early.
    expect(pause).toBeGreaterThanOrEqual(998)

    seen = gateway.lines().length
    upstream.plan([{ fault: 'throttle', retryAfter: '3600' }])
    const answer = await ask()
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '3600'])
    expect(await rows(1)).toHaveLength(1)
  })

  it('[Y15] does not outlast what the client will wait for', async () => {
    upstream.plan([{ fault: 'throttle', retryAfter: '4' }])
    const soon = new Date(Date.now() + 3_000).toISOString().replace(/[-:]|\.\d+/g, '')
    const answer = await ask(CONVERSE, { 'amz-sdk-request': `ttl=${soon}; attempt=2; max=2` })
    expect(answer.status).toBe(429)
    expect(await rows(1)).toHaveLength(1)
  })

  it('[Y8] ends when the client leaves: nothing more is sent, nothing is kept', async () => {
    upstream.plan([{ fault: 'throttle', retryAfter: '1' }])
    const asked = httpRequest(`${gateway.url}${CONVERSE}`, {
      method: 'POST',
      agent: false,
      headers: { authorization: `Bearer ${SEARCH_KEY}`, 'content-length': BODY.length },
    })
    asked.on('error', () => undefined)
    asked.end(BODY)
    await rows(1)
    expect(gateway.held()).toMatchObject({ calls: 1, bodyBytes: BODY.length })
    asked.destroy()
    await nothingHeld(gateway)
    expect([served().length, gateway.lines().length - seen]).toEqual([1, 1])
  })
})

describe('an answer that has begun', () => {
  it.each([
    ['a stream cut in its middle', STREAM, 'cut@3'],
    ['a stream cut before its first frame', STREAM, 'cut@1'],
    ['a unary answer cut in half', CONVERSE, 'cut@1'],
    ['an exception in a stream', STREAM, 'mid_stream_exception@2:throttlingException'],
    ['a connection that broke before the answer', CONVERSE, 'cut@0'],
  ])('[Y15] is never asked for twice: %s', async (_what, path, fault) => {
    upstream.plan([fault])
    await ask(path).catch(() => null)
    const [line] = await rows(1)
    expect(line?.settled?.usageSource).toBe('estimated')
    expect(served()).toHaveLength(1)
    expect(gateway.lines()).toHaveLength(seen + 1)
  })
})

describe('a deadline', () => {
  it('[Y15] of the client holds for retries only, not for a stream that goes on', async () => {
    const past = 'ttl=20200101T000000Z; attempt=2; max=2'
    const fault = { 'amz-sdk-request': past, 'x-simulator-fault': 'slow_chunks:2' }
    const answer = await ask(STREAM, fault)
    expect([answer.status, answer.whole]).toEqual([200, true])
    expect((await rows(1))[0]?.settled?.status).toBe('ok')
    seen = gateway.lines().length
    upstream.plan(['throttle'])
    expect((await ask(CONVERSE, { 'amz-sdk-request': past })).status).toBe(429)
    expect(await rows(1)).toHaveLength(1)
  })
})

describe('a worker that drains', () => {
  it('[Y24] gives the answer it has instead of trying again', async () => {
    const slow = await startHeldUpstream()
    const other = await startGateway({ endpoint: slow.url, attemptsMax: 3 })
    const asked = post(other, CONVERSE, BODY)
    const call = await slow.next()
    other.setDraining(true)
    call.head(503, { 'content-type': 'application/json' })
    call.end()
    expect((await asked).status).toBe(503)
    expect(await settledLines(other, 0)).toHaveLength(1)
    await nothingHeld(other)
    await other.close()
    await slow.close()
  })
})

describe('the budget of retries', () => {
  it('[Y15] is a share of the calls: in an outage the load does not multiply', async () => {
    const other = await startGateway({ endpoint: upstream.url, attemptsMax: 3, retryPercent: 10 })
    upstream.plan(Array<string>(200).fill('throttle'))
    for (let call = 0; call < 50; call += 1) await post(other, CONVERSE, BODY)
    // Ten in hand, and one for each ten calls after the first.
    expect(served().length).toBeGreaterThanOrEqual(50 + 10)
    expect(served().length).toBeLessThanOrEqual(50 + 10 + 4)
    await other.close()
  })
})

describe('a target that refuses connections', () => {
  it('[Y15] is tried again and answers 502 in the end, each attempt in the books at no cost', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`
    const other = await startGateway({ endpoint, attemptsMax: 3 })
    const answer = await post(other, CONVERSE, BODY)
    expect(answer.status).toBe(502)
    expect(answer.headers['x-ledgerock-refusal']).toBe('upstream_unreachable')
    const lines = await settledLines(other, 0, 3)
    expect(lines.map(({ opened }) => opened.attempt)).toEqual([1, 2, 3])
    expect(lines.map(({ settled }) => [settled?.refusal, settled?.cost])).toEqual(
      Array.from({ length: 3 }, () => ['upstream_unreachable', 0n]),
    )
    expect(answer.headers['x-ledgerock-call-id']).toBe(lines[2]?.opened.callId)
    await nothingHeld(other)
    await other.close()
  })

  it('[Y15] is reached again as soon as it is there', async () => {
    const port = await freePort()
    const other = await startGateway({
      endpoint: `http://127.0.0.1:${port}`,
      attemptsMax: 2,
      jitter: () => 1,
    })
    const answer = post(other, CONVERSE, BODY)
    await settledLines(other, 0, 1)
    const late = await startFaultyUpstream(port)
    expect((await answer).status).toBe(200)
    const lines = await settledLines(other, 0, 2)
    expect(lines.map(({ settled }) => settled?.status)).toEqual(['refused', 'ok'])
    await other.close()
    await late.close()
  })
})

function bodyOf(path: string): object {
  const content = 'Hello there.'
  switch (path) {
    case '/openai/v1/chat/completions':
      return { model: 'openai.gpt-oss-120b-1:0', messages: [{ role: 'user', content }] }
    case '/anthropic/v1/messages':
      return { model: CLAUDE, messages: [{ role: 'user', content }] }
    default:
      return JSON.parse(BODY) as object
  }
}
