// The words a use is sold under, against literals from AWS's pages, bills and price lists.

import { describe, expect, it } from 'vitest'
import { saleOf, type SaleAsk, type SaleWords } from './sale.ts'
import type { Scheme } from './usage-names.ts'

const SONNET = 'anthropic.claude-sonnet-4-6'

function sale(ask: Partial<SaleAsk>, scheme: Scheme, words: Partial<SaleWords> = {}) {
  return saleOf(
    {
      modelId: SONNET,
      region: 'us-east-1',
      kind: 'input',
      scope: 'geo',
      tier: 'standard',
      isLongContext: false,
      variant: null,
      ...ask,
    },
    { schemeOf: () => scheme, marketplaceUnit: 'Units', cacheReadsByThousand: false, ...words },
  )
}

describe('saleOf', () => {
  it.each<[Scheme, Partial<SaleAsk>, string]>([
    ['A', {}, 'USE1-Claude4.6Sonnet-input-tokens'],
    ['A', { kind: 'cache_read' }, 'USE1-Claude4.6Sonnet-cache-read-input-token-count'],
    [
      'A',
      { kind: 'output', scope: 'global' },
      'USE1-Claude4.6Sonnet-output-tokens-cross-region-global',
    ],
    ['A', { region: 'eu-west-1' }, 'EU-Claude4.6Sonnet-input-tokens'],
    ['A', { region: 'ap-south-1' }, 'APS3-Claude4.6Sonnet-input-tokens'],
    [
      'A',
      { modelId: 'anthropic.claude-haiku-4-5-20251001-v1:0', scope: 'global' },
      'USE1-Claude4.5Haiku-input-token-count-global',
    ],
    [
      'A',
      {
        modelId: 'amazon.nova-2-lite-v1:0',
        scope: 'global',
        tier: 'priority',
        region: 'us-west-2',
      },
      'USW2-Nova2.0Lite-input-tokens-priority-cross-region-global',
    ],
    [
      'A',
      { modelId: 'amazon.nova-2-lite-v1:0', scope: 'global', tier: 'batch' },
      'USE1-Nova2.0Lite-input-tokens-cross-region-global-batch',
    ],
    [
      'B',
      { modelId: 'openai.gpt-oss-120b-1:0', scope: 'in-region' },
      'USE1-openai.gpt-oss-120b-mantle-input-tokens-standard',
    ],
    // On no list: the form AWS documents.
    [
      'A',
      { modelId: 'zai.glm-5', scope: 'in-region', tier: 'flex', kind: 'output' },
      'USE1-zai.glm-5-mantle-output-tokens-flex',
    ],
    ['C', { region: 'us-west-2' }, 'USW2-MP:USW2_InputTokenCount-Units'],
    ['C', { scope: 'global', tier: 'batch' }, 'USE1-MP:USE1_InputTokenCount_Global_Batch-Units'],
    [
      'C',
      { kind: 'cache_write_1h', scope: 'global' },
      'USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units',
    ],
    [
      'D',
      { scope: 'global', region: 'ap-northeast-1' },
      'APN1-MP:APN1_input_tokens_global_standard-Units',
    ],
    [
      'D',
      { kind: 'cache_write_1h', region: 'us-west-2' },
      'USW2-MP:USW2_cache_write_tokens_1h_standard-Units',
    ],
    [
      'D',
      { modelId: 'openai.gpt-5.6-terra', isLongContext: true, region: 'us-west-2' },
      'USW2-MP:USW2_input_tokens_long_ctx_standard-Units',
    ],
    ['A', { modelId: '', kind: 'text_units_content' }, 'USE1-Guardrail-ContentPolicyUnitsConsumed'],
    [
      'A',
      {
        modelId: 'amazon.nova-canvas-v1:0',
        kind: 'images',
        variant: 'up to 1024x1024, premium',
        scope: 'in-region',
      },
      'USE1-NovaCanvas-T2I-1024-Premium',
    ],
    [
      'A',
      { modelId: 'amazon.rerank-v1:0', kind: 'search_units', region: 'us-west-2' },
      'USW2-AmazonRerank-v1-searchunits',
    ],
  ])('[S32] sells in scheme %s %j as %s', (scheme, ask, usageType) => {
    expect(sale(ask, scheme).usageType).toBe(usageType)
  })

  it('[S32] counts AWS’s own by the thousand and the Marketplace’s by the million', () => {
    expect(sale({}, 'A')).toMatchObject({ unit: '1K tokens', unitSize: 1_000n })
    expect(sale({}, 'D')).toMatchObject({ unit: '1M tokens', unitSize: 1_000_000n })
    expect(sale({}, 'C')).toMatchObject({
      unit: 'Units',
      unitSize: 1_000_000n,
      tail: 'Million Input Tokens Regional CRIS',
      productName: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)',
      serviceCode: '',
    })
    expect(sale({}, 'C', { marketplaceUnit: '1M tokens' }).unit).toBe('1M tokens')
    const thousand = { cacheReadsByThousand: true }
    expect(sale({ kind: 'cache_read' }, 'C', thousand)).toMatchObject({
      unit: 'Units',
      unitSize: 1_000n,
      tail: 'thousand Cache Read Input Tokens Regional CRIS',
    })
    expect(sale({ kind: 'input' }, 'C', thousand).unitSize).toBe(1_000_000n)
  })

  it('[S32] has one opaque product code for each product of the Marketplace', () => {
    const code = sale({}, 'C').productCode
    expect(code).toMatch(/^[a-z0-9]{25}$/)
    expect(sale({ kind: 'output', scope: 'global' }, 'D').productCode).toBe(code)
    expect(sale({ modelId: 'anthropic.claude-opus-4-6-v1' }, 'D').productCode).not.toBe(code)
  })
})
