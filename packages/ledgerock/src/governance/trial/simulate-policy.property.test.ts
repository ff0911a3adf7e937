import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Budget } from '../budget/budget.ts'
import { instanceAt } from '../budget/budget-period.ts'
import type { LimitRule } from '../limit/rate-limits.ts'
import { compileScope } from '../rule-scope.ts'
import { PolicySimulation, type PolicyTrial, type TriedRules } from './simulate-policy.ts'
import {
  arbitraryAccessRule,
  arbitraryGrant,
  arbitraryScope,
  NOON,
} from '../testing/arbitrary-rules.ts'
import { arbitraryPastCalls, DOLLAR, NO_TRIED_RULES } from '../testing/past-calls.ts'
import { sampleBudget } from '../testing/sample-budget.ts'
import type { PastCall } from './past-call.ts'

const MODES = ['notify', 'soft', 'hard', 'hard', 'hard'] as const
const PERIODS = [
  { kind: 'hour' },
  { kind: 'day' },
  { kind: 'total' },
  { kind: 'rolling', days: 1 },
  { kind: 'month', startsOn: 1 },
] as const

const arbitraryBudgets = fc
  .array(
    fc.record({
      scope: fc.oneof(fc.constant({}), fc.constant({ team: ['search'] }), arbitraryScope),
      per: fc.constantFrom(null, 'team', 'user_id'),
      period: fc.constantFrom(...PERIODS),
      dollars: fc.integer({ min: 1, max: 20 }),
      mode: fc.constantFrom(...MODES),
      shadow: fc.boolean(),
    }),
    { maxLength: 4 },
  )
  .map((drawn) =>
    drawn.map(({ dollars, ...parts }, index): Budget => {
      const limit = String(BigInt(dollars) * DOLLAR)
      return sampleBudget({ ...parts, name: `budget-${index}`, limit })
    }),
  )

const arbitraryLimits = fc
  .array(
    fc.record({
      scope: fc.oneof(fc.constant({}), arbitraryScope),
      per: fc.constantFrom(null, 'team'),
      requestsPerMinute: fc.option(fc.integer({ min: 1, max: 5 })),
      tokensPerMinute: fc.option(fc.integer({ min: 1, max: 20_000 })),
      concurrentCalls: fc.option(fc.integer({ min: 1, max: 3 })),
      shadow: fc.boolean(),
    }),
    { maxLength: 2 },
  )
  .map((drawn) => drawn.map((rule, index): LimitRule => ({ ...rule, name: `limit-${index}` })))

const guardrail = { id: 'gr-1', version: '1', mode: 'require' } as const
const arbitraryRules: fc.Arbitrary<TriedRules> = fc.record({
  access: fc.array(arbitraryAccessRule, { maxLength: 3 }),
  grants: fc.array(arbitraryGrant, { maxLength: 2 }),
  limits: arbitraryLimits,
  guardrails: fc
    .array(fc.record({ scope: arbitraryScope, shadow: fc.boolean() }), { maxLength: 1 })
    .map((drawn) => drawn.map((rule) => ({ ...rule, ...guardrail, name: 'guardrail-1' }))),
  budgets: arbitraryBudgets,
  routes: fc.constantFrom(
    [],
    [{ name: 'route-1', when: {}, budget: { name: 'budget-0', above: 50 }, from: '*' }],
  ),
})

type Tried = { readonly trial: PolicyTrial; readonly kept: readonly PastCall[] }

function tryOn(rules: TriedRules, calls: readonly PastCall[]): Tried {
  const simulation = new PolicySimulation(rules, NOON, [])
  const kept = calls.filter((call) => simulation.add(call))
  return { trial: simulation.result(), kept }
}

/** Every rule as one in shadow. */
function shadowed(rules: TriedRules): TriedRules {
  const asShadow = <Rule extends object>(list: readonly Rule[]) =>
    list.map((rule) => ({ ...rule, shadow: true }))
  return {
    ...rules,
    access: asShadow(rules.access),
    limits: asShadow(rules.limits),
    guardrails: asShadow(rules.guardrails),
    budgets: asShadow(rules.budgets),
  }
}

