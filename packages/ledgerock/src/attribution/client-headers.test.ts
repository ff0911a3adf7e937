import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { readClientHeaders } from './client-headers.ts'
import { compileDimensionRules, defaultRule } from './dimension-rule.ts'

const rules = mustOk(
  compileDimensionRules([{ ...defaultRule('tenant_id'), headers: ['X-Tenant-Id'] }]),
)

describe('readClientHeaders', () => {
  it('[A11] sends on what is the client’s, as it was written', () => {
    const kept = [
      'User-Agent',
      'x',
      'X-Amzn-Bedrock-Service-Tier',
      'flex',
      'amz-sdk-request',
      'attempt=1',
      'X-Tenant-Id',
      't',
      'traceparent',
      '00',
      'baggage',
      'a=b',
      'X-Dup',
      '1',
      'x-dup',
      '2',
    ]
    const stopped = [
      ':method',
      'POST',
      'Host',
      'h',
      'Authorization',
      'Bearer lrk_x',
      'X-Api-Key',
      'lrk_x',
      'X-Amz-Date',
      '2',
      'x-amz-security-token',
      's',
      'X-Amz-Content-Sha256',
      'e',
      'Content-Length',
      '2',
      'Accept-Encoding',
      'gzip',
      'Expect',
      '100-continue',
      'Transfer-Encoding',
      'chunked',
      'TE',
      'trailers',
      'Upgrade',
      'h2c',
      'HTTP2-Settings',
      'x',
      'Keep-Alive',
      '1',
      'Proxy-Authorization',
      'x',
      'X-Ledgerock-Team',
      'search',
      'X-Ledgerock-Aws-Identity',
      'e30',
      'x-litellm-api-key',
      'sk',
      'x-litellm-tags',
      'a',
      'x-portkey-api-key',
      'pk',
      'X-Portkey-Metadata',
      '{}',
    ]
    expect(readClientHeaders([...stopped, ...kept], rules).forward).toEqual(kept)
  })

  it('[A11] stops what the Connection header names', () => {
    const raw = ['Connection', 'close, X-Hop', 'X-Hop', '1', 'X-End', '2']
    expect(readClientHeaders(raw, rules).forward).toEqual(['X-End', '2'])
    expect(readClientHeaders(['connection', 'keep-alive', 'X-End', '2'], rules).forward).toEqual([
      'X-End',
      '2',
    ])
  })

  it('[A8] reads by lower-case name, joins what may repeat, tells what may not', () => {
    const raw = [
      'X-A',
      '1',
      'x-a',
      '2',
      'X-Tenant-Id',
      't',
      'x-tenant-id',
      'u',
      'X-Ledgerock-Team-Id',
      's',
      '__proto__',
      'p',
    ]
    const { values, own, repeated } = readClientHeaders(raw, rules)
    expect(values['x-a']).toBe('1, 2')
    expect(values['x-tenant-id']).toBe('t')
    expect(values['toString']).toBe(undefined)
    expect(values['__proto__']).toBe('p')
    expect(own).toEqual([['team_id', 's']])
    expect(repeated).toEqual(['x-tenant-id'])
  })
})
