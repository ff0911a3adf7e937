// Our verification against the signer of the AWS SDK: whatever it signs verifies, whatever is changed does not.

import { hash } from 'node:crypto'

import { SignatureV4 } from '@smithy/signature-v4'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  createAuthenticate,
  type Authenticate,
  type AuthenticationOptions,
} from './authenticate.ts'
import { createSessions } from './sessions.ts'
import type { SignedRequest } from './signature.ts'
import { Sha256 } from './testing/aws-hash.ts'

const NOW_MS = Date.UTC(2026, 9, 14, 12, 0, 0)
/** Without sessions and in one account, unless a test says otherwise. */
function authenticator(
  options: Omit<AuthenticationOptions, 'sessions' | 'accountId'>,
): Authenticate {
  const sessions = createSessions(1, NOW_MS)
  return createAuthenticate({ ...options, sessions, accountId: '123456789012' })
}

const CREDENTIAL = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a/secret+key' }
const authenticate = authenticator({
  credentials: [CREDENTIAL],
  bearerKeys: ['a-key'],
  regions: null,
})

async function sign(
  path: string,
  query: Record<string, string>,
  extra: Record<string, string>,
  body: string,
  signingDate = new Date(NOW_MS),
): Promise<SignedRequest> {
  const signer = new SignatureV4({
    credentials: CREDENTIAL,
    region: 'us-east-1',
    service: 'bedrock',
    sha256: Sha256,
  })
  const request = {
    method: 'POST',
    protocol: 'http:',
    hostname: '127.0.0.1',
    path,
    query,
    headers: { host: '127.0.0.1:8080', ...extra },
    body,
  }
  const { headers } = await signer.sign(request, { signingDate })
  const pairs = Object.entries(query)
  return {
    method: 'POST',
    path,
    query: pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&'),
    headers,
    bodySha256: hash('sha256', body, 'hex'),
  }
}

function answerTo(request: SignedRequest): unknown {
  return authenticate(request, 'bedrock', NOW_MS)
}

const PATHS = [
  '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse',
  '/model/anthropic.claude-3-7-sonnet-20250219-v1:0/invoke',
  '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.x/converse',
  '/model/arn:aws:bedrock:us-east-1:123456789012:application-inference-profile%2Fabc/invoke',
  '/model/arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.x/converse-stream',
  '/model/a//b/./c/../d/invoke',
  "/model/it's(odd)*!/invoke",
]

