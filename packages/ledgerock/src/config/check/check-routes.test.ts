import { describe, expect, it } from 'vitest'
import { faultsOf } from '../testing/faults-of.ts'

const BUDGET = "budgets: [ { name: b, period: month, limit_usd: '5' } ]\n"

describe('routes', () => {
  it('[O11] have steps that can be taken, none hidden', () => {
    const text = `
routes:
  - when: { team: a }
    fallback: [ {}, { region: eu-west-1 }, { scope: globe }, { scope: global, model: x } ]
  - { when: { team: a, feature: b }, from: 'x-*', fallback: [ { region: us-east-1, model: x } ] }
  - { when: { tem: a }, from: 'x y', fallback: [] }
  - { to: [ {}, { model: x, scope: geo }, { tier: fast }, { tier: batch }, { region: eu-west-1 } ] }
  - { when: { team: b }, to: [ { tier: flex } ], fallback: [ { scope: geo } ] }
  - { from: 'y-*' }
`
    expect(faultsOf(text)).toMatchInlineSnapshot(`
      [
        "l.yaml:4:17 routes[0].fallback[0]: must name a region, a scope or a model",
        "l.yaml:4:31 routes[0].fallback[1].region: no target is in this region",
        "l.yaml:4:53 routes[0].fallback[2].scope: must be in-region or geo or global, not globe",
        "l.yaml:4:71 routes[0].fallback[3].scope: cannot stand beside model: name the profile of that scope as the model",
        "l.yaml:5:5 routes[1]: can never be chosen: routes[0] takes all its calls",
        "l.yaml:6:20 routes[2].when.tem: there is no such dimension; did you mean team?",
        "l.yaml:6:31 routes[2].from: must be a model id; * is any text: anthropic.claude-*, not x y",
        "l.yaml:6:48 routes[2].fallback: must have at least one step",
        "l.yaml:7:13 routes[3].to[0]: must name a model, a tier, a scope or a region",
        "l.yaml:7:36 routes[3].to[1].scope: cannot stand beside model: name the profile of that scope as the model",
        "l.yaml:7:51 routes[3].to[2].tier: must be standard or priority or flex or reserved or latency-optimized, not fast",
        "l.yaml:7:67 routes[3].to[3].tier: must be standard or priority or flex or reserved or latency-optimized, not batch",
        "l.yaml:7:86 routes[3].to[4].region: no target is in this region",
        "l.yaml:8:30 routes[4].to: can never be chosen: routes[3] takes all its calls",
        "l.yaml:9:5 routes[5]: must say where calls go: to or fallback",
      ]
    `)
  })

  it('[O19] name a budget there is, and when', () => {
    const text = `${BUDGET}
routes:
  - { when: { budget: a, above: 80 }, to: [ { model: x } ] }
  - { when: { budget: b }, to: [ { model: x } ] }
  - { when: { above: 80 }, to: [ { model: x } ] }
  - { when: { budget: b, above: 0 }, to: [ { model: x } ] }
  - { when: { budget: b, above: 120, team: [a] }, to: [ { model: x } ] }
`
    expect(faultsOf(text)).toMatchInlineSnapshot(`
      [
        "l.yaml:4:23 routes[0].when.budget: there is no such budget",
        "l.yaml:5:23 routes[1].when.budget: needs above beside it",
        "l.yaml:6:22 routes[2].when.above: needs budget beside it",
        "l.yaml:7:33 routes[3].when.above: must be a whole number from 1 to 1000, not 0",
        "l.yaml:8:5 routes[4]: can never be chosen: routes[3] takes all its calls",
        "l.yaml:8:44 routes[4].when.team: must be 1 to 256 printable characters without space at the ends",
      ]
    `)
  })

  it('[O11] a route that waits for a budget hides no other, nor does what it does not decide', () => {
    const text = `${BUDGET}
routes:
  - { when: { budget: b, above: 80 }, to: [ { model: x } ] }
  - { to: [ { scope: geo } ] }
  - { when: { team: a }, fallback: [ { scope: global } ] }
`
    expect(faultsOf(text)).toEqual([])
  })

  it('[O11] a route hides one that waits for more of the same budget', () => {
    const sooner = '{ when: { budget: b, above: 80 }, to: [ { model: x } ] }'
    const later = '{ when: { budget: b, above: 95, team: a }, to: [ { tier: flex } ] }'
    expect(faultsOf(`${BUDGET}routes: [ ${later}, ${sooner} ]`)).toEqual([])
    expect(faultsOf(`${BUDGET}routes: [ ${sooner}, ${later} ]`)).toEqual([
      'l.yaml:2:69 routes[1]: can never be chosen: routes[0] takes all its calls',
    ])
  })

  it.each([
    ["{ from: 'a-*', to: [ { model: b-1 } ] }, { from: b-1, to: [ { model: a-2 } ] }", 0, 1],
    // Over three routes, and as a profile.
    [
      '{ from: a-1, to: [ { model: us.b-1 } ] }, { from: b-1, to: [ { model: c-1 } ] }, { from: c-1, to: [ { model: a-1 } ] }',
      0,
      1,
      2,
    ],
    // Back from where everything goes.
    ["{ from: a-1, to: [ { model: b-1 } ] }, { from: '*', to: [ { model: a-1 } ] }", 0, 1],
  ])('[O19] %s lead back', (routes, ...looping) => {
    const faults = faultsOf(`routes: [ ${routes} ]`)
    expect(
      faults.map((fault) => /routes\[(\d)\]\.to\[0\]\.model: leads back/.exec(fault)?.[1]),
    ).toEqual(looping.map(String))
  })

  it.each([
    // What a route gives it leaves as it is.
    "{ from: 'a-*', to: [ { model: a-1 } ] }",
    '{ to: [ { model: a-1 } ] }',
    // One after the other, and not back.
    '{ from: a-1, to: [ { model: b-1 } ] }, { from: b-1, to: [ { model: c-1 } ] }',
    // Of other callers.
    '{ when: { team: x }, from: a-1, to: [ { model: b-1 } ] }, { when: { team: y }, from: b-1, to: [ { model: a-1 } ] }',
    // Fallbacks are taken once.
    '{ from: a-1, fallback: [ { model: b-1 } ] }, { from: b-1, fallback: [ { model: a-1 } ] }',
  ])('[O19] %s do not lead back', (routes) => {
    expect(faultsOf(`routes: [ ${routes} ]`)).toEqual([])
  })
})
