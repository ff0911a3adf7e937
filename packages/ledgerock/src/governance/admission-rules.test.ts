// What the rules of a policy mean, each by an example; that they mean it for every caller is shown by the property tests beside.

import { describe, expect, it } from 'vitest'
import { compileGuardrails, type GuardrailRule } from './guardrail-rule.ts'
import { compileAccess, type AccessRule, type ModelAsk } from './model-access.ts'
import { compilePauses } from './pause.ts'
import { createRateLimits, type LimitPlaces, type LimitRule } from './limit/rate-limits.ts'
import { compileScope, type Governed } from './rule-scope.ts'

const CALL: Governed = {
  dimensions: { team: 'search' },
  keyName: 'search-prod',
  modelRequested: 'us.amazon.nova-pro-v1:0',
  modelId: 'amazon.nova-pro-v1:0',
}
const ASK: ModelAsk = {
  ...CALL,
  profileScope: 'geo',
  tier: 'standard',
  maxTokens: null,
  stream: false,
  generates: true,
}

const access = (parts: Partial<AccessRule>): AccessRule => ({
  name: 'access-1',
  scope: {},
  allow: [],
  deny: [],
  scopes: null,
  tiers: null,
  maxOutputTokens: null,
  streaming: true,
  rerouting: true,
  shadow: false,
  ...parts,
})
const limit = (parts: Partial<LimitRule>): LimitRule => ({
  name: 'limit-1',
  scope: {},
  per: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrentCalls: null,
  shadow: false,
  ...parts,
})

describe('a scope', () => {
  it.each([
    [{}, true],
    [{ team: ['support', 'search'] }, true],
    [{ team: ['sear*'] }, false],
    [{ team: ['search'], application: ['unknown'] }, true],
    [{ team: ['search'], application: ['api'] }, false],
    [{ key_name: ['search-*'] }, true],
    [{ model: ['amazon.*'] }, true],
    [{ model: ['us.*'] }, true],
    [{ model: ['anthropic.*'] }, false],
  ])('[G13] %j: %s', (scope, expected) => {
    expect(compileScope(scope)(CALL)).toBe(expected)
  })
})

describe('model access', () => {
  it('[G14] a grant opens a list from its first instant to before its last, and nothing else', () => {
    const grant = { requestId: 'r', scope: { team: ['search'] }, model: 'amazon.*' }
    const rules = compileAccess(
      [access({ allow: ['anthropic.*'] }), access({ streaming: false, name: 'whole' })],
      [{ ...grant, fromMs: 10, toMs: 20 }],
    )
    expect([9, 10, 19, 20].map((at) => rules.denial(ASK, at)?.fault ?? null)).toEqual([
      'model',
      null,
      null,
      'model',
    ])
    expect(rules.denial({ ...ASK, stream: true }, 15)).toMatchObject({
      rule: 'whole',
      fault: 'streaming',
    })
  })

  it('[G15] a list that might concern an id nobody can resolve lets it not through', () => {
    const nobody = { ...ASK, modelId: null, modelRequested: 'arn:aws:bedrock:x' }
    const scoped = access({ scope: { model: ['anthropic.*'] }, deny: ['anthropic.*'] })
    const rules = compileAccess([scoped], [])
    expect(rules.needsModel(nobody)).toBe(true)
    expect(rules.denial(nobody, 0)).toMatchObject({ fault: 'unresolved_model' })
    const elsewhere = { ...scoped, scope: { team: ['support'] } }
    expect(compileAccess([elsewhere], []).denial(nobody, 0)).toBeNull()
  })

  it('[G19] a rule in force is heard before one in shadow, wherever it stands', () => {
    const rules = [access({ deny: ['*'], shadow: true }), access({ tiers: ['flex'], name: 'flex' })]
    expect(compileAccess(rules, []).denial(ASK, 0)).toMatchObject({ rule: 'flex', shadow: false })
  })
})

