// Budgets that must hold, as callers meet them: the vendors' own clients before one worker's data plane, refused, waiting, tried again and
// gone.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AWS_MODEL, CLIENTS } from '../../test/support/refused-clients.ts'
import { budgetCharge } from '../journal/budget-charge.ts'
import { booksAgree } from './testing/books-agree.ts'
import {
  BODY,
  createBudgetBench,
  DOLLAR,
  MICRO,
  PATH,
  PLENTY,
  TEXT,
  tokensOf,
} from './testing/budgeted-gateway.ts'
import { of, placeOf } from './testing/governed-gateway.ts'
import { CLIENT_PROTOCOLS, createLeavingClients } from './testing/leaving-client.ts'
import { nothingHeld, SOON } from './testing/nothing-held.ts'

const ROUTER = 'arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1'

const bench = createBudgetBench()
const { control, ask, send, rows, served, seen, boundOf, leave } = bench

beforeAll(bench.start)
afterAll(bench.stop)
beforeEach(bench.begin)
afterEach(bench.end)

describe('a hard budget', () => {
  it.each(CLIENTS)(
    '[Y37] [Y40] that is spent refuses, in the words of $client',
    async ({ call, client }) => {
      control.setLimit('dry', 0n)
      const told = await call(placeOf(bench.gateway()), of('dry', { maxTokens: 50 }))
      const status = client.startsWith('the AWS') ? 400 : 402
      expect(told).toMatchObject({ status, refusal: 'budget', retryAfter: null })
      if (status === 400) expect(told?.type).toBe('ServiceQuotaExceededException')
      expect(told?.message).toMatch(/Budget dry has .* of 0\.000000000001 USD a month/)
      expect(told?.message).toMatch(/may take up to 0\.\d+ USD\. It begins anew at \d{4}-\d\d-01T/)
      expect(told?.message).toContain('ledgerock budgets request dry --amount')
      expect(told?.message).toContain('or at https://ledgerock.example/#ask=budget&name=dry&unit=')
      const [line] = await rows()
      expect(line?.settled).toMatchObject({
        status: 'refused',
        refusal: 'budget',
        budgetName: 'dry',
      })
      // What it would have needed; and of what is not reserved nothing is ever charged.
      expect(line?.opened.boundUsd).toBeGreaterThan(0n)
      expect(line?.opened.budgets).toEqual([])
      // The SDKs take it for what it is, and do not try again.
      expect(bench.gateway().lines().length).toBe(seen() + 1)
      expect(served()).toEqual([])
    },
  )

  it('[Y37] holds the whole bound of a call before anything is sent, and is charged what it used', async () => {
    const bound = await boundOf('plenty')
    leave('plenty', 'plenty@0', bound - 1n)
    control.tell('plenty@0', 2n * bound, bound + 1n)
    expect((await send('plenty')).headers['x-ledgerock-refusal']).toBe('budget')
    leave('plenty', 'plenty@0', bound)
    expect((await send('plenty')).status).toBe(200)
    const [refused, line] = await rows(2)
    expect(refused?.opened).toMatchObject({ boundUsd: bound, budgets: [] })
    const remaining = { budgetName: 'plenty', budgetRemaining: bound - 1n }
    expect(refused?.settled).toMatchObject({ ...remaining, cost: 0n })
    expect(line?.opened).toMatchObject({ boundUsd: bound, boundTokens: null })
    expect(line?.opened.budgets).toEqual([{ budget: 'plenty', fromMs: 0, per: null, unit: 'usd' }])
    const cost = line?.settled?.cost ?? null
    expect(cost).toBeGreaterThan(0n)
    expect(cost).toBeLessThanOrEqual(bound)
  })

  it('[Y38] that has nothing at hand is waited for, and the call goes on', async () => {
    control.setMood('keeping')
    const told = ask('plenty')
    await expect.poll(control.keeps, SOON).toBe(true)
    expect(served()).toEqual([])
    expect(bench.gateway().lines().length).toBe(seen())
    control.letGo()
    expect(await told).toBeNull()
    const [line] = await rows()
    expect(line?.settled?.status).toBe('ok')
    expect(line?.settled?.gatewayOverheadUs).toBeGreaterThan(0)
  })

  it.each(['silent', 'unsure'] as const)(
    '[Y38] that nobody can speak for is no refusal for good: control is %s',
    async (mood) => {
      control.setMood(mood)
      for (const { call, client } of CLIENTS) {
        const told = await call(placeOf(bench.gateway()), of('plenty', { maxTokens: 50 }))
        expect({ client, ...told }).toMatchObject({ status: 503, refusal: 'budget_unavailable' })
        expect(told?.retryAfter).toBe('1')
        expect(told?.message).toContain('Budget plenty')
      }
      expect(served()).toEqual([])
      const lines = await rows(CLIENTS.length)
      expect(lines.map(({ settled }) => settled?.budgetName)).toEqual(CLIENTS.map(() => 'plenty'))
    },
  )

  it.each(CLIENT_PROTOCOLS)(
    '[Y39] whose answer comes after the client has left gives everything back, over %s',
    async (protocol) => {
      control.setMood('keeping')
      const clients = createLeavingClients(bench.gateway().url, protocol)
      const waiting = clients.ask(PATH, BODY, { 'x-ledgerock-team': 'plenty' })
      await expect.poll(control.keeps, SOON).toBe(true)
      waiting.leave()
      clients.close()
      await expect.poll(() => bench.gateway().held().calls, SOON).toBe(0)
      control.letGo()
      await nothingHeld(bench.gateway())
      await booksAgree(bench.gateway(), control)
      expect(served()).toEqual([])
      expect(bench.gateway().lines().length).toBe(seen())
    },
  )

  it('[Y37] of tokens counts both ways, whatever they cost', async () => {
    control.setLimit('words', 10n)
    const told = await ask('words', { maxTokens: 50 })
    expect(told?.message).toMatch(/Budget words has .* of 50 tokens in all/)
    expect(told?.message).toContain('It does not begin anew.')
    control.setLimit('words', 100_000n)
    expect(await ask('words', { maxTokens: 50 })).toBeNull()
    const [, line] = await rows(2)
    expect(line?.opened.boundUsd).toBeGreaterThanOrEqual(line?.settled?.cost ?? 0n)
    const used = tokensOf(line?.settled)
    expect(used).toBeGreaterThan(0)
    expect(line?.opened.boundTokens).toBeGreaterThanOrEqual(used)
  })

  it('[Y37] that counts by a dimension has room for each of its values by itself', async () => {
    const as = (user: string) => send('people', PATH, BODY, { 'x-ledgerock-user-id': user })
    expect((await as('ann')).status).toBe(200)
    expect((await as('bob')).status).toBe(200)
    await rows(2)
    const counters = [...control.leases().keys()].filter((key) => key.startsWith('people'))
    expect(counters.toSorted()).toEqual(['people@0/ann', 'people@0/bob'])
    control.setLimit('people', 0n)
    const refused = await as("it's")
    expect(refused.body.toString()).toContain("Budget people of user_id=it's")
    await rows(3)
  })

  it('[Y37] reserves what it says for a call whose price is not known, and is charged that', async () => {
    const answer = await send('plenty', '/model/acme.thinker-v1/converse')
    const [line] = await rows()
    expect(line?.opened.boundUsd).toBe(DOLLAR)
    // The simulator knows no such model either: an error costs nothing.
    expect(answer.status).toBeGreaterThanOrEqual(400)
  })

  it('[Y43] lets through no id that may stand for anything', async () => {
    const answer = await send('plenty', `/model/${encodeURIComponent(ROUTER)}/converse`)
    expect(answer.headers['x-ledgerock-refusal']).toBe('model_access')
    expect(answer.body.toString()).toContain(ROUTER)
    expect(served()).toEqual([])
    const byModel = await send('any', `/model/${encodeURIComponent(ROUTER)}/converse`)
    expect(byModel.headers['x-ledgerock-refusal']).toBe('model_access')
    expect(byModel.body.toString()).toContain('budget claude-only must hold')
    expect((await send('any')).status).toBe(200)
    expect(served()).toHaveLength(1)
    const watched = await send('soft', `/model/${encodeURIComponent(ROUTER)}/converse`)
    expect(watched.headers).not.toHaveProperty('x-ledgerock-refusal')
    await rows(4)
  })

  it('[Y37] is not asked about what Bedrock charges nothing for', async () => {
    control.setLimit('dry', 0n)
    const body = JSON.stringify({ input: { converse: TEXT } })
    expect((await send('dry', `/model/${AWS_MODEL}/count-tokens`, body)).status).toBe(200)
    expect((await rows())[0]?.opened.budgets).toEqual([])
  })

  it('[Y41] is charged the whole bound of a call that was cut before its usage came', async () => {
    const clients = createLeavingClients(bench.gateway().url, 'http/1.1')
    const slow = { 'x-ledgerock-team': 'plenty', 'x-simulator-fault': 'slow_chunks:600000' }
    const running = clients.ask(`${PATH}-stream`, BODY, slow)
    await running.answered
    running.leave()
    clients.close()
    const [line] = await rows()
    if (line?.settled === null || line === undefined) throw new Error('not settled')
    expect(line.settled.usageSource).toBe('estimated')
    expect(budgetCharge(line.opened, line.settled).usd).toBe(line.opened.boundUsd)
  })

  it('[Y41] is charged nothing for a call that Bedrock refused, or never got', async () => {
    bench.upstream().plan(['error400'])
    expect((await send('plenty')).status).toBe(400)
    const [line] = await rows()
    if (line?.settled === null || line === undefined) throw new Error('not settled')
    expect(budgetCharge(line.opened, line.settled).usd).toBe(0n)
  })
})

