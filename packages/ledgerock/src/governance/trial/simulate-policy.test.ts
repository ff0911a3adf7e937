import { describe, expect, it } from 'vitest'
import { picodollars } from '../../kernel/money.ts'
import type { AccessRule } from '../model-access.ts'
import type { EarlierSpend } from './past-budgets.ts'
import type { PastCall } from './past-call.ts'
import { PolicySimulation, type PolicyTrial, type TriedRules } from './simulate-policy.ts'
import { NOON } from '../testing/arbitrary-rules.ts'
import { DOLLAR, NO_TRIED_RULES, pastCall } from '../testing/past-calls.ts'
import { sampleBudget } from '../testing/sample-budget.ts'

const DAY_MS = 86_400_000
const OPEN: AccessRule = {
  name: 'rule',
  scope: {},
  allow: [],
  deny: [],
  scopes: null,
  tiers: null,
  maxOutputTokens: null,
  streaming: true,
  rerouting: true,
  shadow: false,
}

function trial(
  rules: Partial<TriedRules>,
  calls: readonly Partial<PastCall>[],
  earlier: readonly EarlierSpend[] = [],
): PolicyTrial {
  const simulation = new PolicySimulation({ ...NO_TRIED_RULES, ...rules }, NOON, earlier)
  for (const [index, call] of calls.entries()) {
    simulation.add(pastCall({ callId: `call-${index}`, ...call }))
  }
  return simulation.result()
}

const dollars = (amount: number) => picodollars(BigInt(amount) * DOLLAR)
const day = (days: number) => ({ startedMs: NOON + days * DAY_MS })

