import { describe, expect, it } from 'vitest'
import { parseByteSize } from './byte-size.ts'
import { parseDuration } from './duration.ts'

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
