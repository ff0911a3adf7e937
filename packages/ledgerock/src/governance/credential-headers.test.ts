import { describe, expect, it } from 'vitest'
import { credentialFromHeaders } from './credential-headers.ts'

const presented = { kind: 'presented', secret: 'lrk_x' }

describe('credentialFromHeaders', () => {
  it.each([
    [{ authorization: 'Bearer lrk_x' }, presented],
    [{ authorization: 'bearer  lrk_x ' }, presented],
    [{ 'x-api-key': 'lrk_x' }, presented],
    [{ 'x-api-key': ' lrk_x ' }, presented],
    [{ authorization: 'Bearer lrk_x', 'x-api-key': 'lrk_x' }, presented],
    [{}, { kind: 'none' }],
    [{ key: 'lrk_x', cookie: 'key=lrk_x' }, { kind: 'none' }],
  ])('[G6] reads %j', (headers, expected) => {
    expect(credentialFromHeaders(headers)).toEqual(expected)
  })

  it.each([
    [{ authorization: 'Bearer lrk_x', 'x-api-key': 'lrk_y' }, 'conflicting'],
    [{ authorization: 'Bearer lrk_x', 'x-api-key': '' }, 'conflicting'],
    [{ authorization: 'Basic dTpw' }, 'unsupported'],
    [{ authorization: 'Basic dTpw', 'x-api-key': 'lrk_x' }, 'unsupported'],
    [{ authorization: 'AWS4-HMAC-SHA256 Credential=…' }, 'unsupported'],
    [{ authorization: 'Bearer' }, 'unsupported'],
    [{ authorization: 'Bearer a b' }, 'unsupported'],
    [{ authorization: '' }, 'unsupported'],
  ])('[G6] refuses %j, never as anonymous', (headers, reason) => {
    expect(credentialFromHeaders(headers)).toEqual({ kind: 'refused', reason })
  })

  it('[G6] a header sent twice is no valid secret', () => {
    expect(credentialFromHeaders({ 'x-api-key': ['a', 'a'] })).toEqual({
      kind: 'presented',
      secret: 'a, a',
    })
    expect(credentialFromHeaders({ authorization: ['Bearer a', 'Bearer a'] }).kind).toBe('refused')
  })
})
