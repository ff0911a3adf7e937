import { describe, expect, it } from 'vitest'
import { compileGlob } from '../../kernel/glob.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { resolveModel } from '../../pricing/model-catalog.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { chooseTarget } from './choose-target.ts'
import { planSteps, stepsToTake, type RouteRule } from './plan-steps.ts'
import { profileFor } from './profile-rule.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])
const east = { name: 'east', region: 'us-east-1', when: {} }
const eastSearch = { name: 'east-search', region: 'us-east-1', when: { team: 'search' } }
const west = { name: 'west', region: 'us-west-2', when: {} }
const targets = [eastSearch, east, west]
const MODEL = 'us.anthropic.claude-sonnet-4-6'

const AS_SENT = { operation: 'converse', tier: 'standard', usedPercent: () => null } as const

function steps(rules: readonly RouteRule[], team: string, model = MODEL) {
  const dimensions = { team }
  const target = chooseTarget(targets, 'us-east-1', dimensions)
  if (target === null) throw new Error('no target')
  const identity = resolveModel(book, model)
  return planSteps(rules, targets, book, { ...AS_SENT, target, model, identity, dimensions }).map(
    (step) => [step.target.name, step.model, step.changes.join()] as const,
  )
}

function rule(
  from: string,
  fallback: readonly Partial<RouteRule['fallback'][number]>[],
  when: Record<string, string> = {},
): RouteRule {
  return {
    when,
    budget: null,
    from: compileGlob(from),
    to: [],
    fallback: fallback.map((one) => ({ region: null, scope: null, model: null, ...one })),
  }
}

describe('choosing targets and steps', () => {
  it('[Y13] a target is of the region, and the first whose condition the dimensions meet', () => {
    expect(chooseTarget(targets, 'us-east-1', { team: 'search' })).toBe(eastSearch)
    expect(chooseTarget(targets, 'us-east-1', { team: 'support' })).toBe(east)
    expect(chooseTarget(targets, 'us-west-2', { team: 'search' })).toBe(west)
    expect(chooseTarget(targets, 'eu-west-1', { team: 'search' })).toBeNull()
  })

  it('[Y15] fallbacks come in the order of the first rule that fits, by model as asked or base model', () => {
    const rules = [
      rule('anthropic.*', [
        { region: 'us-west-2' },
        { scope: 'global' },
        { model: 'amazon.nova-pro-v1:0' },
      ]),
      rule('*', [{ model: 'amazon.nova-lite-v1:0' }]),
    ]
    expect(steps(rules, 'search')).toEqual([
      ['east-search', null, ''],
      ['west', 'us.anthropic.claude-sonnet-4-6', 'fallback:region'],
      ['east-search', 'global.anthropic.claude-sonnet-4-6', 'fallback:scope'],
      ['east-search', 'amazon.nova-pro-v1:0', 'fallback:model'],
    ])
    expect(steps(rules, 'search', 'amazon.nova-micro-v1:0')).toEqual([
      ['east-search', null, ''],
      ['east-search', 'amazon.nova-lite-v1:0', 'fallback:model'],
    ])
  })

  it('[Y15] a model is named as the other region knows it, and an ARN of nowhere else is left out', () => {
    const away = { name: 'eu', region: 'eu-west-1', when: {} }
    const asked = (model: string) =>
      planSteps([rule('*', [{ region: 'eu-west-1' }])], [east, away], book, {
        ...AS_SENT,
        target: east,
        model,
        identity: resolveModel(book, model),
        dimensions: {},
      }).map((step) => step.model)
    expect(asked(MODEL)).toEqual([null, 'eu.anthropic.claude-sonnet-4-6'])
    expect(asked('global.anthropic.claude-sonnet-4-6')).toEqual([null, null])
    expect(asked('anthropic.claude-3-haiku-20240307-v1:0')).toEqual([null, null])
    const profile = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
    expect(asked(profile)).toEqual([null])
  })

  it('[Y15] a rule for another team, a region without a target and a scope without a profile are left out', () => {
    expect(
      steps([rule('*', [{ region: 'us-west-2' }], { team: 'support' })], 'search'),
    ).toHaveLength(1)
    const rules = [rule('*', [{ region: 'eu-west-1' }, { scope: 'global' }])]
    expect(steps(rules, 'search', 'amazon.nova-micro-v1:0')).toHaveLength(1)
  })

  it('[Y14] a profile stands in for a model, named as asked or by its base id', () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
    const rules = [{ when: { team: 'search' }, model: 'anthropic.claude-sonnet-4-6', arn }]
    const model = { requested: MODEL, baseId: 'anthropic.claude-sonnet-4-6' }
    expect(profileFor(rules, model, { team: 'search' })).toBe(arn)
    expect(profileFor(rules, model, { team: 'support' })).toBeNull()
    expect(profileFor(rules, { requested: 'x', baseId: null }, { team: 'search' })).toBeNull()
  })
})

