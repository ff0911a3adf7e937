import { describe, expect, it } from 'vitest'
import type { Budget } from '../../governance/budget/budget.ts'
import { compileBudgets } from '../../governance/budget/budget-rules.ts'
import type { BudgetStanding } from '../../governance/budget/budget-wallet.ts'
import { sampleBudget } from '../../governance/testing/sample-budget.ts'
import { picodollars } from '../../kernel/money.ts'
import { budgetTold, budgetWarning, usedPercent } from './budget-told.ts'

const CALL = { dimensions: {}, keyName: null, modelRequested: 'm', modelId: null }
const NOTHING = { usd: picodollars(0n), tokens: 0n }
const standing = (limit: bigint, spent: bigint): BudgetStanding => ({ limit, spent })

function covering(...budgets: readonly Partial<Budget>[]) {
  const period = { kind: 'total' } as const
  const all = budgets.map((parts) => sampleBudget({ period, ...parts }))
  return compileBudgets(all).covering(CALL, 0)
}

describe('what is told of budgets', () => {
  it('[Y44] the least that is left of each unit, the charge taken off, and never less than nothing', () => {
    const of = covering(
      { name: 'wide' },
      { name: 'narrow' },
      { name: 'words', unit: 'tokens' },
      { name: 'watched', mode: 'soft' },
      { name: 'tried', shadow: true },
      { name: 'unheard-of' },
    )
    const states = new Map([
      ['wide@0', standing(100n, 10n)],
      ['narrow@0', standing(50n, 20n)],
      ['words@0', standing(1_000n, 1n)],
      ['tried@0', standing(5n, 5n)],
      // Over its limit, which refuses nothing.
      ['watched@0', standing(5n, 9n)],
    ])
    const stateOf = (key: string) => states.get(key) ?? null
    const told = (usd: bigint, tokens: bigint) =>
      budgetTold(of, stateOf, { usd: picodollars(usd), tokens })
    expect(told(0n, 0n)).toEqual({ name: 'narrow', remainingUsd: 30n, remainingTokens: 999n })
    expect(told(7n, 9n)).toEqual({ name: 'narrow', remainingUsd: 23n, remainingTokens: 990n })
    expect(told(31n, 0n)).toMatchObject({ remainingUsd: 0n })
    states.delete('narrow@0')
    states.delete('wide@0')
    expect(told(0n, 0n)).toEqual({ name: 'words', remainingUsd: null, remainingTokens: 999n })
    states.clear()
    expect(told(0n, 0n)).toEqual({ name: null, remainingUsd: null, remainingTokens: null })
  })

  it('[Y44] what only watches, where nothing must hold', () => {
    const of = covering({ name: 'soft', mode: 'soft' }, { name: 'words', mode: 'notify' })
    const stateOf = (key: string) => (key === 'soft@0' ? standing(5n, 2n) : standing(4n, 2n))
    expect(budgetTold(of, stateOf, NOTHING)).toMatchObject({ name: 'words', remainingUsd: 2n })
  })

  it('[Y45] the soft budget that is furthest past a threshold, and no other mode', () => {
    const of = covering(
      { name: 'hard', alertAt: [1] },
      { name: 'early', mode: 'soft', alertAt: [50, 80] },
      { name: 'late', mode: 'soft', alertAt: [] },
      { name: 'tried', mode: 'soft', alertAt: [1], shadow: true },
    )
    const warning = (early: bigint, late: bigint) =>
      budgetWarning(of, (key) => standing(100n, key.startsWith('early') ? early : late))
    expect(warning(49n, 99n)).toBeNull()
    expect(warning(50n, 99n)).toBe('budget=early,used=50%')
    expect(warning(79n, 100n)).toBe('budget=late,used=100%')
    expect(warning(250n, 100n)).toBe('budget=early,used=250%')
    expect(budgetWarning(of, () => null)).toBeNull()
    expect(budgetTold([], () => null, NOTHING).name).toBeNull()
  })

  it('[Y47] the used share in whole percent, rounded down', () => {
    expect(usedPercent(standing(3n, 2n))).toBe(66)
    expect(usedPercent(standing(3n, 6n))).toBe(200)
    expect(usedPercent(standing(0n, 6n))).toBeNull()
  })
})
