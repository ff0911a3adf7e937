import { describe, expect, it } from 'vitest'
import { compileGuardrails, type GuardrailRule } from '../../governance/guardrail-rule.ts'
import { compileAccess, type AccessGrant, type AccessRule } from '../../governance/model-access.ts'
import { compilePauses, type Pause } from '../../governance/pause.ts'
import { createRateLimits, type LimitRule } from '../../governance/limit/rate-limits.ts'
import { admitCall, changeOf, mayFallBack, type Admission, type CallAsk } from './admit-call.ts'

const NOON = Date.parse('2026-11-20T12:00:00Z')
const AT = { now: NOON, monotonic: 1_000 }

const CALL: CallAsk = {
  dimensions: { team: 'search' },
  keyName: 'search-prod',
  modelRequested: 'us.anthropic.claude-sonnet-4-6',
  modelId: 'anthropic.claude-sonnet-4-6',
  profileScope: 'geo',
  tier: 'standard',
  maxTokens: null,
  stream: false,
  generates: true,
  named: null,
  takes: true,
  callsModel: true,
  isAnswered: true,
  isLimited: true,
  inputTokens: 10,
}

type Ruled = {
  readonly pauses?: readonly Pause[]
  readonly access?: readonly Partial<AccessRule>[]
  readonly grants?: readonly AccessGrant[]
  readonly guardrails?: readonly Partial<GuardrailRule>[]
  readonly limits?: readonly Partial<LimitRule>[]
}

function rulesOf({ pauses = [], access = [], grants = [], guardrails = [], limits = [] }: Ruled) {
  return {
    pausedBy: compilePauses(pauses),
    access: compileAccess(
      access.map((rule) => ({
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
        ...rule,
      })),
      grants,
    ),
    guardrails: compileGuardrails(
      guardrails.map((rule) => ({
        name: 'guardrail-1',
        scope: {},
        id: 'gr1',
        version: '3',
        mode: 'require',
        shadow: false,
        ...rule,
      })),
    ),
    limits: createRateLimits(
      limits.map((rule) => ({
        name: 'limit-1',
        scope: {},
        per: null,
        requestsPerMinute: null,
        tokensPerMinute: null,
        concurrentCalls: null,
        shadow: false,
        ...rule,
      })),
      1,
    ),
  }
}

const admitted = (ruled: Ruled, call: Partial<CallAsk> = {}): Admission =>
  admitCall(rulesOf(ruled), { ...CALL, ...call }, AT, null)
const codeOf = (ruled: Ruled, call: Partial<CallAsk> = {}): string | null =>
  admitted(ruled, call).refusal?.code ?? null

const PAUSED: Ruled = {
  pauses: [{ scope: { team: ['search'] }, reason: 'runaway', since: '2026-11-20T11:00:00Z' }],
}
const CLOSED: Ruled = { access: [{ allow: ['amazon.*'] }] }
const GUARDED: Ruled = { guardrails: [{}] }
/** Room for one call and no more. */
const SHUT: Ruled = { limits: [{ concurrentCalls: 1 }] }

