import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRequestFacts } from '../../bedrock/request/read-request-facts.ts'
import { recognise } from '../../bedrock/route.ts'
import type { Budget } from '../../governance/budget/budget.ts'
import { compileBudgets } from '../../governance/budget/budget-rules.ts'
import type { BudgetStanding } from '../../governance/budget/budget-wallet.ts'
import { sampleBudget } from '../../governance/testing/sample-budget.ts'
import { mustOk } from '../../kernel/result.ts'
import { boundOfCall } from '../../pricing/bound.ts'
import { resolveModel } from '../../pricing/model-catalog.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { boundAsk } from './call-bound.ts'
import { planBudgets } from './plan-budgets.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])
const SONNET = 'us.anthropic.claude-sonnet-4-6'
const NOW = Date.parse('2026-11-20T12:00:00Z')

/** A clamped answer is this long if what is left pays for it. */
const DECENT = 4_096

type Asked = {
  readonly model?: string
  readonly maxTokens?: number
  readonly standing?: BudgetStanding | null
}

function plan(
  budgets: readonly Partial<Budget>[],
  { model = SONNET, maxTokens, standing = null }: Asked = {},
) {
  const route = recognise('POST', `/model/${model}/converse`)
  if (route === null) throw new Error('no route')
  const config = maxTokens === undefined ? {} : { inferenceConfig: { maxTokens } }
  const body = Buffer.from(
    JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hi' }] }], ...config }),
  )
  const facts = mustOk(readRequestFacts(route, {}, body))
  const identity = resolveModel(book, model)
  const step = { target: { region: 'us-east-1' }, tier: null }
  const bound = boundAsk({ facts, model }, step, identity, null, NOW)
  const rules = compileBudgets(
    budgets.map((parts, index) => sampleBudget({ name: `budget-${index}`, ...parts })),
  )
  const governed = {
    dimensions: { team: 'search' },
    keyName: null,
    modelRequested: model,
    modelId: identity.modelId,
  }
  const covering = rules.covering(governed, NOW)
  const attempt = { covering, generates: true, places: facts.places, bound }
  return { ask: bound, planned: planBudgets(book, () => standing, attempt) }
}