describe('a route that changes what is asked', () => {
  const NOVA = 'amazon.nova-pro-v1:0'
  const to = (change: Partial<RouteRule['to'][number]>): Partial<RouteRule> => ({
    to: [{ region: null, scope: null, model: null, tier: null, ...change }],
  })
  const planned = (
    rules: readonly RouteRule[],
    usedPercent: (budget: string) => number | null = () => null,
    asked: Partial<Parameters<typeof planSteps>[3]> = {},
  ) =>
    planSteps(rules, targets, book, {
      ...AS_SENT,
      target: east,
      model: NOVA,
      identity: resolveModel(book, NOVA),
      dimensions: {},
      usedPercent,
      ...asked,
    })
  const said = (all: ReturnType<typeof planned>) =>
    all.map(({ model, tier, changes }) => [model, tier, changes.join()] as const)

  it('[Y47] holds only from its share of the budget on, by the counter that covers the call', () => {
    const budget = { name: 'search', above: 80 }
    const rules = [{ ...rule('*', []), ...to({ model: 'amazon.nova-lite-v1:0' }), budget }]
    const at = (used: number | null) =>
      planned(rules, (name) => (name === 'search' ? used : 100)).length
    expect([at(null), at(79), at(80), at(300)]).toEqual([1, 1, 2, 2])
  })

  it('[Y47] is the first that fits with something to change, apart from the first with fallbacks', () => {
    const rules = [
      rule('*', [{ model: 'amazon.nova-micro-v1:0' }, { scope: 'geo' }]),
      { ...rule('anthropic.*', []), ...to({ model: 'never' }) },
      { ...rule('*', []), ...to({ model: 'amazon.nova-lite-v1:0', tier: 'flex' }) },
      { ...rule('*', []), ...to({ model: 'too-late' }) },
    ]
    expect(said(planned(rules))).toEqual([
      [null, null, ''],
      ['amazon.nova-micro-v1:0', null, 'fallback:model'],
      ['us.amazon.nova-pro-v1:0', null, 'fallback:scope'],
    ])
    const [, , last] = rules
    if (last === undefined) throw new Error('no rule')
    const [first] = rules
    const both = planned([
      first as RouteRule,
      { ...last, ...to({ model: 'amazon.nova-2-lite-v1:0' }) },
    ])
    expect(said(stepsToTake(both, () => true))).toEqual([
      ['amazon.nova-2-lite-v1:0', null, 'route:model'],
      ['amazon.nova-micro-v1:0', null, 'fallback:model'],
    ])
    expect(said(stepsToTake(both, ({ isRouted }) => !isRouted))).toEqual(
      said(planned([first as RouteRule])),
    )
  })

  it('[Y47] changes a tier where the API has one and the model is sold in it', () => {
    const rules = [{ ...rule('*', []), ...to({ tier: 'flex' }) }]
    expect(said(planned(rules))[1]).toEqual([null, 'flex', 'route:tier'])
    expect(planned(rules, undefined, { operation: 'messages' })).toHaveLength(1)
    expect(planned(rules, undefined, { tier: 'latency-optimized' })).toHaveLength(1)
    const model = 'us.amazon.nova-lite-v1:0'
    const identity = resolveModel(book, model)
    expect(planned(rules, undefined, { model, identity })).toHaveLength(1)
  })
})
