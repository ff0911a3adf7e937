import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mintKey, mintSecret, parseKey } from '../../governance/credential/key-format.ts'
import { LOGIN_CODE_LIFETIME_MS, SESSION_LIFETIME_MS } from './access.ts'
import { ensureAdminToken } from './admin-token.ts'
import { createApi } from '../api.ts'
import { ORIGIN, startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

const zeros = (bytes: number): Uint8Array => new Uint8Array(bytes)
const HOST = new URL(ORIGIN).host
const spendWith = (headers: Record<string, string>) =>
  plane.api.request('/api/v1/spend', { headers })
const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as Record<string, unknown>)['code']

async function logIn(headers: Record<string, string> = {}): Promise<Response> {
  const link = await plane.send('POST', '/api/v1/session/links')
  const { url } = (await link.json()) as { url: string }
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:8081\/#code=[0-9A-Za-z]{43}$/)
  return postCode(url.split('#code=')[1] as string, headers)
}
function postCode(code: string, headers: Record<string, string> = {}): Promise<Response> {
  return Promise.resolve(
    plane.api.request('/api/v1/session', {
      method: 'POST',
      headers: { host: HOST, origin: ORIGIN, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ code }),
    }),
  )
}
const cookieOf = (response: Response): string =>
  (response.headers.get('set-cookie') ?? '').split(';')[0] as string

describe('admin token', () => {
  it('[C30] is made once, private, and kept while it works', async () => {
    expect(statSync(plane.tokenPath).mode & 0o777).toBe(0o600)
    expect(parseKey(plane.token)?.kind).toBe('lra')
    expect(await ensureAdminToken(plane.tokenDeps, plane.tokenPath)).toBe('kept')
    expect(readFileSync(plane.tokenPath, 'utf8').trim()).toBe(plane.token)
  })

  it.each(['missing', 'of another store', 'damaged'])('[C30] is replaced when %s', async (how) => {
    if (how === 'missing') rmSync(plane.tokenPath)
    const other = mintKey(zeros, 'lra').text
    if (how !== 'missing') writeFileSync(plane.tokenPath, how === 'damaged' ? 'x' : other)
    expect(await ensureAdminToken(plane.tokenDeps, plane.tokenPath)).toBe('made')
    const token = readFileSync(plane.tokenPath, 'utf8').trim()
    expect((await spendWith({ authorization: `Bearer ${token}` })).status).toBe(200)
  })
})

describe('bearer tokens', () => {
  it('[C31] open the API; anything else is 401', async () => {
    const { id } = parseKey(plane.token) as { id: string }
    expect((await spendWith({ authorization: `Bearer ${plane.token}` })).status).toBe(200)
    expect((await spendWith({ authorization: `bearer ${plane.token} ` })).status).toBe(200)
    for (const authorization of [
      '',
      'Bearer',
      'Bearer x',
      `Basic ${plane.token}`,
      `Bearer ${mintSecret(zeros, id, 'lra').text}`,
      `Bearer ${mintKey(zeros, 'lra').text}`,
      `Bearer ${plane.token.replace('lra_', 'lrk_')}`,
    ]) {
      const refused = await spendWith({ authorization })
      expect(refused.status).toBe(401)
      expect(refused.headers.get('www-authenticate')).toContain('Bearer')
      expect(await codeOf(refused)).toBe('unauthenticated')
    }
    expect((await spendWith({})).status).toBe(401)
    expect((await plane.api.request(`/api/v1/spend?key=${plane.token}`)).status).toBe(401)
  })

  it('[C31] a gateway key opens nothing here', async () => {
    const made = await plane.send('POST', '/api/v1/keys', { name: 'k' })
    const { key } = (await made.json()) as { key: string }
    expect((await spendWith({ authorization: `Bearer ${key}` })).status).toBe(401)
  })
})

