import { DEFAULT_DIMENSIONS } from '@ledgerock/contract'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { compileDimensionRules, defaultRule, type DimensionRule } from './dimension-rule.ts'

const rule = (name: string, more: Partial<DimensionRule>): DimensionRule => ({
  ...defaultRule(name),
  ...more,
})

describe('compileDimensionRules', () => {
  it('[A2] the defaults come first, declared ones replace or follow them', () => {
    const compiled = mustOk(
      compileDimensionRules([rule('squad', {}), rule('team', { required: true })]),
    )
    expect(compiled.dimensions.map(({ name }) => name)).toEqual([...DEFAULT_DIMENSIONS, 'squad'])
    expect(compiled.dimensions[0]?.rule.required).toBe(true)
  })

  it.each([
    [rule('request_id', {}), 'the name request_id is reserved'],
    [rule('Team', {}), 'must be a-z'],
    [rule('squad', { aliases: ['team'] }), 'the name team already leads'],
    [rule('squad', { headers: ['Authorization'] }), 'the header authorization is reserved'],
    [rule('squad', { headers: ['x-ledgerock-team'] }), 'is reserved'],
    [rule('squad', { headers: ['a b'] }), 'is not a header name'],
    [rule('squad', { pattern: '(' }), 'is not a regular expression'],
    [rule('squad', { pattern: '(?=a)a' }), 'not supported'],
    [rule('squad', { values: ['a'], default: 'b' }), 'the default must be one of'],
  ])('[A7] refuses a rule that cannot work: %j', (declared, message) => {
    const compiled = compileDimensionRules([declared])
    expect(compiled).toMatchObject({
      ok: false,
      problem: [{ dimension: declared.name, message: expect.stringContaining(message) as string }],
    })
  })

  it('[A7] names every fault at once', () => {
    const faulty = [
      rule('a', { headers: ['x-h'] }),
      rule('b', { headers: ['X-H'] }),
      rule('c', {}),
      rule('c', {}),
    ]
    const compiled = compileDimensionRules(faulty)
    expect(compiled).toMatchObject({ ok: false, problem: [{ dimension: 'c' }, { dimension: 'b' }] })
  })
})
