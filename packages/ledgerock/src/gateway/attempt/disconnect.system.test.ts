// A client that leaves, at every place where it can: the row is always there and true, Bedrock is never left hanging, and the
// gateway holds nothing afterwards.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { SettledLine } from '../../journal/line.ts'
import type { OnLeave } from './disconnect.ts'
import { expectTrueUsage } from '../testing/expect-true-usage.ts'
import {
  sampleAnswer,
  startHeldUpstream,
  type HeldCall,
  type HeldUpstream,
  type SampleAnswer,
} from '../testing/held-upstream.ts'
import {
  CLIENT_PROTOCOLS,
  createLeavingClients,
  type LeavingClients,
} from '../testing/leaving-client.ts'
import { nothingHeld, SOON } from '../testing/nothing-held.ts'
import { startGateway, type RunningGateway } from '../testing/running-gateway.ts'
import { settledLines } from '../testing/settled-lines.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const GPT = 'openai.gpt-oss-120b-1:0'
const PROMPT = 'Tell me something about rivers.'
const CHAT = { model: GPT, messages: [{ role: 'user', content: PROMPT }], max_tokens: 20 }
const MESSAGES = { ...CHAT, model: CLAUDE }
const NATIVE = {
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 20,
  messages: [{ role: 'user', content: PROMPT }],
}
const CONVERSE = { messages: [{ role: 'user', content: [{ text: PROMPT }] }] }

type Ask = { readonly path: string; readonly body: object }

const STREAMS: Readonly<Record<string, Ask>> = {
  'converse-stream': { path: `/model/${CLAUDE}/converse-stream`, body: CONVERSE },
  'invoke-with-response-stream': {
    path: `/model/${CLAUDE}/invoke-with-response-stream`,
    body: NATIVE,
  },
  'chat completions': {
    path: '/openai/v1/chat/completions',
    body: { ...CHAT, stream: true, stream_options: { include_usage: true } },
  },
  responses: { path: '/openai/v1/responses', body: { model: GPT, input: PROMPT, stream: true } },
  messages: { path: '/anthropic/v1/messages', body: { ...MESSAGES, stream: true } },
}
const UNARIES: Readonly<Record<string, Ask>> = {
  converse: { path: `/model/${CLAUDE}/converse`, body: CONVERSE },
  invoke: { path: `/model/${CLAUDE}/invoke`, body: NATIVE },
  'chat completions': { path: '/openai/v1/chat/completions', body: CHAT },
  messages: { path: '/anthropic/v1/messages', body: MESSAGES },
}
const VERSION = { 'anthropic-version': '2023-06-01' }

let upstream: HeldUpstream
let gateway: RunningGateway
let clients: LeavingClients
let seen = 0

const policies = { cancel: 'c', drain: 'd' } as const satisfies Record<OnLeave, string>
beforeAll(async () => {
  upstream = await startHeldUpstream()
  gateway = await startGateway({
    endpoint: upstream.url,
    disconnect: [
      { scope: { team: policies.cancel }, unary: 'cancel', stream: 'cancel' },
      { scope: { team: policies.drain }, unary: 'drain', stream: 'drain' },
    ],
  })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})
afterEach(async () => {
  await nothingHeld(gateway)
  seen = gateway.lines().length
})

const ask = ({ path, body }: Ask, policy: OnLeave) =>
  clients.ask(path, JSON.stringify(body), { ...VERSION, 'x-ledgerock-team': policies[policy] })
const sample = ({ path, body }: Ask): Promise<SampleAnswer> =>
  sampleAnswer(path, JSON.stringify(body), VERSION)

async function row(at = gateway): Promise<SettledLine> {
  const lines = await settledLines(at, at === gateway ? seen : 0)
  expect(lines).toHaveLength(1)
  seen = gateway.lines().length
  return lines[0]?.settled as SettledLine
}

const isSettled = (): boolean => (gateway.lines()[seen]?.settled ?? null) !== null

