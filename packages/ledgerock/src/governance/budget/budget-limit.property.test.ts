import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MS_PER_DAY } from '../../kernel/time.ts'
import type { Budget, BudgetRaise } from './budget.ts'
import { carriedOver, effectiveLimit } from './budget-limit.ts'
import { instanceAt, nextInstance, type PeriodInstance } from './budget-period.ts'
import { sampleBudget } from '../testing/sample-budget.ts'

const at = (text: string) => Date.parse(text)
const MONTH = { kind: 'month', startsOn: 1 } as const
const OCTOBER = instanceAt(MONTH, 'UTC', at('2026-10-10'))
const NOVEMBER = instanceAt(MONTH, 'UTC', at('2026-11-10'))

function raise(from: string, to: string, parts: Partial<BudgetRaise> = {}): BudgetRaise {
  const times = { fromMs: at(from), toMs: at(to) }
  return { requestId: 'r', amount: '50', counter: null, carryOver: false, ...times, ...parts }
}
const budget = (raises: readonly BudgetRaise[], parts: Partial<Budget> = {}) =>
  sampleBudget({ period: MONTH, limit: '100', raises, ...parts })
const limitAt = (of: Budget, instance: PeriodInstance, when: string, carried = 0n) =>
  effectiveLimit(of, null, instance, carried, at(when))

describe('effectiveLimit', () => {
  it('[G23] a raise is there from its first instant to before its last', () => {
    const raised = budget([raise('2026-10-10', '2026-10-20')])
    expect(limitAt(raised, OCTOBER, '2026-10-09T23:59:59.999Z')).toBe(100n)
    expect(limitAt(raised, OCTOBER, '2026-10-10')).toBe(150n)
    expect(limitAt(raised, OCTOBER, '2026-10-19T23:59:59.999Z')).toBe(150n)
    expect(limitAt(raised, OCTOBER, '2026-10-20')).toBe(100n)
  })

  it('[G23] it is given once: in the period it begins in, however long it lasts', () => {
    const raised = budget([raise('2026-10-10', '2026-12-20')])
    expect(limitAt(raised, OCTOBER, '2026-10-31')).toBe(150n)
    expect(limitAt(raised, NOVEMBER, '2026-11-05')).toBe(100n)
  })

  it('[G23] before a period its limit is the one it begins with, after it the one it ended with', () => {
    const raised = budget([raise('2026-10-01', '2026-10-05'), raise('2026-10-30', '2026-11-30')])
    expect(limitAt(raised, OCTOBER, '2026-09-30T23:59:00Z')).toBe(150n)
    expect(limitAt(raised, OCTOBER, '2026-11-15')).toBe(150n)
    expect(limitAt(raised, OCTOBER, '2026-10-10')).toBe(100n)
  })

  it('[G23] of one counter it is nobody else’s', () => {
    const raised = budget([raise('2026-10-10', '2026-10-20', { counter: 'ann' })], {
      per: 'user_id',
    })
    const of = (counter: string) => effectiveLimit(raised, counter, OCTOBER, 0n, at('2026-10-15'))
    expect([of('ann'), of('bob')]).toEqual([150n, 100n])
  })

  it('[G23] in a rolling period it counts while it lasts', () => {
    const period = { kind: 'rolling', days: 7 } as const
    const raised = budget([raise('2026-10-10', '2026-10-20')], { period })
    const on = (day: string) => limitAt(raised, instanceAt(period, 'UTC', at(day)), day)
    expect(['2026-10-09', '2026-10-10', '2026-10-19', '2026-10-20'].map(on)).toEqual([
      100n,
      150n,
      150n,
      100n,
    ])
  })
})

describe('carriedOver', () => {
  const ended = (carried: bigint, spent: bigint) => ({ instance: OCTOBER, carried, spent })

  it('[G23] nothing, unless somebody said so', () => {
    expect(carriedOver(budget([raise('2026-10-10', '2026-12-01')]), null, ended(0n, 10n))).toBe(0n)
  })

  it('[G23] what is left of the limit, and of what was carried into it', () => {
    const carrying = budget([], { carryOver: true })
    expect(carriedOver(carrying, null, ended(0n, 30n))).toBe(70n)
    expect(carriedOver(carrying, null, ended(70n, 30n))).toBe(140n)
    expect(carriedOver(carrying, null, ended(0n, 130n))).toBe(0n)
    expect(limitAt(carrying, NOVEMBER, '2026-11-01', 70n)).toBe(170n)
  })

  it('[G23] what ends with the period is spent first', () => {
    const carrying = budget([raise('2026-10-10', '2026-12-01')], { carryOver: true })
    expect(carriedOver(carrying, null, ended(0n, 40n))).toBe(100n)
    expect(carriedOver(carrying, null, ended(0n, 70n))).toBe(80n)
  })

  it('[G23] what is left of a raise goes on until it ends', () => {
    const raised = budget([raise('2026-10-10', '2026-11-20', { carryOver: true })])
    const [untouched, part, none] = [100n, 120n, 150n].map((spent) =>
      carriedOver(raised, null, ended(0n, spent)),
    )
    expect([untouched, part, none]).toEqual([50n, 30n, 0n])
    expect(limitAt(raised, NOVEMBER, '2026-11-19', 30n)).toBe(130n)
    expect(limitAt(raised, NOVEMBER, '2026-11-20', 30n)).toBe(100n)
    const november = { instance: NOVEMBER, carried: 30n, spent: 0n }
    expect(carriedOver(raised, null, november)).toBe(0n)
  })

  it('[G23] one that ends with its period leaves nothing', () => {
    const raised = budget([raise('2026-10-10', '2026-11-01', { carryOver: true })])
    expect(carriedOver(raised, null, ended(0n, 0n))).toBe(0n)
  })

  it('[G23] over any run of periods nobody spends more than was ever given', () => {
    const arbitraryRaise = fc
      .record({
        fromDay: fc.integer({ min: 0, max: 100 }),
        days: fc.integer({ min: 1, max: 90 }),
        amount: fc.integer({ min: 1, max: 60 }).map(String),
        carryOver: fc.boolean(),
      })
      .map(({ fromDay, days, ...rest }): BudgetRaise => {
        const fromMs = OCTOBER.fromMs + fromDay * MS_PER_DAY
        return { requestId: 'r', counter: null, fromMs, toMs: fromMs + days * MS_PER_DAY, ...rest }
      })
    fc.assert(
      fc.property(
        fc.array(arbitraryRaise, { maxLength: 4 }),
        fc.boolean(),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
        (raises, carryOver, shares) => {
          const of = budget(raises, { carryOver })
          let instance = OCTOBER
          let [carried, spent, given] = [0n, 0n, 0n]
          for (const share of shares) {
            const end = instance.toMs ?? 0
            const limit = effectiveLimit(of, null, instance, carried, end)
            const here = BigInt(Math.floor(Number(limit) * share))
            spent += here
            given += 100n
            for (const { fromMs, amount } of raises) {
              if (fromMs >= instance.fromMs && fromMs < end) given += BigInt(amount)
            }
            expect(spent).toBeLessThanOrEqual(given)
            const next = carriedOver(of, null, { instance, carried, spent: here })
            expect(next).toBeGreaterThanOrEqual(0n)
            expect(next).toBeLessThanOrEqual(limit - here)
            carried = next
            instance = nextInstance(MONTH, 'UTC', instance) ?? instance
            // Nothing is promised at the end of a period that is gone when the next one begins.
            const begin = effectiveLimit(of, null, instance, carried, instance.fromMs)
            expect(begin).toBeGreaterThanOrEqual(100n + carried)
          }
        },
      ),
    )
  })
})
