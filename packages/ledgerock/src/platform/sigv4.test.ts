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
})
