import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DEFAULT_DIMENSION_RULES, type DimensionRule } from '../attribution/dimension-rule.ts'
import { sealPolicy } from '../governance/policy-envelope.ts'
import { sampleBudget } from '../governance/testing/sample-budget.ts'
import { samplePolicy } from '../governance/testing/sample-policy.ts'
import { mustOk } from '../kernel/result.ts'
import { createSealer } from '../platform/sealing.ts'
import { activatePolicy, type ActivePolicy } from './active-policy.ts'

const pepper = createSecretKey(Buffer.alloc(32, 1))
const secrets = { pepper, sealing: createSealer(pepper, (bytes) => Buffer.alloc(bytes)) }
const [FIRST] = DEFAULT_DIMENSION_RULES

function envelope(epoch: number, version: number, dimensions = DEFAULT_DIMENSION_RULES): string {
  return sealPolicy(samplePolicy({ epoch, version, dimensions }))
}

function activated(current: ActivePolicy | null, sealed: string): ActivePolicy {
  return mustOk(activatePolicy(current, sealed, secrets))
}

describe('activatePolicy', () => {
  it('[Y11] takes a newer policy and says of an older one that it is', () => {
    const second = activated(null, envelope(1, 2))
    expect(second.position).toEqual({ epoch: 1, version: 2 })
    for (const sealed of [envelope(1, 1), envelope(1, 2), envelope(0, 9)]) {
      expect(activatePolicy(second, sealed, secrets)).toEqual({ ok: false, problem: 'older' })
    }
    expect(activated(second, envelope(2, 1)).position).toEqual({ epoch: 2, version: 1 })
  })

  it('[Y11] takes nothing that is damaged or cannot work', () => {
    const damaged = envelope(1, 2).replace('"version":2', '"version":3')
    expect(activatePolicy(null, damaged, secrets)).toEqual({ ok: false, problem: 'damaged' })
    const bad: DimensionRule[] = [{ ...(FIRST as DimensionRule), pattern: '(' }]
    const answer = activatePolicy(null, envelope(1, 2, bad), secrets)
    expect(answer).toEqual({ ok: false, problem: 'bad_dimensions' })
  })

  it('[Y11] forgets the values it has counted only when the rules they were counted under change', () => {
    const first = activated(null, envelope(1, 1))
    const same = activated(first, envelope(1, 2))
    expect(same.cardinality).toBe(first.cardinality)
    const changed = DEFAULT_DIMENSION_RULES.map((rule) => ({ ...rule, maxValues: 7 }))
    expect(activated(same, envelope(1, 3, changed)).cardinality).not.toBe(first.cardinality)
  })

  it('[Y36] hands on what limits have counted, also where their figures change', () => {
    const governed = (version: number, concurrentCalls: number): string => {
      const limit = { name: 'few', scope: {}, per: null, shadow: false, concurrentCalls }
      const limits = [{ ...limit, requestsPerMinute: null, tokensPerMinute: null }]
      return sealPolicy(samplePolicy({ version, limits }))
    }
    const call = { dimensions: {}, keyName: null, modelRequested: 'a.b', modelId: null }
    const first = activated(null, governed(1, 1))
    expect(first.governs).toBe(true)
    const { places } = first.limits.admit(call, 0, 0)
    const second = activated(first, governed(2, 2))
    expect(second.limits.admit(call, 0, 0).refusal).toBeNull()
    expect(second.limits.admit(call, 0, 0).refusal?.code).toBe('concurrency')
    if (places !== null) first.limits.end(places, null, 0)
    expect(second.limits.admit(call, 0, 0).refusal).toBeNull()
    expect(activated(second, envelope(1, 3)).governs).toBe(false)
  })

  it('[Y36] knows the values its rules name, however many others have come', () => {
    const pauses = [{ scope: { team: ['late'] }, reason: null, since: '2026-11-20T00:00:00.000Z' }]
    const dimensions = DEFAULT_DIMENSION_RULES.map((rule) => ({ ...rule, maxValues: 1 }))
    const { cardinality, rules } = activated(null, sealPolicy(samplePolicy({ pauses, dimensions })))
    const team = rules.indexOf.get('team') ?? -1
    cardinality.admit(team, 'first')
    expect(cardinality.admit(team, 'second')).toBe(false)
    expect(cardinality.admit(team, 'late')).toBe(true)
  })

  it('[Y36] knows whom its budgets name, also those whose own counter was raised', () => {
    const raise = { requestId: 'r', amount: '5', fromMs: 0, toMs: 9, carryOver: false }
    const budgets = [
      sampleBudget({
        scope: { team: ['late'] },
        per: 'user_id',
        raises: [
          { ...raise, counter: 'ann' },
          { ...raise, counter: null },
        ],
      }),
    ]
    const dimensions = DEFAULT_DIMENSION_RULES.map((rule) => ({ ...rule, maxValues: 1 }))
    const active = activated(null, sealPolicy(samplePolicy({ budgets, dimensions })))
    expect(active.budgets.byName('budget')).toEqual(budgets[0])
    // Counting alone refuses nobody.
    expect(active.governs).toBe(false)
    for (const [name, known] of [
      ['team', 'late'],
      ['user_id', 'ann'],
    ] as const) {
      const dimension = active.rules.indexOf.get(name) ?? -1
      active.cardinality.admit(dimension, 'first')
      expect(active.cardinality.admit(dimension, 'second')).toBe(false)
      expect(active.cardinality.admit(dimension, known)).toBe(true)
    }
  })
})
