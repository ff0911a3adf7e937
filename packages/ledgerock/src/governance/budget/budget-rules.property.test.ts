import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import { instanceAt, type BudgetPeriod } from './budget-period.ts'
import { compileBudgets } from './budget-rules.ts'
import { instanceKey } from './lease.ts'
import { compileScope, type Governed } from '../rule-scope.ts'
import { sampleBudget } from '../testing/sample-budget.ts'

const START = Date.parse('2026-10-14T12:00Z')
const call = (dimensions: Record<string, string>, keyName: string | null = null): Governed => ({
  dimensions,
  keyName,
  modelRequested: 'us.anthropic.claude-sonnet-4-6',
  modelId: 'anthropic.claude-sonnet-4-6',
})

const arbitraryBudgets = fc
  .array(
    fc.record({
      scope: fc.constantFrom(
        {},
        { team: ['search'] },
        { team: ['search', 'support'], key_name: ['ci-*'] },
        { model: ['anthropic.*'] },
        { model: ['meta.*'] },
      ),
      per: fc.constantFrom(null, 'user_id'),
      period: fc.constantFrom<BudgetPeriod>(
        { kind: 'hour' },
        { kind: 'day' },
        { kind: 'total' },
        { kind: 'rolling', days: 2 },
      ),
      mode: fc.constantFrom('notify' as const, 'soft' as const, 'hard' as const),
      shadow: fc.boolean(),
    }),
    { maxLength: 5 },
  )
  .map((all) => all.map((parts, index) => sampleBudget({ ...parts, name: `b${index}` })))

describe('compileBudgets', () => {
  it('[G22] gives every budget that covers a call, in its period then, whatever was asked before', () => {
    const arbitraryCall = fc.record({
      team: fc.constantFrom('search', 'support', 'unknown'),
      user: fc.option(fc.constantFrom('ann', 'bob')),
      key: fc.constantFrom(null, 'ci-1', 'prod'),
      // Forward and back: clocks are set.
      atMs: fc.integer({ min: -60, max: 60 }).map((hours) => START + hours * MS_PER_HOUR),
    })
    fc.assert(
      fc.property(arbitraryBudgets, fc.array(arbitraryCall, { maxLength: 8 }), (budgets, calls) => {
        const rules = compileBudgets(budgets)
        for (const { team, user, key, atMs } of calls) {
          const asked = call(user === null ? { team } : { team, user_id: user }, key)
          const expected = budgets
            .filter(({ scope }) => compileScope(scope)(asked))
            .map((budget) => {
              const instance = instanceAt(budget.period, budget.timeZone, atMs)
              const counter = budget.per === null ? null : (user ?? 'unknown')
              const hard = budget.mode === 'hard' && !budget.shadow
              const key_ = instanceKey(budget.name, instance.fromMs, counter)
              return { budget, hard, unit: budget.unit, counter, instance, key: key_ }
            })
          expect(rules.covering(asked, atMs)).toEqual(expected)
        }
      }),
    )
  })

  it('[G22] a value of `per` that is a word of the language is a value like others', () => {
    const rules = compileBudgets([sampleBudget({ per: 'constructor' })])
    expect(rules.covering(call({}), START)[0]?.counter).toBe('unknown')
    expect(rules.covering(call({ constructor: 'x' }), START)[0]?.counter).toBe('x')
  })

  it('[G22] makes nothing new for a call of the same counter in the same period', () => {
    const rules = compileBudgets([sampleBudget({ per: 'user_id' }), sampleBudget({ name: 'all' })])
    const [first, second] = [0, 1].map((ms) => rules.covering(call({ user_id: 'ann' }), START + ms))
    expect(second?.[0]).toBe(first?.[0])
    expect(second?.[1]).toBe(first?.[1])
    const none = compileBudgets([sampleBudget({ scope: { team: ['x'] } })])
    expect(none.covering(call({}), START)).toBe(none.covering(call({}), START + 1))
  })

  it('[G22] finds a budget by its name', () => {
    const rules = compileBudgets([sampleBudget({ name: 'a' }), sampleBudget({ name: 'b' })])
    expect(rules.byName('b')?.name).toBe('b')
    expect(rules.byName('c')).toBeNull()
  })
})
