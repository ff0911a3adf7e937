// The limits of request metadata, at and beyond each edge.

import { describe, expect, it } from 'vitest'

import { readRequestMetadata, readRequestMetadataHeader } from './request-metadata.ts'

const VALIDATION = { type: 'ValidationException' }
const sixteen = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, 'v']))

describe('request metadata', () => {
  it.each([
    { team: 'search', 'a b:_@$#=/+,-.': 'A9 :_@$#=/+,-.' },
    { empty: '' },
    { ['k'.repeat(256)]: 'v'.repeat(256) },
    sixteen,
    { kind: 'refusal', type: 'ValidationException' },
  ])('[S12] accepts %j', (metadata) => {
    expect(readRequestMetadata(metadata)).toEqual({ metadata })
    expect(readRequestMetadataHeader(JSON.stringify(metadata))).toEqual({ metadata })
  })

  it.each([
    {},
    { ...sixteen, more: 'v' },
    { '': 'v' },
    { ['k'.repeat(257)]: 'v' },
    { k: 'v'.repeat(257) },
    { k: 'a"b' },
    { 'k%': 'v' },
    { k: 'é' },
    { k: 1 },
    [],
    'text',
    null,
  ])('[S12] refuses %j', (metadata) => {
    expect(readRequestMetadata(metadata)).toMatchObject(VALIDATION)
  })

  it('[S12] refuses a header that is no JSON object or too long', () => {
    expect(readRequestMetadataHeader('[object Object]')).toMatchObject(VALIDATION)
    expect(readRequestMetadataHeader(' '.repeat(8_501))).toMatchObject(VALIDATION)
  })
})
