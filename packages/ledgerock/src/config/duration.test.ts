import { describe, expect, it } from 'vitest'
import { parseByteSize } from './byte-size.ts'
import { parseDuration } from './duration.ts'
import { parseInstant } from './instant.ts'

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['20ms', 20],
    ['10s', 10_000],
    ['60m', 3_600_000],
    ['24h', 86_400_000],
    ['400d', 34_560_000_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '5', '5 s', '-5s', '1.5h', '1h30m', '5y', '36501d', '9999999999999s', 's'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeNull()
    },
  )
})

describe('parseByteSize', () => {
  it.each([
    ['512B', 512],
    ['1kB', 1000],
    ['1KiB', 1024],
    ['10GiB', 10_737_418_240],
    ['2TB', 2_000_000_000_000],
  ])('reads %s', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes)
  })

  it.each(['', '10', '10 GiB', '1.5GiB', '10gib', '999999999999999TiB', '-1B'])(
    'refuses %j',
    (text) => {
      expect(parseByteSize(text)).toBeNull()
    },
  )
})

describe('parseInstant', () => {
  it.each([
    ['2026-10-01', Date.UTC(2026, 9, 1)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2026-10-01T09:00Z', Date.UTC(2026, 9, 1, 9)],
    ['2026-10-01T09:00:30.5Z', Date.UTC(2026, 9, 1, 9, 0, 30, 500)],
    ['2026-10-01T01:00:00+02:00', Date.UTC(2026, 8, 30, 23)],
  ])('reads %s', (text, ms) => {
    expect(parseInstant(text)).toBe(ms)
  })

  it.each([
    '',
    'yesterday',
    '2026',
    '2026-10',
    '2026-13-01',
    '2026-02-30',
    '2026-02-30T09:00:00Z',
    '2026-10-01T25:00:00Z',
    '2026-10-01T09:00:00',
    '2026-10-01 09:00:00Z',
    '1790000000',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeNull()
  })
})
