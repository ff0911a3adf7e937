// What may go on and what is refused, in order of precedence, with the vendors' own clients before one worker's data plane whose
// clock a test can set: grants that end by themselves, ids that somebody must look up first, rules that only report.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  ANTHROPIC_MODEL,
  anthropicMessage,
  AWS_MODEL,
  chatCompletion,
  CLIENTS,
  converse,
  converseStream,
  type Wish,
} from '../../../test/support/refused-clients.ts'
import type { ProfileAnswer } from '../../aws/ask-inference-profile.ts'
import { systemClock } from '../../platform/clock.ts'
import { asker, GUARDRAIL, HOUR_MS, of, placeOf, RULES } from '../testing/governed-gateway.ts'
import { nothingHeld } from '../testing/nothing-held.ts'
import { SEARCH_KEY, startGateway, type RunningGateway } from '../testing/running-gateway.ts'
import { settledLines } from '../testing/settled-lines.ts'

const PROFILE_ARN = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/'
const ROUTER_ARN = 'arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1'

let aheadMs = 0
const clock = { ...systemClock, now: () => systemClock.now() + aheadMs }

let gateway: RunningGateway
let seen = 0
const looked: string[] = []
const found = new Map<string, ProfileAnswer>()
let answer: ProfileAnswer = 'unresolvable'

beforeAll(async () => {
  gateway = await startGateway({
    clock,
    policy: { ...RULES, anonymous: { mode: 'record', from: ['127.0.0.0/8'] } },
    profiles: {
      known: (arn) => (arn.startsWith(PROFILE_ARN) ? (found.get(arn) ?? null) : 'unresolvable'),
      look(arn) {
        looked.push(arn)
        found.set(arn, answer)
        return Promise.resolve(answer)
      },
      close: () => Promise.resolve(),
    },
  })
})
afterAll(() => gateway.close())
beforeEach(() => {
  seen = gateway.lines().length
  gateway.simulator.reset()
  looked.length = 0
})
afterEach(() => nothingHeld(gateway))

const place = () => placeOf(gateway)
const ask = asker(() => gateway)
const named = { guardrailIdentifier: GUARDRAIL.id, guardrailVersion: GUARDRAIL.version }

describe('refusals', () => {
  // The first test: so many refusals of one key are written down each second.
  it('[Y30] never go upstream, cost nothing, and are written down with who it was', async () => {
    for (const team of ['paused', 'closed', 'guarded']) await ask(team)
    expect(gateway.simulator.calls()).toHaveLength(0)
    const lines = await settledLines(gateway, seen, 3)
    expect(lines.map(({ opened, settled }) => [opened.dimensions['team'], settled])).toEqual([
      ['paused', expect.objectContaining({ status: 'refused', refusal: 'paused', cost: 0n })],
      ['closed', expect.objectContaining({ status: 'refused', refusal: 'model_access', cost: 0n })],
      [
        'guarded',
        expect.objectContaining({ status: 'refused', refusal: 'guardrail_required', cost: 0n }),
      ],
    ])
  })

  it('[Y30] come in the order of the contract: the first that applies is the answer', async () => {
    const guarded = { converse: { guardrailConfig: named } }
    expect((await ask('paused'))?.refusal).toBe('paused')
    expect((await ask('closed'))?.refusal).toBe('model_access')
    expect((await ask('guarded'))?.refusal).toBe('guardrail_required')
    expect(await ask('slow')).toBeNull()
    expect((await ask('guarded', guarded))?.refusal).toBe('rate_limit')
    expect((await ask('slow'))?.refusal).toBe('rate_limit')
    const stranger = { ...place(), key: 'lrk_nobody_made_this' }
    expect((await converse(stranger, of('paused')))?.refusal).toBe('credential')
    const invalid = of('paused', { headers: { 'x-ledgerock-application': 'x'.repeat(300) } })
    expect((await converse(place(), invalid))?.refusal).toBe('dimension')
    gateway.setDraining(true)
    expect((await ask('paused'))?.refusal).toBe('paused')
    expect((await ask('free'))?.refusal).toBe('draining')
    gateway.setDraining(false)
  })

  it.each(CLIENTS)(
    'reach the program behind $client as the type its vendor throws',
    async ({ call, forbidden, tooFast }) => {
      for (const [team, code] of [
        ['paused', 'paused'],
        ['closed', 'model_access'],
        ['guarded', 'guardrail_required'],
      ] as const) {
        const told = await call(place(), of(team))
        expect(told).toMatchObject({ type: forbidden, status: 403, refusal: code })
        expect(told?.retryAfter).toBeNull()
      }
      await ask('slow')
      const told = await call(place(), of('slow'))
      expect(told).toMatchObject({ type: tooFast, status: 429, refusal: 'rate_limit' })
      expect(Number(told?.retryAfter)).toBeGreaterThanOrEqual(1)
      expect(Number(told?.retryAfter)).toBeLessThanOrEqual(60)
    },
  )

  it('[Y30] a call that no rule is for is served as if there were none', async () => {
    for (const { call } of CLIENTS) expect(await call(place(), of('free'))).toBeNull()
    const lines = await settledLines(gateway, seen, CLIENTS.length)
    expect(lines.map(({ settled }) => settled?.status)).toEqual(CLIENTS.map(() => 'ok'))
  })

  it('[Y30] a key’s own team counts, whatever the request says', async () => {
    const search = { ...place(), key: SEARCH_KEY }
    expect(await converse(search, of('paused'))).toBeNull()
  })
})

