// How a usage type is read together with what stands beside it: resource, product, region, attributes; and what is refused.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meaning } from '../testing/usage-type-meaning.ts'

const NOVA_PRO = 'amazon.nova-pro-v1:0'

describe('readUsageType', () => {
  it('[BW2] reads a real bill line of 2025, whose model stands in the resource', () => {
    const resourceId =
      'arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0'
    const productName = 'Claude 3.5 Sonnet (Amazon Bedrock Edition)'
    const text = 'USW2-MP:USW2_InputTokenCount-Units'
    const expected = 'us-west-2 anthropic.claude-3-5-sonnet-20240620-v1:0 input in-region standard'
    expect(meaning(text, { resourceId, productName })).toBe(expected)
    expect(meaning(text, { resourceId })).toBe(expected)
    expect(meaning(text, { productName })).toBe(expected)
    expect(meaning(text)).toBe('us-west-2 ? input in-region standard')
  })

  it('[BW2] prefers the resource to the billing name, and takes an opaque one for nothing', () => {
    const profile = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123'
    const known =
      'arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0'
    expect(
      meaning('USE1-NovaReel-T2V-Medfps-HDRes', {
        resourceId: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-reel-v1:1',
      }),
    ).toContain(' amazon.nova-reel-v1:1 ')
    expect(meaning('USE1-NewName-input-tokens', { resourceId: known })).toContain('nova-lite')
    expect(meaning('USE1-NewName-input-tokens', { resourceId: profile })).toContain('?NewName')
  })

  it('[BW2] names no model where two names contradict each other', () => {
    expect(meaning('USE1-NovaPro-input-tokens', { modelName: 'Nova Lite' })).toBe(
      'us-east-1 ?NovaPro input in-region standard',
    )
    expect(meaning('USE1-NovaPro-input-tokens', { modelName: 'Nova Pro' })).toContain(NOVA_PRO)
  })

  it('[BW3] takes a region that is not in the table from beside it, and refuses a contradiction', () => {
    expect(meaning('QQ1-NovaPro-input-tokens', { regionCode: 'xx-west-1' })).toBe(
      `xx-west-1 ${NOVA_PRO} input in-region standard`,
    )
    expect(meaning('QQ1-NovaPro-input-tokens')).toContain('?QQ1-NovaPro')
    expect(meaning('USE1-NovaPro-input-tokens', { regionCode: 'us-west-2' })).toBe('unknown_shape')
    expect(meaning('USE1-MP:USW2_InputTokenCount-Units')).toBe('unknown_shape')
    expect(meaning('APS3-NovaPro-input-tokens', { regionCode: 'ap-south-1' })).toContain(
      'ap-south-1',
    )
  })

  it('[BW4] hears all four ways of saying the tier, and refuses two that differ', () => {
    const text = 'USE1-NovaPro-input-tokens'
    const expected = (tier: string): string => `us-east-1 ${NOVA_PRO} input in-region ${tier}`
    expect(meaning(text, { feature: 'BatchInference' })).toBe(expected('batch'))
    expect(meaning(text, { inferenceType: 'Input tokens flex' })).toBe(expected('flex'))
    expect(meaning(text, { serviceTier: 'priority' })).toBe(expected('priority'))
    expect(meaning(text, { serviceTier: 'standard', feature: 'On-demand Inference' })).toBe(
      expected('standard'),
    )
    expect(meaning(`${text}-flex`, { serviceTier: 'flex' })).toBe(expected('flex'))
    expect(meaning(`${text}-flex`, { serviceTier: 'priority' })).toBe('unknown_shape')
    expect(meaning(text, { serviceTier: 'flex', feature: 'Batch Inference' })).toBe('unknown_shape')
    const optimized = { modelName: 'Nova Pro Latency Optimized' }
    expect(meaning(text, optimized)).toBe(expected('latency-optimized'))
    expect(meaning(`${text}-latency-optimized`, optimized)).toBe(expected('latency-optimized'))
    expect(meaning(text, { feature: 'Model Customization' })).toContain('custom model')
    expect(meaning(text, { inferenceType: 'Input tokens long context' })).toContain('long')
  })

  it.each([
    'BoxUsage:m5.large',
    'USE1-NovaPro-input-output-tokens',
    'USE1-NovaPro-input-tokens-flex-batch',
    'USE1-NovaPro-cache-read-write-tokens',
    'USE1-NovaPro-cache-write-tokens-1h-5m',
    'USE1-NovaPro-input-tokens-global-geo',
    'USE1-NovaPro-input-tokens-sideways',
    'USE1-NovaPro-input',
    'USE1-NovaPro-input-tokens-long',
    '',
  ])('[BW1] refuses %s, which does not mean one thing', (text) => {
    expect(meaning(text)).toBe('unknown_shape')
  })

  it('[BW1] says what is not of Bedrock at all where the product tells', () => {
    expect(meaning('USE1-BoxUsage', { productName: 'Amazon Elastic Compute Cloud' })).toBe(
      'not_bedrock',
    )
    expect(meaning('USE1-NovaPro-input-tokens', { productName: 'Amazon Bedrock' })).toContain(
      NOVA_PRO,
    )
  })

  it('[BW1] reads the same words in every order as the same thing', () => {
    const words = fc.record({
      tier: fc.constantFrom('', 'flex', 'priority', 'batch', 'latency-optimized'),
      scope: fc.constantFrom('', 'global', 'cross-region-global', 'geo'),
      long: fc.constantFrom('', 'long-context', 'long-ctx'),
      kind: fc.constantFrom(
        'input-tokens',
        'output-token-count',
        'cache-read-tokens',
        'cache-write-tokens-1h',
      ),
    })
    fc.assert(
      fc.property(words, fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), (said, order) => {
        const parts = Object.values(said).filter((part) => part !== '')
        const shuffled = parts
          .map((part, index) => [order[index] ?? 0, part] as const)
          .toSorted(([left], [right]) => left - right)
          .map(([, part]) => part)
        const plain = meaning(`USE1-NovaPro-${parts.join('-')}`)
        expect(meaning(`USE1-NovaPro-${shuffled.join('-')}`)).toBe(plain)
        expect(plain).toContain(NOVA_PRO)
        expect(plain.endsWith(' long')).toBe(said.long !== '')
      }),
    )
  })

  it('[BW1] answers whatever text it is given', () => {
    const pieces =
      'USE1 MP:USE1_ input tokens cache write 1h global batch T2I 1024 reserved 1 month'
    const text = fc
      .array(fc.constantFrom(...pieces.split(' '), '-', '_', ''))
      .map((all) => all.join('-'))
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (written) => {
        expect(meaning(written).length).toBeGreaterThan(0)
      }),
    )
    expect(meaning(`USE1-${'a-'.repeat(1_000_000)}input-tokens`)).toBe('unknown_shape')
  })
})
