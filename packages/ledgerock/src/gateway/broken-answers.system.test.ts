// Answers that are not what they should be (wrong checksums, impossible lengths, cut JSON, ends that never come): the client gets
// exactly the bytes Bedrock sent, and the usage says that it is ours.

import { hash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { SettledLine } from '../journal/line.ts'
import { expectTrueUsage } from './testing/expect-true-usage.ts'
import {
  sampleAnswer,
  startHeldUpstream,
  type HeldUpstream,
  type SampleAnswer,
} from './testing/held-upstream.ts'
import { nothingHeld } from './testing/nothing-held.ts'
import { post } from './testing/post.ts'
import { startGateway, type RunningGateway } from './testing/running-gateway.ts'
import { settledLines } from './testing/settled-lines.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const GPT = 'openai.gpt-oss-120b-1:0'
const PROMPT = 'Tell me something about rivers.'
const VERSION = { 'anthropic-version': '2023-06-01' }
const MESSAGES = { messages: [{ role: 'user', content: PROMPT }], max_tokens: 40 }
const CHAT = { ...MESSAGES, model: GPT, stream: true, stream_options: { include_usage: true } }

const STREAMS = {
  'converse-stream': [
    `/model/${CLAUDE}/converse-stream`,
    { messages: [{ role: 'user', content: [{ text: PROMPT }] }] },
  ],
  'invoke-with-response-stream': [
    `/model/${CLAUDE}/invoke-with-response-stream`,
    { ...MESSAGES, anthropic_version: 'bedrock-2023-05-31' },
  ],
  'chat completions': ['/openai/v1/chat/completions', CHAT],
  responses: ['/openai/v1/responses', { model: GPT, input: PROMPT, stream: true }],
  messages: ['/anthropic/v1/messages', { ...MESSAGES, model: CLAUDE, stream: true }],
} as const satisfies Readonly<Record<string, readonly [path: string, body: object]>>
type StreamName = keyof typeof STREAMS
const NAMES = Object.keys(STREAMS) as readonly StreamName[]
const FRAMED = ['converse-stream', 'invoke-with-response-stream'] as const

let upstream: HeldUpstream
let gateway: RunningGateway
let direct: RunningGateway
let seen = 0

beforeAll(async () => {
  upstream = await startHeldUpstream()
  gateway = await startGateway({ endpoint: upstream.url })
  direct = await startGateway()
})
afterAll(async () => {
  await Promise.all([gateway.close(), direct.close()])
  await upstream.close()
})
afterEach(() => nothingHeld(gateway))

const sample = (name: StreamName): Promise<SampleAnswer> =>
  sampleAnswer(STREAMS[name][0], JSON.stringify(STREAMS[name][1]), VERSION)

/** What the client and the books get of an answer of these bytes. */
async function relayed(
  name: StreamName,
  headers: SampleAnswer['headers'],
  parts: readonly Buffer[],
): Promise<readonly [body: Buffer, settled: SettledLine]> {
  seen = gateway.lines().length
  const asked = post(gateway, STREAMS[name][0], JSON.stringify(STREAMS[name][1]), VERSION)
  const call = await upstream.next()
  call.head(200, headers)
  for (const part of parts) call.write(part)
  call.end()
  const { body, whole } = await asked
  expect(whole).toBe(true)
  const [line] = await settledLines(gateway, seen)
  return [body, line?.settled as SettledLine]
}

function changed(frame: Buffer, at: number): Buffer {
  const copy = Buffer.from(frame)
  copy[at] = (copy[at] as number) ^ 0xff
  return copy
}

describe('a stream with a damaged part', () => {
  it.each(NAMES)('[Y4] [Y6] is passed on as it is, wherever the damage is: %s', async (name) => {
    const [path, body] = STREAMS[name]
    for (let frame = 0; frame < 6; frame += 1) {
      seen = direct.lines().length
      const fault = { 'x-simulator-fault': `bad_crc@${frame}` }
      const answer = await post(direct, path, JSON.stringify(body), { ...VERSION, ...fault })
      const served = direct.simulator.calls().at(-1)
      expect(served?.response_sha256).toBe(hash('sha256', answer.body))
      const [line] = await settledLines(direct, seen)
      const settled = line?.settled as SettledLine
      expect(settled.status).toBe('ok')
      expect(settled.cost).not.toBeNull()
      expectTrueUsage(settled, served?.usage ?? { input: -1, output: -1 })
    }
  })

  it.each(NAMES)(
    '[Y4] [Y6] is estimated where the part with the usage is lost: %s',
    async (name) => {
      const { headers, parts } = await sample(name)
      const kept = parts.slice(0, -3)
      const [body, settled] = await relayed(name, headers, kept)
      expect(body).toEqual(Buffer.concat(kept))
      expect(settled).toMatchObject({ status: 'ok', usageSource: 'estimated' })
      expect(settled.usage.input).toBeGreaterThan(0)
      expect(settled.cost).toBeGreaterThan(0n)
    },
  )
})

describe.each(FRAMED)('frames that are none: %s', (name) => {
  const HUGE = Buffer.from('7fffffff00000010deadbeef', 'hex')
  const ZERO = Buffer.alloc(64)

  it.each([
    ['a wrong checksum of the prelude', (frame: Buffer) => changed(frame, 8)],
    ['a wrong checksum of the message', (frame: Buffer) => changed(frame, frame.length - 1)],
    ['an impossible length', () => HUGE],
    ['nothing but zeros', () => ZERO],
    ['half of itself', (frame: Buffer) => frame.subarray(0, frame.length >> 1)],
    ['a page of HTML', () => Buffer.from(`<html>${'x'.repeat(70_000)}</html>`)],
  ])('[Y4] [Y6] %s in the place of any frame', async (_what, broken) => {
    const { headers, parts, usage } = await sample(name)
    for (const at of [0, 2, parts.length - 1]) {
      const sent = parts.map((part, index) => (index === at ? broken(part) : part))
      const [body, settled] = await relayed(name, headers, sent)
      expect(body.equals(Buffer.concat(sent))).toBe(true)
      expect(settled.status).toBe('ok')
      expectTrueUsage(settled, usage)
      // Neither the beginning nor the end of the usage has been said in whole.
      if (at === 2) expect(settled.usageSource).toBe('estimated')
    }
  })
})

describe('an answer that is not what its head says', () => {
  it.each(NAMES)('[Y4] [Y6] HTML with a stream’s type, or nothing at all: %s', async (name) => {
    const { headers } = await sample(name)
    for (const text of ['<html>No.</html>', '', '\0\0\0', 'data: {"usage"']) {
      const [body, settled] = await relayed(name, headers, [Buffer.from(text)])
      expect(body.toString()).toBe(text)
      expect(settled.usageSource).toBe('estimated')
    }
  })

  it('[Y4] [Y10] a unary answer that is no JSON has no cost rather than none to pay', async () => {
    const headers = { 'content-type': 'application/json' }
    const [body, settled] = await relayed('converse-stream', headers, [Buffer.from('{"usage":')])
    expect(body.toString()).toBe('{"usage":')
    expect(settled.usageSource).toBe('estimated')
  })
})
