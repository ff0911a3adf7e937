import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compileOwnerRules, type Ownable } from '../../attribution/owner-rule.ts'
import { defaultRule, DEFAULT_DIMENSION_RULES } from '../../attribution/dimension-rule.ts'
import { MS_PER_DAY } from '../../kernel/time.ts'
import { NOW, startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createPerson, firstAdmin, itemsOf, type Person } from '../testing/people.ts'

const SEARCH = 'arn:aws:sts::*:assumed-role/search-api/*'
const WHO = 'arn:aws:sts::123456789012:assumed-role/search-api/i-1'
const NOTHING: Ownable = {
  principalArn: null,
  accountId: null,
  profile: null,
  project: null,
  keyName: null,
}

let plane: ControlPlane
let admin: Person
beforeEach(async () => {
  plane = await startControlPlane()
  admin = firstAdmin(plane)
})
afterEach(() => plane.stop())

const assign = (part: Record<string, unknown>, who = admin) =>
  who.send('POST', 'owners', {
    match: SEARCH,
    set: { team: 'search' },
    from: '2026-10-01',
    ...part,
  })
const remove = (id: unknown, body: unknown = {}) =>
  admin.send('DELETE', `owners/${String(id)}`, body)
const published = () => plane.broadcasts.at(-1)?.owners
const teamAt = (iso: string, what: Partial<Ownable> = { principalArn: WHO }) =>
  compileOwnerRules(published() ?? []).ownerOf({ ...NOTHING, ...what }, Date.parse(iso))?.['team']
const trail = async () => {
  const { body } = await admin.get('audit-trail')
  return (body['items'] as { action: string }[]).filter(({ action }) => action.startsWith('owner'))
}

