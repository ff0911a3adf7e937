// Arbitrary callers, scopes and access rules for properties, from so few names that rules and callers often meet.

import { SCOPES, TIERS } from '@ledgerock/contract'
import fc from 'fast-check'
import type { AccessGrant, AccessRule, ModelAsk } from '../model-access.ts'
import type { Governed, RuleScope } from '../rule-scope.ts'

export const NOON = Date.parse('2026-11-20T12:00:00Z')
const HOUR_MS = 3_600_000

const TEAMS = ['search', 'support', 'unknown']
const ENVIRONMENTS = ['prod', 'dev']
const KEYS = ['search-prod', 'search-dev', 'batch']
const MODELS = ['amazon.nova-lite-v1:0', 'amazon.nova-pro-v1:0', 'anthropic.claude-sonnet-4-6']
const PATTERNS = [...MODELS, 'amazon.*', '*nova-lite*', 'anthropic.claude-*', '*']

const someOf = (values: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 })

export const arbitraryScope: fc.Arbitrary<RuleScope> = fc.record(
  {
    team: someOf(TEAMS),
    environment: someOf(ENVIRONMENTS),
    key_name: someOf([...KEYS, 'search-*']),
    model: someOf(PATTERNS),
  },
  { requiredKeys: [] },
)

const model = fc.constantFrom(...MODELS)

export const arbitraryCaller: fc.Arbitrary<Governed> = fc
  .record({
    team: fc.constantFrom(...TEAMS),
    environment: fc.constantFrom(...ENVIRONMENTS),
    keyName: fc.constantFrom(...KEYS, null),
    modelId: model,
    prefix: fc.constantFrom('', 'us.', 'global.'),
  })
  .map(({ team, environment, keyName, modelId, prefix }) => ({
    dimensions: { team, environment },
    keyName,
    modelRequested: `${prefix}${modelId}`,
    modelId,
  }))

export const arbitraryAsk: fc.Arbitrary<ModelAsk> = fc
  .record({
    caller: arbitraryCaller,
    profileScope: fc.constantFrom(...SCOPES, null),
    tier: fc.constantFrom(...TIERS),
    maxTokens: fc.option(fc.constantFrom(100, 1_000, 10_000)),
    stream: fc.boolean(),
    generates: fc.boolean(),
  })
  .map(({ caller, ...rest }) => ({ ...caller, ...rest }))

export const arbitraryAccessRule: fc.Arbitrary<AccessRule> = fc.record({
  name: fc.string({ minLength: 1, maxLength: 8 }),
  scope: arbitraryScope,
  allow: fc.uniqueArray(fc.constantFrom(...PATTERNS), { maxLength: 2 }),
  deny: fc.uniqueArray(fc.constantFrom(...MODELS), { maxLength: 1 }),
  scopes: fc.option(fc.subarray([...SCOPES], { minLength: 1 })),
  tiers: fc.option(fc.subarray([...TIERS], { minLength: 1 })),
  maxOutputTokens: fc.option(fc.constantFrom(100, 1_000)),
  streaming: fc.boolean(),
  rerouting: fc.boolean(),
  shadow: fc.boolean(),
})

/** In force around noon, or not yet, or no more. */
export const arbitraryGrant: fc.Arbitrary<AccessGrant> = fc
  .record({
    requestId: fc.string({ minLength: 1, maxLength: 8 }),
    scope: arbitraryScope,
    model: fc.constantFrom(...PATTERNS),
    fromMs: fc.integer({ min: -5, max: 2 }).map((hours) => NOON + hours * HOUR_MS),
    hours: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ hours, ...grant }) => ({ ...grant, toMs: grant.fromMs + hours * HOUR_MS }))
