import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MS_PER_DAY, MS_PER_HOUR } from '../../kernel/time.ts'
import { inProcess } from '../api.ts'
import { PENDING_MAX } from './decide-request.ts'
import { NOW, startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createPerson, firstAdmin, itemsOf, type Person } from '../testing/people.ts'

const MODEL = 'anthropic.claude-opus-4-6-v1'

let plane: ControlPlane
let admin: Person
let second: Person
let lead: Person
beforeEach(async () => {
  plane = await startControlPlane()
  admin = firstAdmin(plane)
  second = await createPerson(plane, 'joe', 'admin')
  lead = await createPerson(plane, 'mia', 'lead', { team: ['search', 'support'] })
})
afterEach(() => plane.stop())

const path = 'access/requests'
const wish = { model: MODEL, scope: { team: 'search' }, until: '2d', reason: 'a trial' }
const ask = (who: Person, parts: object = {}) => who.send('POST', path, { ...wish, ...parts })
const askedId = async (who: Person, parts: object = {}): Promise<string> => {
  const asked = await ask(who, parts)
  expect(asked.status).toBe(201)
  return String(asked.body['request_id'])
}
const decide = (who: Person, id: string, how: 'approve' | 'deny', reason = 'because') =>
  who.send('POST', `${path}/${id}/${how}`, { reason })
const withdraw = (who: Person, id: string) => who.send('DELETE', `${path}/${id}`)
const grants = () => plane.broadcasts.at(-1)?.grants ?? []
const states = async (who: Person) => itemsOf(await who.get(path)).map(({ state }) => state)