describe('owners people assign', () => {
  it('[C240] are in the policy of every worker when the answer is there', async () => {
    const answer = await assign({ reason: 'theirs' })
    const view = {
      match: SEARCH,
      set: { team: 'search' },
      from: '2026-10-01T00:00:00.000Z',
      to: null,
      source: 'api',
      reason: 'theirs',
      assigned_at: NOW,
      assigned_by: 'admin',
      removed_at: null,
    }
    expect(answer).toMatchObject({
      status: 201,
      body: { ...view, ended: null, acked: ['worker-1'] },
    })
    expect(published()).toEqual([
      { match: { principal: SEARCH }, set: view.set, from: view.from, to: null, letsIn: false },
    ])
    expect(itemsOf(await admin.get('owners'))).toMatchObject([view])
    expect(await plane.apiDeps.owners.ownersInForce()).toEqual(published())
  })

  it('[C240] a re-organisation on the 14th does not repaint the 13th', async () => {
    const first = await assign({})
    const second = await assign({ set: { team: 'platform' }, from: '2026-10-14' })
    expect(second).toMatchObject({ status: 201, body: { ended: first.body['owner_id'] } })
    expect(teamAt('2026-10-13T23:59:59.999Z')).toBe('search')
    expect(teamAt('2026-10-14T00:00:00Z')).toBe('platform')
    expect(itemsOf(await admin.get('owners'))).toMatchObject([
      { set: { team: 'search' }, to: '2026-10-14T00:00:00.000Z' },
      { set: { team: 'platform' }, to: null },
    ])
    expect(await trail()).toMatchObject([
      { action: 'owner.assign', subject: SEARCH, before: { set: { team: 'search' }, to: null } },
      { action: 'owner.assign', subject: SEARCH, before: null },
    ])
  })

  it('[C240] said again is said to the workers again, and nothing else', async () => {
    const first = await assign({})
    const again = await assign({ match: { principal: SEARCH }, from: '2026-10-01T02:00:00+02:00' })
    expect(again).toMatchObject({ status: 201, body: { owner_id: first.body['owner_id'] } })
    expect(await trail()).toHaveLength(1)
    expect(plane.broadcasts.length).toBe(2)
  })

  it('[C240] an overlap of the same match is refused, and says with what', async () => {
    const first = await assign({ to: '2026-11-01' })
    for (const part of [{ from: '2026-10-14' }, { from: '2026-09-01' }, { to: '2026-10-20' }]) {
      const refused = await assign({ set: { team: 'platform' }, ...part })
      expect(refused).toMatchObject({ status: 409, body: { code: 'owner_exists' } })
      expect(refused.body['detail']).toContain(
        `belongs to team=search from 2026-10-01T00:00:00.000Z until 2026-11-01T00:00:00.000Z (${String(first.body['owner_id'])})`,
      )
    }
    expect(published()).toHaveLength(1)
    expect((await assign({ set: { team: 'platform' }, from: '2026-11-01' })).status).toBe(201)
  })

  it('[C240] the narrower match is believed, whichever was assigned first', async () => {
    await assign({ match: 'arn:aws:sts::*', set: { team: 'everybody', environment: 'prod' } })
    await assign({ match: { account: '123456789012' }, set: { team: 'account' } })
    await assign({})
    expect(teamAt(NOW, { principalArn: WHO, accountId: '123456789012' })).toBe('search')
    expect(teamAt(NOW, { accountId: '123456789012' })).toBe('account')
  })

  it('[C241] removed with an instant ends then; removed without goes whole, and stays in the books', async () => {
    const { body } = await assign({})
    const ended = await remove(body['owner_id'], { from: '2026-10-10', reason: 'shut down' })
    expect(ended).toMatchObject({
      status: 200,
      body: { to: '2026-10-10T00:00:00.000Z', removed_at: null },
    })
    expect(teamAt('2026-10-09T23:00:00Z')).toBeUndefined() // Over for more than a day: no call asks for it.
    const [kept] = await plane.apiDeps.owners.ownersInForce()
    expect(kept?.to).toBe('2026-10-10T00:00:00.000Z')
    const late = await remove(body['owner_id'], { from: '2026-10-20' })
    expect(late).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    const gone = await remove(body['owner_id'], { reason: 'a mistake' })
    expect(gone).toMatchObject({ status: 200, body: { removed_at: NOW, removed_by: 'admin' } })
    expect(await plane.apiDeps.owners.ownersInForce()).toEqual([])
    expect(itemsOf(await admin.get('owners'))).toEqual([])
    expect(itemsOf(await admin.get('owners?removed=true'))).toMatchObject([{ removed_by: 'admin' }])
    expect(await remove(body['owner_id'])).toMatchObject({
      status: 404,
      body: { code: 'owner_unknown' },
    })
    expect(await trail()).toMatchObject([
      { action: 'owner.remove', reason: 'a mistake' },
      { action: 'owner.end', reason: 'shut down', after: { to: '2026-10-10T00:00:00.000Z' } },
      { action: 'owner.assign' },
    ])
  })

  it('[C241] ended before it began, nothing of it is left', async () => {
    const { body } = await assign({ from: '2027-01-01' })
    expect(await remove(body['owner_id'], { from: '2026-11-01' })).toMatchObject({
      body: { removed_at: NOW },
    })
  })

  it('[C242] the file’s are read-only, come first, and are not contradicted', async () => {
    const rule = { match: { principal: SEARCH }, set: { team: 'file' }, from: null, to: null }
    plane.declared.owners = [rule]
    expect(itemsOf(await admin.get('owners'))).toMatchObject([
      { owner_id: 'file:0', source: 'file', match: SEARCH, assigned_by: null },
    ])
    expect(await remove('file:0')).toMatchObject({
      status: 409,
      body: { code: 'declared_in_file' },
    })
    const refused = await assign({})
    expect(refused).toMatchObject({ status: 409, body: { code: 'declared_in_file' } })
    expect(refused.body['detail']).toContain('owners[0]')
    // Another dimension adds to it, and another time is another time.
    expect((await assign({ set: { cost_center: 'cc-1' } })).status).toBe(201)
    plane.declared.owners = [{ ...rule, to: '2026-10-01' }]
    expect((await assign({ match: { principal: `${SEARCH}*` } })).status).toBe(201)
  })

  it('[C242] a file that contradicts an assigned owner, or drops its dimension, is refused at a reload', async () => {
    await plane.store.write(({ assignedOwners }) =>
      assignedOwners.insert({
        ownerId: 'o1',
        match: { principal: SEARCH },
        set: { planet: 'mars' },
        from: '2026-10-01T00:00:00.000Z',
        to: null,
        reason: null,
        assignedAt: NOW,
        assignedBy: 'admin',
      }),
    )
    const dimensions = [...DEFAULT_DIMENSION_RULES, defaultRule('planet')]
    expect(await plane.publisher.check({ ...plane.declared, dimensions })).toEqual([])
    const gone = await plane.publisher.check(plane.declared)
    expect(gone).toMatchObject([{ path: 'dimensions' }])
    expect(gone[0]?.message).toContain('owner o1')
    const venus = { match: { principal: SEARCH }, set: { planet: 'venus' }, from: null, to: null }
    const declared = { ...plane.declared, dimensions, owners: [venus] }
    expect(await plane.publisher.check(declared)).toMatchObject([{ path: 'owners[0].set.planet' }])
    const before = { ...venus, to: '2026-10-01' }
    expect(await plane.publisher.check({ ...declared, owners: [before] })).toEqual([])
  })

  it('[C242] what is over stands in no file’s way, and leaves the policy a day later', async () => {
    await assign({ to: '2026-10-15' })
    expect(published()).toHaveLength(1)
    plane.advance(2 * MS_PER_DAY)
    await plane.publisher.publish()
    expect(published()).toEqual([])
    const file = { match: { principal: SEARCH }, set: { team: 'file' }, from: null, to: null }
    expect(await plane.publisher.check({ ...plane.declared, owners: [file] })).toEqual([])
    expect(await plane.apiDeps.owners.ownersInForce()).toHaveLength(1)
  })

  it('[C240] reach the workers of another node on the same store', async () => {
    const other = plane.newPublisher()
    await plane.publisher.publish()
    await other.publish()
    await assign({})
    await other.follow()
    expect(other.current()?.policy.owners).toHaveLength(1)
  })

  it.each([
    [{ set: {} }, ['set']],
    [{ set: { planet: 'mars', team: 'a\u0000b' } }, ['set.planet', 'set.team']],
    [{ set: { team: 'unknown' } }, ['set.team']],
    [{ match: 'search-api' }, ['match']],
    [{ match: { account: 'x' } }, ['match.account']],
    [{ match: { account: '1', project: 'x' } }, ['match']],
    [{ match: { planet: 'x' }, from: 'yesterday' }, ['from', 'match']],
    [{ from: '2026-10-01T00:00' }, ['from']],
    [{ from: '2026-10-02', to: '2026-10-01' }, ['to']],
  ])('[C240] %j is refused with every fault', async (part, paths) => {
    const answer = await assign(part)
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    const errors = answer.body['errors'] as { path: string }[]
    expect(errors.map(({ path }) => path).toSorted()).toEqual(paths)
    expect(plane.broadcasts).toEqual([])
  })

  it('[C243] finance assigns; a lead and a viewer see what is set to their own, and change nothing', async () => {
    const finance = await createPerson(plane, 'fay', 'finance')
    expect((await assign({}, finance)).status).toBe(201)
    await assign({ match: { account: '1*' }, set: { team: 'research' } })
    for (const role of ['lead', 'viewer'] as const) {
      const person = await createPerson(plane, `the-${role}`, role, { team: 'search' })
      expect(itemsOf(await person.get('owners'))).toMatchObject([{ set: { team: 'search' } }])
      expect((await assign({ from: '2026-12-01' }, person)).status).toBe(403)
    }
  })
})
