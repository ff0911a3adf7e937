import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BUDGETS_MAX } from './budget-changes.ts'
import { budgetWith, DOLLAR } from '../testing/budget.ts'
import { NOW, startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createPerson, firstAdmin, itemsOf, type Answer, type Person } from '../testing/people.ts'

const SEARCH = budgetWith()

let plane: ControlPlane
let admin: Person
let lead: Person
beforeEach(async () => {
  plane = await startControlPlane()
  plane.declared.budgets = [SEARCH]
  admin = firstAdmin(plane)
  lead = await createPerson(plane, 'mia', 'lead', { team: ['search'] })
})
afterEach(() => plane.stop())

const terms = { scope: { team: 'search', application: 'chat' }, period: 'month', limit_usd: '20' }
const set = (who: Person, name = 'chat', parts: object = {}) =>
  who.send('PUT', `budgets/${name}`, { ...terms, ...parts })
const remove = (who: Person, name = 'chat', body: object = { reason: 'over' }) =>
  who.send('DELETE', `budgets/${name}`, body)
const published = () => plane.broadcasts.at(-1)?.budgets.map(({ name }) => name)
const paths = ({ body }: Answer) =>
  (body['errors'] as { path: string }[]).map(({ path }) => path).toSorted()

describe('budgets people make', () => {
  it('[C76] are in force on the workers with the answer, which tells them whole', async () => {
    expect(await set(lead, 'chat', { mode: 'hard', reason: 'a trial' })).toEqual({
      status: 200,
      body: {
        name: 'chat',
        scope: { team: ['search'], application: ['chat'] },
        per: null,
        period: 'month',
        starts_on: 1,
        time_zone: 'UTC',
        limit_usd: '20',
        limit_tokens: null,
        mode: 'hard',
        alert_at: [80, 100],
        alert_forecast_at: null,
        carry_over: false,
        missing_max_tokens: 'model_max',
        unpriced_reserve_usd: '1',
        shadow: false,
        source: 'api',
        set_at: NOW,
        set_by: 'mia',
        acked: ['worker-1'],
        missing: [],
      },
    })
    expect(plane.broadcasts.at(-1)?.budgets).toEqual([
      SEARCH,
      budgetWith({
        name: 'chat',
        scope: { team: ['search'], application: ['chat'] },
        limit: String(20n * DOLLAR),
      }),
    ])
    expect((await admin.get('budgets/chat')).body).toMatchObject({ source: 'api' })
    expect((await admin.get('budgets/search-monthly')).body).toMatchObject({ source: 'file' })
    expect(itemsOf(await lead.get('budgets')).map(({ name }) => name)).toEqual([
      'chat',
      'search-monthly',
    ])
    expect((await remove(lead)).body).toEqual({
      name: 'chat',
      removed_at: NOW,
      acked: ['worker-1'],
      missing: [],
    })
    expect(published()).toEqual(['search-monthly'])
    expect((await lead.get('budgets/chat')).status).toBe(404)
  })

  it('[C76] outlive a restart, and are replaced whole', async () => {
    await set(admin, 'chat', { mode: 'hard', time_zone: 'Europe/Berlin' })
    await set(admin, 'chat', { limit_usd: '30' })
    await plane.newPublisher().publish()
    expect(plane.broadcasts.at(-1)?.budgets[1]).toMatchObject({
      limit: String(30n * DOLLAR),
      mode: 'notify',
      timeZone: 'UTC',
    })
    expect(published()).toEqual(['search-monthly', 'chat'])
  })

  it('[C76] the same again is no change', async () => {
    await set(lead)
    plane.advance(1000)
    expect((await set(lead)).body).toMatchObject({ set_at: NOW, set_by: 'mia' })
    expect(itemsOf(await admin.get('audit-trail?subject=chat'))).toHaveLength(1)
  })

  it.each([
    [{ limit_usd: '500.01' }, ['limit_usd']],
    [{ limit_tokens: 5 }, ['limit_tokens']],
    [{ period: 'fortnight', scope: { tea: 'x' }, per: 'usr' }, ['per', 'period', 'scope.tea']],
    [{ period: 'day', starts_on: 3 }, ['starts_on']],
    [{ surprise: 1, alert_at: [0] }, ['alert_at[0]', 'surprise']],
    [{ name: 'other' }, ['name']],
    [{ reason: 5 }, ['reason']],
  ])('[C77] %j is refused with every fault, as in the file', async (parts, at) => {
    const answer = await set(admin, 'chat', parts)
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    expect(paths(answer)).toEqual(at)
    expect(plane.broadcasts).toEqual([])
  })

  it('[C77] what is no budget at all is refused', async () => {
    for (const body of [undefined, [], 'x', null]) {
      expect((await admin.send('PUT', 'budgets/chat', body)).status).toBe(400)
    }
    for (const name of ['leases', 'raises', 'nodes', 'a%2Fb', '%20']) {
      expect((await set(admin, name)).status).toBe(400)
    }
    expect((await remove(admin, 'chat', { reason: 5 })).status).toBe(400)
  })

  it('[C77] stand beside those of file and store as in one file', async () => {
    const parent = { scope: { team: 'support' }, limit_usd: '100' }
    await set(admin, 'support', parent)
    const child = { scope: { team: 'support', application: 'bot' } }
    const above = await set(admin, 'bot', { ...child, limit_usd: '101' })
    expect(above).toMatchObject({
      status: 400,
      body: {
        errors: [{ path: 'limit_usd', message: expect.stringContaining('limit of support,') }],
      },
    })
    expect((await set(admin, 'bot', { ...child, limit_usd: '99' })).status).toBe(200)
    const below = await set(admin, 'support', { ...parent, limit_usd: '98' })
    expect(below).toMatchObject({
      status: 400,
      body: { errors: [{ path: '', message: expect.stringContaining('bot: limit_usd') }] },
    })
    expect(published()).toEqual(['search-monthly', 'bot', 'support'])
  })

  it('[C77] those of the file are changed only there', async () => {
    for (const answer of [await set(admin, SEARCH.name), await remove(admin, SEARCH.name)]) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'budget_declared_in_file' } })
    }
  })

  it('[C77] a name keeps its unit, because leases and calls are counted in it', async () => {
    await set(admin)
    const tokens = { limit_usd: null, limit_tokens: 1000 }
    expect(paths(await set(admin, 'chat', tokens))).toEqual(['limit_tokens'])
    await remove(admin)
    expect(paths(await set(admin, 'chat', tokens))).toEqual(['limit_tokens'])
    expect((await set(admin, 'chat-tokens', tokens)).status).toBe(200)
  })

  it('[C77] what its counters hold besides leases is asked anew, unless only its terms changed', async () => {
    const row = { instance: 'chat@0', budget: 'chat', counter: null, fromMs: 0, toMs: null }
    const counted = { ...row, other: 5n, carried: 0n, recalls: 0, folded: 0, refused: null }
    const others = async () => {
      const rows = await plane.store.read.leases.instancesSince(0)
      const [chat] = rows.filter(({ budget }) => budget === 'chat')
      const [rest] = rows.filter(({ budget }) => budget === 'else')
      return [chat, rest].map((one) => [one?.budget, one?.other, one?.folded])
    }
    const count = () =>
      plane.store.write(async ({ leases }) => {
        const revision = await leases.nextRevision(0)
        const other = { ...counted, instance: 'else@0', budget: 'else' }
        await leases.putInstances([counted, other].map((one) => ({ ...one, revision })))
        return revision
      })
    await count()
    await set(admin)
    expect(await others()).toEqual([
      ['chat', null, 1],
      ['else', 5n, 0],
    ])
    const changed = [
      { parts: { limit_usd: '21', mode: 'hard' }, other: 5n },
      { parts: { limit_usd: '21', scope: { team: 'search' } }, other: null },
      { parts: { limit_usd: '21', per: 'user_id' }, other: null },
      { parts: { per: 'user_id', period: 'day' }, other: null },
      { parts: { per: 'user_id', period: 'day', time_zone: 'Asia/Tokyo' }, other: null },
    ]
    for (const { parts, other } of changed) {
      const revision = await count()
      expect((await set(admin, 'chat', parts)).status).toBe(200)
      const [chat] = await plane.store.read.leases.instancesSince(revision)
      expect([parts, chat?.other]).toEqual([parts, other === null ? null : undefined])
    }
    await remove(admin)
    await count()
    await set(admin, 'chat', changed[4]?.parts)
    expect((await others())[0]).toEqual(['chat', null, 1])
  })

  it('[C77] there is an end to how many there are', async () => {
    plane.declared.budgets = Array.from({ length: BUDGETS_MAX - 1 }, (_, index) =>
      budgetWith({ name: `b${index}`, scope: { team: [`t${index}`] } }),
    )
    expect((await set(admin, 'one')).status).toBe(200)
    expect((await set(admin, 'one', { limit_usd: '21' })).status).toBe(200)
    expect(await set(admin, 'two')).toMatchObject({
      status: 409,
      body: { code: 'too_many_budgets' },
    })
  })

  it('[C78] a lead makes those within the scope, never above what lies above them', async () => {
    for (const scope of [
      {},
      { team: 'research' },
      { team: ['search', 'research'] },
      { application: 'x' },
    ]) {
      expect(await set(lead, 'chat', { scope })).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      })
    }
    expect(paths(await set(lead, 'chat', { limit_usd: '501' }))).toEqual(['limit_usd'])
    expect((await set(lead, 'chat', { limit_usd: '500' })).status).toBe(200)
    const viewer = await createPerson(plane, 'vic', 'viewer', { team: ['search'] })
    expect((await set(viewer)).status).toBe(403)
    expect((await remove(viewer)).status).toBe(403)
  })

  it('[C78] what others have is not told, and not taken', async () => {
    const both = { scope: { team: ['search', 'research'] }, limit_usd: '600' }
    expect((await set(admin, 'both', both)).status).toBe(200)
    expect((await set(admin, 'research', { scope: { team: 'research' } })).status).toBe(200)
    // A fault that names budgets of others comes after the scope is found to be the asker's.
    const wide = await set(lead, 'wide', { scope: {}, limit_usd: '1' })
    expect(JSON.stringify(wide.body)).not.toContain('research')
    expect(await set(lead, 'research')).toMatchObject({
      status: 409,
      body: { code: 'budget_name_taken' },
    })
    expect(await remove(lead, 'research')).toMatchObject({
      status: 404,
      body: { code: 'budget_unknown' },
    })
    for (const answer of [await set(lead, 'both'), await remove(lead, 'both')]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
  })

  it('[C78] finance makes and changes them for anybody, and no lead changes those', async () => {
    const finance = await createPerson(plane, 'fin', 'finance')
    expect((await set(finance, 'one', { scope: { team: 'ads' } })).body).toMatchObject({
      set_by: 'fin',
    })
    await set(lead)
    expect((await set(finance)).body).toMatchObject({ set_by: 'fin' })
    for (const answer of [await set(lead), await remove(lead)]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'budget_set_by_admin' } })
    }
    expect(await remove(finance, 'chat', {})).toMatchObject({ status: 200 })
    expect((await plane.store.read.audit.entries(0, 100)).at(-1)).toMatchObject({
      action: 'budget.delete',
      reason: null,
    })
  })

  it('[C78] what an admin made no lead changes; an admin takes over what a lead made', async () => {
    const second = await createPerson(plane, 'ann', 'lead', { team: ['search'] })
    await set(lead)
    expect((await set(second, 'chat', { limit_usd: '25' })).body).toMatchObject({ set_by: 'ann' })
    expect((await set(admin, 'chat', { limit_usd: '25' })).body).toMatchObject({ set_by: 'admin' })
    for (const answer of [await set(lead), await remove(lead)]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'budget_set_by_admin' } })
    }
    expect((await remove(admin)).status).toBe(200)
    expect((await set(lead)).status).toBe(200)
  })

  it('[C79] every change is in the trail with before, after and reason', async () => {
    await set(lead, 'chat', { reason: 'a trial' })
    await set(admin, 'chat', { limit_usd: '30' })
    await remove(admin, 'chat', { reason: 'over' })
    const [first, then] = [{ limit_usd: '20' }, { limit_usd: '30' }]
    expect(itemsOf(await admin.get('audit-trail?subject=chat'))).toMatchObject([
      { actor: 'admin', action: 'budget.delete', before: then, reason: 'over' },
      { actor: 'admin', action: 'budget.set', before: first, after: then, reason: null },
      { actor: 'mia', action: 'budget.set', before: null, after: first, reason: 'a trial' },
    ])
  })

  it('[C76] more of one is asked for and granted as of the file’s, and ends with it', async () => {
    await set(admin)
    const wish = { amount_usd: '5', until: '2d', reason: 'more' }
    const asked = await lead.send('POST', 'budgets/chat/raises/requests', wish)
    expect(asked.status).toBe(201)
    const id = String(asked.body['request_id'])
    const path = `budgets/raises/requests/${id}/approve`
    await remove(admin)
    expect(await admin.send('POST', path, { reason: 'ok' })).toMatchObject({
      status: 409,
      body: { code: 'budget_changed' },
    })
    await set(admin)
    expect((await admin.send('POST', path, { reason: 'ok' })).status).toBe(200)
    expect(plane.broadcasts.at(-1)?.budgets[1]?.raises).toMatchObject([{ requestId: id }])
    expect((await lead.send('POST', 'budgets/gone/raises/requests', wish)).status).toBe(404)
  })

  it('[C79] a file that has the name, or contradicts what people made, is not taken over', async () => {
    await set(admin)
    const { name, scope, ...rest } = SEARCH
    const declared = (...budgets: (typeof SEARCH)[]) =>
      plane.publisher.check({ ...plane.declared, budgets })
    expect(await declared(SEARCH)).toEqual([])
    expect(await declared(SEARCH, { ...rest, scope, name: 'chat' })).toEqual([
      {
        path: 'budgets[1].name',
        message: 'chat is the name of a budget that was made by the API; delete that first',
      },
    ])
    const tight = await declared({ ...rest, name, scope, limit: '5' })
    expect(tight).toMatchObject([
      { path: 'budgets', message: expect.stringContaining('chat, made by the API: limit_usd') },
    ])
  })

  it('[C79] at the start such a file is refused; while it runs the file counts, and pauses go out', async () => {
    await set(admin)
    const mine = budgetWith({ name: 'chat', limit: '7' })
    plane.declared.budgets = [mine]
    await expect(plane.newPublisher().publish()).rejects.toThrow(/budgets\[0\]\.name/)
    // As when another node with another file made it.
    await admin.send('POST', 'pauses', { scope: { team: 'search' } })
    expect(plane.broadcasts.at(-1)).toMatchObject({ pauses: [{}], budgets: [mine] })
    expect(plane.broadcasts.at(-1)?.budgets).toHaveLength(1)
  })
})
