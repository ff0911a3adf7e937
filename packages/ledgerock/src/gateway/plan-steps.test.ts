import { describe, expect, it } from 'vitest'
import { compileGlob } from '../kernel/glob.ts'
import { buildPriceBook } from '../pricing/price-book.ts'
import { resolveModel } from '../pricing/model-catalog.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'
import { chooseTarget } from './choose-target.ts'
import { planSteps, type RouteRule } from './plan-steps.ts'
import { profileFor } from './profile-rule.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])
const east = { name: 'east', region: 'us-east-1', when: {} }
const eastSearch = { name: 'east-search', region: 'us-east-1', when: { team: 'search' } }
const west = { name: 'west', region: 'us-west-2', when: {} }
const targets = [eastSearch, east, west]
const MODEL = 'us.anthropic.claude-sonnet-4-6'

function steps(rules: readonly RouteRule[], team: string, model = MODEL) {
  const dimensions = { team }
  const target = chooseTarget(targets, 'us-east-1', dimensions)
  if (target === null) throw new Error('no target')
  const identity = resolveModel(book, model)
  return planSteps(rules, targets, book, { target, model, identity, dimensions }).map(
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
    from: compileGlob(from),
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