describe('admitCall', () => {
  it('[Y30] lets through what no rule is about, and takes no place for it', () => {
    expect(admitted({})).toEqual({ refusal: null, places: null, inject: null, wouldRefuse: [] })
    const elsewhere = { scope: { team: ['support'] } }
    const ruled: Ruled = {
      pauses: [{ ...elsewhere, reason: null, since: '2026-11-20T11:00:00Z' }],
      access: [{ ...elsewhere, deny: ['*'] }],
      guardrails: [elsewhere],
      limits: [{ ...elsewhere, requestsPerMinute: 1 }],
    }
    expect(admitted(ruled).places).toBeNull()
    expect(codeOf(ruled)).toBeNull()
  })

  it('[Y30] answers in the order of the contract', () => {
    const rules = rulesOf({ ...PAUSED, ...CLOSED, ...GUARDED, ...SHUT })
    const named = { id: 'gr1', version: '3' }
    const open = { modelId: 'amazon.nova-lite-v1:0', named }
    const ask = (call: Partial<CallAsk>): string | null =>
      admitCall(rules, { ...CALL, ...call }, AT, null).refusal?.code ?? null
    const support = { dimensions: { team: 'support' } }
    expect(ask({})).toBe('paused')
    expect(ask(support)).toBe('model_access')
    expect(ask({ ...support, modelId: 'amazon.nova-lite-v1:0' })).toBe('guardrail_required')
    expect(ask({ ...support, ...open })).toBeNull()
    expect(ask({ ...support, ...open })).toBe('concurrency')
  })

  it('[Y30] a call that is refused before the limits takes nothing from them', () => {
    const rules = rulesOf({ ...CLOSED, limits: [{ requestsPerMinute: 1 }] })
    for (let call = 0; call < 5; call += 1) admitCall(rules, CALL, AT, null)
    const open = { ...CALL, modelId: 'amazon.nova-lite-v1:0' }
    expect(admitCall(rules, open, AT, null).refusal).toBeNull()
    const second = admitCall(rules, open, AT, null).refusal
    expect(second?.code).toBe('rate_limit')
    expect(second?.retryAfterS).toBe(60)
  })

  it('[Y30] asks no model rule of what calls no model, no guardrail of what writes nothing', () => {
    expect(codeOf(CLOSED, { callsModel: false, modelId: null })).toBeNull()
    expect(codeOf(GUARDED, { isAnswered: false })).toBeNull()
    expect(codeOf(PAUSED, { callsModel: false, isAnswered: false })).toBe('paused')
    expect(admitted(SHUT, { isLimited: false }).places).toBeNull()
  })

  it('[Y31] says how to ask for a model that is closed, ready to be run', () => {
    const message = (call: Partial<CallAsk>, url: string | null = null): string =>
      admitCall(rulesOf(CLOSED), { ...CALL, ...call }, AT, url).refusal?.message ?? ''
    const command =
      'ledgerock access request --model anthropic.claude-sonnet-4-6 --scope team=search --until … --reason …'
    expect(message({})).toContain(command)
    expect(message({}, 'https://ledgerock.example')).toContain(
      `${command}, or at https://ledgerock.example/#ask=access&model=anthropic.claude-sonnet-4-6&scope=team%3Dsearch`,
    )
    expect(message({ dimensions: { team: 'unknown' } })).toContain('--scope key_name=search-prod')
    expect(message({ dimensions: { team: "it's all" } })).toContain(`--scope 'team=it'\\''s all'`)
  })

  it('[Y31] says so for nothing that cannot be granted', () => {
    const refusal = admitted({ access: [{ streaming: false }] }, { stream: true }).refusal
    expect(refusal?.message).toContain('streaming')
    expect(refusal?.message).not.toContain('access request')
    const unresolved = admitted(CLOSED, { modelId: null, modelRequested: 'arn:aws:x' }).refusal
    expect(unresolved?.message).toContain('arn:aws:x')
    expect(unresolved?.message).not.toContain('access request')
  })

  it('[Y32] a rule in shadow refuses nothing and is remarked', () => {
    const ruled: Ruled = {
      access: [{ allow: ['amazon.*'], shadow: true, name: 'models' }],
      guardrails: [{ shadow: true, name: 'guarded' }],
      limits: [{ requestsPerMinute: 1, shadow: true, name: 'slow' }],
    }
    const rules = rulesOf(ruled)
    admitCall(rules, CALL, AT, null)
    const { refusal, inject, wouldRefuse } = admitCall(rules, CALL, AT, null)
    expect([refusal, inject]).toEqual([null, null])
    expect(wouldRefuse.map(changeOf)).toEqual([
      'would_refuse:model_access:models',
      'would_refuse:guardrail_required:guarded',
      'would_refuse:rate_limit:slow',
    ])
  })

  it('[Y33] hands on the guardrail that is to be put in', () => {
    const ruled: Ruled = { guardrails: [{ mode: 'inject' }] }
    expect(admitted(ruled).inject).toEqual({ id: 'gr1', version: '3' })
    expect(admitted(ruled, { named: { id: 'gr1', version: '3' } }).inject).toBeNull()
    expect(codeOf(ruled, { named: { id: 'gr2', version: '3' } })).toBe('guardrail_required')
    expect(codeOf(ruled, { takes: false })).toBe('guardrail_required')
  })
})

describe('mayFallBack', () => {
  const opus = { ...CALL, modelId: 'anthropic.claude-opus-4-6', modelRequested: 'x.opus' }

  it('[Y34] a route goes nowhere its caller may not go', () => {
    const may = (ruled: Ruled): boolean => mayFallBack(rulesOf(ruled), opus, null, NOON)
    const model = ['anthropic.claude-opus-*']
    expect(may({})).toBe(true)
    expect(may({ access: [{ deny: model }] })).toBe(false)
    expect(may({ access: [{ deny: model, shadow: true }] })).toBe(true)
    expect(may({ access: [{ scopes: ['in-region'] }] })).toBe(false)
    expect(may({ pauses: [{ scope: { model }, reason: null, since: 'now' }] })).toBe(false)
    expect(may({ guardrails: [{ scope: { model } }] })).toBe(false)
    expect(may({ guardrails: [{ scope: { model }, mode: 'inject' }] })).toBe(false)
  })

  it('[Y34] and takes the guardrail along that is put in anyway', () => {
    const rules = rulesOf({ guardrails: [{ mode: 'inject' }] })
    expect(mayFallBack(rules, opus, { id: 'gr1', version: '3' }, NOON)).toBe(true)
    expect(mayFallBack(rules, opus, { id: 'gr1', version: '2' }, NOON)).toBe(false)
  })
})
