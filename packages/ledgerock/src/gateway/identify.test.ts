import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { OwnerRule } from '../attribution/owner-rule.ts'
import { readClientHeaders } from '../attribution/client-headers.ts'
import type { IdentityVerdict } from '../aws/identity-verifier.ts'
import { sealPolicy } from '../governance/policy-envelope.ts'
import { digestOfSecret } from '../governance/credential/secret-digest.ts'
import { sampleKey, samplePolicy } from '../governance/testing/sample-policy.ts'
import { mustOk } from '../kernel/result.ts'
import { createSealer } from '../platform/sealing.ts'
import { activatePolicy } from './active-policy.ts'
import { identify } from './identify.ts'
import type { GatewayRequest } from './server/gateway-request.ts'

const pepper = createSecretKey(Buffer.alloc(32, 3))
const sealing = createSealer(pepper, (bytes) => Buffer.alloc(bytes))
const SECRET = 'a-secret-of-the-search-team-0123456789'
const key = sampleKey('search', digestOfSecret(pepper, SECRET).toString('hex'), {
  bind: { team: 'search' },
  region: 'eu-west-1',
})

function policyOf(mode: 'deny' | 'record') {
  const anonymous = { mode, from: ['10.0.0.0/8'] }
  const partner: OwnerRule = {
    match: { account: '888888888888' },
    set: { team: 'partner' },
    from: null,
    to: null,
  }
  const assigned: OwnerRule = { ...partner, match: { account: '777777777777' }, letsIn: false }
  const owners = [partner, assigned]
  const envelope = sealPolicy(samplePolicy({ keys: [key], anonymous, owners }))
  return mustOk(activatePolicy(null, envelope, { pepper, sealing }))
}

function ask(
  headers: Record<string, string>,
  verdict: IdentityVerdict | Promise<IdentityVerdict> = {
    kind: 'refused',
    reason: 'not_configured',
  },
  mode: 'deny' | 'record' = 'record',
  remoteAddress = '10.1.2.3',
) {
  const policy = policyOf(mode)
  const rawHeaders = Object.entries(headers).flat()
  const client = readClientHeaders(rawHeaders, policy.rules)
  const request = {
    method: 'POST',
    url: '/model/x/invoke',
    rawHeaders,
    socket: { remoteAddress },
  } as unknown as GatewayRequest
  const deps = { identities: { verify: () => verdict }, ownAccounts: () => OWN }
  return identify(policy, deps, client, request, Date.now())
}

const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` })
const identityHeader = { 'x-ledgerock-aws-identity': 'e30' }
const OWN = new Set(['123456789012'])
const verified: IdentityVerdict = {
  kind: 'verified',
  principalArn: 'arn:aws:sts::123456789012:assumed-role/search-api/i-0a',
  accountId: '123456789012',
  expiresAtMs: 2_000_000_000_000,
}

describe('identify', () => {
  it('[Y12] a key is its caller, with what it binds and its region', () => {
    expect(ask(bearer(SECRET))).toMatchObject({
      ok: true,
      caller: { kind: 'key', keyName: 'search', bind: { team: 'search' }, region: 'eu-west-1' },
      confirm: null,
    })
  })

  it('[Y12] nobody is anonymous but who presents nothing from a listed network', () => {
    expect(ask({})).toMatchObject({ ok: true, caller: { kind: 'anonymous', keyName: null } })
    const refused = { ok: false, code: 'credential' }
    expect(ask({}, undefined, 'deny')).toMatchObject({ ...refused, reason: 'none' })
    expect(ask({}, undefined, 'record', '192.0.2.1')).toMatchObject(refused)
    for (const headers of [
      bearer('a-secret-nobody-has-0123456789abcdefgh'),
      { authorization: 'Basic dXNlcjpwYXNz' },
      { authorization: '' },
      { 'x-api-key': '' },
      { authorization: 'AWS4-HMAC-SHA256 Credential=x' },
      { ...bearer(SECRET), 'x-api-key': 'another-secret-0123456789-0123456789' },
      identityHeader,
    ]) {
      expect(ask(headers)).toMatchObject(refused)
    }
  })

  it('[Y12] an AWS identity is its principal, with its kind', () => {
    expect(ask(identityHeader, verified)).toMatchObject({
      ok: true,
      caller: {
        kind: 'aws_identity',
        keyName: null,
        principalArn: verified.principalArn,
        principalKind: 'role_session',
        accountId: '123456789012',
        bind: null,
      },
    })
  })

  it('[Y12] an AWS identity of an account nobody here knows is refused, unless an owner rule knows it', () => {
    const stranger = {
      ...verified,
      accountId: '999999999999',
      principalArn: 'arn:aws:iam::999999999999:user/mallory',
    }
    expect(ask(identityHeader, stranger)).toMatchObject({
      ok: false,
      code: 'credential',
      reason: 'account',
    })
    const partner = {
      ...verified,
      accountId: '888888888888',
      principalArn: 'arn:aws:iam::888888888888:user/partner',
    }
    expect(ask(identityHeader, partner)).toMatchObject({ ok: true })
  })

  it('[C243] an owner rule that opens no door owns the calls of a stranger and lets none in', () => {
    const accountId = '777777777777'
    const principalArn = `arn:aws:iam::${accountId}:user/joe`
    expect(ask(identityHeader, { ...verified, accountId, principalArn })).toMatchObject({
      ok: false,
      reason: 'account',
    })
    const what = { accountId, principalArn, profile: null, project: null, keyName: null }
    expect(policyOf('deny').owners.ownerOf(what, Date.now())).toEqual({ team: 'partner' })
  })

  it('[Y17] only an identity seen for the first time is waited for, and STS being down is no wrong credential', async () => {
    expect(ask(identityHeader, verified)).not.toBeInstanceOf(Promise)
    const asked = ask(identityHeader, Promise.resolve(verified))
    expect(asked).toBeInstanceOf(Promise)
    await expect(asked).resolves.toMatchObject({ ok: true })
    const down = ask(identityHeader, Promise.reject(new Error('sts is down')))
    await expect(down).resolves.toMatchObject({ ok: false, code: 'identity_unavailable' })
  })
})
