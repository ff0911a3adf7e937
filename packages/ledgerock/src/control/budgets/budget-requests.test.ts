import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MS_PER_DAY, MS_PER_HOUR } from '../../kernel/time.ts'
import { inProcess } from '../api.ts'
import { PENDING_MAX } from '../rules/decide-request.ts'
import { budgetWith, DOLLAR } from '../testing/budget.ts'
import { NOW, startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createPerson, firstAdmin, itemsOf, type Person } from '../testing/people.ts'

const SEARCH = budgetWith()
const TEAMS = budgetWith({ name: 'each-team', scope: {}, per: 'team' })
const FIXED = budgetWith({
  name: 'two-teams',
  scope: { team: ['search', 'research'] },
  per: 'team',
})
const TOKENS = budgetWith({ name: 'tokens', unit: 'tokens', limit: '1000' })

let plane: ControlPlane
let admin: Person
let second: Person
let lead: Person
beforeEach(async () => {
  plane = await startControlPlane()
  plane.declared.budgets = [SEARCH, TEAMS, FIXED, TOKENS]
  admin = firstAdmin(plane)
  second = await createPerson(plane, 'joe', 'admin')
  lead = await createPerson(plane, 'mia', 'lead', { team: ['search'] })
})
afterEach(() => plane.stop())

const path = 'budgets/raises/requests'
const wish = { amount_usd: '250.5', until: '2d', reason: 'the launch' }
const ask = (who: Person, budget = 'search-monthly', parts: object = {}) =>
  who.send('POST', `budgets/${budget}/raises/requests`, { ...wish, ...parts })
const askedId = async (who: Person, budget = 'search-monthly', parts: object = {}) => {
  const asked = await ask(who, budget, parts)
  expect(asked.status).toBe(201)
  return String(asked.body['request_id'])
}
const decide = (who: Person, id: string, how: 'approve' | 'deny', reason = 'because') =>
  who.send('POST', `${path}/${id}/${how}`, { reason })
const withdraw = (who: Person, id: string) => who.send('DELETE', `${path}/${id}`)
const states = async (who: Person) => itemsOf(await who.get(path)).map(({ state }) => state)
const raises = (name = 'search-monthly') =>
  plane.broadcasts.at(-1)?.budgets.find((budget) => budget.name === name)?.raises ?? []

