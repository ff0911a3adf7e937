// What budgets say and change without refusing: what is left, warnings, maxima of output that are put in, and routes that hang on what
// is spent; the vendors' own clients before one worker's data plane.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AWS_MODEL, chatCompletion, converseStream } from '../../test/support/refused-clients.ts'
import { formatUsd, picodollars } from '../kernel/money.ts'
import {
  createBudgetBench,
  DOLLAR,
  MICRO,
  PATH,
  PLENTY,
  TEXT,
  tokensOf,
} from './testing/budgeted-gateway.ts'
import { of, placeOf } from './testing/governed-gateway.ts'
import { createLeavingClients } from './testing/leaving-client.ts'

const PRO = 'amazon.nova-pro-v1:0'
const GPT = 'openai.gpt-oss-120b-1:0'

const bench = createBudgetBench()
const { control, ask, send, rows, served, leave } = bench

beforeAll(bench.start)
afterAll(bench.stop)
beforeEach(bench.begin)
afterEach(bench.end)

describe('what is told', () => {
  it('[Y44] the least that is left, of each unit, after the call; its record names that budget', async () => {
    expect((await send('both')).headers).not.toHaveProperty('x-ledgerock-budget-remaining-usd')
    const spent = control.leases().get('all-of-both@0')?.settled ?? 0n
    const words = control.leases().get('tokens-of-both@0')?.settled ?? 0n
    control.tell('all-of-both@0', 2n * DOLLAR, spent)
    control.tell('tokens-of-both@0', 5_000n, words)
    const { headers } = await send('both')
    const [, line] = await rows(2)
    const { cost } = line?.settled ?? {}
    const left = picodollars(2n * DOLLAR - spent - (cost ?? 0n))
    const used = tokensOf(line?.settled)
    expect(headers['x-ledgerock-budget-remaining-usd']).toBe(formatUsd(left))
    expect(headers['x-ledgerock-budget-remaining-tokens']).toBe(
      String(5_000n - words - BigInt(used)),
    )
    expect(line?.settled).toMatchObject({ budgetName: 'all-of-both', budgetRemaining: left })
    expect(headers).not.toHaveProperty('x-ledgerock-budget-warning')
  })

  it('[Y45] a soft budget warns past a threshold, and neither waits nor refuses', async () => {
    control.setMood('silent')
    control.tell('soft@0', DOLLAR, 49n * (DOLLAR / 100n))
    expect((await send('soft')).headers).not.toHaveProperty('x-ledgerock-budget-warning')
    control.tell('soft@0', DOLLAR, 60n * (DOLLAR / 100n))
    for (const path of [PATH, `${PATH}-stream`]) {
      const { status, headers } = await send('soft', path)
      expect([status, headers['x-ledgerock-budget-warning']]).toEqual([200, 'budget=soft,used=60%'])
    }
    control.tell('soft@0', DOLLAR, 3n * DOLLAR)
    const { headers } = await send('soft')
    expect(headers['x-ledgerock-budget-warning']).toBe('budget=soft,used=300%')
    expect(headers['x-ledgerock-budget-remaining-usd']).toBe('0')
    await rows(4)
  })

  it('[Y32] a budget in shadow says only in the record what it would have done', async () => {
    control.setMood('silent')
    control.tell('tried@0', DOLLAR, DOLLAR)
    const { status, headers } = await send('tried')
    expect(status).toBe(200)
    expect(headers).not.toHaveProperty('x-ledgerock-budget-remaining-usd')
    const [line] = await rows()
    expect(line?.settled?.changes).toEqual(['would_refuse:budget:tried'])
    expect(line?.opened.budgets).toHaveLength(1)
  })
})

