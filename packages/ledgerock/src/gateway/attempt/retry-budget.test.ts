import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetryBudget } from './retry-budget.ts'

describe('retry budget', () => {
  it('[Y15] retries are never more than a few and their share of the calls', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 }),
        fc.array(fc.boolean(), { maxLength: 2_000 }),
        (percent, acts) => {
          const budget = new RetryBudget(percent)
          let calls = 0
          let retries = 0
          for (const isCall of acts) {
            if (isCall) {
              budget.earn()
              calls += 1
            } else if (budget.spend()) retries += 1
          }
          const bound = percent === 0 ? 0 : 10 + (calls * percent) / 100
          expect(retries).toBeLessThanOrEqual(bound + 1e-6)
        },
      ),
    )
  })

  it('[Y15] a quiet gateway can retry at once', () => {
    expect(new RetryBudget(20).spend()).toBe(true)
  })
})
