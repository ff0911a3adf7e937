import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalUri } from './canonical-uri.ts'
import { recognise } from './route.ts'
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
    ['/async-invoke', '/async-invoke'],
    [
      '/async-invoke/arn%3Aaws%3Abedrock%3Ar%3A1%3Aasync-invoke%2Fa',
      '/async-invoke/arn%253Aaws%253Abedrock%253Ar%253A1%253Aasync-invoke%252Fa',
    ],
    [
      '/async-invoke/arn:aws:bedrock:r:1:async-invoke/a',
      '/async-invoke/arn%3Aaws%3Abedrock%3Ar%3A1%3Aasync-invoke/a',
    ],
    ['/guardrail/arn:a%2Fb/version/DRAFT/apply', '/guardrail/arn%3Aa%252Fb/version/DRAFT/apply'],
    ['/openai/v1/chat/completions', '/openai/v1/chat/completions'],
    ['/v1/responses/resp_1/input_items?limit=1', '/v1/responses/resp_1/input_items'],
    ['/v1/models/openai.gpt-oss-20b-1:0', '/v1/models/openai.gpt-oss-20b-1%3A0'],
    ['/v1/fine_tuning/jobs/ftjob-a/events', '/v1/fine_tuning/jobs/ftjob-a/events'],
    ['/anthropic/v1/messages?beta=true', '/anthropic/v1/messages'],
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

  it('[B4] is what the AWS signer signs, wherever a route takes an id', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      fc.constantFrom('/', ':', '%'),
    )
    const id = fc.string({ unit, minLength: 1, maxLength: 30 })
    const encode = fc.constantFrom(
      encodeURIComponent,
      (text: string) => encodeURIComponent(text).replaceAll('%3A', ':'),
      (text: string) => encodeURIComponent(text).replaceAll('%2F', '/'),
    )
    const around = fc.constantFrom(
      ['/model/', '/converse'],
      ['/async-invoke/', ''],
      ['/guardrail/', '/version/1/apply'],
      ['/openai/v1/responses/', '/cancel'],
      ['/mantle/v1/models/', ''],
    )
    let recognised = 0
    fc.assert(
      fc.property(around, id, encode, ([before = '', after = ''], text, how) => {
        for (const method of ['GET', 'POST']) {
          const route = recognise(method, before + how(text) + after)
          if (route === null) continue
          recognised += 1
          expect(canonicalUri(route.upstreamPath)).toBe(awsCanonicalUri(route.upstreamPath))
        }
      }),
      { numRuns: 500 },
    )
    expect(recognised).toBeGreaterThan(100)
  })
})