describe('what an attempt asks of its budgets', () => {
  it('[Y37] its bound in the unit of each, in the period of the instant it was let in', () => {
    const { ask, planned } = plan([{}, { unit: 'tokens', per: 'team', mode: 'notify' }], {
      maxTokens: 100,
    })
    const bound = boundOfCall(book, ask)
    const { claims, uses, ...rest } = mustOk(planned)
    const fromMs = Date.parse('2026-11-01T00:00:00Z')
    expect(claims).toMatchObject([
      { budget: 'budget-0', counter: null, fromMs, hard: true, amount: bound.usd },
      { budget: 'budget-1', counter: 'search', hard: false, amount: BigInt(bound.tokens) },
    ])
    expect(uses).toEqual([
      { budget: 'budget-0', fromMs, per: null, unit: 'usd' },
      { budget: 'budget-1', fromMs, per: 'search', unit: 'tokens' },
    ])
    expect(rest).toMatchObject({ boundUsd: bound.usd, boundTokens: bound.tokens, maxTokens: null })
  })

  it('[Y37] the largest reserve of all where no price is known, and none where no budget counts dollars', () => {
    const model = 'acme.thinker-v1'
    const reserves = [{ unpricedReserve: '5' }, { unpricedReserve: '7', mode: 'soft' as const }]
    expect(mustOk(plan(reserves, { model }).planned).boundUsd).toBe(7n)
    const tokens = mustOk(plan([{ unit: 'tokens' }], { model }).planned)
    expect(tokens).toMatchObject({ boundUsd: null })
    expect(tokens.boundTokens).toBeGreaterThan(0)
    // With a price it is known what the call may cost, whatever its budgets count.
    const { ask, planned } = plan([{ unit: 'tokens' }])
    expect(mustOk(planned).boundUsd).toBe(boundOfCall(book, ask).usd)
  })

  it('[Y32] says which budgets in shadow would have refused it, as far as anybody knows', () => {
    const budgets = [{ shadow: true }, { shadow: true, mode: 'soft' as const }]
    const of = (standing: BudgetStanding | null) =>
      mustOk(plan(budgets, { standing, maxTokens: 1 }).planned).wouldRefuse
    expect(of(null)).toEqual([])
    expect(of({ limit: 10n ** 12n, spent: 0n })).toEqual([])
    expect(of({ limit: 10n, spent: 11n })).toEqual(['budget-0'])
  })

  it('[Y46] a stated maximum where a budget that holds wants one; others do not ask', () => {
    const refuse = { missingMaxTokens: 'refuse' as const }
    const { ask, planned } = plan([refuse], { standing: { limit: 10n, spent: 4n } })
    expect(planned).toMatchObject({ ok: false, problem: { code: 'budget', remaining: 6n } })
    const refused = planned.ok ? null : planned.problem.plan
    expect(refused?.boundUsd).toBe(boundOfCall(book, ask).usd)
    expect(plan([refuse], { maxTokens: 5 }).planned.ok).toBe(true)
    expect(plan([{ ...refuse, mode: 'soft' }]).planned.ok).toBe(true)
    expect(plan([{ ...refuse, shadow: true }]).planned.ok).toBe(true)
  })

  it('[Y46] is clamped to a tenth of what is left of every budget that clamps, or to a decent answer', () => {
    const room = fc.bigInt({ min: 1n, max: 40n * 10n ** 12n })
    const unit = fc.constantFrom('usd' as const, 'tokens' as const)
    let tenths = 0
    fc.assert(
      fc.property(room, unit, (left, of) => {
        const limit = of === 'usd' ? left : left / 10n ** 7n
        const clamp = { missingMaxTokens: 'clamp' as const, unit: of }
        const { ask, planned } = plan([clamp], { standing: { limit: limit + 3n, spent: 3n } })
        const { maxTokens, claims } = mustOk(planned)
        const needs = (tokens: number): bigint => {
          const bound = boundOfCall(book, { ...ask, maxTokens: tokens })
          return of === 'usd' ? (bound.usd ?? 0n) : BigInt(bound.tokens)
        }
        const most = boundOfCall(book, ask)
        const whole = of === 'usd' ? (most.usd ?? 0n) : BigInt(most.tokens)
        if (maxTokens === null) {
          // Either the tenth pays for all that the model writes, or not even one token is left.
          expect(whole <= limit / 10n || needs(1) > limit).toBe(true)
          expect(claims[0]?.amount).toBe(whole)
          return
        }
        expect(claims[0]?.amount).toBe(needs(maxTokens))
        expect(needs(maxTokens)).toBeLessThanOrEqual(maxTokens > DECENT ? limit / 10n : limit)
        expect(needs(maxTokens + 1)).toBeGreaterThan(maxTokens < DECENT ? limit : limit / 10n)
        if (maxTokens > DECENT) tenths += 1
      }),
      { numRuns: 300 },
    )
    expect(tenths).toBeGreaterThan(10)
  })

  it('[Y46] is planned again with what is really left', () => {
    const clamp = { missingMaxTokens: 'clamp' as const }
    const standing = { limit: 10n ** 12n, spent: 0n }
    const first = mustOk(plan([clamp], { standing }).planned)
    if (first.clampable === null) throw new Error('nothing to plan again')
    const instance = first.claims[0]?.instance ?? ''
    const again = (left: bigint) => {
      const real = { instance, left }
      return mustOk(planBudgets(book, () => standing, first.clampable as never, real))
    }
    const left = 10n ** 10n
    expect(first.claims[0]?.amount).toBeGreaterThan(left)
    expect(again(left).claims[0]?.amount).toBeLessThanOrEqual(left)
    expect(again(left).maxTokens).toBeGreaterThan(0)
    // Nothing of another counter is known by it.
    const elsewhere = { instance: 'other@0', left }
    const same = mustOk(planBudgets(book, () => standing, first.clampable, elsewhere))
    expect(same.maxTokens).toBe(first.maxTokens)
    expect(mustOk(plan([clamp], { standing, maxTokens: 5 }).planned).clampable).toBeNull()
    expect(mustOk(plan([{}], { standing }).planned).clampable).toBeNull()
  })
})
