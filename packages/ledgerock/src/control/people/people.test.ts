import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { ok } from '../../kernel/result.ts'
import { ensureAdminToken } from './admin-token.ts'
import { EXAMPLE_CALL } from '../api/call-schema.ts'
import { createApi } from '../api.ts'
import type { Role } from './roles.ts'
import { NOW, ORIGIN, startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

type Json = Record<string, unknown>
const json = async (response: Response | Promise<Response>): Promise<Json> =>
  (await (await response).json()) as Json
const items = async (path: string): Promise<readonly Json[]> =>
  (await json(plane.get(path)))['items'] as readonly Json[]

const makeUser = (name: string, role: Role, scope?: unknown) =>
  plane.send('POST', '/api/v1/users', { name, role, ...(scope === undefined ? {} : { scope }) })
async function makeToken(user: string, expires?: string): Promise<{ id: string; token: string }> {
  const body = expires === undefined ? { user } : { user, expires }
  const made = await json(plane.send('POST', '/api/v1/tokens', body))
  return { id: made['token_id'] as string, token: made['token'] as string }
}
const askAs = async (token: string, path: string, init: RequestInit = {}) =>
  plane.api.request(path, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
const sendAs = (token: string, method: string, path: string, body: unknown = {}) =>
  askAs(token, path, { method, body: JSON.stringify(body) })
const errorPaths = (problem: Json) => (problem['errors'] as { path: string }[]).map((e) => e.path)

async function cookieOf(user: string): Promise<Record<string, string>> {
  const { url } = await json(plane.send('POST', `/api/v1/users/${user}/links`))
  const host = new URL(ORIGIN).host
  const opened = await plane.api.request('/api/v1/session', {
    method: 'POST',
    headers: { host, origin: ORIGIN, 'content-type': 'application/json' },
    body: JSON.stringify({ code: String(url).split('#code=')[1] }),
  })
  expect(opened.status).toBe(200)
  return { host, cookie: (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '' }
}

describe('users', () => {
  it('[C41] lead and viewer have a scope of declared dimensions, the others none', async () => {
    const mia = { name: 'mia', role: 'lead', scope: { team: ['search', 'support'] } }
    const scope = { team: ['support', 'search', 'search'] }
    const made = await makeUser('mia', 'lead', scope)
    expect(made.status).toBe(201)
    expect(await json(made)).toEqual({ ...mia, created_at: NOW, disabled_at: null })
    expect((await makeUser('vi', 'viewer', { team: 'search' })).status).toBe(201)
    expect((await makeUser('fin', 'finance', {})).status).toBe(201)
    expect(await items('/api/v1/users')).toMatchObject([
      { name: 'admin', role: 'admin', scope: null },
      { name: 'fin', role: 'finance', scope: null },
      mia,
      { name: 'vi', role: 'viewer', scope: { team: ['search'] } },
    ])
  })

  it.each([
    ['lead', undefined, ['scope']],
    ['viewer', {}, ['scope']],
    ['lead', { tean: 'search', feature: [], team: '', tenant_id: 'unknown' }, 4],
    ['viewer', { team: ['ok', 'a\u0000b'] }, ['scope.team']],
    ['admin', { team: 'search' }, ['scope']],
    ['finance', { team: 'search' }, ['scope']],
  ] as const)('[C41] refuses %s with the scope %j', async (role, scope, faults) => {
    const problem = await json(makeUser('x', role, scope))
    expect(problem).toMatchObject({ status: 400, code: 'invalid_request' })
    if (typeof faults === 'number') expect(errorPaths(problem)).toHaveLength(faults)
    else expect(errorPaths(problem)).toEqual(faults)
    expect(await items('/api/v1/users')).toHaveLength(1)
  })

  it('[C41] a scope over what is declared no more shows nothing and says why', async () => {
    await makeUser('mia', 'viewer', { feature: 'answers' })
    const { token } = await makeToken('mia')
    const api = createApi({ ...plane.apiDeps, dimensions: () => ['team'] })
    for (const path of ['spend', 'calls', `calls/${EXAMPLE_CALL.call_id}`, 'calls/stream']) {
      const headers = { authorization: `Bearer ${token}` }
      const answer = await api.request(`/api/v1/${path}`, { headers })
      expect(await json(answer)).toMatchObject({
        status: 403,
        detail: expect.stringContaining('feature') as unknown,
      })
    }
    expect(plane.ledger.asked).toEqual([])
  })

  it('[C41] nobody whose role sees a part sees anything without a scope', async () => {
    for (const scope of [null, {}]) {
      const inProcess = { name: 'x', role: 'viewer', scope, by: 'in-process' } as const
      for (const path of ['spend', 'calls', 'keys', 'calls/stream']) {
        const answer = await plane.api.request(`/api/v1/${path}`, {}, { inProcess })
        expect(answer.status).toBe(403)
      }
    }
    expect(plane.ledger.asked).toEqual([])
  })

  it('[C42] a name is given out once, and not to look like Ledgerock itself', async () => {
    await makeUser('joe', 'finance')
    await plane.send('POST', '/api/v1/users/joe/disable')
    expect(await json(makeUser('joe', 'finance'))).toMatchObject({ code: 'user_name_taken' })
    for (const name of ['system', 'command-line', '', 'a b', '-x', 'x'.repeat(129)]) {
      expect(errorPaths(await json(makeUser(name, 'finance')))).toEqual(['name'])
    }
    expect((await makeUser('joe+new@example.com', 'finance')).status).toBe(201)
  })

  it('[C42] the last admin stays, also when two disable each other at once', async () => {
    const last = await plane.send('DELETE', '/api/v1/users/admin')
    expect(await json(last)).toMatchObject({ status: 409, code: 'last_admin' })
    await makeUser('second', 'admin')
    const both = await Promise.all(
      ['admin', 'second'].map((name) => plane.apiDeps.users.disable('test', name, null)),
    )
    expect(both.map((done) => done.ok)).toEqual([true, false])
    expect(await ensureAdminToken(plane.tokenDeps, plane.tokenPath)).toBe('kept')
    expect(readFileSync(plane.tokenPath, 'utf8').trim()).toBe(plane.token)
    expect((await plane.get('/api/v1/spend')).status).toBe(401)
  })

  it('[C42] unknown users are 404', async () => {
    for (const [method, path] of [
      ['POST', 'users/nobody/disable'],
      ['DELETE', 'users/nobody'],
      ['POST', 'users/nobody/links'],
      ['DELETE', 'tokens/nothing'],
    ] as const) {
      expect((await plane.send(method, `/api/v1/${path}`)).status).toBe(404)
    }
    const token = await plane.send('POST', '/api/v1/tokens', { user: 'nobody' })
    expect(await json(token)).toMatchObject({ status: 404, code: 'user_unknown' })
  })
})

/** Reads the stream's first words, lets `end` happen and says what else comes until it is over. */
async function streamAfter(headers: Record<string, string>, end: () => Promise<unknown>) {
  const response = await plane.api.request('/api/v1/calls/stream', { headers })
  expect(response.status).toBe(200)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  await end()
  plane.ledger.records = [...plane.ledger.records, { ...EXAMPLE_CALL, seq: 77 }]
  let text = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return text
    text += Buffer.from(value).toString()
  }
}

describe('the end of access', () => {
  beforeEach(async () => {
    await makeUser('mia', 'viewer', { team: 'search' })
    plane.advance(1)
  })

  it('[C43] a disabled user has no token, session or code that works', async () => {
    const { token } = await makeToken('mia')
    const session = await cookieOf('mia')
    const { url } = await json(plane.send('POST', '/api/v1/users/mia/links'))
    const ask = (headers: Record<string, string>) =>
      plane.api.request('/api/v1/session', { headers })
    expect((await askAs(token, '/api/v1/spend')).status).toBe(200)
    expect(await json(ask(session))).toMatchObject({ user: 'mia', scope: { team: ['search'] } })
    expect((await plane.send('DELETE', '/api/v1/users/mia')).status).toBe(200)
    expect((await askAs(token, '/api/v1/spend')).status).toBe(401)
    expect((await ask(session)).status).toBe(401)
    expect(await plane.access.openSession(String(url).split('#code=')[1] ?? '')).toBeNull()
    expect((await plane.send('POST', '/api/v1/users/mia/links')).status).toBe(404)
    expect((await plane.send('POST', '/api/v1/tokens', { user: 'mia' })).status).toBe(404)
    expect(await items('/api/v1/tokens')).toMatchObject([
      { user: 'mia', state: 'user_disabled' },
      { user: 'admin', state: 'active' },
    ])
  })

  it('[C43] a revoked token works no more, nor a session it may have bought', async () => {
    const { id, token } = await makeToken('mia')
    const other = await makeToken('mia')
    const session = await cookieOf('mia')
    const revoked = await json(plane.send('POST', `/api/v1/tokens/${id}/revoke`))
    expect(revoked).toMatchObject({ token_id: id, state: 'revoked' })
    expect((await askAs(token, '/api/v1/spend')).status).toBe(401)
    expect((await askAs(other.token, '/api/v1/spend')).status).toBe(200)
    const asked = await plane.api.request('/api/v1/session', { headers: session })
    expect(asked.status).toBe(401)
    plane.advance(5)
    const again = await json(plane.send('DELETE', `/api/v1/tokens/${id}`))
    expect(again).toEqual(revoked)
  })

  it('[C43] a token ends when it was said to', async () => {
    const { token } = await makeToken('mia', '12h')
    plane.advance(12 * 3_600_000 - 1)
    expect((await askAs(token, '/api/v1/spend')).status).toBe(200)
    plane.advance(1)
    expect((await askAs(token, '/api/v1/spend')).status).toBe(401)
    for (const expires of ['2026-10-14', 'soon', '-1d']) {
      const refused = await plane.send('POST', '/api/v1/tokens', { user: 'mia', expires })
      expect(errorPaths(await json(refused))).toEqual(['expires'])
    }
  })

  it.each(['disabled user', 'revoked token', 'expired token', 'ended session'])(
    '[C43] an open stream ends with its %s and tells nothing more',
    async (what) => {
      const { id, token } = await makeToken('mia', '2026-10-14T12:01:00Z')
      const session = await cookieOf('mia')
      const bearer = { authorization: `Bearer ${token}` }
      const ended = await streamAfter(what === 'ended session' ? session : bearer, async () => {
        if (what === 'disabled user') await plane.send('DELETE', '/api/v1/users/mia')
        else if (what === 'revoked token') await plane.send('DELETE', `/api/v1/tokens/${id}`)
        else if (what === 'expired token') plane.advance(60_000)
        else await plane.access.closeSession(session['cookie']?.split('=')[1] ?? '')
      })
      expect(ended).not.toContain('event: call')
    },
  )
})

describe('a stream', () => {
  it('[C40] never names the place of a call that its listener may not know of', async () => {
    await makeUser('mia', 'viewer', { team: 'search' })
    const { token } = await makeToken('mia')
    const own = [1, 2, 3, 4].map((seq) => ({ ...EXAMPLE_CALL, seq }))
    const callsSince: ControlPlane['ledger']['callsSince'] = async ({ cursor, limit }) => {
      if (cursor === null) return ok({ items: [], cursor: 'foreign' })
      const start = cursor === 'foreign' ? 0 : Number(cursor)
      const some = own.slice(start, start + limit)
      return ok({ items: some, cursor: some.length === 0 ? cursor : String(start + some.length) })
    }
    const api = createApi({ ...plane.apiDeps, ledger: { ...plane.ledger, callsSince } })
    const headers = { authorization: `Bearer ${token}` }
    const response = await api.request('/api/v1/calls/stream', { headers })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    let text = ''
    while (!text.includes('"seq":4')) {
      text += Buffer.from((await reader.read()).value ?? []).toString()
    }
    await reader.cancel()
    expect(text).not.toContain('foreign')
    expect([...text.matchAll(/"seq":(\d)/g)].map(([, seq]) => seq)).toEqual(['1', '2', '3', '4'])
  })
})

describe('tokens', () => {
  it('[C44] are shown once and kept nowhere', async () => {
    await makeUser('mia', 'viewer', { team: 'search' })
    const { id, token } = await makeToken('mia', '90d')
    expect(await items('/api/v1/tokens')).toContainEqual({
      token_id: id,
      token_prefix: token.slice(0, 16),
      name: 'api',
      user: 'mia',
      state: 'active',
      created_at: NOW,
      expires_at: '2027-01-12T12:00:00.000Z',
      revoked_at: null,
    })
    const kept = JSON.stringify([
      await items('/api/v1/tokens'),
      await plane.store.read.audit.entries(0, 100),
      await plane.store.read.access.tokens(),
    ])
    expect(kept).not.toContain(token.slice(17))
  })
})

describe('keys of a part', () => {
  let lead: string
  beforeEach(async () => {
    await makeUser('mia', 'lead', { team: ['search', 'support'], environment: 'prod' })
    lead = (await makeToken('mia')).token
    for (const [name, bind] of [
      ['search-prod', { team: 'search', environment: 'prod', feature: 'x' }],
      ['search-test', { team: 'search', environment: 'test' }],
      ['search-any', { team: 'search' }],
      ['unbound', {}],
    ] as const) {
      await plane.send('POST', '/api/v1/keys', { name, bind })
    }
  })

  it('[C45] are all that a lead or viewer sees', async () => {
    await makeUser('vi', 'viewer', { team: 'search' })
    const names = async (token: string) =>
      ((await json(askAs(token, '/api/v1/keys')))['items'] as Json[]).map((key) => key['name'])
    expect(await names(lead)).toEqual(['search-prod'])
    expect(await names((await makeToken('vi')).token)).toEqual([
      'search-any',
      'search-prod',
      'search-test',
    ])
  })

  it('[C45] a lead makes keys that bind every dimension of the scope to a value of it', async () => {
    for (const [bind, faults] of [
      [{}, ['bind.team', 'bind.environment']],
      [{ team: 'search' }, ['bind.environment']],
      [{ team: 'ads', environment: 'prod' }, ['bind.team']],
      [{ team: 'SEARCH', environment: 'prod' }, ['bind.team']],
    ] as const) {
      const refused = await json(sendAs(lead, 'POST', '/api/v1/keys', { name: 'k', bind }))
      expect(refused).toMatchObject({ status: 403, code: 'forbidden' })
      expect(new Set(errorPaths(refused))).toEqual(new Set(faults))
    }
    const bind = { team: 'support', environment: 'prod', application: 'chat' }
    const made = await sendAs(lead, 'POST', '/api/v1/keys', { name: 'k', bind })
    expect(made.status).toBe(201)
    expect((await sendAs(lead, 'POST', '/api/v1/keys/k/rotate')).status).toBe(200)
    expect((await sendAs(lead, 'DELETE', '/api/v1/keys/k')).status).toBe(200)
  })

  it('[C45] a key outside is to a lead like one that never was', async () => {
    for (const [method, route] of [
      ['POST', 'rotate'],
      ['POST', 'revoke'],
      ['DELETE', ''],
    ] as const) {
      const ask = (name: string) =>
        json(sendAs(lead, method, `/api/v1/keys/${name}/${route}`.replace(/\/$/, '')))
      const never = await ask('never')
      expect(never).toMatchObject({ status: 404, code: 'key_unknown' })
      for (const name of ['search-test', 'search-any', 'unbound']) {
        const text = JSON.stringify(await ask(name)).replaceAll(name, 'never')
        expect(JSON.parse(text)).toEqual(never)
      }
    }
    const states = (await items('/api/v1/keys')).map((key) => key['state'])
    expect(states).toEqual(['active', 'active', 'active', 'active'])
  })
})
