// Places of limits come back exactly once however a call ends, and tokens are counted as they were used: the vendors' own clients
// before one worker's data plane.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AWS_MODEL, CLIENTS, converseStream } from '../../test/support/refused-clients.ts'
import { asker, of, placeOf, RULES } from './testing/governed-gateway.ts'
import { createLeavingClients } from './testing/leaving-client.ts'
import { nothingHeld } from './testing/nothing-held.ts'
import { startGateway, type RunningGateway } from './testing/running-gateway.ts'
import { settledLines } from './testing/settled-lines.ts'

let gateway: RunningGateway
let seen = 0

beforeAll(async () => {
  gateway = await startGateway({ policy: RULES })
})
afterAll(() => gateway.close())
beforeEach(() => {
  seen = gateway.lines().length
  gateway.simulator.reset()
})
afterEach(() => nothingHeld(gateway))

const place = () => placeOf(gateway)
const ask = asker(() => gateway)

describe('places of a limit', () => {
  const body = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello there.' }] }] })
  const path = `/model/${AWS_MODEL}/converse-stream`

  it('[Y35] are all taken while a call runs: the next is told so, each client in its own words', async () => {
    const clients = createLeavingClients(gateway.url, 'http/1.1')
    const slow = { 'x-ledgerock-team': 'narrow', 'x-simulator-fault': 'slow_chunks:600000' }
    const running = clients.ask(path, body, slow)
    await running.answered
    for (const { call, tooFast } of CLIENTS) {
      const told = await call(place(), of('narrow'))
      expect(told).toMatchObject({ type: tooFast, status: 429, refusal: 'concurrency' })
      expect(Number(told?.retryAfter)).toBeGreaterThanOrEqual(1)
    }
    running.leave()
    clients.close()
    await settledLines(gateway, seen, CLIENTS.length + 1)
  })

  it.each([
    ['well', {}],
    ['well, after its headers waited', { 'x-simulator-fault': 'latency:50' }],
    ['with an error of Bedrock’s', { 'x-simulator-fault': 'throttle' }],
    ['with a server’s error', { 'x-simulator-fault': 'error500' }],
    ['in the middle of a stream', { 'x-simulator-fault': 'cut@2' }],
    ['with an exception in the stream', { 'x-simulator-fault': 'mid_stream_exception@2' }],
    ['with a broken frame', { 'x-simulator-fault': 'bad_crc@2' }],
  ])('[Y35] come back once when a call ends %s', async (_how, headers) => {
    for (let turn = 0; turn < 3; turn += 1) {
      const told = await converseStream(place(), of('narrow', { headers }))
      expect(told?.refusal ?? null).toBeNull()
      await settledLines(gateway, seen, turn + 1)
    }
  })

  it.each(['http/1.1', 'h2c'] as const)(
    '[Y35] come back when a client leaves, over %s',
    async (way) => {
      for (let turn = 0; turn < 3; turn += 1) {
        const clients = createLeavingClients(gateway.url, way)
        const slow = { 'x-ledgerock-team': 'narrow', 'x-simulator-fault': 'slow_chunks:600000' }
        const running = clients.ask(path, body, slow)
        expect(await running.answered).toBe(200)
        running.leave()
        clients.close()
        await settledLines(gateway, seen, turn + 1)
      }
      expect(await ask('narrow')).toBeNull()
    },
  )

  it('[Y35] come back when what follows refuses the call', async () => {
    for (let turn = 0; turn < 2; turn += 1) {
      gateway.setJournalFull(true)
      expect((await ask('narrow'))?.refusal).toBe('journal_unavailable')
      gateway.setJournalFull(false)
      expect(await ask('narrow')).toBeNull()
    }
  })

  it('[Y35] and no more than there were: two calls at once are never let through', async () => {
    const calls = Array.from({ length: 12 }, () =>
      ask('narrow', { headers: { 'x-simulator-fault': 'latency:100' } }),
    )
    const told = await Promise.all(calls)
    expect(told.filter((one) => one === null).length).toBeGreaterThanOrEqual(1)
    expect(told.every((one) => one === null || one.refusal === 'concurrency')).toBe(true)
    await settledLines(gateway, seen, told.filter((one) => one === null).length)
    const served = gateway.simulator.calls().length
    expect(served).toBe(told.filter((one) => one === null).length)
  })
})

describe('tokens per minute', () => {
  it('[G16] of what a call reads are taken while it runs, so that the next has to wait', async () => {
    const clients = createLeavingClients(gateway.url, 'http/1.1')
    const text = 'All of this is read. '.repeat(30)
    const messages = [{ role: 'user' as const, content: [{ text }] }]
    const slow = { 'x-ledgerock-team': 'reading', 'x-simulator-fault': 'slow_chunks:600000' }
    const path = `/model/${AWS_MODEL}/converse-stream`
    const running = clients.ask(path, JSON.stringify({ messages }), slow)
    await running.answered
    expect((await ask('reading', { converse: { messages } }))?.refusal).toBe('rate_limit')
    running.leave()
    clients.close()
    await settledLines(gateway, seen, 2)
  })

  it('[G16] count what the answer really had: a debt is waited for', async () => {
    const first = await ask('talkative', { maxTokens: 2_000 })
    expect(first).toBeNull()
    const [line] = await settledLines(gateway, seen, 1)
    const usage = line?.settled?.usage as Readonly<Record<string, number>>
    const tokens = Object.values(usage).reduce((sum, count) => sum + count, 0)
    let until = 0
    for (let calls = 0; calls < 50 && until === 0; calls += 1) {
      const told = await ask('talkative', { maxTokens: 2_000 })
      if (told === null) continue
      expect(told.refusal).toBe('rate_limit')
      until = Number(told.retryAfter)
    }
    expect(tokens).toBeGreaterThan(0)
    expect(until).toBeGreaterThanOrEqual(1)
  })
})
