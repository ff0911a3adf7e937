import { describe, expect, it } from 'vitest'
import { compileDimensionRules, defaultRule } from '../../attribution/dimension-rule.ts'
import { mustOk } from '../../kernel/result.ts'
import { checkBind } from './check-bind.ts'

const rules = mustOk(
  compileDimensionRules([
    { ...defaultRule('team'), values: ['search', 'support'] },
    { ...defaultRule('user_id'), assert: ['identity', 'request'] },
  ]),
)

describe('checkBind', () => {
  it('[C11] accepts declared dimensions with allowed values', () => {
    expect(checkBind(rules, { team: 'search', feature: 'anything' })).toEqual([])
    expect(checkBind(rules, {})).toEqual([])
  })

  it.each([
    ['tema', 'search', 'is not a declared dimension'],
    ['team', 'sales', 'must be one of the declared values'],
    ['user_id', 'u-1', 'may not be asserted by a credential'],
    ['feature', '', 'must not be empty'],
    ['feature', 'two\nlines', 'control characters'],
    ['__proto__', 'x', 'is not a declared dimension'],
  ])('[C11] refuses %s=%j', (name, value, message) => {
    expect(checkBind(rules, { [name]: value })).toEqual([
      { path: `bind.${name}`, message: expect.stringContaining(message) as string },
    ])
  })
})