describe('model access', () => {
  it('[Y31] says which rule it was and how to ask', async () => {
    const told = await ask('lite', { model: 'amazon.nova-pro-v1:0' })
    expect(told?.refusal).toBe('model_access')
    expect(told?.message).toContain('lite-only')
    expect(told?.message).toMatch(
      /ledgerock access request --model \S*nova-pro\S* --scope team=lite/,
    )
  })

  it.each([
    ['a scope', { model: 'global.anthropic.claude-sonnet-4-6', maxTokens: 50 }],
    ['a tier', { maxTokens: 50, converse: { serviceTier: { type: 'priority' as const } } }],
    ['a size', { maxTokens: 101 }],
    ['no size', {}],
  ])('[Y31] refuses %s that a rule does not allow', async (_what, wish) => {
    expect((await ask('small', wish))?.refusal).toBe('model_access')
  })

  it('[Y31] lets through what stays within a rule, and refuses its stream', async () => {
    expect(await ask('small', { maxTokens: 100 })).toBeNull()
    expect(await ask('small', { maxTokens: 100, model: ANTHROPIC_MODEL })).toBeNull()
    expect((await converseStream(place(), of('small', { maxTokens: 100 })))?.refusal).toBe(
      'model_access',
    )
    expect(await anthropicMessage(place(), of('small', { maxTokens: 100 }))).toBeNull()
    expect((await anthropicMessage(place(), of('small', { maxTokens: 101 })))?.refusal).toBe(
      'model_access',
    )
    expect((await chatCompletion(place(), of('small', { maxTokens: 101 })))?.refusal).toBe(
      'model_access',
    )
  })

  it('[Y31] puts calls of nobody under the rules of unknown', async () => {
    const response = await fetch(`${gateway.url}/model/${AWS_MODEL}/converse`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-ledgerock-team': 'free' },
      body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello there.' }] }] }),
    })
    expect(response.headers.get('x-ledgerock-refusal')).toBe('model_access')
    await response.text()
    expect(await converse(place())).toMatchObject({ refusal: 'model_access' })
  })
})

describe('a grant', () => {
  afterEach(() => {
    aheadMs = 0
  })

  it('[G14] opens its model until its end, and then nobody has to close it', async () => {
    for (const [ahead, refusal] of [
      [0, null],
      [HOUR_MS - 60_000, null],
      [HOUR_MS + 1, 'model_access'],
      [48 * HOUR_MS, 'model_access'],
      [0, null],
      [-2 * HOUR_MS, 'model_access'],
    ] as const) {
      aheadMs = ahead
      const told = await ask('lite', { model: ANTHROPIC_MODEL })
      expect(told?.refusal ?? null).toBe(refusal)
      expect((await anthropicMessage(place(), of('lite')))?.refusal ?? null).toBe(refusal)
    }
  })

  it('[G14] opens no other model and nobody else’s', async () => {
    expect((await ask('lite', { model: 'amazon.nova-pro-v1:0' }))?.refusal).toBe('model_access')
    expect((await ask('closed', { model: ANTHROPIC_MODEL }))?.refusal).toBe('model_access')
  })
})

describe('an id that does not say its model', () => {
  const profile = (name: string): Wish => ({ model: `${PROFILE_ARN}${name}` })

  it('[G15] is looked up once where a list applies, and then judged by what stands behind it', async () => {
    answer = { modelId: 'amazon.nova-lite-v1:0', source: 'profile' }
    const told = await ask('lite', profile('nova'))
    expect(told?.refusal ?? null).toBeNull()
    expect((await ask('lite', profile('nova')))?.refusal ?? null).toBeNull()
    expect(looked).toHaveLength(1)
    answer = { modelId: 'amazon.nova-pro-v1:0', source: 'profile' }
    expect((await ask('lite', profile('pro')))?.refusal).toBe('model_access')
    expect(looked).toHaveLength(2)
  })

  it('[G15] is refused by its name where nobody can look it up', async () => {
    answer = 'unresolvable'
    for (const wish of [profile('hidden'), { model: ROUTER_ARN }]) {
      const told = await ask('lite', wish)
      expect(told?.refusal).toBe('model_access')
      expect(told?.message).toContain(wish.model)
    }
    expect(looked.length).toBeLessThanOrEqual(2)
  })

  it('[G15] does not get around a rule whose own scope names models', async () => {
    answer = { modelId: 'anthropic.claude-sonnet-4-6', source: 'profile' }
    expect((await ask('named', profile('claude')))?.refusal).toBe('model_access')
    answer = 'unresolvable'
    expect((await ask('named', profile('nobody-knows')))?.refusal).toBe('model_access')
    expect(await ask('named')).toBeNull()
  })
})

describe('a rule in shadow', () => {
  it('[Y32] lets the call through and notes what it would have refused', async () => {
    expect(await ask('trial')).toBeNull()
    expect(await ask('tried')).toBeNull()
    expect(await ask('trial-limit')).toBeNull()
    expect(await ask('trial-limit')).toBeNull()
    const lines = await settledLines(gateway, seen, 4)
    expect(lines.map(({ settled }) => settled?.changes)).toEqual([
      ['would_refuse:model_access:trial'],
      ['would_refuse:guardrail_required:try'],
      [],
      ['would_refuse:rate_limit:trial-limit'],
    ])
  })
})
