import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { faultText } from '../fault.ts'
import { governanceOf } from '../settings/governance-settings.ts'
import { validateText } from '../validate.ts'

function faultsOf(yaml: string): readonly string[] {
  const result = validateText(yaml, 'l.yaml', {}, null)
  return result.ok ? [] : result.problem.map(faultText)
}

describe('rules of governance in the file', () => {
  it('[O17] reach the settings with their scopes as lists and names by their place', () => {
    const file = mustOk(
      validateText(
        `
access: [ { scope: { team: support }, allow: ['amazon.nova-*'], max_output_tokens: 4096 } ]
limits:
  - { name: all, requests_per_minute: 5 }
  - { scope: { team: [a, b] }, per: user_id, concurrent_calls: 2, shadow: true }
guardrails: [ { scope: { environment: prod }, id: gr-1, version: "3", mode: inject } ]
`,
        'l.yaml',
        {},
        null,
      ),
    )
    const { access, limits, guardrails } = governanceOf(file)
    expect(access).toEqual([
      {
        name: 'access-1',
        scope: { team: ['support'] },
        allow: ['amazon.nova-*'],
        deny: [],
        scopes: null,
        tiers: null,
        maxOutputTokens: 4096,
        streaming: true,
        rerouting: true,
        shadow: false,
      },
    ])
    expect(limits.map(({ name, scope, per, shadow }) => [name, scope, per, shadow])).toEqual([
      ['all', {}, null, false],
      ['limit-2', { team: ['a', 'b'] }, 'user_id', true],
    ])
    expect(guardrails).toEqual([
      {
        name: 'guardrail-1',
        scope: { environment: ['prod'] },
        id: 'gr-1',
        version: '3',
        mode: 'inject',
        shadow: false,
      },
    ])
  })

  it.each([
    ['access: [ { scope: { teem: a }, deny: [x] } ]', 'access[0].scope.teem', 'did you mean team'],
    ['limits: [ { per: users, concurrent_calls: 1 } ]', 'limits[0].per', 'no such dimension'],
    [
      'dimensions: { team: { values: [a] } }\nlimits: [ { scope: { team: [a, b] }, concurrent_calls: 1 } ]',
      'limits[0].scope.team[1]',
      'is not one of the allowed values',
    ],
    ['limits: [ { scope: { team: [] }, concurrent_calls: 1 } ]', 'limits[0].scope.team', 'list'],
    ['access: [ {} ]', 'access[0]', 'must say one of'],
    ['limits: [ { scope: { team: a } } ]', 'limits[0]', 'must say one of'],
    ['limits: [ { requests_per_minute: 0 } ]', 'limits[0].requests_per_minute', 'from 1'],
    ['access: [ { deny: ["*"] } ]', 'access[0].deny', 'nobody can pass'],
    ['access: [ { allow: [a.b-1], deny: ["a.*"] } ]', 'access[0].deny', 'nobody can pass'],
    ['access: [ { tiers: [batch] } ]', 'access[0].tiers', 'nobody can pass'],
    ['access: [ { tiers: [fast] } ]', 'access[0].tiers[0]', 'must be standard'],
    [
      'access: [ { allow: ["a.*"] }, { scope: { team: x }, allow: [b.c] } ]',
      'access[1].allow',
      'contradicts access[0]',
    ],
    [
      'access: [ { scope: { team: [x, y] }, scopes: [geo] }, { scope: { team: x }, scopes: [in-region] } ]',
      'access[1].scopes',
      'contradicts access[0]',
    ],
    [
      'limits: [ { name: limit-2, concurrent_calls: 1 }, { concurrent_calls: 2 } ]',
      'limits[1]',
      'already the name of limits[0]',
    ],
    [
      'guardrails: [ { id: a, version: "1" }, { scope: { team: x }, id: b, version: "1" } ]',
      'guardrails[1]',
      'contradicts guardrails[0]',
    ],
    ['guardrails: [ { id: a, version: 1 } ]', 'guardrails[0].version', 'in quotes'],
  ])('[O17] %s is refused at its place', (yaml, place, message) => {
    const faults = faultsOf(yaml)
    expect(faults.filter((fault) => fault.includes(` ${place}: `))).toHaveLength(1)
    expect(faults.join('\n')).toContain(message)
    expect(faults[0]).toMatch(/^l\.yaml:\d+:\d+ /)
  })

  it.each([
    'access: [ { deny: ["a.*"] }, { scope: { team: x }, deny: [b.c] } ]',
    'access: [ { scope: { team: x }, allow: [a.b] }, { scope: { team: y }, allow: [c.d] } ]',
    'access: [ { allow: [a.b] }, { scope: { team: y }, allow: [c.d], shadow: true } ]',
    'access: [ { allow: ["a.*-1"] }, { allow: ["*.b-*"] } ]',
    'limits: [ { concurrent_calls: 1, name: same } ]\naccess: [ { deny: [x], name: same } ]',
    'guardrails: [ { id: a, version: "1" }, { id: a, version: "1", mode: inject } ]',
    'guardrails: [ { scope: { team: x }, id: a, version: "1" }, { scope: { team: y }, id: b, version: "1" } ]',
    'limits: [ { scope: { key_name: "batch-*", model: ["anthropic.*", a.b] }, concurrent_calls: 1 } ]',
  ])('[O17] %s is fine', (yaml) => {
    expect(faultsOf(yaml)).toEqual([])
  })
})
