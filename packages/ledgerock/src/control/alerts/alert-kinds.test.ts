import { describe, expect, it } from 'vitest'
import { ALERT_KINDS, type AlertRule } from '../../governance/alert-rule.ts'
import { budgetWith, DOLLAR, stateWith } from '../testing/budget.ts'
import { ALERT_KIND_ROWS } from './alert-kinds.ts'
import { rulesInForce, watchedRule } from './declared-rules.ts'
import { exactText } from './exact-text.ts'
import { fires } from './evaluate.ts'
import type { AlertFacts } from './facts.ts'
import { measuresOf, spendQuestionOf, type SpendMeasures } from './spend-measures.ts'

const NOW = Date.parse('2026-10-14T12:00:00Z')
const SPEND: SpendMeasures = {
  cost: 0n,
  unattributed: 0n,
  calls: 0,
  unattributedCalls: 0,
  unpricedCalls: 0,
}
const FACTS: AlertFacts = {
  nodeId: 'node-1',
  nowMs: NOW,
  budgets: [],
  spend: () => SPEND,
  journal: { usedBytes: 0, maxBytes: 100 },
  storeDown: { ledgerMs: 0, controlMs: 0 },
  clockOffsetMs: 0,
}
const ruleOf = (when: AlertRule['when'], parts: Partial<AlertRule> = {}): AlertRule => ({
  name: when,
  when,
  budget: null,
  scope: {},
  above: '50',
  forMs: 0,
  overMs: 3_600_000,
  severity: 'warning',
  to: [],
  ...parts,
})
const read = (rule: AlertRule, facts: Partial<AlertFacts> = {}) =>
  ALERT_KIND_ROWS[rule.when].read(rule, { ...FACTS, ...facts })
const values = (rule: AlertRule, facts: Partial<AlertFacts>) =>
  read(rule, facts)?.map(({ subject, value }) => [subject, exactText(value)])
const firing = (rule: AlertRule, facts: Partial<AlertFacts>) =>
  read(rule, facts)?.filter((reading) => fires(watchedRule(rule), reading)).length

describe('the kinds of rules', () => {
  it('[C102] say nothing where nothing is known, and nothing fires where all is well', () => {
    const unknown = { budgets: null, spend: () => null, journal: null, clockOffsetMs: null }
    for (const when of ALERT_KINDS) {
      if (when !== 'store') expect([when, read(ruleOf(when), unknown)]).toEqual([when, null])
      expect([when, firing(ruleOf(when, { above: '0.1' }), {})]).toEqual([when, 0])
    }
  })

  it('[C100] a budget: each counter of each budget within the scope', () => {
    const each = budgetWith({ name: 'each', per: 'user_id', mode: 'soft' })
    const other = budgetWith({ name: 'other', scope: { team: ['support'] } })
    const budgets = [
      stateWith(each, NOW, 'ann', { spent: 100n * DOLLAR }),
      stateWith(each, NOW, 'bob', { spent: 300n * DOLLAR }),
      stateWith(other, NOW, null, { spent: 300n * DOLLAR }),
    ]
    const scope = { team: ['search'] }
    expect(read(ruleOf('budget', { scope }), { budgets })?.map(({ says }) => says)).toEqual([
      'budget each of user_id ann has used 20 % of its limit: $100 of $500',
      'budget each of user_id bob has used 60 % of its limit: $300 of $500',
    ])
    expect(firing(ruleOf('budget', { scope }), { budgets })).toBe(1)
    expect(values(ruleOf('budget', { budget: 'other' }), { budgets })).toEqual([
      [budgets[2]?.key, '60'],
    ])
  })

  it('[C100] a hard budget is full one percent before its limit, which it never passes', () => {
    const full = (dollars: bigint, mode: 'hard' | 'soft', above: string) => {
      const budgets = [stateWith(budgetWith({ mode }), NOW, null, { spent: dollars * DOLLAR })]
      return firing(ruleOf('budget', { above }), { budgets })
    }
    expect([full(495n, 'hard', '100'), full(494n, 'hard', '100')]).toEqual([1, 0])
    expect([full(495n, 'soft', '100'), full(500n, 'soft', '100')]).toEqual([0, 1])
    expect([full(496n, 'hard', '99.5'), full(498n, 'hard', '99.5')]).toEqual([0, 1])
  })

  it('[C100] a window that rolls is one subject, not one each hour', () => {
    const budget = budgetWith({ period: { kind: 'rolling', days: 7 } })
    const subjects = [NOW, NOW + 3_600_000].map(
      (at) => read(ruleOf('budget'), { budgets: [stateWith(budget, at, null)] })?.[0]?.subject,
    )
    expect(subjects).toEqual(['search-monthly', 'search-monthly'])
  })

  it('[C100] a forecast, where there is one yet', () => {
    const budgets = [null, 600n * DOLLAR].map((forecast) =>
      stateWith(budgetWith(), NOW, null, { forecast }),
    )
    const rule = ruleOf('budget_forecast', { above: '110' })
    expect(values(rule, { budgets })?.map(([, value]) => value)).toEqual(['0', '120'])
    expect(firing(rule, { budgets })).toBe(1)
  })

  it('[C100] the share without an owner, by cost or by calls; calls without a price; the rate', () => {
    const spend = (parts: Partial<SpendMeasures>) => ({ spend: () => ({ ...SPEND, ...parts }) })
    const share = ruleOf('unattributed')
    expect(values(share, spend({ cost: 8n, unattributed: 2n, calls: 9 }))).toEqual([['', '25']])
    expect(values(share, spend({ calls: 4, unattributedCalls: 3 }))).toEqual([['', '75']])
    expect(values(ruleOf('unpriced'), spend({ unpricedCalls: 3 }))).toEqual([['', '3']])
    const rate = ruleOf('spend_rate', { overMs: 1_800_000 })
    expect(values(rate, spend({ cost: 30n * DOLLAR }))).toEqual([['', '60']])
  })

  it('[C100] what concerns a node: its journal, its stores, its clock', () => {
    const journal = { usedBytes: 51, maxBytes: 100 }
    expect(firing(ruleOf('journal'), { journal })).toBe(1)
    const storeDown = { ledgerMs: 61_000, controlMs: 1_000 }
    expect(values(ruleOf('store'), { storeDown })).toEqual([
      ['node-1/ledger', '61'],
      ['node-1/control', '1'],
    ])
    expect(firing(ruleOf('clock', { above: '1' }), { clockOffsetMs: -1_001 })).toBe(1)
    expect(firing(ruleOf('clock', { above: '1' }), { clockOffsetMs: 1_000 })).toBe(0)
  })
})

