import { STSClient } from '@aws-sdk/client-sts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk, type Result } from '../kernel/result.ts'
import { parseIdentityToken, type IdentityProblem, type IdentityRequest } from './identity-token.ts'
import { STS_HOSTS } from './sts-hosts.ts'
import { identityHeader } from './testing/identity-header.ts'
import {
  AUDIENCE,
  encodeProof,
  presignedProof,
  SIGNED_AT,
  signedProof,
  type Proof,
} from './testing/signed-identity.ts'

const MINUTE = 60_000

function parse(proof: unknown, nowMs = SIGNED_AT): Result<IdentityRequest, IdentityProblem> {
  return parseIdentityToken(encodeProof(proof), AUDIENCE, nowMs)
}

function problemOf(proof: unknown, nowMs = SIGNED_AT): IdentityProblem | 'accepted' {
  const parsed = parse(proof, nowMs)
  return parsed.ok ? 'accepted' : parsed.problem
}

describe('a proof of identity that is right', () => {
  it('[W5] signed by header: what is signed goes on, with a host, a body and an end', async () => {
    const proof = await signedProof()
    const request = mustOk(parse(proof))
    expect(request).toMatchObject({
      method: 'POST',
      host: 'sts.us-east-1.amazonaws.com',
      path: '/',
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
      expiresAtMs: SIGNED_AT + 15 * MINUTE,
    })
    expect(request.headers).toEqual({ accept: 'application/json', ...proof.headers })
  })

  it('[W5] presigned: the query is written anew, with the same signature over the same things', async () => {
    const proof = await presignedProof()
    const request = mustOk(parse(proof))
    const sent = new URL(`https://${request.host}${request.path}`).searchParams
    expect([...sent]).toEqual([...new URL(proof.url).searchParams])
    expect(request.path).not.toContain('+')
    expect(request.headers).toEqual({
      accept: 'application/json',
      host: 'sts.amazonaws.com',
      'x-ledgerock-gateway': AUDIENCE,
    })
    expect(request.expiresAtMs).toBe(SIGNED_AT + 10 * MINUTE)
  })

  it('[W5] what was not signed stays behind', async () => {
    const proof = await signedProof()
    proof.headers['User-Agent'] = 'Boto3'
    proof.headers['Content-Length'] = '43'
    proof.headers['X-Amzn-Trace-Id'] = 'Root=1'
    expect(Object.keys(mustOk(parse(proof)).headers).toSorted()).toEqual([
      'accept',
      'authorization',
      'content-type',
      'host',
      'x-amz-content-sha256',
      'x-amz-date',
      'x-amz-security-token',
      'x-ledgerock-gateway',
    ])
  })

  it('[W5] comes from the AWS SDK for JavaScript as the guide shows', async () => {
    const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 's', sessionToken: 't+/=' }
    for (const region of ['eu-west-1', 'us-gov-west-1', 'cn-north-1']) {
      const token = await identityHeader(new STSClient({ region, credentials }), AUDIENCE)
      // The SDK signs for the machine's own time.
      const { headers } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Proof
      const date = headers['x-amz-date'] as string
      const at = Date.parse(date.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'))
      const request = mustOk(parseIdentityToken(token, AUDIENCE, at))
      expect(request.host.startsWith(`sts.${region}.amazonaws.com`)).toBe(true)
      expect(request.headers['x-ledgerock-gateway']).toBe(AUDIENCE)
    }
  })

  it('[W5] may be padded or not, and of any STS host there is', async () => {
    for (const host of STS_HOSTS) expect(problemOf(await signedProof({ host }))).toBe('accepted')
    const token = Buffer.from(JSON.stringify({ ...(await presignedProof()), body: '' }))
    const padded = token.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
    expect(parseIdentityToken(padded, AUDIENCE, SIGNED_AT).ok).toBe(true)
  })
})