describe('signature', () => {
  it('[S3] accepts what the AWS signer signs, on every path encoding', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PATHS),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 8 }), {
          maxKeys: 3,
        }),
        fc.stringMatching(/^[ -~]{0,40}$/),
        fc.string(),
        async (path, query, header, body) => {
          const request = await sign(path, query, { 'x-amzn-odd': header }, body)
          expect(authenticate(request, 'bedrock', NOW_MS)).toMatchObject({
            kind: 'caller',
            accessKeyId: 'AKIDEXAMPLE',
            region: 'us-east-1',
          })
        },
      ),
    )
  })

  it('[S3] refuses a request of which anything signed has changed', async () => {
    const request = await sign(PATHS[0] ?? '', {}, {}, '{}')
    const headers = { ...request.headers, host: 'elsewhere' }
    for (const changed of [
      { ...request, path: `${request.path}-stream` },
      { ...request, query: 'a=b' },
      { ...request, method: 'PUT' },
      { ...request, headers },
      { ...request, bodySha256: hash('sha256', '{ }', 'hex') },
    ]) {
      expect(authenticate(changed, 'bedrock', NOW_MS)).toMatchObject({
        type: 'InvalidSignatureException',
      })
    }
  })

  it('[S3] allows the clocks to be five minutes apart, no more', async () => {
    const request = await sign(PATHS[0] ?? '', {}, {}, '{}')
    expect(authenticate(request, 'bedrock', NOW_MS + 300_000)).toMatchObject({ kind: 'caller' })
    expect(authenticate(request, 'bedrock', NOW_MS - 300_000)).toMatchObject({ kind: 'caller' })
    expect(authenticate(request, 'bedrock', NOW_MS + 301_000)).toMatchObject({
      type: 'InvalidSignatureException',
      message: 'Signature expired: 20261014T120000Z is now earlier than 20261014T120501Z - 5 min.',
    })
    expect(authenticate(request, 'bedrock', NOW_MS - 301_000)).toMatchObject({
      type: 'InvalidSignatureException',
    })
  })

  it('[S3] wants request metadata signed when it is sent', async () => {
    const metadata = { 'x-amzn-bedrock-request-metadata': '{"team":"search"}' }
    const signed = await sign(PATHS[0] ?? '', {}, metadata, '{}')
    expect(authenticate(signed, 'bedrock', NOW_MS)).toMatchObject({ kind: 'caller' })
    const plain = await sign(PATHS[0] ?? '', {}, {}, '{}')
    const added = { ...plain, headers: { ...plain.headers, ...metadata } }
    expect(authenticate(added, 'bedrock', NOW_MS)).toMatchObject({
      type: 'InvalidSignatureException',
    })
    const open = authenticator({ credentials: [], bearerKeys: [], regions: null })
    expect(open(added, 'bedrock', NOW_MS)).toMatchObject({ type: 'InvalidSignatureException' })
  })

  it('[S3] names what is wrong with a credential', async () => {
    const request = await sign(PATHS[0] ?? '', {}, {}, '{}')
    const withAuthorization = (authorization: string): SignedRequest => ({
      ...request,
      headers: { ...request.headers, authorization },
    })
    const genuine = String(request.headers.authorization)
    const { authorization: _, ...unsigned } = request.headers
    expect(answerTo({ ...request, headers: unsigned })).toMatchObject({
      type: 'MissingAuthenticationTokenException',
    })
    expect(answerTo(withAuthorization('AWS4-HMAC-SHA256 nonsense'))).toMatchObject({
      type: 'IncompleteSignatureException',
    })
    expect(answerTo(withAuthorization(genuine.replace('AKIDEXAMPLE', 'AKIDOTHER')))).toMatchObject({
      type: 'UnrecognizedClientException',
    })
    expect(answerTo(withAuthorization(genuine.replace('/bedrock/', '/s3/')))).toMatchObject({
      type: 'InvalidSignatureException',
      message: `Credential should be scoped to correct service: 'bedrock'.`,
    })
    expect(answerTo(withAuthorization('Bearer another'))).toMatchObject({
      type: 'AccessDeniedException',
    })
    expect(answerTo(withAuthorization('Bearer a-key'))).toMatchObject({
      kind: 'caller',
      auth: 'bearer',
      accessKeyId: null,
      region: 'us-east-1',
    })
  })

  it('[S3] wants the session token that belongs to a temporary credential', async () => {
    const temporary = authenticator({
      credentials: [{ ...CREDENTIAL, sessionToken: 'token' }],
      bearerKeys: [],
      regions: null,
    })
    const right = await sign(PATHS[0] ?? '', {}, { 'x-amz-security-token': 'token' }, '{}')
    const wrong = await sign(PATHS[0] ?? '', {}, { 'x-amz-security-token': 'other' }, '{}')
    expect(temporary(right, 'bedrock', NOW_MS)).toMatchObject({ kind: 'caller' })
    expect(temporary(wrong, 'bedrock', NOW_MS)).toMatchObject({
      type: 'UnrecognizedClientException',
    })
    expect(temporary(await sign(PATHS[0] ?? '', {}, {}, '{}'), 'bedrock', NOW_MS)).toMatchObject({
      type: 'UnrecognizedClientException',
    })
  })

  it('[S3] serves only the regions it was given', async () => {
    const european = authenticator({
      credentials: [],
      bearerKeys: [],
      regions: ['eu-west-1', 'eu-central-1'],
    })
    const request = await sign(PATHS[0] ?? '', {}, {}, '{}')
    expect(european(request, 'bedrock', NOW_MS)).toMatchObject({
      type: 'InvalidSignatureException',
    })
    const bearer = { ...request, headers: { authorization: 'Bearer any' } }
    expect(european(bearer, 'bedrock', NOW_MS)).toMatchObject({
      kind: 'caller',
      region: 'eu-west-1',
    })
  })
})