describe('requests for more of a budget', () => {
  it('[C72] are asked for with an amount, an end and a reason', async () => {
    const asked = await ask(lead)
    const request = {
      request_id: asked.body['request_id'],
      budget: 'search-monthly',
      counter: null,
      scope: { team: ['search'] },
      amount_usd: '250.5',
      amount_tokens: null,
      until: '2026-10-16T12:00:00.000Z',
      carry_over: false,
      reason: 'the launch',
      state: 'pending',
      asked_at: NOW,
      asked_by: 'mia',
      decided_at: null,
      decided_by: null,
      decision_reason: null,
    }
    expect(asked).toEqual({ status: 201, body: request })
    expect(itemsOf(await admin.get(path))).toEqual([request])
    expect(plane.broadcasts).toEqual([])
    const tokens = { amount_usd: null, amount_tokens: 5000, carry_over: true }
    expect((await ask(lead, 'tokens', tokens)).body).toMatchObject({
      amount_usd: null,
      amount_tokens: 5000,
      carry_over: true,
    })
  })

  it.each([
    ['search-monthly', { amount_usd: null }, ['amount_usd']],
    ['search-monthly', { amount_usd: '0' }, ['amount_usd']],
    ['search-monthly', { amount_usd: '-5' }, ['amount_usd']],
    ['search-monthly', { amount_usd: null, amount_tokens: 5 }, ['amount_tokens']],
    ['search-monthly', { amount_tokens: 5 }, ['amount_tokens']],
    ['tokens', {}, ['amount_usd']],
    ['search-monthly', { counter: 'search', until: '367d' }, ['counter', 'until']],
    ['two-teams', { counter: 'support' }, ['counter']],
    ['search-monthly', { until: NOW }, ['until']],
    ['search-monthly', { reason: '' }, ['reason']],
    ['search-monthly', { surprise: 1 }, ['surprise']],
  ])('[C72] of %s, %j is refused with every fault', async (budget, parts, paths) => {
    const answer = await ask(admin, budget, parts)
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    const errors = answer.body['errors'] as { path: string }[]
    expect(errors.map((error) => error.path).toSorted()).toEqual(paths)
    expect(await states(admin)).toEqual([])
  })

  it('[C72] a lead asks for calls within the scope, and sees those requests only', async () => {
    const research = budgetWith({ name: 'research', scope: { team: ['research'] } })
    plane.declared.budgets = [SEARCH, TEAMS, research]
    expect((await ask(lead, 'nothing')).status).toBe(404)
    expect(await ask(lead, 'research')).toMatchObject({
      status: 404,
      body: { code: 'budget_unknown' },
    })
    for (const counter of [null, 'research']) {
      expect(await ask(lead, 'each-team', { counter })).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      })
    }
    const foreign = await askedId(admin, 'research')
    await askedId(admin, 'each-team')
    const own = await askedId(admin, 'each-team', { counter: 'search' })
    expect(itemsOf(await lead.get(path)).map((one) => one['request_id'])).toEqual([own])
    expect((await withdraw(lead, foreign)).status).toBe(404)
    expect((await withdraw(lead, own)).status).toBe(403)
    expect((await ask(lead, 'each-team', { counter: 'search' })).status).toBe(201)
  })

  it('[C72] there is an end to how many one asker may have waiting', async () => {
    for (let index = 0; index < PENDING_MAX; index += 1) await askedId(lead)
    const answer = await ask(lead)
    expect(answer).toMatchObject({ status: 409, body: { code: 'too_many_raise_requests' } })
    expect((await ask(admin)).status).toBe(201)
  })

  it('[C72] may be asked for without a reason, which is then null everywhere', async () => {
    const { reason: _none, ...rest } = wish
    const asked = await lead.send('POST', 'budgets/search-monthly/raises/requests', rest)
    expect(asked).toMatchObject({ status: 201, body: { reason: null } })
    expect(itemsOf(await admin.get(path))[0]).toMatchObject({ reason: null })
    const [entry] = (await plane.store.read.audit.entries(0, 100)).slice(-1)
    expect(entry).toMatchObject({ action: 'budget_raise.ask', reason: null })
  })

  it('[C73] are decided once, with a reason, by another person who is an admin', async () => {
    const own = await askedId(second)
    for (const how of ['approve', 'deny'] as const) {
      const answer = await decide(second, own, how)
      expect(answer).toMatchObject({ status: 409, body: { code: 'same_person' } })
    }
    const id = await askedId(lead)
    expect((await decide(lead, id, 'approve')).status).toBe(403)
    expect((await admin.send('POST', `${path}/${id}/approve`, {})).status).toBe(400)
    expect((await decide(admin, 'nobody', 'deny')).status).toBe(404)
    expect((await decide(admin, id, 'deny', 'not now')).body).toMatchObject({
      state: 'denied',
      decided_by: 'admin',
      decision_reason: 'not now',
    })
    for (const again of [decide(admin, id, 'approve'), decide(second, id, 'deny')]) {
      expect(await again).toMatchObject({ status: 409, body: { code: 'raise_request_decided' } })
    }
    expect(plane.broadcasts).toEqual([])
  })

  it('[C73] whoever holds the data directory is one person, under either name', async () => {
    const inside = inProcess(plane.api, { name: 'command-line', role: 'admin', by: 'in-process' })
    const id = await askedId(admin)
    const answer = await inside(`/api/v1/${path}/${id}/approve`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'why not' }),
    })
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'same_person' })
  })

  it('[C73] of two decisions at once only one counts', async () => {
    const id = await askedId(lead)
    const answers = await Promise.all([decide(admin, id, 'approve'), decide(second, id, 'deny')])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]))
  })

  it.each([
    ['is gone', []],
    ['has another unit', [{ ...TEAMS, unit: 'tokens' as const }]],
    ['counts once for all', [{ ...TEAMS, per: null }]],
  ])('[C73] a budget that %s is not raised', async (_how, budgets) => {
    const id = await askedId(lead, 'each-team', { counter: 'search' })
    plane.declared.budgets = budgets
    const answer = await decide(admin, id, 'approve')
    expect(answer).toMatchObject({ status: 409, body: { code: 'budget_changed' } })
    expect((await decide(admin, id, 'deny')).status).toBe(200)
  })

  it('[C74] an approved one raises the limit from then on until its end', async () => {
    const parts = { counter: 'search', carry_over: true }
    const id = await askedId(lead, 'each-team', parts)
    plane.advance(MS_PER_HOUR)
    const approved = await decide(admin, id, 'approve')
    expect(approved.body).toMatchObject({ state: 'approved', acked: ['worker-1'], missing: [] })
    const fromMs = Date.parse(NOW) + MS_PER_HOUR
    const toMs = Date.parse(NOW) + 2 * MS_PER_DAY
    const raise = {
      requestId: id,
      amount: String((5_010n * DOLLAR) / 20n),
      counter: 'search',
      fromMs,
      toMs,
      carryOver: true,
    }
    expect(raises('each-team')).toEqual([raise])
    expect(raises()).toEqual([])
    const [row] = itemsOf(await lead.get('budgets/each-team'))
    expect(row?.['raises']).toMatchObject([{ request_id: id, amount_usd: '250.5' }])
    plane.advance(toMs - fromMs)
    expect(await states(lead)).toEqual(['expired'])
    const [later] = itemsOf(await lead.get('budgets/each-team'))
    expect(later?.['raises']).toEqual([])
    expect((await withdraw(lead, id)).status).toBe(409)
  })

  it('[C73] what was approved in another unit is no raise any more', async () => {
    const id = await askedId(lead)
    await decide(admin, id, 'approve')
    expect(raises()).toHaveLength(1)
    plane.declared.budgets = [{ ...SEARCH, unit: 'tokens' }]
    await plane.publisher.publish()
    expect(raises()).toEqual([])
    plane.declared.budgets = [SEARCH]
    await plane.publisher.publish()
    expect(raises()).toMatchObject([{ requestId: id }])
  })

  it('[C74] what nobody decided in time cannot be approved any more', async () => {
    const id = await askedId(lead)
    plane.advance(2 * MS_PER_DAY)
    const answer = await decide(admin, id, 'approve')
    expect(answer).toMatchObject({ status: 409, body: { code: 'raise_request_expired' } })
  })

  it('[C74] whoever asked, or an admin, withdraws it: the limit is the old one at once', async () => {
    const id = await askedId(lead)
    await decide(admin, id, 'approve')
    expect(raises()).toHaveLength(1)
    expect((await withdraw(lead, id)).body).toMatchObject({ state: 'withdrawn', missing: [] })
    expect(raises()).toEqual([])
    const next = await askedId(lead)
    expect((await withdraw(second, next)).status).toBe(200)
    expect(await states(lead)).toEqual(['withdrawn', 'withdrawn'])
  })

  it('[C74] every step is in the trail with who and why', async () => {
    const id = await askedId(lead)
    await decide(admin, id, 'approve', 'for the launch')
    await withdraw(lead, id)
    const approved = { budget: 'search-monthly', amount_usd: '250.5', state: 'approved' }
    expect(itemsOf(await admin.get(`audit-trail?subject=${id}`))).toMatchObject([
      { actor: 'mia', action: 'budget_raise.withdraw', before: approved, reason: null },
      { actor: 'admin', action: 'budget_raise.approve', after: approved, reason: 'for the launch' },
      { actor: 'mia', action: 'budget_raise.ask', before: null, reason: 'the launch' },
    ])
  })
})
