import { DEFAULT_DIMENSIONS } from '@ledgerock/contract'
import { describe, expect, it } from 'vitest'
import { candidateRules, triedRoutes, writtenRules } from './candidate-rules.ts'
import { governanceOf } from '../settings/governance-settings.ts'
import { routeOf } from '../settings/route-settings.ts'
import { validateText } from '../validate.ts'

const TEXT = `
dimensions: { squad: {} }
bedrock:
  region: us-east-1
  targets: [{ name: one, region: us-east-1 }, { name: two, region: eu-west-1 }]
access:
  - { scope: { squad: blue, model: 'amazon.*' }, deny: ['amazon.nova-pro-*'] }
  - { name: size, max_output_tokens: 500, streaming: false, shadow: true }
limits: [{ scope: { key_name: 'batch-*' }, per: team, requests_per_minute: "\${RATE}" }]
guardrails: [{ id: gr-1, version: "3", mode: inject }]
budgets:
  - { name: all, period: month, starts_on: 15, limit_usd: 5000, mode: soft, alert_at: [] }
  - name: each
    per: user_id
    period: { rolling_days: 7 }
    limit_tokens: 1000
    mode: hard
    unpriced_reserve_usd: "0.5"
  - { name: zone, period: day, time_zone: Europe/Berlin, limit_usd: "1.5" }
routes:
  - { fallback: [{ region: eu-west-1 }] }
  - when: { budget: all, above: 80, squad: blue }
    from: 'anthropic.*'
    to: [{ region: eu-west-1, tier: flex }]
`
const NAMES = [...DEFAULT_DIMENSIONS, 'squad']

function faultsOf(sections: Readonly<Record<string, unknown>>): readonly string[] {
  const read = candidateRules(sections, NAMES)
  return read.ok ? [] : read.problem.map(({ path, message }) => `${path}: ${message}`)
}

describe('rules to be tried', () => {
  it('[O21] what a file gives is taken as the file has it', () => {
    const file = validateText(TEXT, 'l.yaml', { RATE: '60' }, null)
    if (!file.ok) throw new Error(JSON.stringify(file.problem))
    const sent = JSON.parse(JSON.stringify(writtenRules(file.value))) as Record<string, unknown>
    const read = candidateRules(sent, NAMES)
    const routes = triedRoutes(file.value.routes.map(routeOf))
    expect(read).toEqual({ ok: true, value: { ...governanceOf(file.value), routes } })
    expect(routes.map(({ name }) => name)).toEqual(['route-2'])
  })

  it('[O21] nothing is nothing', () => {
    const nothing = { access: [], limits: [], guardrails: [], budgets: [], routes: [] }
    expect(candidateRules({}, NAMES)).toEqual({ ok: true, value: nothing })
  })

  it('[O21] a variable is text, and what it is called finds nothing here', () => {
    expect(faultsOf({ access: [{ allow: ['${HOME}'] }] })[0]).toMatch(
      /^access\[0\]\.allow\[0\]: must be/,
    )
    const scope = { team: '${HOME}' }
    const read = candidateRules({ access: [{ scope, streaming: false }] }, NAMES)
    expect(read.ok && read.value.access[0]?.scope).toEqual({ team: ['${HOME}'] })
  })

  it('[O21] every fault is found at its place', () => {
    const faults = faultsOf({
      access: [{ scope: { tem: 'x' }, streaming: false }, 5],
      budgets: [
        { name: 'a', period: 'month' },
        { name: 'a', period: 'day', limit_usd: '1' },
      ],
      routes: [{ when: { budget: 'b', above: 5 }, to: [{ model: 'm' }] }],
      limits: 'none',
    })
    expect(faults.map((fault) => fault.split(':')[0])).toEqual(
      expect.arrayContaining([
        'access[0].scope.tem',
        'access[1]',
        'budgets[0]',
        'budgets[1].name',
        'routes[0].when.budget',
        'limits',
      ]),
    )
  })
})
