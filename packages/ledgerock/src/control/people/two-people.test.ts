// Where two people are asked for, whoever can be both is one.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { budgetWith } from '../testing/budget.ts'
import { ORIGIN, startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createPerson, firstAdmin, withToken, type Answer, type Person } from '../testing/people.ts'

let plane: ControlPlane
let first: Person
beforeEach(async () => {
  plane = await startControlPlane()
  plane.declared.budgets = [budgetWith()]
  first = firstAdmin(plane)
})
afterEach(() => plane.stop())

const KINDS = [
  ['access/requests', 'access/requests', { model: 'amazon.nova-pro-v1:0', scope: {} }],
  ['budgets/search-monthly/raises/requests', 'budgets/raises/requests', { amount_usd: '5' }],
] as const

async function decided(
  [asking, deciding, wish]: readonly [string, string, object],
  asker: Person,
  decider: Person,
  how = 'approve',
): Promise<Answer> {
  const asked = await asker.send('POST', asking, { ...wish, until: '2d', reason: 'a trial' })
  expect(asked.status).toBe(201)
  const path = `${deciding}/${String(asked.body['request_id'])}/${how}`
  return decider.send('POST', path, { reason: 'yes' })
}
const SAME = { status: 409, body: { code: 'same_person' } }
const tokenFor = async (maker: Person, user: string): Promise<Person> =>
  withToken(plane, String((await maker.send('POST', 'tokens', { user })).body['token']))

/** Logged in by a link that `maker` made. */
async function sessionFor(maker: Person, user: string): Promise<Person> {
  const { body } = await maker.send('POST', `users/${user}/links`)
  const headers = {
    host: new URL(ORIGIN).host,
    origin: ORIGIN,
    'content-type': 'application/json',
  }
  const opened = await plane.api.request('/api/v1/session', {
    method: 'POST',
    headers,
    body: JSON.stringify({ code: String(body['url']).split('#code=')[1] }),
  })
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const send: Person['send'] = async (method, path, sent) => {
    const response = await plane.api.request(`/api/v1/${path}`, {
      method,
      headers: { ...headers, cookie },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    })
    return { status: response.status, body: (await response.json()) as Answer['body'] }
  }
  return { send, get: (path) => send('GET', path) }
}

describe.each(KINDS)('a request at %s', (...kind) => {
  it('[C132] is not approved with an account that its asker made', async () => {
    const boss = await createPerson(plane, 'boss', 'admin')
    await boss.send('POST', 'users', { name: 'puppet', role: 'admin' })
    const puppet = await tokenFor(first, 'puppet')
    expect(await decided(kind, boss, puppet)).toMatchObject(SAME)
    expect(await decided(kind, boss, puppet, 'deny')).toMatchObject({ status: 200 })
    expect(await decided(kind, puppet, boss)).toMatchObject({ status: 200 })
  })

  it('[C132] is not approved with a token or link its asker made, nor with what those made', async () => {
    const boss = await createPerson(plane, 'boss', 'admin')
    const other = await createPerson(plane, 'other', 'admin')
    const byToken = await tokenFor(boss, 'other')
    const bySession = await sessionFor(boss, 'other')
    const pretended = [
      byToken,
      bySession,
      await tokenFor(byToken, 'other'),
      await tokenFor(bySession, 'other'),
      await sessionFor(byToken, 'other'),
    ]
    for (const one of pretended) expect(await decided(kind, boss, one)).toMatchObject(SAME)
    // The true one has a token that somebody else made, and is not worse off for what was done.
    expect(await decided(kind, boss, other)).toMatchObject({ status: 200 })
  })

  it('[C133] is decided by its asker only where there is no other admin, and the trail says so', async () => {
    expect(await decided(kind, first, first)).toMatchObject({ status: 200 })
    const entries = await plane.store.read.audit.entries(0, 100)
    expect(entries.find(({ action }) => action.endsWith('.approve'))?.after).toMatchObject({
      state: 'approved',
      only_admin: true,
    })
    await createPerson(plane, 'boss', 'admin')
    expect(await decided(kind, first, first)).toMatchObject(SAME)
  })
})