describe('a proof of identity that is not', () => {
  it('[W6] anywhere but at STS is refused, however the host is written', async () => {
    const proof = await signedProof()
    const query = new URL((await presignedProof()).url).search
    for (const url of [
      'https://sts.evil.example/',
      'https://sts.us-east-1.amazonaws.com.evil.example/',
      'https://evil.example/sts.us-east-1.amazonaws.com/',
      'https://sts.us-east-1.amazonaws.com@evil.example/',
      'https://evil.example#@sts.us-east-1.amazonaws.com/',
      'https://user:pw@sts.us-east-1.amazonaws.com/',
      'https://sts.us-east-1.amazonaws.com:443/',
      'https://sts.us-east-1.amazonaws.com:8443/',
      'https://sts.us-east-1.amazonaws.com./',
      'https://STS.us-east-1.amazonaws.com/',
      'https://sts.us-east-1.amazonaws.com\\@evil.example/',
      'https://sts.us-east-1.amazonaws.com//',
      'https://sts.us-east-1.amazonaws.com/x',
      'https://sts.us-east-1.amazonaws.com/\n',
      'http://sts.us-east-1.amazonaws.com/',
      '//sts.us-east-1.amazonaws.com/',
      'https://sts.us-moon-1.amazonaws.com/',
      'https://sts-fips.eu-west-1.amazonaws.com/',
      'https://sts.us-east-1.amazonaws.com.cn/',
      'https://iam.amazonaws.com/',
      'https://169.254.169.254/',
      'https://[::1]/',
      'https://s\u0074s\uff0eamazonaws.com/',
      '',
    ]) {
      expect([url, problemOf({ ...proof, url })]).toEqual([url, 'host'])
      const presigned = { method: 'GET', url: url + query, headers: {} }
      expect([url, problemOf(presigned)]).toEqual([url, 'host'])
    }
  })

  it('[W6] for another gateway, or for none, is refused', async () => {
    const elsewhere = { 'x-ledgerock-gateway': 'other.acme.internal' }
    expect(problemOf(await signedProof({ headers: elsewhere }))).toBe('audience')
    expect(problemOf(await presignedProof({ headers: elsewhere }))).toBe('audience')
    const cased = { 'x-ledgerock-gateway': AUDIENCE.toUpperCase() }
    expect(problemOf(await signedProof({ headers: cased }))).toBe('audience')
    const good = encodeProof(await signedProof())
    expect(parseIdentityToken(good, null, SIGNED_AT)).toMatchObject({ problem: 'not_configured' })
    expect(parseIdentityToken(good, '', SIGNED_AT)).toMatchObject({ problem: 'not_configured' })
  })

  it('[W6] naming this gateway outside of its signature is refused', async () => {
    for (const proof of [await signedProof(), await presignedProof()]) {
      const unsigned = JSON.parse(
        JSON.stringify(proof).replaceAll(/(?:;|%3B)x-ledgerock-gateway/g, ''),
      ) as Proof
      expect(unsigned.headers['x-ledgerock-gateway']).toBe(AUDIENCE)
      expect(problemOf(unsigned)).toBe('audience')
      const { 'x-ledgerock-gateway': _, ...others } = proof.headers
      expect(problemOf({ ...proof, headers: others })).toBe('signature')
      expect(
        problemOf({ ...proof, headers: { ...proof.headers, 'X-Ledgerock-Gateway': AUDIENCE } }),
      ).toBe('header')
    }
  })

  it('[W6] of any other call is refused', async () => {
    for (const body of [
      'Action=GetCallerIdentity&Version=2011-06-15&Action=AssumeRole',
      'Action=AssumeRoleWithWebIdentity&Version=2011-06-15',
      'action=GetCallerIdentity&Version=2011-06-15',
      'Version=2011-06-15&Action=GetCallerIdentity',
      'Action=GetCallerIdentity&Version=2011-06-15 ',
      '',
    ]) {
      expect([body, problemOf(await signedProof({ body }))]).toEqual([body, 'action'])
    }
    const action = { Action: 'AssumeRole' }
    expect(problemOf(await signedProof({ query: action }))).toBe('action')
    for (const query of [
      { Action: 'AssumeRole', Version: '2011-06-15' },
      { Action: 'GetCallerIdentity', Version: '2011-06-14' },
      { action: 'GetCallerIdentity', Version: '2011-06-15' },
      { Action: 'GetCallerIdentity', Version: '2011-06-15', RoleArn: 'x' },
    ]) {
      expect([query, problemOf(await presignedProof({ query }))]).toEqual([query, 'action'])
    }
    const proof = await presignedProof()
    for (const more of ['&Action=AssumeRole', '&%41ction=GetCallerIdentity', '&x', '&a=%zz', '+']) {
      const url = proof.url + more
      expect([more, problemOf({ ...proof, url })]).toEqual([more, 'action'])
    }
    expect(problemOf({ ...proof, body: 'Action=AssumeRole' })).toBe('action')
  })

  it('[W6] signed for another service, in another way, or of another day is refused', async () => {
    expect(problemOf(await signedProof({ service: 'iam' }))).toBe('signature')
    expect(problemOf(await presignedProof({ service: 'bedrock' }))).toBe('signature')
    const proof = await signedProof()
    const authorization = proof.headers['authorization'] as string
    for (const other of [
      authorization.replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
      authorization.replace('/20261121/', '/20261120/'),
      authorization.replace('content-type;host', 'host;content-type'),
      authorization.replace('content-type;host', 'content-type;host;host'),
      authorization.replace('host;', ''),
      authorization.replace('x-amz-date;', ''),
      authorization.replace('host;', 'host;unknown;'),
      authorization.replace('content-type;', 'authorization;content-type;'),
      'Bearer x',
    ]) {
      const headers = { ...proof.headers, authorization: other }
      expect([other, problemOf({ ...proof, headers })]).toEqual([other, 'signature'])
    }
    const presigned = await presignedProof()
    const headers = { ...presigned.headers, authorization }
    expect(problemOf({ ...presigned, headers })).toBe('signature')
    expect(problemOf({ ...proof, method: 'GET', body: '' })).toBe('signature')
    expect(problemOf({ ...proof, method: 'PUT' })).toBe('method')
  })

  it('[W6] with a header of no signer, or one that does not fit, is refused', async () => {
    for (const headers of [
      { 'x-amz-target': 'AWSSecurityTokenService.AssumeRole' },
      { 'transfer-encoding': 'chunked' },
      { cookie: 'a=b' },
      { accept: 'text/html' },
      { 'accept-encoding': 'gzip' },
      { 'content-type': 'application/x-amz-json-1.1' },
      { 'content-length': '44' },
      { 'x-amz-user-agent': 'a\r\nx-evil: b' },
      { 'x-amz-user-agent': '' },
      { 'x-amz-user-agent': 'é' },
    ]) {
      expect([headers, problemOf(await signedProof({ headers }))]).toEqual([headers, 'header'])
    }
    const proof = await signedProof()
    const host = { ...proof.headers, host: 'sts.amazonaws.com' }
    expect(problemOf({ ...proof, headers: host })).toBe('header')
    expect(problemOf({ ...proof, headers: { ...proof.headers, date: ['a'] } })).toBe('header')
  })

  it('[W6] too old, or from the future, is refused; to the millisecond', async () => {
    const proof = await signedProof()
    expect(problemOf(proof, SIGNED_AT + 15 * MINUTE - 1)).toBe('accepted')
    expect(problemOf(proof, SIGNED_AT + 15 * MINUTE)).toBe('expired')
    expect(problemOf(proof, SIGNED_AT - 5 * MINUTE)).toBe('accepted')
    expect(problemOf(proof, SIGNED_AT - 5 * MINUTE - 1)).toBe('not_yet')
    const short = await presignedProof({ expiresIn: 60 })
    expect(problemOf(short, SIGNED_AT + MINUTE - 1)).toBe('accepted')
    expect(problemOf(short, SIGNED_AT + MINUTE)).toBe('expired')
    const long = await presignedProof({ expiresIn: 3_600 })
    expect(problemOf(long, SIGNED_AT + 15 * MINUTE)).toBe('expired')
  })

  it('[W6] of another shape or size is refused', async () => {
    const proof = await signedProof()
    for (const wrong of [null, [], 'x', { ...proof, more: 1 }, { ...proof, headers: [] }]) {
      expect([wrong, problemOf(wrong)]).toEqual([wrong, 'malformed'])
    }
    expect(problemOf({ ...proof, body: 1 })).toBe('malformed')
    for (const token of ['', '*', 'e30.e30', ' ', Buffer.from('{').toString('base64url')]) {
      expect(parseIdentityToken(token, AUDIENCE, SIGNED_AT)).toMatchObject({ problem: 'malformed' })
    }
    const large = 'A'.repeat(16_385)
    expect(parseIdentityToken(large, AUDIENCE, SIGNED_AT)).toMatchObject({ problem: 'too_large' })
  })

  it('[W6] whatever a stranger writes, only a call as it was signed for us reaches STS', async () => {
    const proofs = [await signedProof(), await presignedProof()]
    const words = fc.oneof(
      fc.constantFrom(...STS_HOSTS, AUDIENCE, 'Action', 'AssumeRole', 'host', 'GET', 'POST'),
      fc.string({ maxLength: 12 }),
    )
    let accepted = 0
    const change = fc.record({
      which: fc.nat(1),
      find: fc.nat(),
      length: fc.nat(12),
      put: words,
      encode: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const which = changes[0]?.which ?? 0
        let text = JSON.stringify(proofs[which])
        for (const { find, length, put, encode } of changes) {
          const at = find % text.length
          const inside = encode ? JSON.stringify(put).slice(1, -1) : put
          text = text.slice(0, at) + inside + text.slice(at + length)
        }
        const parsed = parseIdentityToken(
          Buffer.from(text).toString('base64url'),
          AUDIENCE,
          SIGNED_AT,
        )
        if (!parsed.ok) return
        accepted += 1
        const { method, host, path, headers, body, expiresAtMs } = parsed.value
        expect(STS_HOSTS.has(host)).toBe(true)
        expect(headers['host']).toBe(host)
        expect(headers['x-ledgerock-gateway']).toBe(AUDIENCE)
        expect(expiresAtMs).toBeLessThanOrEqual(SIGNED_AT + 20 * MINUTE)
        const query = new URLSearchParams(path.slice(2))
        const call = method === 'POST' ? new URLSearchParams(body) : query
        expect(call.getAll('Action')).toEqual(['GetCallerIdentity'])
        expect(path === '/').toBe(method === 'POST')
        const signedNames =
          query.get('X-Amz-SignedHeaders') ??
          /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1]
        expect(signedNames?.split(';')).toContain('x-ledgerock-gateway')
      }),
      { numRuns: 20_000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })
})
