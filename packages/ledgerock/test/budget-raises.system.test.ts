// A budget that is spent, on a whole system with two workers: the refusal says how to ask for more, a lead asks, somebody else approves,
// and calls go on; withdrawn, they do not. What people see of it, by API and command line, and that the books agree.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ledgerockJson } from './support/command-line.ts'
import { ask } from './support/ledger-api.ts'
import { createPerson, firstAdmin, type Person } from './support/people.ts'
import { ANTHROPIC_MODEL, converse, type Told } from './support/refused-clients.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'

const WORKERS = ['worker-1', 'worker-2']
const CONFIG = `
budgets:
  - { name: small, scope: { team: search }, period: month, limit_usd: "0.01", mode: hard }
  - { name: each-team, per: team, period: total, limit_tokens: 1000000 }
`
/** More than the budget has room for. */
const CALLS_MAX = 200

type Row = {
  readonly name: string
  readonly counter: string | null
  readonly limit_usd: string | null
  readonly spent_usd: string | null
  readonly remaining_usd: string | null
  readonly spent_tokens: number | null
  readonly raises: readonly { readonly request_id: string }[]
}
type Rows = { readonly items: readonly Row[] }
type Request = { readonly request_id: string; readonly state: string; readonly acked?: string[] }

let system: RunningSystem
let first: Person
let lead: Person
let stranger: Person
let key: string

beforeAll(async () => {
  system = await startSystem({ workers: 2, config: CONFIG })
  key = await system.createKey('search', { team: 'search' })
  first = firstAdmin(system)
  // With one alone there would be nobody else to decide.
  await createPerson(system, { name: 'ada', role: 'admin' })
  lead = await createPerson(system, { name: 'mia', role: 'lead', scope: { team: 'search' } })
  stranger = await createPerson(system, { name: 'tom', role: 'lead', scope: { team: 'support' } })
})
afterAll(() => system.dispose())

const call = (): Promise<Told | null> => {
  const { gatewayUrl } = system
  return converse({ gatewayUrl, key }, { model: ANTHROPIC_MODEL, maxTokens: 50 })
}
const rowOf = async (who: Person, name: string): Promise<Row | undefined> => {
  const { body } = await who.send<Rows>('GET', 'budgets')
  return body.items.find((row) => row.name === name)
}

async function untilRefused(): Promise<Told> {
  for (let calls = 0; calls < CALLS_MAX; calls += 1) {
    const told = await call()
    // The first calls may come before anybody could be asked for a lease.
    if (told !== null && told.status !== 503) return told
  }
  throw new Error('the budget never ended')
}

describe('a raise', () => {
  it('[C74] asked for in the words of the refusal, lets calls go on until it is withdrawn', async () => {
    const told = await untilRefused()
    expect(told).toMatchObject({ status: 400, refusal: 'budget' })
    expect(told.message).toContain('small')
    const words = /ledgerock (budgets request \S+) --amount …/.exec(told.message)?.[1] ?? ''
    const wish = ['--amount', '0.02', '--until', '2d', '--reason', 'the launch']
    const asked = await ledgerockJson<Request>(system, ...words.split(' '), ...wish)
    expect(asked).toMatchObject({ budget: 'small', amount_usd: '0.02', state: 'pending' })
    const path = `budgets/raises/requests/${asked.request_id}`
    const same = await first.send('POST', `${path}/approve`, { reason: 'mine' })
    expect(same).toMatchObject({ status: 409, body: { code: 'same_person' } })
    await first.send('DELETE', path)

    const { body } = await lead.send<Request>('POST', 'budgets/small/raises/requests', {
      amount_usd: '0.02',
      until: '2d',
      reason: 'the launch',
    })
    const reason = { reason: 'for the launch' }
    const own = `budgets/raises/requests/${body.request_id}`
    const approved = await first.send<Request>('POST', `${own}/approve`, reason)
    expect(approved).toMatchObject({ status: 200, body: { state: 'approved' } })
    expect(approved.body.acked?.toSorted()).toEqual(WORKERS)
    await eventually(async () => ((await call()) === null ? true : null), 'a call after the raise')
    const raised = await eventually(async () => {
      const row = await rowOf(lead, 'small')
      return row?.limit_usd === '0.03' ? row : null
    }, 'the raised limit')
    expect(raised.raises).toMatchObject([{ request_id: body.request_id }])

    await lead.send('DELETE', own)
    await eventually(
      async () => ((await call())?.refusal === 'budget' ? true : null),
      'a refusal after the raise ended',
    )
  })

  it('[C70] is shown with what was spent to those whose budget it is', async () => {
    const mine = await eventually(async () => {
      const row = await rowOf(lead, 'small')
      return row?.limit_usd === '0.01' && Number(row.spent_usd) > 0 ? row : null
    }, 'what was spent')
    expect(Number(mine.spent_usd)).toBeGreaterThan(0.005)
    const teams = await lead.send<Rows>('GET', 'budgets/each-team')
    expect(teams.body.items).toMatchObject([{ counter: 'search', limit_usd: null }])
    expect(teams.body.items[0]?.spent_tokens).toBeGreaterThan(0)
    const others = await stranger.send<Rows>('GET', 'budgets')
    expect(others.body.items).toMatchObject([
      { name: 'each-team', counter: null, spent_tokens: null },
    ])
    expect((await stranger.send('GET', 'budgets/small')).status).toBe(404)
  })

  it('[C75] leaves the books in agreement, and its story in the trail', async () => {
    const listed = await ledgerockJson<Rows>(system, 'budgets', 'list')
    expect(listed.items.map(({ name }) => name)).toEqual(['each-team', 'small'])
    await ledgerockJson<Rows>(system, 'budgets', 'leases')
    type Verified = { readonly sound: boolean; readonly budgets: { readonly checked: number } }
    const verified = await eventually(async () => {
      const answer = await ask<Verified>(system, '/api/v1/verify')
      return answer.sound && answer.budgets.checked >= 2 ? answer : null
    }, 'counters at rest')
    expect(verified.budgets).toMatchObject({ sound: true, findings: [] })
    const { items } = await ask<{
      items: readonly { action: string; actor: string; reason: string | null }[]
    }>(system, '/api/v1/audit-trail?limit=200')
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'budget_raise.ask', actor: 'mia', reason: 'the launch' }),
        expect.objectContaining({ action: 'budget_raise.approve', reason: 'for the launch' }),
        expect.objectContaining({ action: 'budget_raise.withdraw', actor: 'mia' }),
      ]),
    )
  })
})
