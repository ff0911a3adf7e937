// Costs worked out by hand from AWS's published prices.

import { describe, expect, it } from 'vitest'

import { modelIds } from './catalogue.ts'
import { costOf, formatUsd, picodollarsPerToken } from './cost.ts'
import { PRICE_TABLE } from './price-table.ts'
import type { Usage } from './usage.ts'

const NOTHING: Usage = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  other: {},
}
const SONNET = 'anthropic.claude-sonnet-4-6'

function usd(
  model: string,
  usage: Partial<Usage>,
  rest: {
    region?: string
    scope?: 'in-region' | 'geo' | 'global'
    tier?: 'standard' | 'flex'
    variant?: string | null
  } = {},
): string | null {
  const { region = 'us-east-1', scope = 'in-region', tier = 'standard', variant = null } = rest
  const cost = costOf({ model, region, scope, tier, usage: { ...NOTHING, ...usage }, variant })
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

  it('[S8] prices every model of the catalogue but the one that is there to be unpriced', () => {
    const priced = [...new Set(PRICE_TABLE.map((row) => row.model))]
    expect(priced.toSorted()).toEqual(
      modelIds()
        .filter((id) => id !== 'anthropic.claude-unlisted-v1:0')
        .toSorted(),
    )
  })

  it.each([
    ['amazon.nova-canvas-v1:0', { images: 3 }, 'up to 1024x1024, premium', '0.18'],
    ['amazon.nova-canvas-v1:0', { images: 1 }, 'up to 2048x2048, premium', '0.08'],
    ['stability.stable-image-ultra-v1:1', { images: 1 }, null, '0.14'],
    ['amazon.nova-reel-v1:1', { video_seconds: 30 }, '720p, 24 fps', '2.4'],
    ['luma.ray-v2:0', { video_seconds: 9 }, '540p, 24 fps', '6.75'],
    ['cohere.rerank-v3-5:0', { search_units: 3 }, null, '0.006'],
    ['amazon.titan-embed-image-v1', { image_input: 2 }, null, '0.00012'],
    ['amazon.nova-2-multimodal-embeddings-v1:0', { image_input: 1 }, 'document', '0.0006'],
    ['amazon.nova-2-multimodal-embeddings-v1:0', { audio_input: 60 }, null, '0.0084'],
    ['twelvelabs.marengo-embed-2-7-v1:0', { requests: 1 }, null, '0.00007'],
  ])('[S8][S26] prices %s for %j of %s', (model, other, variant, expected) => {
    expect(usd(model, { other }, { variant })).toBe(expected)
  })

  it('[S8][S26] adds units and tokens', () => {
    // 60 seconds at 0.00049 and 1000 tokens at 7.50 per million
    const usage = { output: 1_000, other: { video_seconds: 60 } }
    expect(usd('twelvelabs.pegasus-1-2-v1:0', usage, { scope: 'geo' })).toBe('0.0369')
  })

  it('[S8][S26] knows no price for a variant or a unit that is not in the table', () => {
    const canvas = 'amazon.nova-canvas-v1:0'
    expect(usd(canvas, { other: { images: 1 } })).toBeNull()
    expect(usd(canvas, { other: { images: 1 } }, { variant: 'up to 4096x4096' })).toBeNull()
    expect(usd(canvas, { input: 1 }, { variant: 'up to 1024x1024, standard' })).toBeNull()
    expect(usd('twelvelabs.marengo-embed-3-0-v1:0', { other: { image_input: 1 } })).toBeNull()
    expect(usd('cohere.embed-english-v3', { input: 1, other: { image_input: 1 } })).toBeNull()
    expect(usd('cohere.embed-english-v3', { input: 1, other: { image_input: 0 } })).toBe(
      '0.0000001',
    )
  })

  it('[S8] moves the whole request to the dearer row when its prompt is above the threshold', () => {
    const terra = 'openai.gpt-5.6-terra'
    const prompt = (input: number): Partial<Usage> => ({
      input,
      cacheRead: 100_000,
      other: { cache_write_30m: 100_000 },
    })
    // 72,000 × 2.20 + 100,000 × 0.22 + 100,000 × 2.75
    expect(usd(terra, prompt(72_000))).toBe('0.4554')
    // 72,001 × 4.40 + 100,000 × 0.44 + 100,000 × 5.50
    expect(usd(terra, prompt(72_001))).toBe('0.9108044')
  })

  it('writes dollars as the shortest exact decimal', () => {
    expect(formatUsd(0n)).toBe('0')
    expect(formatUsd(1n)).toBe('0.000000000001')
    expect(formatUsd(12_500_000_000_000n)).toBe('12.5')
  })
})
