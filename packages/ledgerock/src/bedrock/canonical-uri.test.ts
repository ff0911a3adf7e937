import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalUri } from './canonical-uri.ts'
import { awsCanonicalRequest } from './testing/aws-canonical-request.ts'

/** The second line of the canonical request the AWS signer makes for a path. */
function awsCanonicalUri(path: string): string {
  return awsCanonicalRequest(path, {})[1] as string
}

describe('canonicalUri', () => {
  it.each([
    ['/model/anthropic.claude-v1:0/invoke', '/model/anthropic.claude-v1%3A0/invoke'],
    ['/model/anthropic.claude-v1%3A0/invoke', '/model/anthropic.claude-v1%253A0/invoke'],
    ['/model/arn:aws:b:r:1:p%2Fabc/invoke?q=1', '/model/arn%3Aaws%3Ab%3Ar%3A1%3Ap%252Fabc/invoke'],
    ["/model/a!'()*~/invoke", '/model/a%21%27%28%29%2A~/invoke'],
  ])('[B4] encodes %s once more', (path, canonical) => {
    expect(canonicalUri(path)).toBe(canonical)
    expect(awsCanonicalUri(path.split('?')[0] as string)).toBe(canonical)
  })

  it('[B4] is what the AWS signer signs, for any path', () => {
    const character = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code))
    const piece = fc.oneof(character, fc.constantFrom('/', '//', '/.', '/..', '%2F', '%3A', '/a/'))
    const path = fc
      .array(piece, { maxLength: 30 })
      .map((pieces) => `/${pieces.join('')}`)
      .filter((text) => !text.includes('?'))
    fc.assert(fc.property(path, (sent) => canonicalUri(sent) === awsCanonicalUri(sent)))
  })
})
