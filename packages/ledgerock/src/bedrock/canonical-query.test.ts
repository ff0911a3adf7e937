import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalQuery } from './canonical-query.ts'
import { awsCanonicalRequest } from './testing/aws-canonical-request.ts'

/** The third line of the canonical request the AWS signer makes for these parameters. */
function awsCanonicalQuery(query: Record<string, string | string[]>): string {
  return awsCanonicalRequest('/model/x/invoke', query)[2] as string
}

/** As AWS has a query sent: everything but the unreserved characters percent-encoded. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

describe('canonicalQuery', () => {
  it.each([
    ['/model/x/invoke', ''],
    ['/model/x/invoke?', ''],
    ['/model/x/invoke?b=2&a=1', 'a=1&b=2'],
    ['/model/x/invoke?b&a=', 'a=&b='],
    ['/model/x/invoke?a=2&a=1&a', 'a=&a=1&a=2'],
    ['/model/x/invoke?a1=1&a=2', 'a=2&a1=1'],
    ['/model/x/invoke?&a=1&&', 'a=1'],
    ['/model/x/invoke?a=b%3Dc%20d', 'a=b%3Dc%20d'],
    [
      '/async-invoke?submitTimeAfter=2026-01-01T00%3A00%3A00Z&maxResults=5&statusEquals=Completed',
      'maxResults=5&statusEquals=Completed&submitTimeAfter=2026-01-01T00%3A00%3A00Z',
    ],
    ['/anthropic/v1/messages?beta=true', 'beta=true'],
  ])('[B4] of %s is %j', (path, canonical) => {
    expect(canonicalQuery(path)).toBe(canonical)
  })

  it('[B4] is what the AWS signer signs, for any parameters in any order', () => {
    const unit = fc.oneof(fc.constantFrom('a', '1', '-', '=', '!'), fc.string({ maxLength: 1 }))
    const name = fc.string({ unit, minLength: 1, maxLength: 3 })
    const value = fc.string({ unit: 'grapheme', maxLength: 8 })
    const query = fc.dictionary(name, fc.oneof(value, fc.array(value, { minLength: 1 })))
    fc.assert(
      fc.property(query, fc.infiniteStream(fc.nat()), (parameters, order) => {
        const sent = Object.entries(parameters)
          .flatMap(([key, values]) => [values].flat().map((one) => [key, one] as const))
          .map(([key, one]) => `${encoded(key)}=${encoded(one)}`)
          .map((text) => ({ text, rank: order.next().value }))
          .toSorted((left, right) => left.rank - right.rank)
          .map(({ text }) => text)
        const path = `/model/x/invoke?${sent.join('&')}`
        expect(canonicalQuery(path)).toBe(awsCanonicalQuery(parameters))
      }),
    )
  })
})