describe('attempts that follow each other', () => {
  it('[Y42] each hold their own bound: where there is room for one, the next has that', async () => {
    const bound = await boundOf('plenty')
    leave('plenty', 'plenty@0', bound)
    bench.upstream().plan(['throttle', 'error503'])
    expect((await send('plenty')).status).toBe(200)
    const lines = await rows(3)
    expect(lines.map(({ settled }) => settled?.status)).toEqual([
      'throttled',
      'upstream_error',
      'ok',
    ])
    expect(lines.map(({ opened }) => opened.boundUsd)).toEqual([bound, bound, bound])
    const charges = lines.map(({ opened, settled }) =>
      settled === null ? null : budgetCharge(opened, settled).usd,
    )
    expect(charges.slice(0, 2)).toEqual([0n, 0n])
    expect(charges[2]).toBeGreaterThan(0n)
  })

  it('[Y42] go nowhere dearer than there is room for: the answer at hand is the answer', async () => {
    const path = `/model/${MICRO}/converse`
    const bound = await boundOf('plenty', path)
    leave('plenty', 'plenty@0', bound)
    bench.upstream().plan(['throttle'])
    const answer = await send('plenty', path)
    expect(answer.status).toBe(429)
    expect(answer.headers['x-ledgerock-refusal']).toBeUndefined()
    expect(await rows()).toHaveLength(1)
    leave('plenty', 'plenty@0', PLENTY, true)
    bench.upstream().plan(['throttle'])
    expect((await send('plenty', path)).status).toBe(200)
    const [, first, second] = await rows(3)
    expect(second?.settled?.changes).toEqual(['fallback:model'])
    expect(second?.opened.boundUsd).toBeGreaterThan(first?.opened.boundUsd ?? 0n)
  })

  it('[Y39] [Y42] hold nothing once the client has left between two of them', async () => {
    const clients = createLeavingClients(bench.gateway().url, 'http/1.1')
    bench.upstream().plan([{ fault: 'throttle', retryAfter: '1' }])
    const waiting = clients.ask(PATH, BODY, { 'x-ledgerock-team': 'plenty' })
    await rows()
    waiting.leave()
    clients.close()
    await nothingHeld(bench.gateway())
    await booksAgree(bench.gateway(), control)
    expect(served()).toHaveLength(1)
  })

  it('[Y39] hold nothing where the journal has no room', async () => {
    bench.gateway().setJournalFull(true)
    expect((await send('plenty')).headers['x-ledgerock-refusal']).toBe('journal_unavailable')
    bench.gateway().setJournalFull(false)
    await booksAgree(bench.gateway(), control)
  })
})