describe('sessions', () => {
  it('[C32] a code buys one session, once, in time', async () => {
    const first = await plane.access.createLoginCode({ name: 'system' }, 'admin')
    const opened = await postCode(first.code)
    expect(opened.status).toBe(200)
    expect(await opened.json()).toMatchObject({ user: 'admin', role: 'admin', version: '0.1.0' })
    expect((await postCode(first.code)).status).toBe(401)
    const late = await plane.access.createLoginCode({ name: 'system' }, 'admin')
    plane.advance(LOGIN_CODE_LIFETIME_MS)
    expect((await postCode(late.code)).status).toBe(401)
    expect((await postCode('guess')).status).toBe(401)
    expect((await postCode('x'.repeat(600))).status).toBe(401)
  })

  it('[C32] the cookie cannot be read by scripts, sent across sites or used as a code', async () => {
    const opened = await logIn()
    const header = opened.headers.get('set-cookie') ?? ''
    expect(header).toMatch(/HttpOnly/)
    expect(header).toMatch(/SameSite=Strict/)
    expect(header).toMatch(/Path=\//)
    expect((await postCode(cookieOf(opened).split('=')[1] as string)).status).toBe(401)
  })

  it('[C32] over TLS the cookie is bound to the host', async () => {
    const origin = 'https://ledger.example'
    const secure = createApi({ ...plane.apiDeps, origins: () => [origin] })
    const { code } = await plane.access.createLoginCode({ name: 'system' }, 'admin')
    const opened = await secure.request('/api/v1/session', {
      method: 'POST',
      headers: { host: 'ledger.example', origin, 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    expect(opened.headers.get('set-cookie')).toMatch(/^__Host-ledgerock_session=.*Secure/)
  })

  it('[C32] lasts twelve hours, or until logging out', async () => {
    const cookie = cookieOf(await logIn())
    const headers = { host: HOST, cookie }
    expect((await spendWith(headers)).status).toBe(200)
    const me = await plane.api.request('/api/v1/session', { headers })
    expect(await me.json()).toMatchObject({ user: 'admin', expires_at: '2026-10-15T00:00:00.000Z' })
    const out = await plane.api.request('/api/v1/session', {
      method: 'DELETE',
      headers: { ...headers, origin: ORIGIN },
    })
    expect(out.status).toBe(204)
    expect((await spendWith(headers)).status).toBe(401)

    const other = { host: HOST, cookie: cookieOf(await logIn()) }
    plane.advance(SESSION_LIFETIME_MS)
    expect((await spendWith(other)).status).toBe(401)
  })

  it.each([
    ['another host name', { host: 'evil.example' }],
    ['no host', { host: '' }],
    ['another origin', { host: HOST, origin: 'http://evil.example' }],
    ['the origin null', { host: HOST, origin: 'null' }],
    ['another site', { host: HOST, 'sec-fetch-site': 'cross-site' }],
    ['another site of the same domain', { host: HOST, 'sec-fetch-site': 'same-site' }],
  ])('[C33] a cookie from %s is forbidden, also for reading and logging in', async (_, headers) => {
    const cookie = cookieOf(await logIn())
    const refused = await spendWith({ cookie, ...headers })
    expect(refused.status).toBe(403)
    expect(await codeOf(refused)).toBe('forbidden')
    expect((await logIn(headers)).status).toBe(403)
  })

  it('[C33] a change by cookie needs the Origin header', async () => {
    const cookie = cookieOf(await logIn())
    const change = (headers: Record<string, string>) =>
      plane.api.request('/api/v1/keys', {
        method: 'POST',
        headers: { host: HOST, cookie, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ name: 'k' }),
      })
    expect((await change({})).status).toBe(403)
    expect((await change({ origin: ORIGIN })).status).toBe(201)
  })

  it('[C33] a bad token is not overlooked in favour of a good cookie', async () => {
    const cookie = cookieOf(await logIn())
    const refused = await spendWith({ host: HOST, cookie, authorization: 'Bearer x' })
    expect(refused.status).toBe(401)
  })
})

const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } })

describe('metrics and health', () => {
  it('[C35] metrics are open to this machine and closed to others', async () => {
    for (const local of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) {
      const answer = await plane.api.request('/metrics', {}, from(local))
      expect(answer.status).toBe(200)
      expect(await answer.text()).toContain('up 1')
    }
    for (const remote of ['10.0.0.1', '::ffff:10.0.0.1', '128.0.0.1', '1127.0.0.1', '']) {
      expect((await plane.api.request('/metrics', {}, from(remote))).status).toBe(401)
    }
    expect((await plane.api.request('/metrics')).status).toBe(401)
    const remotely = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` }
      return (await plane.api.request('/metrics', { headers }, from('10.0.0.1'))).status
    }
    expect(await remotely(plane.token)).toBe(200)
    const scope = { team: 'search' }
    await plane.send('POST', '/api/v1/users', { name: 'mia', role: 'viewer', scope })
    const made = await plane.send('POST', '/api/v1/tokens', { user: 'mia' })
    expect(await remotely(((await made.json()) as { token: string }).token)).toBe(403)
  })

  it('[C35] health needs nobody’s word, readiness says what it waits for', async () => {
    expect((await plane.api.request('/health')).status).toBe(200)
    expect((await plane.api.request('/ready')).status).toBe(200)
    const waiting = { ready: false, checks: { ledger: 'starting' } }
    const starting = createApi({ ...plane.apiDeps, readiness: () => waiting })
    const answer = await starting.request('/ready')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toEqual(waiting)
  })
})
