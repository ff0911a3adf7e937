import { describe, expect, it } from 'vitest'
import { parseTraceHeaders } from './trace-headers.ts'

describe('parseTraceHeaders', () => {
  it.each([
    ['a=b', { a: 'b' }],
    [
      'authorization=Bearer%20x%2Cy, x-tenant = a=b ',
      { authorization: 'Bearer x,y', 'x-tenant': 'a=b' },
    ],
    ['a=', { a: '' }],
  ])('reads %j', (text, headers) => {
    expect(parseTraceHeaders(text)).toEqual(headers)
  })

  it.each(['', 'a', '=b', 'a=b,', 'a b=c', 'a=%0d%0ax', 'a=%zz', 'a=b\nc: d', 'a=ü'])(
    'refuses %j',
    (text) => {
      expect(parseTraceHeaders(text)).toBeNull()
    },
  )
})
