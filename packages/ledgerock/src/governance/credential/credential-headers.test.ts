import { describe, expect, it } from 'vitest'
import { credentialFromHeaders } from './credential-headers.ts'

const presented = { kind: 'presented', secret: 'lrk_x' }
const URL = '/model/x/converse'
const read = (headers: Parameters<typeof credentialFromHeaders>[0], url = URL) =>
  credentialFromHeaders(headers, url)

const signedBy = (id: string): string =>
  `AWS4-HMAC-SHA256 Credential=${id}/20261014/us-east-1/bedrock/aws4_request, ` +
  `SignedHeaders=host;x-amz-date, Signature=${'a'.repeat(64)}`
const OURS = signedBy('LRKATESTTESTTESTTEST')
const AWSS = signedBy('AKIATESTTESTTESTTEST')

describe('credentialFromHeaders', () => {
  it.each([
    [{ authorization: 'Bearer lrk_x' }, presented],
    [{ authorization: 'bearer  lrk_x ' }, presented],
    [{ 'x-api-key': 'lrk_x' }, presented],
    [{ 'x-api-key': ' lrk_x ' }, presented],
    [{ authorization: 'Bearer lrk_x', 'x-api-key': 'lrk_x' }, presented],
    [{}, { kind: 'none' }],
    [{ key: 'lrk_x', cookie: 'key=lrk_x' }, { kind: 'none' }],
    [{ 'x-ledgerock-aws-identity': ' e30 ' }, { kind: 'aws_identity', token: 'e30', region: null }],
  ])('[G6] reads %j', (headers, expected) => {
    expect(read(headers)).toEqual(expected)
  })

  it('[G6] reads a signature as a claim, with any key', () => {
    for (const authorization of [OURS, AWSS]) {
      expect(read({ authorization })).toMatchObject({
        kind: 'signature',
        claim: { region: 'us-east-1', signedNames: ['host', 'x-amz-date'] },
      })
    }
  })

  it.each([
    [{ authorization: 'Bearer lrk_x', 'x-api-key': 'lrk_y' }, 'conflicting'],
    [{ authorization: 'Bearer lrk_x', 'x-api-key': '' }, 'conflicting'],
    [{ authorization: 'Basic dTpw' }, 'unsupported'],
    [{ authorization: 'Basic dTpw', 'x-api-key': 'lrk_x' }, 'unsupported'],
    [{ authorization: 'AWS4-HMAC-SHA256 Credential=…' }, 'malformed'],
    [{ authorization: 'AWS4-HMAC-SHA256' }, 'unsupported'],
    [{ authorization: AWSS.replace('HMAC', 'ECDSA-P256') }, 'unsupported'],
    [{ authorization: 'Bearer' }, 'unsupported'],
    [{ authorization: 'Bearer a b' }, 'unsupported'],
    [{ authorization: '' }, 'unsupported'],
    [{ authorization: OURS, 'x-api-key': 'lrk_x' }, 'conflicting'],
    [{ authorization: AWSS, 'x-api-key': 'lrk_x' }, 'conflicting'],
    [{ authorization: 'Bearer lrk_x', 'x-ledgerock-aws-identity': 'e30' }, 'conflicting'],
    [{ 'x-api-key': 'lrk_x', 'x-ledgerock-aws-identity': 'e30' }, 'conflicting'],
    [{ authorization: OURS, 'x-ledgerock-aws-identity': 'e30' }, 'conflicting'],
    [{ authorization: 'Basic dTpw', 'x-ledgerock-aws-identity': 'e30' }, 'conflicting'],
  ])('[G6] refuses %j, never as anonymous', (headers, reason) => {
    expect(read(headers)).toEqual({ kind: 'refused', reason })
  })

  it('[G6] a signature for AWS beside an AWS identity says where the call goes and nothing else', () => {
    expect(read({ authorization: AWSS, 'x-ledgerock-aws-identity': 'e30' })).toEqual({
      kind: 'aws_identity',
      token: 'e30',
      region: 'us-east-1',
    })
  })

  it.each([
    '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b',
    '?x-amz-signature=b',
    '?a=b&X-Amz-Credential=c',
  ])('[G6] a signature in the URL is refused, with or without others: %s', (query) => {
    for (const headers of [{}, { authorization: 'Bearer lrk_x' }, { authorization: OURS }]) {
      expect(read(headers, URL + query)).toEqual({ kind: 'refused', reason: 'presigned' })
    }
    expect(read({}, '/async-invoke?maxResults=5')).toEqual({ kind: 'none' })
  })

  it('[G6] a header sent twice is no valid secret', () => {
    expect(read({ 'x-api-key': ['a', 'a'] })).toEqual({ kind: 'presented', secret: 'a, a' })
    expect(read({ authorization: ['Bearer a', 'Bearer a'] }).kind).toBe('refused')
    expect(read({ authorization: [OURS, OURS] })).toEqual({ kind: 'refused', reason: 'malformed' })
  })
})
