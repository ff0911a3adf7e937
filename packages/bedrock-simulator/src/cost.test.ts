// Costs worked out by hand from AWS's published prices.

import { describe, expect, it } from 'vitest'

import { findModel } from './catalogue.ts'
import { costOf, formatUsd, picodollarsPerToken } from './cost.ts'
import { PRICE_TABLE } from './price-table.ts'
import type { Usage } from './usage.ts'

const NOTHING: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }
const SONNET = 'anthropic.claude-sonnet-4-6'

function usd(
  model: string,
  usage: Partial<Usage>,
  rest: {
    region?: string
    scope?: 'in-region' | 'geo' | 'global'
    tier?: 'standard' | 'flex'
  } = {},
): string | null {
  const { region = 'us-east-1', scope = 'in-region', tier = 'standard' } = rest
  const cost = costOf({ model, region, scope, tier, usage: { ...NOTHING, ...usage } })
  return cost === null ? null : formatUsd(cost)
}

describe('cost', () => {
  it('[S8] adds each kind at its own rate, exactly', () => {
    const usage = { input: 10, output: 20, cacheRead: 30, cacheWrite5m: 40, cacheWrite1h: 50 }
    // 10 × 3.30 + 20 × 16.50 + 30 × 0.33 + 40 × 4.125 + 50 × 6.60 = 867.9 micro-dollars
    expect(usd(SONNET, usage, { scope: 'geo' })).toBe('0.0008679')
    // 10 × 3 + 20 × 15 + 30 × 0.30 + 40 × 3.75 + 50 × 6 = 789
    expect(usd(SONNET, usage, { scope: 'global' })).toBe('0.000789')
  })

  it('[S8] follows scope, region and tier', () => {
    const lite = 'amazon.nova-2-lite-v1:0'
    const million = { input: 1_000_000 }
    expect(usd(lite, million)).toBe('0.33')
    expect(usd(lite, million, { scope: 'global' })).toBe('0.3')
    expect(usd(lite, million, { tier: 'flex' })).toBe('0.165')
    expect(usd(lite, million, { region: 'eu-west-1' })).toBe('0.374')
    expect(usd('amazon.titan-embed-text-v2:0', { input: 1 }, { region: 'eu-west-1' })).toBe(
      '0.000000026004',
    )
  })

  it('[S8] takes nothing for what Nova writes to its cache', () => {
    expect(usd('amazon.nova-pro-v1:0', { cacheWrite5m: 5_000 })).toBe('0')
  })

  it('[S8] is unknown, never zero, where the table has no figure', () => {
    expect(usd('anthropic.claude-unlisted-v1:0', { input: 1 })).toBeNull()
    expect(usd(SONNET, { input: 1 }, { tier: 'flex' })).toBeNull()
    expect(usd(SONNET, { input: 1 }, { region: 'us-gov-west-1' })).toBeNull()
    expect(usd('amazon.nova-micro-v1:0', { input: 1 }, { region: 'ap-south-1' })).toBeNull()
    expect(usd('anthropic.claude-3-7-sonnet-20250219-v1:0', { cacheWrite1h: 1 })).toBeNull()
    expect(usd('openai.gpt-oss-20b-1:0', { input: 1 }, { scope: 'geo' })).toBeNull()
  })

  it('[S8] holds figures of up to six decimals as whole picodollars', () => {
    expect(picodollarsPerToken('0.026004')).toBe(26_004n)
    expect(picodollarsPerToken('16.5')).toBe(16_500_000n)
    expect(() => picodollarsPerToken('0.0000001')).toThrow(/not a price/)
    expect(() => picodollarsPerToken('-1')).toThrow(/not a price/)
  })

  it('[S8] prices about a dozen models, each of the catalogue', () => {
    const models = new Set(PRICE_TABLE.map((row) => row.model))
    expect(models.size).toBeGreaterThanOrEqual(12)
    for (const model of models) expect(findModel(model)?.id).toBe(model)
  })

  it('writes dollars as the shortest exact decimal', () => {
    expect(formatUsd(0n)).toBe('0')
    expect(formatUsd(1n)).toBe('0.000000000001')
    expect(formatUsd(12_500_000_000_000n)).toBe('12.5')
  })
})