describe('spend', () => {
  it('[C100] is asked for the scope and the stretch of time of the rule', () => {
    const scope = { team: ['a'], key_name: ['k'], model: ['m'] }
    expect(spendQuestionOf(ruleOf('unattributed', { scope }), NOW)).toMatchObject({
      by: ['team'],
      from: '2026-10-14T11:00:00.000Z',
      where: [
        { field: 'team', values: ['a'] },
        { field: 'key_name', values: ['k'] },
        { field: 'model_id', values: ['m'] },
      ],
    })
  })

  it('[C100] is read exactly', () => {
    const rows = [
      { team: 'unknown', cost_usd: '0.1', calls: 2 },
      { team: 'a', cost_usd: '0.2', calls: 1 },
    ]
    const total = { cost_usd: '0.3', calls: 3, unpriced_calls: 1 }
    expect(measuresOf(rows, total)).toEqual({
      cost: 300_000_000_000n,
      unattributed: 100_000_000_000n,
      calls: 3,
      unattributedCalls: 2,
      unpricedCalls: 1,
    })
  })
})

describe('rulesInForce', () => {
  const sinks = [{ name: 'a' }, { name: 'b' }] as never
  const names = (rules: readonly AlertRule[], budgets = [budgetWith({ alertForecastAt: 110 })]) =>
    rulesInForce({ sinks, rules, allowHosts: [] }, budgets).map(({ name }) => name)

  it('[C103] are those of the file, of budgets it does not name, and of Ledgerock itself', () => {
    expect(names([])).toEqual([
      'journal half full',
      'store away',
      'clock apart',
      'search-monthly at 80 %',
      'search-monthly at 100 %',
      'search-monthly forecast at 110 %',
    ])
    expect(names([ruleOf('journal'), ruleOf('budget', { budget: 'search-monthly' })])).toEqual([
      'journal',
      'budget',
      'store away',
      'clock apart',
      'search-monthly forecast at 110 %',
    ])
  })

  it('[C103] tell every sink, the full budget as critical', () => {
    const rules = rulesInForce({ sinks, rules: [], allowHosts: [] }, [budgetWith()])
    expect(rules.every(({ to }) => to.join() === 'a,b')).toBe(true)
    expect(rules.slice(3).map(({ severity }) => severity)).toEqual(['warning', 'critical'])
  })
})