describe.each(CLIENT_PROTOCOLS)('a client that leaves over %s', (protocol) => {
  beforeAll(() => {
    clients = createLeavingClients(gateway.url, protocol)
  })
  afterAll(() => clients.close())

  describe.each(['cancel', 'drain'] as const)('where the rule says %s', (policy) => {
    it.each(Object.keys(STREAMS))('[Y6] [Y8] a stream, after every frame: %s', async (name) => {
      const asked = STREAMS[name] as Ask
      const { headers, parts, usage } = await sample(asked)
      const settledAfter: boolean[] = []
      // Minus one: before the head.
      for (let frames = -1; frames <= parts.length; frames += 1) {
        const client = ask(asked, policy)
        const call = await upstream.next()
        if (frames >= 0) {
          call.head(200, headers)
          await client.answered
        }
        let bytes = 0
        for (const part of parts.slice(0, Math.max(0, frames))) {
          bytes += part.length
          call.write(part)
          await client.received(bytes)
        }
        const wasSettled = isSettled()
        settledAfter.push(wasSettled)
        client.leave()
        if (policy === 'drain' && !wasSettled) {
          await expect.poll(() => gateway.held().drains, SOON).toBe(1)
          if (frames < 0) call.head(200, headers)
          for (const part of parts.slice(Math.max(0, frames))) call.write(part)
          call.end()
        }
        // What has been settled needs no more of the answer, whatever the rule.
        expect(await call.over).toBe(policy === 'drain' && !wasSettled ? 'whole' : 'cut')
        const settled = await row()
        expectTrueUsage(settled, usage)
        expect(settled).toMatchObject(
          wasSettled
            ? { status: 'ok', interruptedBy: null, usageSource: 'response' }
            : { status: 'interrupted', interruptedBy: 'client' },
        )
        if (policy === 'drain' && !wasSettled) expect(settled.usageSource).toBe('drained')
        await nothingHeld(gateway)
      }
      // Before the usage a call is open, with the last frame it is settled, and nothing is settled twice.
      expect(settledAfter.slice(0, 4)).toEqual([false, false, false, false])
      expect(settledAfter.at(-1)).toBe(true)
      expect(settledAfter.slice(settledAfter.indexOf(true))).not.toContain(false)
    })

    it.each(Object.keys(UNARIES))(
      '[Y6] [Y8] a unary answer, at every boundary: %s',
      async (name) => {
        const asked = UNARIES[name] as Ask
        const { headers, parts, usage } = await sample(asked)
        for (const boundary of ['before the head', 'after the head', 'in the body'] as const) {
          const client = ask(asked, policy)
          const call = await upstream.next()
          if (boundary !== 'before the head') call.head(200, headers)
          if (boundary === 'in the body') call.write(parts[0] as Buffer)
          client.leave()
          if (policy === 'drain') {
            await expect.poll(() => gateway.held().drains, SOON).toBe(1)
            if (boundary === 'before the head') call.head(200, headers)
            if (boundary !== 'in the body') call.write(parts[0] as Buffer)
            call.write(parts[1] as Buffer)
            call.end()
          }
          expect(await call.over).toBe(policy === 'drain' ? 'whole' : 'cut')
          const settled = await row()
          expectTrueUsage(settled, usage)
          expect(settled).toMatchObject({ status: 'interrupted', interruptedBy: 'client' })
          // Native answers say their counts in the head.
          const cancelled = name === 'invoke' ? /estimated|response/ : /estimated/
          expect(settled.usageSource).toMatch(policy === 'drain' ? /drained/ : cancelled)
          await nothingHeld(gateway)
        }
        const client = ask(asked, policy)
        const call = await upstream.next()
        call.head(200, headers)
        for (const part of parts) call.write(part)
        call.end()
        await client.answered
        client.leave()
        expect(await call.over).toBe('whole')
        const settled = await row()
        expect(settled).toMatchObject({ status: 'ok', usageSource: 'response' })
        expectTrueUsage(settled, usage)
      },
    )

    it.each(['converse', 'converse-stream'])(
      '[Y5] [Y8] while the opened line is on its way: nothing is sent, nothing is owed (%s)',
      async (name) => {
        const before = upstream.count()
        const release = gateway.holdJournal()
        const client = ask((UNARIES[name] ?? STREAMS[name]) as Ask, policy)
        await expect.poll(() => gateway.lines().length, SOON).toBe(seen + 1)
        client.leave()
        await expect.poll(() => gateway.held().calls, SOON).toBe(0)
        release()
        expect(await row()).toMatchObject({
          status: 'interrupted',
          interruptedBy: 'client',
          usage: {},
          cost: 0n,
        })
        expect(upstream.count()).toBe(before)
      },
    )

    it('[Y5] [Y8] while the settled line of a stream is on its way', async () => {
      const asked = STREAMS['converse-stream'] as Ask
      const { headers, parts, usage } = await sample(asked)
      const client = ask(asked, policy)
      const call = await upstream.next()
      call.head(200, headers)
      await client.answered
      const release = gateway.holdJournal()
      for (const part of parts) call.write(part)
      await expect.poll(isSettled, SOON).toBe(true)
      client.leave()
      await expect.poll(() => gateway.held().calls, SOON).toBe(0)
      release()
      expect(await call.over).toBe('cut')
      const settled = await row()
      expect(settled).toMatchObject({ status: 'ok', usageSource: 'response' })
      expectTrueUsage(settled, usage)
    })

    it('[Y8] and whose answer is an error: nothing to pay, and no other attempt', async () => {
      const client = ask(UNARIES['converse'] as Ask, policy)
      const call = await upstream.next()
      const headers = {
        'x-amzn-errortype': 'ThrottlingException',
        'content-type': 'application/json',
      }
      call.head(429, headers)
      client.leave()
      if (policy === 'drain') {
        await expect.poll(() => gateway.held().drains, SOON).toBe(1)
        call.write(Buffer.from('{"message":"slow down"}'))
        call.end()
      }
      await call.over
      expect(await row()).toMatchObject({ status: 'interrupted', usage: {}, cost: 0n })
    })
  })
})

