import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCallerIdentity } from './sts-answer.ts'

const ARN = 'arn:aws:sts::123456789012:assumed-role/app/i-1'
const ACCOUNT = '123456789012'

function xml(arn = ARN, account = ACCOUNT): string {
  return `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>${arn}</Arn>
    <UserId>AROAEXAMPLE:i-1</UserId>
    <Account>${account}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
`
}

function json(members: Record<string, unknown>): string {
  return JSON.stringify({
    GetCallerIdentityResponse: {
      GetCallerIdentityResult: members,
      ResponseMetadata: { RequestId: 'x' },
    },
  })
}

const WHOLE = { Account: ACCOUNT, Arn: ARN, UserId: 'AROAEXAMPLE:i-1' }

describe('readCallerIdentity', () => {
  it('[W7] reads XML and JSON', () => {
    const identity = { accountId: ACCOUNT, principalArn: ARN }
    expect(readCallerIdentity('text/xml', xml())).toEqual(identity)
    expect(readCallerIdentity('text/xml', `<?xml version="1.0"?>\n${xml()}`)).toEqual(identity)
    expect(readCallerIdentity('application/json', json(WHOLE))).toEqual(identity)
    const path = `arn:aws:iam::${ACCOUNT}:user/a&amp;b/alice`
    expect(readCallerIdentity('text/xml', xml(path))?.principalArn).toBe(
      `arn:aws:iam::${ACCOUNT}:user/a&b/alice`,
    )
  })

  it('[W7] takes nothing else for an answer', () => {
    const wrong = [
      xml().replace('2011-06-15', '2012-06-15'),
      xml().replaceAll('GetCallerIdentity', 'AssumeRole'),
      xml(ARN, '210987654321'),
      xml('arn:aws:s3:::123456789012'),
      xml(`${ARN}</Arn><Arn>${ARN}`),
      xml(`<!--x-->${ARN}`),
      xml(`${ARN}&evil;`),
      xml(`${ARN}&#65;`),
      xml().replace('<Account>', '<UserId>').replace('</Account>', '</UserId>'),
      xml().replace('</Arn>', '</UserId>'),
      xml() + xml(),
      `<x>${xml()}</x>`,
      json(WHOLE),
      '',
    ]
    for (const body of wrong) {
      expect([body, readCallerIdentity('text/xml', body)]).toEqual([body, null])
    }
    for (const body of [
      xml(),
      json({ ...WHOLE, Arn: 1 }),
      json({ ...WHOLE, More: 'x' }),
      json({ Account: ACCOUNT, Arn: ARN }),
      '{}',
      'null',
      '{"GetCallerIdentityResponse":null}',
    ]) {
      expect([body, readCallerIdentity('application/json', body)]).toEqual([body, null])
    }
  })

  it('[W7] a JSON text that carries XML is not XML', () => {
    const inside = JSON.stringify({ GetCallerIdentityResponse: xml() })
    expect(readCallerIdentity('application/json', inside)).toBeNull()
    expect(readCallerIdentity('text/xml', inside)).toBeNull()
  })

  it('[W7] any text is read in time that grows with its length', () => {
    const pieces = fc.constantFrom(
      '<Arn>',
      '</Arn>',
      '<Account>',
      ' ',
      '\n',
      '<GetCallerIdentityResult>',
      ARN,
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 2_000 }), (parts) => {
        expect(readCallerIdentity('text/xml', parts.join(''))).toBeNull()
      }),
      { numRuns: 50 },
    )
    expect(readCallerIdentity('text/xml', xml().replace('<Arn>', ' '.repeat(16_000)))).toBeNull()
  })
})
