import { readFileSync } from 'node:fs'
import { hash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mintSigV4Pair } from './access-key.ts'
import { checkSignature, deriveSigningKey } from './check-signature.ts'
import { createSignatureVerifier } from './signature-verifier.ts'
import { parseSignatureClaim, type SignatureClaim } from './signature-claim.ts'
import type { IncomingRequest } from './signed-request.ts'
import { signAsAws, type Signed, type ToSign } from '../testing/aws-signer.ts'
import { PAIR, SEALER, sealPair, SIGNING_KEY, verifierOf } from '../testing/signing-key.ts'

const NOW = Date.parse('2026-10-14T12:00:00.000Z')
const { beginSignature } = verifierOf(SIGNING_KEY)
const claimOf = (authorization: string): SignatureClaim => {
  const claim = parseSignatureClaim(authorization)
  if (claim === null) throw new Error(`not a signature: ${authorization}`)
  return claim
}
const sign = (options: Partial<ToSign> = {}) => signAsAws({ atMs: NOW, ...options })

type Tampered = Partial<IncomingRequest> & { readonly bodySha256?: string }
/** `ok`, or why the request is refused. */
function verdict(signed: Signed, tampered: Tampered = {}, begin = beginSignature, nowMs = NOW) {
  const { bodySha256 = signed.bodySha256, ...request } = tampered
  const begun = begin(claimOf(signed.authorization), { ...signed.request, ...request }, nowMs)
  if (!begun.ok) return begun.refused
  const confirmed = begun.confirm(bodySha256)
  return confirmed.ok ? 'ok' : confirmed.refused
}
const withHeader = (signed: Signed, name: string, value: string): readonly string[] => [
  ...signed.request.rawHeaders,
  name,
  value,
]
const without = (signed: Signed, name: string): readonly string[] =>
  Object.entries({ ...signed.headers, authorization: signed.authorization })
    .filter(([other]) => other !== name)
    .flat()

