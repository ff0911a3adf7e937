import { expect, it } from 'vitest'
import { tierFromWire } from './tier-from-wire.ts'

it.each([
  [null, null, 'standard'],
  ['default', 'standard', 'standard'],
  ['priority', null, 'priority'],
  ['flex', 'standard', 'flex'],
  ['reserved', null, 'reserved'],
  [null, 'optimized', 'latency-optimized'],
  ['default', 'optimized', 'latency-optimized'],
  ['ultrafast', null, null],
  [null, 'turbo', null],
])('[P13] serviceTier %s, latency %s: %s', (serviceTier, latency, tier) => {
  expect(tierFromWire({ serviceTier, latency })).toBe(tier)
})