describe('a client whose connection breaks', () => {
  it('[Y6] [Y8] leaves with every stream it had open', async () => {
    const { headers, parts } = await sample(STREAMS['converse-stream'] as Ask)
    clients = createLeavingClients(gateway.url, 'h2c')
    const calls: HeldCall[] = []
    for (let open = 0; open < 6; open += 1) {
      const client = ask(STREAMS['converse-stream'] as Ask, 'cancel')
      const call = await upstream.next()
      call.head(200, headers)
      call.write(parts[0] as Buffer)
      await client.received(1)
      calls.push(call)
    }
    clients.close()
    expect(await Promise.all(calls.map(({ over }) => over))).toEqual(Array(6).fill('cut'))
    const lines = await settledLines(gateway, seen, 6)
    expect(lines.map(({ settled }) => settled?.interruptedBy)).toEqual(Array(6).fill('client'))
  })
})

describe('a client that never sees the usage of its stream', () => {
  it('[Y8] [Y14] has it drained all the same', async () => {
    const { path, body } = STREAMS['chat completions'] as Ask
    const { headers, parts, usage } = await sample({ path, body })
    clients = createLeavingClients(gateway.url, 'http/1.1')
    const client = ask({ path, body: { ...body, stream_options: undefined } }, 'drain')
    const call = await upstream.next()
    call.head(200, headers)
    call.write(parts[0] as Buffer)
    await client.received(1)
    client.leave()
    await expect.poll(() => gateway.held().drains, SOON).toBe(1)
    for (const part of parts.slice(1)) call.write(part)
    call.end()
    const settled = await row()
    expect(settled).toMatchObject({ usageSource: 'drained', changes: ['include_usage'] })
    expectTrueUsage(settled, usage)
  })
})

describe('drains', () => {
  const asked = UNARIES['converse'] as Ask

  it('[Y8] are bounded in number: what finds no room is cancelled at once', async () => {
    const other = await startGateway({ endpoint: upstream.url, drain: { timeMs: 60_000, max: 2 } })
    const leaving = createLeavingClients(other.url, 'h2c')
    const { headers, parts } = await sample(asked)
    const calls = []
    for (let n = 0; n < 5; n += 1) {
      const client = leaving.ask(asked.path, JSON.stringify(asked.body))
      const call = await upstream.next()
      client.leave()
      calls.push(call)
      if (n < 2) await expect.poll(() => other.held().drains, SOON).toBe(n + 1)
      else expect(await call.over).toBe('cut')
    }
    expect(other.held().drains).toBe(2)
    for (const call of calls.slice(0, 2)) {
      call.head(200, headers)
      for (const part of parts) call.write(part)
      call.end()
    }
    const lines = await settledLines(other, 0, 5)
    const sources = lines.map(({ settled }) => settled?.usageSource)
    expect(sources).toEqual(['drained', 'drained', 'estimated', 'estimated', 'estimated'])
    await nothingHeld(other)
    leaving.close()
    await other.close()
  })

  it('[Y8] are bounded in time: an answer that does not end is cancelled, and its room is free', async () => {
    const other = await startGateway({ endpoint: upstream.url, drain: { timeMs: 60, max: 1 } })
    const leaving = createLeavingClients(other.url, 'http/1.1')
    for (let n = 0; n < 3; n += 1) {
      const client = leaving.ask(asked.path, JSON.stringify(asked.body))
      const call = await upstream.next()
      client.leave()
      expect(await call.over).toBe('cut')
    }
    const lines = await settledLines(other, 0, 3)
    expect(lines.map(({ settled }) => settled?.usageSource)).toEqual(Array(3).fill('estimated'))
    await nothingHeld(other)
    await other.close()
  })
})