describe('limits', () => {
  it('[G16] a debt is paid by time, and who waits as long as is said is let through', () => {
    const limits = createRateLimits([limit({ tokensPerMinute: 6_000 })], 1)
    const first = limits.admit(CALL, 10, 0)
    limits.end(first.places as LimitPlaces, 12_000, 0)
    const { refusal } = limits.admit(CALL, 1, 0)
    expect(refusal).toMatchObject({ code: 'rate_limit', retryAfterS: 61 })
    expect(limits.admit(CALL, 1, 60_000).refusal).not.toBeNull()
    expect(limits.admit(CALL, 1, 61_000).refusal).toBeNull()
  })

  it('[G16] of several refusals the one is given that is true of all: rates first, the longest wait', () => {
    const rules = [
      limit({ name: 'places', concurrentCalls: 1 }),
      limit({ name: 'fast', requestsPerMinute: 1 }),
      limit({ name: 'slow', requestsPerMinute: 1, tokensPerMinute: 10 }),
    ]
    const limits = createRateLimits(rules, 1)
    expect(limits.admit(CALL, 5, 0).refusal).toBeNull()
    expect(limits.admit(CALL, 5, 0).refusal?.code).toBe('rate_limit')
  })

  it('[G17] a worker has its share of a rate, and the places it was given', () => {
    const rules = [limit({ requestsPerMinute: 10 }), limit({ name: 'places', concurrentCalls: 10 })]
    const limits = createRateLimits(rules, 0.5)
    const admitted = (): number =>
      Array.from({ length: 20 }, () => limits.admit(CALL, 0, 0)).filter(
        ({ places }) => places !== null,
      ).length
    expect(admitted()).toBe(5)
    limits.setShares({ places: { share: 0.5, slots: 0 } }, 60_000)
    expect(limits.admit(CALL, 0, 60_000).refusal?.code).toBe('concurrency')
    limits.setShares({ places: { share: 0.5, slots: 7 } }, 60_000)
    expect(limits.admit(CALL, 0, 60_000).refusal).toBeNull()
    expect(limits.takeDemand()).toEqual([
      { rule: 'limit-1', asked: 22, running: 6 },
      { rule: 'places', asked: 22, running: 6 },
    ])
  })
})

describe('guardrails', () => {
  const guardrail: GuardrailRule = {
    name: 'guardrail-1',
    scope: {},
    id: 'gr1',
    version: '3',
    mode: 'require',
    shadow: false,
  }
  const arn = 'arn:aws:bedrock:us-east-1:123456789012:guardrail/gr1'

  it.each([
    [{ id: 'gr1', version: '3' }, false],
    [{ id: arn, version: '3' }, false],
    [{ id: 'gr1', version: 'DRAFT' }, true],
    [{ id: 'gr2', version: '3' }, true],
    [null, true],
  ])('[G18] required is gr1 in version 3; named is %j: refused %s', (named, refused) => {
    const { refusal } = compileGuardrails([guardrail]).check(CALL, { named, takes: true })
    expect(refusal !== null).toBe(refused)
  })

  it('[G18] is put in where none is named, and there is a place', () => {
    const rules = compileGuardrails([{ ...guardrail, mode: 'inject' }])
    const missing = rules.check(CALL, { named: null, takes: true })
    expect(missing).toEqual({ refusal: null, shadow: null, inject: { id: 'gr1', version: '3' } })
    expect(rules.check(CALL, { named: null, takes: false }).refusal).not.toBeNull()
  })
})

describe('a pause', () => {
  it('[G20] says since when and why', () => {
    const since = '2026-11-20T12:00:00Z'
    const pausedBy = compilePauses([{ scope: { team: ['search'] }, reason: 'runaway', since }])
    expect(pausedBy(CALL)).toBe(`Calls of team=search are paused since ${since}: runaway.`)
    expect(pausedBy({ ...CALL, dimensions: {} })).toBeNull()
  })
})