describe('rules tried on past calls', () => {
  it('[G31] each rule has its calls, dollars, teams, instants and examples', () => {
    const access = [{ ...OPEN, name: 'no-nova', deny: ['amazon.*'] }]
    const claude = { modelId: 'anthropic.claude-sonnet-4-6' }
    const { rules, refused, kept } = trial({ access }, [
      { ...day(0), cost: dollars(2) },
      { ...day(1), ...claude },
      { ...day(2), dimensions: { team: 'support' }, cost: null },
    ])
    expect(rules).toEqual([
      {
        kind: 'access',
        rule: 'no-nova',
        effect: 'refused',
        shadow: false,
        calls: 2,
        usd: dollars(2),
        unpriced: 1,
        teams: ['search', 'support'],
        moreTeams: false,
        firstMs: NOON,
        lastMs: NOON + 2 * DAY_MS,
        examples: ['call-0', 'call-2'],
      },
    ])
    expect([refused.calls, kept.calls]).toEqual([2, 1])
  })

  it('[G31] nested budgets all count, and a refused call is charged to none', () => {
    const budgets = [
      sampleBudget({ name: 'organisation', limit: String(dollars(10)) }),
      sampleBudget({ name: 'search', scope: { team: ['search'] }, limit: String(dollars(4)) }),
    ]
    const support = { dimensions: { team: 'support' } }
    const three = { cost: dollars(3) }
    const { rules, kept } = trial({ budgets }, [
      three,
      three,
      { ...support, ...three },
      three,
      support,
    ])
    expect(rules.map(({ rule, calls }) => [rule, calls])).toEqual([['search', 2]])
    expect(kept).toMatchObject({ calls: 3, usd: dollars(7) })
  })

  it('[G32] what was spent before counts, in the period that had begun and not in the next', () => {
    const budgets = [sampleBudget({ name: 'month', limit: String(dollars(10)) })]
    const earlier = [
      { budget: 'month', counter: null, atMs: NOON - DAY_MS, amount: dollars(9) },
      { budget: 'another', counter: null, atMs: NOON - DAY_MS, amount: dollars(9) },
    ]
    const { rules } = trial({ budgets }, [day(0), day(1), day(15)], earlier)
    // 20 November: the third call is of December.
    expect(rules).toMatchObject([{ rule: 'month', calls: 1, examples: ['call-1'] }])
  })

  it('[G32] a rolling budget forgets hour by hour', () => {
    const period = { kind: 'rolling', days: 2 } as const
    const budgets = [sampleBudget({ name: 'rolling', period, limit: String(dollars(2)) })]
    const { rules } = trial({ budgets }, [day(0), day(1), day(1.5), day(2), day(2.5)])
    expect(rules).toMatchObject([{ rule: 'rolling', calls: 2, examples: ['call-2', 'call-4'] }])
  })

  it('[G23] [G32] what is left over goes on, also through a period without calls', () => {
    const budgets = [
      sampleBudget({
        name: 'day',
        period: { kind: 'day' },
        limit: String(dollars(1)),
        carryOver: true,
      }),
    ]
    const { rules } = trial({ budgets }, [day(2), day(2), day(2), day(2)])
    expect(rules).toMatchObject([{ rule: 'day', examples: ['call-3'] }])
  })

  it('[G31] warns and tells from the first threshold on, and routes by what is used', () => {
    const limit = String(dollars(10))
    const budgets = [
      sampleBudget({ name: 'soft', mode: 'soft', limit, alertAt: [20, 50] }),
      sampleBudget({ name: 'notify', mode: 'notify', limit, alertAt: [] }),
    ]
    const routes = [
      {
        name: 'route-2',
        when: { team: 'search' },
        budget: { name: 'soft', above: 30 },
        from: 'amazon.*',
      },
    ]
    const { rules, refused } = trial(
      { budgets, routes },
      Array.from({ length: 12 }, () => ({})),
    )
    const told = rules.map(({ kind, rule, effect, calls }) => [kind, rule, effect, calls])
    expect(told).toEqual([
      ['budget', 'soft', 'warned', 10],
      ['budget', 'notify', 'notified', 2],
      ['route', 'route-2', 'routed', 9],
    ])
    expect(refused.calls).toBe(0)
    const fixed = trial({ budgets, routes, access: [{ ...OPEN, rerouting: false }] }, [
      {},
      {},
      {},
      {},
    ])
    expect(fixed.rules.map(({ kind }) => kind)).toEqual(['budget'])
  })

  it('[G31] a place at a time is free when the call that had it ended', () => {
    const limits = [
      {
        name: 'one',
        scope: {},
        per: null,
        requestsPerMinute: null,
        tokensPerMinute: null,
        concurrentCalls: 1,
        shadow: false,
      },
    ]
    const at = (second: number, seconds: number) => {
      return { startedMs: NOON + second * 1_000, endedMs: NOON + (second + seconds) * 1_000 }
    }
    const { rules } = trial({ limits }, [
      at(0, 10),
      at(1, 1),
      at(9, 60),
      at(10, 3),
      at(12, 1),
      at(13, 1),
    ])
    expect(rules).toMatchObject([{ rule: 'one', examples: ['call-1', 'call-2', 'call-4'] }])
  })

  it('[G33] what the ledger does not know is said, with the rules it matters to', () => {
    const access = [{ ...OPEN, name: 'short', maxOutputTokens: 500 }]
    const guardrails = [
      { name: 'guard', scope: {}, id: 'gr', version: '1', mode: 'require', shadow: false } as const,
    ]
    const { rules, notJudged } = trial({ access, guardrails }, [
      { outputTokens: 501 },
      { outputTokens: 20 },
      { operation: 'messages' },
      { wasRefused: true, cost: dollars(0) },
    ])
    expect(rules.map(({ rule, calls }) => [rule, calls])).toEqual([
      ['short', 1],
      ['guard', 1],
    ])
    expect(notJudged).toEqual([
      { what: 'max_output_tokens', calls: 2, rules: ['short'] },
      { what: 'guardrail_named', calls: 2, rules: ['guard'] },
      { what: 'refused_then', calls: 1, rules: [] },
    ])
  })

  it('[G31] calls that came another way are counted and never refused', () => {
    const budgets = [sampleBudget({ limit: String(dollars(1)) })]
    const access = [{ ...OPEN, deny: ['anthropic.*'] }]
    const outside = { isOurs: false, modelId: 'anthropic.claude-sonnet-4-6' }
    const { rules, refused, kept } = trial({ budgets, access }, [outside, outside, {}])
    expect(rules).toMatchObject([{ kind: 'budget', examples: ['call-2'] }])
    expect([refused.calls, kept.calls]).toEqual([1, 0])
  })
})