describe('rules tried on past calls', () => {
  it('[G31] a policy with nothing refuses nothing and says nothing', () => {
    fc.assert(
      fc.property(arbitraryPastCalls, (calls) => {
        const { trial, kept } = tryOn(NO_TRIED_RULES, calls)
        expect(kept).toEqual(calls)
        expect(trial).toMatchObject({ refused: { calls: 0, usd: 0n }, rules: [] })
        expect(trial.notJudged.map(({ what }) => what)).not.toContain('max_output_tokens')
      }),
    )
  })

  it('[G31] what is refused and what is kept is all there was, and every refusal is one rule’s', () => {
    fc.assert(
      fc.property(arbitraryRules, arbitraryPastCalls, (rules, calls) => {
        const { trial } = tryOn(rules, calls)
        const { refused, kept, rules: effects } = trial
        const ours = calls.filter(({ isOurs }) => isOurs)
        expect(refused.calls + kept.calls).toBe(ours.length)
        expect(refused.usd + kept.usd).toBe(ours.reduce((sum, { cost }) => sum + (cost ?? 0n), 0n))
        const refusals = effects.filter(({ effect, shadow }) => effect === 'refused' && !shadow)
        expect(refusals.reduce((sum, { calls: count }) => sum + count, 0)).toBe(refused.calls)
        expect(refusals.reduce((sum, { usd }) => sum + usd, 0n)).toBe(refused.usd)
      }),
    )
  })

  it('[G31] what is refused takes nothing: every call is judged by those before it that were kept', () => {
    fc.assert(
      fc.property(arbitraryRules, arbitraryPastCalls, (drawn, calls) => {
        // But for its request, in a limit of those: the gateway counts that too when a budget refuses.
        const limits = drawn.limits.map((limit) => ({ ...limit, requestsPerMinute: null }))
        const rules = { ...drawn, limits }
        const { kept } = tryOn(rules, calls)
        const isKept = new Set(kept)
        expect(tryOn(rules, kept).kept).toEqual(kept)
        for (const [index, call] of calls.entries()) {
          if (isKept.has(call)) continue
          const before = calls.slice(0, index).filter((one) => isKept.has(one))
          expect(tryOn(rules, [...before, call]).kept).not.toContain(call)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('[G19] [G31] in shadow nothing is refused', () => {
    fc.assert(
      fc.property(arbitraryRules, arbitraryPastCalls, (rules, calls) => {
        const { kept, trial } = tryOn(shadowed(rules), calls)
        expect(kept).toEqual(calls)
        expect(trial.rules.every(({ kind, shadow }) => shadow || kind === 'route')).toBe(true)
      }),
    )
  })

  it('[G32] what a hard budget keeps of our calls never passes its limit in any of its periods', () => {
    let spentMost = 0
    fc.assert(
      fc.property(arbitraryBudgets, arbitraryPastCalls, (budgets, all) => {
        const calls = all.filter(({ isOurs }) => isOurs)
        const { kept } = tryOn({ ...NO_TRIED_RULES, budgets }, calls)
        const hard = budgets.filter(({ mode, shadow }) => mode === 'hard' && !shadow)
        for (const budget of hard) {
          const covers = compileScope(budget.scope)
          const own = kept.filter((call) => covers(call) && call.operation !== 'count-tokens')
          for (const call of own) {
            const window = instanceAt(budget.period, 'UTC', call.startedMs)
            const together = own.filter(
              (other) =>
                other.startedMs >= window.sinceMs &&
                other.startedMs <= call.startedMs &&
                counterOf(budget, other) === counterOf(budget, call),
            )
            const spent = together.reduce((sum, one) => sum + (one.cost ?? 0n), 0n)
            expect(spent <= BigInt(budget.limit)).toBe(true)
            if (spent * 2n > BigInt(budget.limit)) spentMost += 1
          }
        }
      }),
    )
    // The limits were near enough to matter.
    expect(spentMost).toBeGreaterThan(0)
  })
})

function counterOf({ per }: Budget, { dimensions }: PastCall): string {
  return per === null ? '' : (dimensions[per] ?? 'unknown')
}
