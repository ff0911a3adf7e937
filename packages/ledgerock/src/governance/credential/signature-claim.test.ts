import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSigV4, parseSignatureClaim } from './signature-claim.ts'

const CREDENTIAL = 'Credential=LRKAX/20261014/us-east-1/bedrock/aws4_request'
const HEADERS = 'SignedHeaders=:authority;content-type;x-amz-date'
const SIGNATURE = `Signature=${'0123456789abcdef'.repeat(4)}`
const claim = {
  accessKeyId: 'LRKAX',
  day: '20261014',
  region: 'us-east-1',
  service: 'bedrock',
  signedHeaders: ':authority;content-type;x-amz-date',
  signedNames: [':authority', 'content-type', 'x-amz-date'],
  signature: '0123456789abcdef'.repeat(4),
}
const of = (...parts: readonly string[]): string => `AWS4-HMAC-SHA256 ${parts.join(', ')}`

describe('parseSignatureClaim', () => {
  it('[G9] reads the three parts in any order and with any blanks clients write', () => {
    const blank = fc.stringMatching(/^[ \t]{0,3}$/)
    fc.assert(
      fc.property(
        fc.shuffledSubarray([CREDENTIAL, HEADERS, SIGNATURE], { minLength: 3 }),
        fc.array(blank, { minLength: 6, maxLength: 6 }),
        (parts, blanks) => {
          const text = parts.map((part, at) => `${blanks[2 * at]}${part}${blanks[2 * at + 1]}`)
          expect(parseSignatureClaim(`AWS4-HMAC-SHA256 ${text.join(',')}`)).toEqual(claim)
        },
      ),
    )
  })

  it.each([
    ['nothing', ''],
    ['another scheme', 'Bearer x'],
    ['the scheme alone', 'AWS4-HMAC-SHA256'],
    ['the scheme and a blank', 'AWS4-HMAC-SHA256 '],
    ['a part missing', of(CREDENTIAL, HEADERS)],
    ['a part twice', of(CREDENTIAL, HEADERS, SIGNATURE, HEADERS)],
    ['another part', of(CREDENTIAL, HEADERS, SIGNATURE, 'Extra=1')],
    ['a part without a name', of(CREDENTIAL, HEADERS, SIGNATURE, '=1')],
    ['no commas', `AWS4-HMAC-SHA256 ${CREDENTIAL} ${HEADERS} ${SIGNATURE}`],
    ['a comma at the end', `${of(CREDENTIAL, HEADERS, SIGNATURE)},`],
    ['a scope of four', of('Credential=LRKAX/20261014/us-east-1/bedrock', HEADERS, SIGNATURE)],
    ['a scope of six', of(`${CREDENTIAL}/x`, HEADERS, SIGNATURE)],
    ['another terminator', of(CREDENTIAL.replace('aws4', 'aws5'), HEADERS, SIGNATURE)],
    ['no key', of(CREDENTIAL.replace('LRKAX', ''), HEADERS, SIGNATURE)],
    ['a short day', of(CREDENTIAL.replace('20261014', '2026101'), HEADERS, SIGNATURE)],
    ['a day of letters', of(CREDENTIAL.replace('20261014', '2026101x'), HEADERS, SIGNATURE)],
    ['no region', of(CREDENTIAL.replace('us-east-1', ''), HEADERS, SIGNATURE)],
    ['a strange region', of(CREDENTIAL.replace('us-east-1', 'US_EAST'), HEADERS, SIGNATURE)],
    ['a long region', of(CREDENTIAL.replace('us-east-1', 'r'.repeat(33)), HEADERS, SIGNATURE)],
    ['no headers', of(CREDENTIAL, 'SignedHeaders=', SIGNATURE)],
    ['capitals', of(CREDENTIAL, 'SignedHeaders=Host', SIGNATURE)],
    ['not in order', of(CREDENTIAL, 'SignedHeaders=x-amz-date;host', SIGNATURE)],
    ['a header twice', of(CREDENTIAL, 'SignedHeaders=host;host', SIGNATURE)],
    ['an empty name', of(CREDENTIAL, 'SignedHeaders=host;', SIGNATURE)],
    ['a colon inside', of(CREDENTIAL, 'SignedHeaders=host:x', SIGNATURE)],
    ['a short signature', of(CREDENTIAL, HEADERS, SIGNATURE.slice(0, -1))],
    ['a long signature', of(CREDENTIAL, HEADERS, `${SIGNATURE}0`)],
    ['a signature in capitals', of(CREDENTIAL, HEADERS, `Signature=${'A'.repeat(64)}`)],
  ])('[G9] refuses %s', (_, authorization) => {
    expect(parseSignatureClaim(authorization)).toBeNull()
  })

  it('[G9] reads any text without throwing', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(CREDENTIAL, HEADERS, SIGNATURE, ',', '=', ';', '/', ' '),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = `AWS4-HMAC-SHA256 ${pieces.join('')}`
        const read = parseSignatureClaim(text)
        expect(isSigV4(text)).toBe(true)
        // Whatever is read is whole.
        expect(read === null || /^[0-9a-f]{64}$/.test(read.signature)).toBe(true)
      }),
    )
  })
})
