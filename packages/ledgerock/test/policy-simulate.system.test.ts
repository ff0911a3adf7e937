// Rules tried on real traffic of a whole system: calls of two teams through the gateway, then `policy simulate` with files that were never
// in force. What it says is held against the calls themselves.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatUsd, parseUsd, picodollars } from '../src/kernel/money.ts'
import { mustOk } from '../src/kernel/result.ts'
import { ledgerockJson } from './support/command-line.ts'
import { ask } from './support/ledger-api.ts'
import { ANTHROPIC_MODEL, converse } from './support/refused-clients.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'

const CONFIG = `
access: [{ name: support-models, scope: { team: support }, allow: ['amazon.*'] }]
`

type CallRow = {
  readonly call_id: string
  readonly started_at: string
  readonly status: string
  readonly team: string
  readonly model_id: string
  readonly cost_usd: string | null
}
type Effect = {
  readonly kind: string
  readonly rule: string
  readonly calls: number
  readonly usd: string
  readonly teams: readonly string[]
  readonly first_at: string
  readonly last_at: string
  readonly examples: readonly string[]
}
type Trial = {
  readonly refused: { readonly calls: number; readonly usd: string }
  readonly kept: { readonly calls: number; readonly usd: string }
  readonly rules: readonly Effect[]
  readonly not_judged: readonly { readonly what: string; readonly calls: number }[]
}
type Report = { readonly candidate: Trial; readonly in_force: Trial; readonly left_out: number }

let system: RunningSystem
/** Of all traffic, in the order of its beginning. */
let calls: readonly CallRow[]
/** Between the two parts of the traffic. */
let between: string

beforeAll(async () => {
  system = await startSystem({ config: CONFIG })
  const { gatewayUrl } = system
  const search = { gatewayUrl, key: await system.createKey('search', { team: 'search' }) }
  const support = { gatewayUrl, key: await system.createKey('support', { team: 'support' }) }
  const claude = { model: ANTHROPIC_MODEL, maxTokens: 40 }
  for (let round = 0; round < 3; round += 1) {
    for (const place of [search, support]) {
      for (const wish of [{}, claude]) await converse(place, wish)
    }
  }
  calls = await callsInLedger(12)
  between = new Date(Date.parse(calls.at(-1)?.started_at ?? '') + 1).toISOString()
  for (let round = 0; round < 3; round += 1) await converse(search, claude)
  calls = await callsInLedger(15)
})
afterAll(() => system.dispose())

function callsInLedger(count: number): Promise<readonly CallRow[]> {
  return eventually(async () => {
    const { items } = await ask<{ items: readonly CallRow[] }>(system, '/api/v1/calls?from=-1h')
    return items.length === count ? items.toReversed() : null
  }, `${count} calls in the ledger`)
}

const costOf = ({ cost_usd: usd }: CallRow): bigint => (usd === null ? 0n : mustOk(parseUsd(usd)))
const sumOf = (rows: readonly CallRow[]): bigint => rows.reduce((sum, row) => sum + costOf(row), 0n)
const usdOf = (amount: bigint): string => formatUsd(picodollars(amount))
const isClaude = ({ model_id: model }: CallRow): boolean => model.startsWith('anthropic.')
const ofSearch = ({ team }: CallRow): boolean => team === 'search'

async function tried(text: string, from: string): Promise<Report> {
  const file = join(system.dataDir, 'new.yaml')
  writeFileSync(file, text)
  return ledgerockJson<Report>(system, 'policy', 'simulate', '--file', file, '--from', from)
}

describe('rules tried on what was called', () => {
  it('[C110] says of a closed model which calls it would have stopped, and what they cost', async () => {
    const file = `access: [{ name: no-claude, scope: { team: search }, deny: ['anthropic.*'] }]`
    const { candidate, in_force: inForce } = await tried(file, '-1h')
    const stopped = calls.filter((call) => ofSearch(call) && isClaude(call))
    expect(stopped).toHaveLength(6)
    expect(candidate.rules).toMatchObject([
      {
        kind: 'access',
        rule: 'no-claude',
        calls: 6,
        usd: usdOf(sumOf(stopped)),
        teams: ['search'],
        first_at: stopped[0]?.started_at,
        last_at: stopped.at(-1)?.started_at,
        examples: stopped.slice(0, 5).map(({ call_id: id }) => id),
      },
    ])
    expect(candidate.refused).toMatchObject({ calls: 6, usd: usdOf(sumOf(stopped)) })
    const kept = sumOf(calls) - sumOf(stopped)
    expect(candidate.kept).toMatchObject({ calls: 9, usd: usdOf(kept) })
    // The rules in force find what they refused.
    const refused = calls.filter(({ status }) => status === 'refused')
    expect(inForce.rules).toMatchObject([
      {
        rule: 'support-models',
        calls: 3,
        usd: '0',
        examples: refused.map(({ call_id: id }) => id),
      },
    ])
    expect(candidate.not_judged).toMatchObject([{ what: 'refused_then', calls: 3 }])
  })

  it('[C112] a budget begins with what the ledger has from before, and keeps what fits', async () => {
    const [before, after] = [
      calls.filter((call) => ofSearch(call) && call.started_at < between),
      calls.filter((call) => ofSearch(call) && call.started_at >= between),
    ]
    const [first] = after
    const room = first === undefined ? 0n : costOf(first)
    expect(room).toBeGreaterThan(0n)
    const budget = (limit: bigint) =>
      `retention: { calls: forever }
budgets: [{ name: search, scope: { team: search }, period: total, limit_usd: "${usdOf(limit)}", mode: hard }]`
    const none = await tried(budget(sumOf(before)), between)
    expect(none.candidate.refused).toMatchObject({ calls: 3, usd: usdOf(sumOf(after)) })
    const one = await tried(budget(sumOf(before) + room), between)
    expect(one.candidate).toMatchObject({
      refused: { calls: 2 },
      kept: { calls: 1, usd: usdOf(room) },
    })
    const all = await tried(budget(sumOf(before) + sumOf(after)), between)
    expect(all.candidate).toMatchObject({ refused: { calls: 0 }, kept: { calls: 3 } })
    const whole = await tried(budget(sumOf(before) + room), '-1h')
    expect(whole.candidate.refused.calls).toBe(2)
    expect(whole.in_force.refused.calls).toBe(3)
  })

  it('[G31] limits and a budget for each team in tokens, with routes, in one go', async () => {
    const { candidate } = await tried(
      `
limits: [{ name: slow, scope: { team: support }, requests_per_minute: 1 }]
budgets: [{ name: each, per: team, period: day, limit_tokens: 1, mode: soft }]
routes: [{ when: { budget: each, above: 100 }, from: 'amazon.*', to: [{ model: amazon.nova-micro-v1:0 }] }]
`,
      '-1h',
    )
    const names = candidate.rules.map(({ kind, rule }) => `${kind} ${rule}`)
    expect(names).toEqual(['limit slow', 'budget each', 'route route-1'])
    expect(candidate.refused.calls + candidate.kept.calls).toBe(calls.length)
  })
})