describe('requests for access', () => {
  it('[C63] are asked for with a base model, a scope, an end and a reason', async () => {
    const asked = await ask(lead, { model: `us.${MODEL}` })
    const request = {
      request_id: asked.body['request_id'],
      model: MODEL,
      scope: { team: ['search'] },
      until: '2026-10-16T12:00:00.000Z',
      reason: 'a trial',
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
  })

  it.each([
    [{ until: '2026-10-14T12:00:00Z' }, ['until']],
    [{ until: '367d' }, ['until']],
    [{ until: 'soon', model: 'a b', scope: { planet: 'x' } }, ['model', 'scope.planet', 'until']],
    [{ model: 'arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ' }, ['model']],
    [{ reason: ' ' }, ['reason']],
    [{ surprise: 1 }, ['surprise']],
  ])('[C63] %j is refused with every fault', async (parts, paths) => {
    const answer = await ask(admin, parts)
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    const errors = answer.body['errors'] as { path: string }[]
    expect(errors.map((error) => error.path).toSorted()).toEqual(paths)
    expect(await states(admin)).toEqual([])
  })

  it('[C63] a lead asks within the scope, sees those of the scope, and no others', async () => {
    for (const scope of [{}, { team: 'research' }, { team: ['search', 'research'] }]) {
      expect(await ask(lead, { scope })).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      })
    }
    const foreign = await askedId(admin, { scope: { team: 'research' } })
    await askedId(admin, { scope: { team: ['search', 'research'] } })
    expect(await states(lead)).toEqual([])
    const own = await askedId(admin, { scope: { team: 'support', environment: 'prod' } })
    expect(itemsOf(await lead.get(path)).map((request) => request['request_id'])).toEqual([own])
    expect((await withdraw(lead, foreign)).status).toBe(404)
    expect(await withdraw(lead, own)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })

  it('[C63] there is an end to how many one asker may have waiting', async () => {
    for (let index = 0; index < PENDING_MAX; index += 1) await askedId(lead)
    const answer = await ask(lead)
    expect(answer).toMatchObject({ status: 409, body: { code: 'too_many_access_requests' } })
    expect((await ask(admin)).status).toBe(201)
  })

  it('[C63] are listed newest first, page by page, and by state', async () => {
    const ids: string[] = []
    for (let index = 0; index < 5; index += 1) {
      ids.unshift(await askedId(lead))
      plane.advance(1)
    }
    await decide(admin, ids[2] as string, 'deny')
    const seen: unknown[] = []
    let cursor = ''
    do {
      const page = await admin.get(`${path}?limit=2${cursor}`)
      seen.push(...itemsOf(page).map((request) => request['request_id']))
      const next = page.body['next_cursor']
      cursor = typeof next === 'string' ? `&cursor=${next}` : ''
    } while (cursor !== '')
    expect(seen).toEqual(ids)
    expect(await states(admin)).toEqual(['pending', 'pending', 'denied', 'pending', 'pending'])
    const denied = await admin.get(`${path}?state=denied&limit=1`)
    expect(denied.body).toMatchObject({ items: [{ request_id: ids[2] }], next_cursor: null })
    for (const query of ['state=maybe', 'cursor=x', 'limit=0', 'sort=asc']) {
      expect((await admin.get(`${path}?${query}`)).status).toBe(400)
    }
  })

  it.each([
    ['amazon.nova-premum-v1:0', 400],
    ['amazon.nova-pro*lite', 400],
    ['anthropic.claude-opus-*', 201],
    ['us.amazon.nova-pro-v1:0', 201],
  ])('[C63] are for models there are: %s: %s', async (model, status) => {
    const answer = await lead.send('POST', path, {
      model,
      scope: { team: 'search' },
      until: '2d',
      reason: 'a trial',
    })
    expect(answer.status).toBe(status)
  })

  it('[C64] are decided by another person than the one who asked', async () => {
    const id = await askedId(second)
    for (const how of ['approve', 'deny'] as const) {
      const own = await decide(second, id, how)
      expect(own).toMatchObject({ status: 409, body: { code: 'same_person' } })
    }
    expect(plane.broadcasts).toEqual([])
    const decided = await decide(admin, id, 'approve', 'for the trial')
    expect(decided).toMatchObject({
      status: 200,
      body: {
        state: 'approved',
        decided_by: 'admin',
        decided_at: NOW,
        decision_reason: 'for the trial',
        acked: ['worker-1'],
        missing: [],
      },
    })
  })

  it('[C64] whoever holds the data directory is one person, under either name', async () => {
    const actor = { name: 'command-line', role: 'admin', by: 'in-process' } as const
    const inside = inProcess(plane.api, actor)
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ reason: 'why not' })
    const id = await askedId(admin)
    const answer = await inside(`/api/v1/${path}/${id}/approve`, { method: 'POST', headers, body })
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'same_person' })
    // Nor is it another person whom that one made.
    expect((await decide(second, id, 'approve')).status).toBe(409)
  })

  it('[C64] are decided once, with a reason, by an admin', async () => {
    const id = await askedId(lead)
    expect((await admin.send('POST', `${path}/${id}/approve`, {})).status).toBe(400)
    expect((await decide(lead, id, 'approve')).status).toBe(403)
    expect((await decide(admin, 'nobody', 'approve')).status).toBe(404)
    expect((await decide(admin, id, 'deny', 'too dear')).body).toMatchObject({
      state: 'denied',
      decision_reason: 'too dear',
    })
    for (const again of [decide(admin, id, 'approve'), decide(second, id, 'deny')]) {
      expect(await again).toMatchObject({ status: 409, body: { code: 'access_request_decided' } })
    }
    expect((await withdraw(lead, id)).status).toBe(409)
    expect(grants()).toEqual([])
  })

  it('[C64] of two decisions at once only one counts', async () => {
    const id = await askedId(lead)
    const answers = await Promise.all([decide(admin, id, 'approve'), decide(second, id, 'deny')])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]))
  })

  it('[C65] an approved one is a grant in the policy from then on until its end', async () => {
    const id = await askedId(lead)
    plane.advance(MS_PER_HOUR)
    await decide(admin, id, 'approve')
    const from = Date.parse(NOW) + MS_PER_HOUR
    const to = Date.parse(NOW) + 2 * MS_PER_DAY
    const scope = { team: ['search'] }
    const granted = { requestId: id, scope, model: MODEL, fromMs: from, toMs: to }
    expect(grants()).toEqual([granted])
    const shown = { request_id: id, model: MODEL, scope, from: new Date(from).toISOString() }
    expect((await lead.get('access')).body['grants']).toMatchObject([shown])

    plane.advance(to - from)
    expect(await states(lead)).toEqual(['expired'])
    expect((await lead.get('access')).body['grants']).toEqual([])
    await plane.publisher.publish()
    expect(grants()).toEqual([granted])
    plane.advance(MS_PER_DAY)
    await plane.publisher.publish()
    expect(grants()).toEqual([])
    expect((await withdraw(lead, id)).status).toBe(409)
  })

  it('[C65] what nobody decided in time cannot be approved any more', async () => {
    const id = await askedId(lead)
    plane.advance(2 * MS_PER_DAY)
    const answer = await decide(admin, id, 'approve')
    expect(answer).toMatchObject({ status: 409, body: { code: 'access_request_expired' } })
    expect(await states(admin)).toEqual(['expired'])
  })

  it('[C65] whoever asked, or an admin, withdraws it: a grant ends with the answer', async () => {
    const first = await askedId(lead)
    await decide(admin, first, 'approve')
    expect(grants()).toHaveLength(1)
    expect(await withdraw(lead, first)).toMatchObject({
      status: 200,
      body: { state: 'withdrawn', acked: ['worker-1'] },
    })
    expect(grants()).toEqual([])
    const next = await askedId(lead)
    expect((await withdraw(second, next)).status).toBe(200)
    expect(await states(lead)).toEqual(['withdrawn', 'withdrawn'])
  })

  it('[C66] every step is in the trail with who and why', async () => {
    const id = await askedId(lead)
    await decide(admin, id, 'approve', 'for the trial')
    await withdraw(lead, id)
    const entries = itemsOf(await admin.get(`audit-trail?subject=${id}`))
    const approved = { model: MODEL, scope: { team: ['search'] }, state: 'approved' }
    expect(entries).toMatchObject([
      { actor: 'mia', action: 'access_request.withdraw', before: approved, reason: null },
      {
        actor: 'admin',
        action: 'access_request.approve',
        after: approved,
        reason: 'for the trial',
      },
      { actor: 'mia', action: 'access_request.ask', before: null, reason: 'a trial' },
    ])
  })
})
