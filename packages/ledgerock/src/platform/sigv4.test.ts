import { createHash, createHmac, hash } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSigV4Signer } from './sigv4.ts'

/** What the AWS signer wants of a hash, from node:crypto. */
class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac(
            'sha256',
            typeof secret === 'string' ? secret : Buffer.from(secret as Uint8Array),
          )
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data)
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()))
  }
  reset(): void {}
}

const headerValue = fc.stringMatching(/^[ -~]{0,40}$/)

describe('SigV4', () => {
  it('[F1] signs as the AWS signer does, for any path, header, body, credential and day', async () => {
    const signer = createSigV4Signer({ region: 'us-east-1', service: 'bedrock' })
    await fc.assert(
      fc.asyncProperty(
        fc
          .stringMatching(/^[a-z][a-zA-Z0-9.:%/-]{0,60}$/)
          .map((tail) => `/model/${encodeURIComponent(tail)}/x`),
        headerValue,
        fc.uint8Array({ maxLength: 300 }),
        fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{4,40}$/), { nil: undefined }),
        fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }),
        async (path, value, body, sessionToken, nowMs) => {
          const credentials = {
            accessKeyId: 'AKIDEXAMPLE',
            secretAccessKey: 's3cret',
            sessionToken,
          }
          const theirs = await new SignatureV4({
            credentials: {
              accessKeyId: credentials.accessKeyId,
              secretAccessKey: credentials.secretAccessKey,
              ...(sessionToken === undefined ? {} : { sessionToken }),
            },
            region: 'us-east-1',
            service: 'bedrock',
            sha256: Sha256,
            applyChecksum: false,
          }).sign(
            {
              method: 'POST',
              protocol: 'https:',
              hostname: 'bedrock-runtime.us-east-1.amazonaws.com',
              path,
              query: {},
              headers: { host: 'h.example', 'x-amzn-test': value },
              body,
            },
            { signingDate: new Date(nowMs) },
          )
          const ours = signer.sign(
            credentials,
            {
              method: 'POST',
              canonicalPath: path.split('/').map(encodeURIComponent).join('/'),
              canonicalQuery: '',
              headers: { host: 'h.example', 'x-amzn-test': value },
              bodySha256: hash('sha256', body, 'hex'),
            },
            nowMs,
          )
          expect(ours['authorization']).toBe(theirs.headers['authorization'])
          expect(ours['x-amz-date']).toBe(theirs.headers['x-amz-date'])
        },
      ),
    )
  })

  it('[F1] signs the bytes of a header as they are sent, whatever letters they stand for', async () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 's3cret' }
    const nowMs = Date.UTC(2026, 10, 20)
    const value = 'voilà  ça \t voilà'
    const theirs = await new SignatureV4({
      credentials,
      region: 'us-east-1',
      service: 'bedrock',
      sha256: Sha256,
      applyChecksum: false,
    }).sign(
      {
        method: 'POST',
        protocol: 'https:',
        hostname: 'h.example',
        path: '/model/x/converse',
        query: {},
        headers: { host: 'h.example', 'x-amzn-test': value },
      },
      { signingDate: new Date(nowMs) },
    )
    const ours = createSigV4Signer({ region: 'us-east-1', service: 'bedrock' }).sign(
      credentials,
      {
        method: 'POST',
        canonicalPath: '/model/x/converse',
        canonicalQuery: '',
        headers: {
          host: 'h.example',
          'x-amzn-test': Buffer.from(value, 'utf8').toString('latin1'),
        },
        bodySha256: hash('sha256', '', 'hex'),
      },
      nowMs,
    )
    expect(ours['authorization']).toBe(theirs.headers['authorization'])
  })

  it('[F1] never signs with the key of another day or of other credentials', () => {
    const signer = createSigV4Signer({ region: 'us-east-1', service: 'bedrock' })
    const fresh = () => createSigV4Signer({ region: 'us-east-1', service: 'bedrock' })
    const request = {
      method: 'POST',
      canonicalPath: '/model/x/converse',
      canonicalQuery: '',
      headers: { host: 'h.example' },
      bodySha256: hash('sha256', '', 'hex'),
    }
    const both = ['first', 'second'].map((secretAccessKey) => ({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey,
    }))
    const midnight = Date.UTC(2026, 10, 20)
    for (const nowMs of [midnight - 1, midnight, midnight - 1, midnight + 1]) {
      for (const credentials of both) {
        expect(signer.sign(credentials, request, nowMs)).toEqual(
          fresh().sign(credentials, request, nowMs),
        )
      }
    }
  })
})
