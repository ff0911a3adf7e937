import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRequestFacts } from '../bedrock/request-facts.ts'
import { recognise } from '../bedrock/route.ts'
import type { Budget } from '../governance/budget.ts'
import { compileBudgets } from '../governance/budget-rules.ts'
import type { BudgetStanding } from '../governance/budget-wallet.ts'
import { sampleBudget } from '../governance/testing/sample-budget.ts'
import { mustOk } from '../kernel/result.ts'
import { boundOfCall } from '../pricing/bound.ts'
import { resolveModel } from '../pricing/model-catalog.ts'
import { buildPriceBook } from '../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'
import { boundAsk } from './call-bound.ts'
import { planBudgets } from './plan-budgets.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])
const SONNET = 'us.anthropic.claude-sonnet-4-6'
const NOW = Date.parse('2026-11-20T12:00:00Z')

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

  it('[Y37] the largest reserve of all where no price is known, and no dollars where no budget counts them', () => {
    const model = 'acme.thinker-v1'
    const reserves = [{ unpricedReserve: '5' }, { unpricedReserve: '7', mode: 'soft' as const }]
    expect(mustOk(plan(reserves, { model }).planned).boundUsd).toBe(7n)
    const tokens = mustOk(plan([{ unit: 'tokens' }], { model }).planned)
    expect(tokens).toMatchObject({ boundUsd: null })
    expect(tokens.boundTokens).toBeGreaterThan(0)
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
    expect(plan([refuse]).planned).toMatchObject({ ok: false, problem: { code: 'budget' } })
    expect(plan([refuse], { maxTokens: 5 }).planned.ok).toBe(true)
    expect(plan([{ ...refuse, mode: 'soft' }]).planned.ok).toBe(true)
    expect(plan([{ ...refuse, shadow: true }]).planned.ok).toBe(true)
  })

  it('[Y46] is clamped to the largest that fits in what is left of every budget that clamps', () => {
    const room = fc.bigInt({ min: 1n, max: 2n * 10n ** 12n })
    const unit = fc.constantFrom('usd' as const, 'tokens' as const)
    fc.assert(
      fc.property(room, unit, (left, of) => {
        const limit = of === 'usd' ? left : left / 10n ** 7n
        const clamp = { missingMaxTokens: 'clamp' as const, unit: of }
        const { ask, planned } = plan([clamp], { standing: { limit: limit + 3n, spent: 3n } })
        const { maxTokens, claims } = mustOk(planned)
        const [claim] = claims
        const most = boundOfCall(book, ask)
        const whole = of === 'usd' ? (most.usd ?? 0n) : BigInt(most.tokens)
        if (maxTokens === null) {
          // Either the model's own maximum fits, or not even one token does.
          const one = boundOfCall(book, { ...ask, maxTokens: 1 })
          const least = of === 'usd' ? (one.usd ?? 0n) : BigInt(one.tokens)
          expect(whole <= limit || least > limit).toBe(true)
          expect(claim?.amount).toBe(whole)
          return
        }
        const next = boundOfCall(book, { ...ask, maxTokens: maxTokens + 1 })
        expect(claim?.amount).toBeLessThanOrEqual(limit)
        expect(of === 'usd' ? next.usd : BigInt(next.tokens)).toBeGreaterThan(limit)
      }),
    )
  })
})