describe('a call that states no maximum of output', () => {
  it('[Y46] is refused where a budget wants one, and is told so', async () => {
    const told = await ask('strict')
    expect(told).toMatchObject({ status: 400, refusal: 'budget' })
    expect(told?.message).toContain('set the maximum of output tokens')
    expect(await ask('strict', { maxTokens: 10 })).toBeNull()
    await rows(2)
  })

  it('[Y46] is given one that fits in what is left', async () => {
    const left = DOLLAR / 5_000n
    control.tell('clamped@0', left, 0n)
    control.setLimit('clamped', left)
    const many = of('clamped')
    expect(await converseStream(placeOf(bench.gateway()), many)).toBeNull()
    expect(await chatCompletion(placeOf(bench.gateway()), of('clamped', { model: GPT }))).toBeNull()
    for (const { opened, settled } of await rows(2)) {
      expect(settled?.changes).toContain('max_tokens')
      expect(opened.boundUsd).toBeLessThanOrEqual(left)
      expect(opened.boundUsd).toBeGreaterThan(left / 4n)
    }
    control.tell('clamped@0', PLENTY, 0n)
    control.setLimit('clamped', PLENTY)
    expect(await converseStream(placeOf(bench.gateway()), many)).toBeNull()
    expect((await rows(3))[2]?.settled?.changes).toEqual([])
  })

  it('[Y46] leaves room for the next while it runs, which gets what there really is', async () => {
    const left = DOLLAR / 400n
    leave('clamped', 'clamped@0', left)
    control.tell('clamped@0', left, 0n)
    const clients = createLeavingClients(bench.gateway().url, 'http/1.1')
    const slow = { 'x-ledgerock-team': 'clamped', 'x-simulator-fault': 'slow_chunks:600000' }
    const running = []
    const statuses = []
    while (running.length < 3) {
      const client = clients.ask(`${PATH}-stream`, JSON.stringify(TEXT), slow)
      running.push(client)
      statuses.push(await client.answered)
    }
    for (const client of running) client.leave()
    clients.close()
    expect(statuses).toEqual([200, 200, 200])
    const lines = await rows(3)
    const bounds = lines.map(({ opened }) => opened.boundUsd ?? 0n)
    for (const { settled } of lines) expect(settled?.changes).toContain('max_tokens')
    expect(bounds.reduce<bigint>((sum, bound) => sum + bound, 0n)).toBeLessThanOrEqual(left)
    expect(bounds[1]).toBe(bounds[0])
    expect(bounds[2]).toBeLessThan(bounds[0] ?? 0n)
  })
})

describe('a route that hangs on a budget', () => {
  it('[Y47] holds from its share on: the answer says so, the record knows both models and the saving', async () => {
    control.tell('watched@0', 100n, 79n)
    expect((await send('watched')).headers).not.toHaveProperty('x-ledgerock-route')
    control.tell('watched@0', 100n * DOLLAR, 80n * DOLLAR)
    const { headers } = await send('watched')
    expect(headers['x-ledgerock-route']).toBe(`model=${MICRO},region=us-east-1`)
    const [before, after] = await rows(2)
    expect(before?.settled).toMatchObject({ changes: [], saved: null })
    expect(after?.opened).toMatchObject({ modelRequested: AWS_MODEL, modelId: MICRO })
    expect(after?.settled?.changes).toEqual(['route:model'])
    expect(after?.settled?.saved).toBeGreaterThan(0n)
    expect(served().map(({ model_requested: model }) => model)).toEqual([AWS_MODEL, MICRO])
  })

  it('[Y47] changes nothing for who forbids it', async () => {
    control.tell('watched@0', 100n * DOLLAR, 90n * DOLLAR)
    expect((await send('fixed')).headers).not.toHaveProperty('x-ledgerock-route')
    expect((await rows())[0]?.settled?.changes).toEqual([])
  })

  it('[Y47] may ask for another tier, in the words of the API', async () => {
    const stated = JSON.stringify({ ...TEXT, serviceTier: { type: 'default' } })
    const invoked = JSON.stringify({ schemaVersion: 'messages-v1', ...TEXT })
    const [first] = [await send('cheap', `/model/${PRO}/converse`)]
    expect(first.headers['x-ledgerock-route']).toBe(`model=${PRO},region=us-east-1,tier=flex`)
    await send('cheap', `/model/${PRO}/converse`, stated)
    await send('cheap', `/model/${PRO}/invoke`, invoked, {
      'x-amzn-bedrock-service-tier': 'default',
    })
    expect(await chatCompletion(placeOf(bench.gateway()), of('cheap', { model: GPT }))).toBeNull()
    for (const { opened, settled } of await rows(4)) {
      expect(opened.tier).toBe('flex')
      expect(settled).toMatchObject({ status: 'ok', tier: null, changes: ['route:tier'] })
      expect(settled?.saved).toBeGreaterThan(0n)
    }
    expect(served().map(({ tier_resolved: tier }) => tier)).toEqual(Array(4).fill('flex'))
  })

  it('[Y47] is left out where the model is not sold in the tier', async () => {
    const { status, headers } = await send('cheap', `/model/us.${AWS_MODEL}/converse`)
    expect([status, headers['x-ledgerock-route']]).toEqual([200, undefined])
    expect((await rows())[0]?.opened.tier).toBe('standard')
  })
})
