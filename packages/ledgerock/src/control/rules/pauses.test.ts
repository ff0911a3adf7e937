import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultRule, DEFAULT_DIMENSION_RULES } from '../../attribution/dimension-rule.ts'
import { NOW, startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createPerson, firstAdmin, itemsOf, type Person } from '../testing/people.ts'
import { PAUSES_MAX } from './pauses.ts'

let plane: ControlPlane
let admin: Person
let lead: Person
beforeEach(async () => {
  plane = await startControlPlane()
  admin = firstAdmin(plane)
  lead = await createPerson(plane, 'mia', 'lead', { team: ['search', 'support'] })
})
afterEach(() => plane.stop())

const pause = (who: Person, scope: unknown, reason?: string) =>
  who.send('POST', 'pauses', { scope, ...(reason === undefined ? {} : { reason }) })
const resume = (who: Person, id: unknown, reason?: string) =>
  who.send('DELETE', `pauses/${String(id)}`, reason === undefined ? {} : { reason })
const published = () => plane.broadcasts.at(-1)?.pauses
const trail = async () => {
  const { body } = await admin.get('audit-trail')
  return (body['items'] as { action: string }[]).filter(({ action }) => action.startsWith('pause'))
}

describe('pauses', () => {
  it('[C60] is in the policy of every worker when the answer is there, and out of it after a resume', async () => {
    const answer = await pause(admin, { team: 'search', environment: ['prod', 'dev'] }, 'a loop')
    const scope = { environment: ['dev', 'prod'], team: ['search'] }
    const view = { scope, reason: 'a loop', paused_at: NOW, paused_by: 'admin' }
    expect(answer).toMatchObject({ status: 201, body: { ...view, acked: ['worker-1'] } })
    expect(published()).toEqual([{ scope, reason: 'a loop', since: NOW }])
    expect(itemsOf(await admin.get('pauses'))).toEqual([
      { pause_id: answer.body['pause_id'], ...view },
    ])
    const resumed = await resume(admin, answer.body['pause_id'])
    expect(resumed).toMatchObject({ status: 200, body: { resumed_at: NOW, acked: ['worker-1'] } })
    expect(published()).toEqual([])
    expect(itemsOf(await admin.get('pauses'))).toEqual([])
    expect(await resume(admin, answer.body['pause_id'])).toMatchObject({
      status: 404,
      body: { code: 'pause_unknown' },
    })
  })

  it('[C60] names the workers that did not confirm, and asks again when it is said again', async () => {
    plane.delivery.next = { acked: ['worker-1'], missing: ['worker-2'] }
    const first = await pause(admin, { team: 'search' })
    expect(first.body).toMatchObject({ acked: ['worker-1'], missing: ['worker-2'] })
    plane.delivery.next = { acked: ['worker-1', 'worker-2'], missing: [] }
    const again = await pause(admin, { team: ['search'] })
    expect(again.body).toEqual({
      ...first.body,
      acked: ['worker-1', 'worker-2'],
      missing: [],
    })
    expect(await trail()).toHaveLength(1)
  })

  it('[C60] outlives control: the next one publishes it', async () => {
    await pause(admin, {})
    await plane.newPublisher().publish()
    expect(published()).toEqual([{ scope: {}, reason: null, since: NOW }])
  })

  it('[C60] reaches the workers of another node on the same store', async () => {
    const other = plane.newPublisher()
    await plane.publisher.publish()
    await other.publish()
    await pause(admin, { team: 'search' })
    await other.follow()
    expect(other.current()?.policy.pauses).toHaveLength(1)
  })

  it('[C61] a lead pauses and resumes within the scope, and no further', async () => {
    const own = await pause(lead, { team: 'search', model: 'anthropic.*' })
    expect(own.status).toBe(201)
    for (const scope of [
      {},
      { team: ['search', 'research'] },
      { environment: 'prod' },
      { key_name: 'search-*' },
    ]) {
      const answer = await pause(lead, scope)
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    expect(published()).toHaveLength(1)
    expect((await resume(lead, own.body['pause_id'])).status).toBe(200)
  })

  it('[C61] what an admin paused only an admin resumes; an admin takes over a lead’s', async () => {
    const own = await pause(lead, { team: 'search' }, 'mine')
    const taken = await pause(admin, { team: 'search' }, 'and stays')
    expect(taken.body['pause_id']).not.toBe(own.body['pause_id'])
    expect(published()).toMatchObject([{ reason: 'and stays' }])
    const kept = await pause(lead, { team: 'search' }, 'mine again')
    expect(kept.body['pause_id']).toBe(taken.body['pause_id'])
    expect((await resume(lead, own.body['pause_id'])).status).toBe(404)
    const refused = await resume(lead, taken.body['pause_id'])
    expect(refused).toMatchObject({ status: 403, body: { code: 'paused_by_admin' } })
    expect(published()).toHaveLength(1)
    expect((await resume(admin, taken.body['pause_id'])).status).toBe(200)
  })

  it('[C61] a lead sees the pauses that concern him, without the names of others', async () => {
    const wide = await pause(admin, { team: ['search', 'research'] })
    const everybody = await pause(admin, {})
    const foreign = await pause(admin, { team: 'research' })
    expect(itemsOf(await lead.get('pauses')).map(({ scope }) => scope)).toEqual(
      expect.arrayContaining([{ team: ['search'] }, {}]),
    )
    expect(itemsOf(await lead.get('pauses'))).toHaveLength(2)
    for (const { body } of [wide, everybody]) {
      expect((await resume(lead, body['pause_id'])).status).toBe(403)
    }
    expect((await resume(lead, foreign.body['pause_id'])).status).toBe(404)
  })

  it.each([
    [{ planet: 'mars' }, ['scope.planet']],
    [{ team: [], environment: '' }, ['scope.environment', 'scope.team']],
    [{ team: ['a\u0000b'] }, ['scope.team']],
    [{ key_name: 'a b', model: '' }, ['scope.key_name', 'scope.model']],
    [{ team: Array.from({ length: 101 }, (_, index) => `t${index}`) }, ['scope.team']],
    [{ constructor: 'x', ['__proto__x']: 'y' }, ['scope.__proto__x', 'scope.constructor']],
  ] as const)('[C62] %j is refused with every fault', async (scope, paths) => {
    const answer = await pause(admin, scope)
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    const errors = answer.body['errors'] as { path: string }[]
    expect(errors.map(({ path }) => path).toSorted()).toEqual(paths)
    expect(plane.broadcasts).toEqual([])
  })

  it('[C62] calls nobody is named for can be paused', async () => {
    expect((await pause(admin, { team: 'unknown' })).status).toBe(201)
  })

  it('[C62] what is paused by a dimension keeps it declared', async () => {
    const planets = [...DEFAULT_DIMENSION_RULES, defaultRule('planet')]
    const { store } = plane
    await store.write(({ pauses }) =>
      pauses.insert({
        pauseId: 'p',
        scope: { planet: ['mars'] },
        reason: null,
        pausedAt: NOW,
        pausedBy: 'admin',
        pausedByRole: 'admin',
      }),
    )
    expect(await plane.publisher.check({ ...plane.declared, dimensions: planets })).toEqual([])
    const errors = await plane.publisher.check(plane.declared)
    expect(errors).toMatchObject([{ path: 'dimensions' }])
    expect(errors[0]?.message).toContain('planet=mars')
  })

  it('[C62] there is an end to how many', async () => {
    await plane.store.write(async ({ pauses }) => {
      for (let index = 0; index < PAUSES_MAX; index += 1) {
        await pauses.insert({
          pauseId: String(index),
          scope: { key_name: [`k${index}`] },
          reason: null,
          pausedAt: NOW,
          pausedBy: 'admin',
          pausedByRole: 'admin',
        })
      }
    })
    const answer = await pause(admin, { team: 'search' })
    expect(answer).toMatchObject({ status: 409, body: { code: 'too_many_pauses' } })
  })

  it('[C66] who, what, before, after and why are in the trail', async () => {
    const own = await pause(lead, { team: 'search' }, 'a loop')
    await resume(lead, own.body['pause_id'], 'fixed')
    const common = { actor: 'mia', subject: 'team=search' }
    expect(await trail()).toMatchObject([
      { ...common, action: 'pause.end', reason: 'fixed', after: { resumed_at: NOW } },
      { ...common, action: 'pause.set', reason: 'a loop', before: null },
    ])
  })

  it.each([
    '{"scope":{"__proto__":["search"]}}',
    '{"scope":{"\\u005f_proto__":"search"}}',
    '{"scope":{},"__proto__":{"scope":{}}}',
    '{"scope":{"constructor":["search"]}}',
    '{"scope":{"team":[]}}',
    '{"scope":null}',
    '{}',
  ])('[C62] a scope that loses what it names is nobody, not everybody: %s', async (body) => {
    const answer = await plane.api.request('/api/v1/pauses', {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body,
    })
    expect(answer.status).toBe(400)
    expect(plane.broadcasts).toEqual([])
  })
})
