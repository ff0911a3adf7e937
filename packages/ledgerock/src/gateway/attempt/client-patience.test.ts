import { describe, expect, it } from 'vitest'
import { clientPatience } from './client-patience.ts'

describe('clientPatience', () => {
  it.each([
    ['attempt=1; max=3', true],
    ['attempt=3; max=3', false],
    ['ttl=20261121T101530Z; attempt=2; max=3', true],
    ['attempt=1', true],
    ['attempt=2', false],
    ['', true],
  ])('[Y15] an AWS SDK that says %j retries: %s', (header, willRetry) => {
    expect(clientPatience({ 'amz-sdk-request': header }).willRetry).toBe(willRetry)
  })

  it.each([
    ['0', true],
    ['1', true],
    ['2', false],
    ['many', false],
  ])('[Y15] a Stainless client at retry %s retries: %s', (header, willRetry) => {
    expect(clientPatience({ 'x-stainless-retry-count': header }).willRetry).toBe(willRetry)
  })

  it('[Y15] knows how long the client waits where it says so', () => {
    const header = 'ttl=20261121T101530Z; attempt=1; max=3'
    expect(clientPatience({ 'amz-sdk-request': header }).deadlineMs).toBe(
      Date.parse('2026-11-21T10:15:30Z'),
    )
    expect(clientPatience({})).toEqual({ willRetry: false, deadlineMs: null })
  })
})