const text = fc.stringMatching(/^[ -~\u00a1-\u00ff]{0,30}$/)
const segment = fc.stringMatching(/^[A-Za-z0-9._~:@!$&'()*+,;=-]{1,20}$/)
const sent = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE'),
  path: fc
    .tuple(
      segment,
      fc.constantFrom(encodeURIComponent, (raw: string) => raw),
      segment,
    )
    .map(([id, encode, tail]) => `/model/${encode(id)}%2Fx/${tail}`),
  query: fc.dictionary(
    fc.stringMatching(/^[a-zA-Z0-9.!' -]{1,8}$/),
    fc.oneof(text, fc.array(text)),
  ),
  headers: fc
    .dictionary(fc.stringMatching(/^x-[a-z]{1,6}-[a-z]{1,6}$/), text)
    .map((more) => ({ ...more, host: 'gateway.example:8080', 'content-type': 'application/json' })),
  body: fc.oneof(fc.string(), fc.uint8Array({ maxLength: 200 })),
  atMs: fc.integer({ min: NOW - 300_000, max: NOW + 300_000 }),
  region: fc.constantFrom('us-east-1', 'eu-central-1', 'us-gov-west-1'),
  service: fc.constantFrom('bedrock', 'bedrock-mantle'),
  namesHash: fc.boolean(),
})

describe('what AWS’s signers sign', () => {
  it('[G10] is taken from the AWS SDK, for any request', async () => {
    await fc.assert(
      fc.asyncProperty(sent, async (options) => {
        const signed = await sign(options)
        const begun = beginSignature(claimOf(signed.authorization), signed.request, NOW)
        expect(begun).toMatchObject({ ok: true, key: SIGNING_KEY, region: options.region })
        expect(verdict(signed)).toBe('ok')
      }),
      { numRuns: 300 },
    )
  })

  // Signed by botocore 1.43's `SigV4Auth` with `PAIR` at `NOW`; JSON, so that no signer of ours can have made them.
  const vectors = JSON.parse(
    readFileSync(new URL('../testing/botocore-signatures.json', import.meta.url), 'utf8'),
  ) as readonly {
    readonly name: string
    readonly method: string
    readonly url: string
    readonly headers: readonly (readonly [string, string])[]
    readonly body_sha256: string
  }[]
  it.each(vectors)('[G10] is taken from botocore: $name', ({ method, url, headers, ...rest }) => {
    const authorization = headers.find(([name]) => name === 'Authorization')?.[1] ?? ''
    const request = { method, url, rawHeaders: headers.flat() }
    const signed = { authorization, headers: {}, request, bodySha256: rest.body_sha256 }
    expect(verdict(signed)).toBe('ok')
    // A signature over anything is not meant: one byte of the body's hash decides, unless the body is not signed at all.
    const isUnsigned = headers.flat().includes('UNSIGNED-PAYLOAD')
    const other = verdict(signed, { bodySha256: rest.body_sha256.replace(/^./, 'g') })
    expect(other === 'ok').toBe(isUnsigned)
  })

  it.each([
    ['GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  ])('[G10] is what AWS publishes for %s %s', (method, path, signature) => {
    const claim = claimOf(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
        `SignedHeaders=host;x-amz-date, Signature=${signature}`,
    )
    const key = deriveSigningKey('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', claim)
    const lines = 'host:example.amazonaws.com\nx-amz-date:20150830T123600Z\n'
    const request = {
      method,
      path,
      query: '',
      headerBlocks: [{ text: lines, bytes: 'utf8' }],
      amzDate: '20150830T123600Z',
      payload: null,
    } as const
    const empty = hash('sha256', '', 'hex')
    expect(checkSignature(key, claim, request, empty)).toBe(true)
    expect(checkSignature(key, claim, { ...request, method: 'PUT' }, empty)).toBe(false)
  })
})

describe('what was changed on the way', () => {
  it('[G10] is refused: any other path, query, method, signed header, date or body', async () => {
    await fc.assert(
      fc.asyncProperty(sent, segment, async (options, other) => {
        const signed = await sign(options)
        const { url, rawHeaders } = signed.request
        const query = url.indexOf('?')
        const path = query < 0 ? url : url.slice(0, query)
        const changes: Tampered[] = [
          { url: `${url}${query < 0 ? '?' : '&'}zz=${encodeURIComponent(other)}` },
          { url: url.replace('/model/', `/model/z${encodeURIComponent(other)}`) },
          { url: url.replace('%2Fx', '/x') },
          { url: `/region/eu-west-1${url}` },
          { url: `${path.replace('%2Fx', '%252Fx')}${query < 0 ? '' : url.slice(query)}` },
          { method: 'PUT' },
          { rawHeaders: rawHeaders.map((one) => (one === 'application/json' ? 'text/json' : one)) },
          {
            rawHeaders: rawHeaders.map((one) => (one.startsWith('gateway.') ? 'other:8080' : one)),
          },
          { rawHeaders: without(signed, 'content-type') },
          { bodySha256: hash('sha256', randomBytes(8), 'hex') },
        ]
        for (const change of changes) {
          expect(['signature', 'body']).toContain(verdict(signed, change))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('[G10] is refused: the same signature with another body, whether or not its hash is named', async () => {
    const bodySha256 = hash('sha256', 'another body', 'hex')
    expect(verdict(await sign({ namesHash: true }), { bodySha256 })).toBe('body')
    expect(verdict(await sign({ namesHash: false }), { bodySha256 })).toBe('signature')
    const renamed = await sign({ namesHash: true })
    const rawHeaders = renamed.request.rawHeaders.map((one) =>
      one === renamed.bodySha256 ? bodySha256 : one,
    )
    expect(verdict(renamed, { rawHeaders, bodySha256 })).toBe('signature')
  })

  it('[G10] a body that was signed as unsigned is the sender’s own choice', async () => {
    const headers = { host: 'g', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
    const signed = await sign({ headers })
    expect(verdict(signed, { bodySha256: hash('sha256', 'any', 'hex') })).toBe('ok')
    const rawHeaders = without(signed, 'x-amz-content-sha256')
    expect(verdict(signed, { rawHeaders })).toBe('signature')
  })

  it('[G10] any one digit of the signature matters', async () => {
    const { authorization, ...signed } = await sign({ namesHash: true })
    for (let at = 1; at <= 64; at += 1) {
      const index = authorization.length - at
      const digit = authorization[index] === 'a' ? 'b' : 'a'
      const forged = authorization.slice(0, index) + digit + authorization.slice(index + 1)
      expect(verdict({ ...signed, authorization: forged })).toBe('signature')
    }
  })

  it('[G10] a path that something re-encoded is taken, one that means another is not', async () => {
    const spellings = [
      '/model/amazon.nova-lite-v1:0/converse',
      '/model/amazon.nova-lite-v1%3A0/converse',
      '/model/amazon.nova-lite-v1%3a0/converse',
    ]
    for (const path of spellings.slice(0, 2)) {
      const signed = await sign({ path })
      for (const url of spellings) expect(verdict(signed, { url })).toBe('ok')
      for (const url of [
        '/model/amazon.nova-lite-v1%253A0/converse',
        '/model/amazon.nova-lite-v1:1/converse',
        '/model/amazon.nova-lite-v1/0/converse',
        '/model/amazon.nova-lite-v1:0%2Fconverse',
        '/model/amazon.nova-lite-v1:0/converse-stream',
        '/model/amazon.nova-lite-v1%ff0/converse',
      ]) {
        expect(verdict(signed, { url })).toBe('signature')
      }
    }
  })
})

describe('headers', () => {
  it('[G10] over HTTP/2 :authority is signed in place of host, and a proxy may turn one into the other', async () => {
    const http2 = await sign({ headers: { ':authority': 'g:1', 'content-type': 'a' } })
    const http1 = await sign({ headers: { host: 'g:1', 'content-type': 'a' } })
    const renamed = (signed: Signed, from: string, to: string): readonly string[] =>
      signed.request.rawHeaders.map((one) => (one === from ? to : one))
    expect(verdict(http2)).toBe('ok')
    expect(verdict(http2, { rawHeaders: renamed(http2, ':authority', 'Host') })).toBe('ok')
    expect(verdict(http1, { rawHeaders: renamed(http1, 'host', ':authority') })).toBe('ok')
    // Where both are there, the one that was signed counts.
    expect(verdict(http1, { rawHeaders: withHeader(http1, ':authority', 'x:2') })).toBe('ok')
    expect(verdict(http2, { rawHeaders: withHeader(http2, 'host', 'x:2') })).toBe('ok')
  })

  it('[G10] are joined where they stand twice, in their order, and their blanks do not count', async () => {
    const signed = await sign({ headers: { host: 'g', 'x-list': 'b,a', 'x-text': 'one two' } })
    const rest = Object.entries({ ...signed.headers, authorization: signed.authorization })
      .filter(([name]) => !name.startsWith('x-list') && !name.startsWith('x-text'))
      .flat()
    const arrived = (...more: readonly string[]) =>
      verdict(signed, { rawHeaders: [...rest, ...more] })
    expect(arrived('X-List', 'b', 'x-text', 'one two', 'x-list', 'a')).toBe('ok')
    expect(arrived('x-list', ' b,a\t', 'X-Text', '\t one \t  two ')).toBe('ok')
    expect(arrived('x-list', 'a', 'x-list', 'b', 'x-text', 'one two')).toBe('signature')
    expect(arrived('x-list', 'b,a', 'x-text', 'onetwo')).toBe('signature')
  })

  it('[G10] beyond ASCII are taken as bytes too, as other signers hash them', async () => {
    // Go and Rust sign the bytes they send; these are the bytes of "José à" in UTF-8, as Node shows them.
    const bytes = Buffer.from('José à', 'utf8').toString('latin1')
    const signed = await sign({ headers: { host: 'g', 'x-name': 'José à' } })
    const rawHeaders = signed.request.rawHeaders.map((one) => (one === 'José à' ? bytes : one))
    expect(verdict(signed, { rawHeaders })).toBe('ok')
    expect(verdict(signed)).toBe('ok')
  })

  it.each([
    ['x-amz-meta', 'unsigned'],
    ['X-Amz-Target', 'unsigned'],
    ['x-amzn-bedrock-request-metadata', 'unsigned'],
    ['x-amz-content-sha256', 'unsigned'],
    ['x-amz-security-token', 'session_token'],
    ['Authorization', 'malformed'],
    ['x-amz-date', 'malformed'],
    ['host', 'signature'],
    ['x-amz-cf-id', 'ok'],
    ['x-amzn-trace-id', 'ok'],
    ['x-ledgerock-team', 'ok'],
    ['user-agent', 'ok'],
  ])('[G10] %s that was added on the way: %s', async (name, expected) => {
    const signed = await sign()
    expect(verdict(signed, { rawHeaders: withHeader(signed, name, 'x') })).toBe(expected)
  })

  it('[G10] host and x-amz-date must be signed', async () => {
    const signed = await sign()
    const { authorization } = signed
    for (const names of ['content-type;x-amz-date', 'content-type;host']) {
      const changed = authorization.replace(/SignedHeaders=[^,]+/, `SignedHeaders=${names}`)
      expect(verdict({ ...signed, authorization: changed })).toBe('unsigned')
    }
  })
})

describe('refusals before any look-up', () => {
  it('[G10] a clock five minutes off is right, one more second is not', async () => {
    for (const sense of [-1, 1]) {
      expect(verdict(await sign({ atMs: NOW + sense * 300_000 }))).toBe('ok')
      expect(verdict(await sign({ atMs: NOW + sense * 301_000 }))).toBe('skewed')
    }
    const signed = await sign()
    expect(verdict(signed, {}, beginSignature, NOW + 300_001)).toBe('skewed')
  })

  it('[G10] holds around midnight, where request and clock have different days', async () => {
    const midnight = Date.parse('2026-10-15T00:00:00.000Z')
    const signed = await sign({ atMs: midnight - 1_000 })
    expect(verdict(signed, {}, beginSignature, midnight + 1_000)).toBe('ok')
  })

  it.each([
    [{ service: 's3' }, 'scope'],
    [{ service: 'bedrock-agent' }, 'scope'],
    [{ sessionToken: 'token' }, 'session_token'],
    [{ accessKeyId: 'AKIATESTTESTTESTTEST' }, 'foreign'],
    [{ accessKeyId: 'ASIATESTTESTTESTTEST', sessionToken: 'token' }, 'session_token'],
    [{ accessKeyId: 'LRKANOBODYNOBODYNOBO' }, 'unknown'],
    [{ accessKeyId: 'LRKANOBODYNOBODYNOBO', namesHash: true }, 'unknown'],
    [{ secretAccessKey: 'x'.repeat(40) }, 'signature'],
    [{ secretAccessKey: 'x'.repeat(40), namesHash: true }, 'signature'],
  ])('[G10] %j: %s', async (options, expected) => {
    expect(verdict(await sign(options))).toBe(expected)
  })

  it('[G10] the day of the scope is the day of the request', async () => {
    const signed = await sign()
    const authorization = signed.authorization.replace('/20261014/', '/20261013/')
    expect(verdict({ ...signed, authorization })).toBe('scope')
  })

  it.each(['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'A'.repeat(64), 'abc', ''])(
    '[G10] refuses a body signed as %j',
    async (value) => {
      const signed = await sign({ headers: { host: 'g', 'x-amz-content-sha256': value } })
      expect(verdict(signed)).toBe('payload')
    },
  )

  it.each(['20261014', '20261014T120000', '2026-10-14T12:00:00Z', '20261014T1200x0Z', ''])(
    '[G10] refuses x-amz-date %j',
    async (date) => {
      const signed = await sign()
      const rawHeaders = signed.request.rawHeaders.map((one) =>
        one === '20261014T120000Z' ? date : one,
      )
      expect(verdict(signed, { rawHeaders })).toBe('malformed')
    },
  )
})

describe('the key behind a pair', () => {
  const next = mintSigV4Pair(randomBytes)
  const rotated = (until: string) =>
    verifierOf({
      ...SIGNING_KEY,
      sigV4: {
        ...sealPair(SIGNING_KEY.keyId, next),
        previous: { ...sealPair(SIGNING_KEY.keyId, PAIR), until },
      },
    }).beginSignature

  it('[G5] both pairs of a rotation open the key until the overlap ends', async () => {
    const [old, fresh] = [await sign(), await sign(next)]
    const inForce = rotated('2026-10-14T12:00:00.001Z')
    expect([verdict(old, {}, inForce), verdict(fresh, {}, inForce)]).toEqual(['ok', 'ok'])
    const ended = rotated('2026-10-14T12:00:00.000Z')
    expect([verdict(old, {}, ended), verdict(fresh, {}, ended)]).toEqual(['expired', 'ok'])
    expect(verdict(old, {}, rotated('soon'))).toBe('expired')
  })

  it.each([
    [{ revokedAt: '2026-10-14T11:00:00.000Z' }, 'revoked'],
    [{ expiresAt: '2026-10-14T12:00:00.000Z' }, 'expired'],
    [{ expiresAt: '2026-10-14T12:00:00.001Z' }, 'ok'],
    [{ sigV4: null }, 'unknown'],
  ] as const)('[G5] %j: %s', async (change, expected) => {
    const begin = verifierOf({ ...SIGNING_KEY, ...change }).beginSignature
    expect(verdict(await sign(), {}, begin)).toBe(expected)
    expect(verdict(await sign({ namesHash: true }), {}, begin)).toBe(expected)
  })

  it('[G11] a sealed secret opens only for the key and the pair it was sealed for', async () => {
    const { beginSignature: begin } = verifierOf({ ...SIGNING_KEY, keyId: 'BBBBBBBBBBBB' })
    expect(verdict(await sign(), {}, begin)).toBe('unreadable')
    const swapped = { ...sealPair(SIGNING_KEY.keyId, next), accessKeyId: PAIR.accessKeyId }
    const stolen = verifierOf({ ...SIGNING_KEY, sigV4: { ...swapped, previous: null } })
    expect(verdict(await sign(), {}, stolen.beginSignature)).toBe('unreadable')
  })

  it('[G11] a sealed secret is opened once per day, region and service, and what is kept has an end', async () => {
    let opened = 0
    const begin = createSignatureVerifier([SIGNING_KEY], {
      open: (recordId, sealed) => {
        opened += 1
        return SEALER.open(recordId, sealed)
      },
    })
    const signed = await sign()
    for (let turn = 0; turn < 5; turn += 1) expect(verdict(signed, {}, begin)).toBe('ok')
    expect(opened).toBe(1)
    expect(verdict(await sign({ service: 'bedrock-mantle' }), {}, begin)).toBe('ok')
    expect(opened).toBe(2)
    for (let turn = 0; turn < 100; turn += 1) {
      expect(verdict(await sign({ region: `region-${turn}` }), {}, begin)).toBe('ok')
    }
    expect(opened).toBe(102)
    expect(verdict(signed, {}, begin)).toBe('ok')
    expect(opened).toBe(103)
  })
})
