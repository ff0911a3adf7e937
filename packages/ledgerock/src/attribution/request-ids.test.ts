import { describe, expect, it } from 'vitest'
import { readRequestIds } from './request-ids.ts'

const HASH = 'abcdef0123456789'.repeat(4)
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`
const AMZN = '1-5759e988-bd862e3fe1be46a994272793'
const read = (headers: Record<string, string>) =>
  readRequestIds(
    headers,
    () => HASH,
    () => 'own-id',
  )

describe('readRequestIds', () => {
  it.each([
    [
      { 'x-ledgerock-request-id': 'r1', 'amz-sdk-invocation-id': 'i1', traceparent: PARENT },
      'r1',
      'request_id',
      TRACE,
    ],
    [{ 'amz-sdk-invocation-id': 'i1', traceparent: PARENT }, 'i1', 'invocation_id', TRACE],
    [{ traceparent: PARENT }, `${TRACE}-abcdef0123456789`, 'trace', TRACE],
    [
      { 'x-amzn-trace-id': `Root=${AMZN};Parent=53995c3f42cd8ad8;Sampled=1` },
      `${AMZN}-abcdef0123456789`,
      'trace',
      AMZN,
    ],
    [{ 'x-ledgerock-trace-id': 't', traceparent: PARENT }, 't-abcdef0123456789', 'trace', 't'],
    [{}, 'own-id', 'own', null],
    [
      { traceparent: '00-00000000000000000000000000000000-00f067aa0ba902b7-01' },
      'own-id',
      'own',
      null,
    ],
    [{ traceparent: 'garbage', 'x-amzn-trace-id': 'Self=1' }, 'own-id', 'own', null],
    [{ 'amz-sdk-invocation-id': 'has space' }, 'own-id', 'own', null],
  ])('[A12] %j groups by %s (%s)', (headers, logicalId, logicalIdSource, traceId) => {
    const plain: Record<string, string> = { ...headers }
    expect(read(plain)).toMatchObject({ logicalId, logicalIdSource, traceId, invalid: [] })
  })

  it.each([
    [{ 'amz-sdk-request': 'attempt=2; max=3' }, 2],
    [{ 'amz-sdk-request': 'ttl=20200101T000000Z; attempt=3; max=3' }, 3],
    [{ 'amz-sdk-request': 'attempt=0' }, 1],
    [{ 'amz-sdk-request': 'attempt=9999' }, 1_000],
    [{ 'amz-sdk-request': 'max=3' }, 1],
    [{ 'x-stainless-retry-count': '1' }, 2],
    [{ 'x-stainless-retry-count': '-1' }, 1],
    [{}, 1],
  ])('[A12] %j is attempt %d', (headers, attempt) => {
    const plain: Record<string, string> = { ...headers }
    expect(read(plain).attempt).toBe(attempt)
  })

  it.each(['has space', 'é', 'x'.repeat(129), 'tab\t'])(
    '[A12] our own header with %j is invalid',
    (value) => {
      const { invalid, logicalId } = read({
        'x-ledgerock-request-id': value,
        'x-ledgerock-trace-id': value,
      })
      expect(invalid.map(({ dimension }) => dimension)).toEqual([
        'x-ledgerock-request-id',
        'x-ledgerock-trace-id',
      ])
      expect(logicalId).toBe('own-id')
    },
  )
})
