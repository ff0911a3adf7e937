// Conversion of price list files: the figures of a real model, what is left out and why, when a price begins, and refusals.

import { describe, expect, it, vi } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { costOfUsage } from '../cost-of-usage.ts'
import { buildPriceBook, layerOf } from '../price-book.ts'
import type { PriceDocument } from '../price-document.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'
import { listedOffer as offer, type Listed } from '../testing/listed-offer.ts'
import { convertOffers } from './convert-offers.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])

/** A machine under load is slow, not wrong. */
vi.setConfig({ testTimeout: 60_000 })

const SONNET = { servicename: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)' }
const marketplace = (dimension: string, usd: string, unit = '1M tokens', tail = ''): Listed => [
  `USE1-MP:USE1_${dimension}-Units`,
  usd,
  unit,
  SONNET,
  `AWS Marketplace software usage|us-east-1|${tail}`,
]

function pricesIn(document: PriceDocument, modelId: string): readonly string[] {
  const model = document.models.find((each) => each.model_id === modelId)
  return (model?.rates ?? []).flatMap((row) =>
    Object.entries(row.prices).map(([kind, usd]) =>
      [row.scope, row.tier, row.variant, kind, usd].filter(Boolean).join(' '),
    ),
  )
}

/** Claude Sonnet 4.6 as the list of 2026-09-11 has it, in USD per million tokens and per 1,000 tokens per minute and hour. */
const SONNET_46: readonly Listed[] = [
  marketplace('InputTokenCount', '3.3000000000'),
  marketplace('InputTokenCount_Global', '3.0000000000'),
  marketplace('OutputTokenCount', '16.5000000000'),
  marketplace('OutputTokenCount_Global', '15.0000000000'),
  marketplace('CacheReadInputTokenCount', '0.3300000000'),
  marketplace('CacheReadInputTokenCount_Global', '0.3000000000'),
  marketplace('CacheWriteInputTokenCount', '4.1250000000'),
  marketplace('CacheWriteInputTokenCount_Global', '3.7500000000'),
  marketplace('CacheWrite1hInputTokenCount', '6.6000000000'),
  marketplace('CacheWrite1hInputTokenCount_Global', '6.0000000000'),
  marketplace('InputTokenCount_Batch', '1.6500000000'),
  marketplace('InputTokenCount_Global_Batch', '1.5000000000'),
  marketplace('OutputTokenCount_Batch', '8.2500000000'),
  marketplace('OutputTokenCount_Global_Batch', '7.5000000000'),
  ...(
    [
      ['1Month_InputTPM_Geo', '0.1980000000'],
      ['1Month_OutputTPM_Geo', '0.9900000000'],
      ['1Month_InputTPM_Global', '0.1800000000'],
      ['1Month_OutputTPM_Global', '0.9000000000'],
      ['3Month_InputTPM_Geo', '0.1782000000'],
      ['3Month_OutputTPM_Geo', '0.8910000000'],
      ['3Month_InputTPM_Global', '0.1620000000'],
      ['3Month_OutputTPM_Global', '0.8100000000'],
    ] as const
  ).map(([words, usd]) =>
    marketplace(`Reserved_${words}`, usd, '1M TPM Hour', 'Per Hour per 1K Input TPM Reserved'),
  ),
]

describe('convertOffers', () => {
  it('[PL2] reads every price of Claude Sonnet 4.6 as the list states it', () => {
    const { document, report } = mustOk(
      convertOffers([offer('AmazonBedrockFoundationModels', SONNET_46)], book),
    )
    expect(report.unread).toEqual([])
    const regional = ['in-region', 'geo'].flatMap((scope) => [
      `${scope} standard input 3.3`,
      `${scope} standard output 16.5`,
      `${scope} standard cache_read 0.33`,
      `${scope} standard cache_write_5m 4.125`,
      `${scope} standard cache_write_1h 6.6`,
      `${scope} batch input 1.65`,
      `${scope} batch output 8.25`,
    ])
    // $0.198 buys 1,000 tokens per minute for an hour, so a million cost $198.
    const reserved = [
      'geo reserved 1-month input tpm_hours 198',
      'geo reserved 1-month output tpm_hours 990',
      'geo reserved 3-months input tpm_hours 178.2',
      'geo reserved 3-months output tpm_hours 891',
      'global reserved 1-month input tpm_hours 180',
      'global reserved 1-month output tpm_hours 900',
      'global reserved 3-months input tpm_hours 162',
      'global reserved 3-months output tpm_hours 810',
    ]
    const global = [
      'global standard input 3',
      'global standard output 15',
      'global standard cache_read 0.3',
      'global standard cache_write_5m 3.75',
      'global standard cache_write_1h 6',
      'global batch input 1.5',
      'global batch output 7.5',
    ]
    const found = pricesIn(document, 'anthropic.claude-sonnet-4-6')
    expect([...found].toSorted()).toEqual([...regional, ...global, ...reserved].toSorted())
    expect(report).toMatchObject({ skus: 22, read: 22, rates: 29 })
  })

  it('[PL2] prices a call by it', () => {
    const converted = mustOk(
      convertOffers([offer('AmazonBedrockFoundationModels', SONNET_46)], book),
    )
    const layered = buildPriceBook([layerOf('price_list', converted.document), SNAPSHOT_LAYER])
    const cost = costOfUsage(layered, {
      modelId: 'anthropic.claude-sonnet-4-6',
      region: 'us-east-1',
      scope: 'geo',
      tier: 'standard',
      atMs: Date.parse('2026-09-12T00:00:00Z'),
      usage: { input: 1_000_000, output: 1_000_000, cache_write_5m: 1_000_000 },
    })
    // 3.30 + 16.50 + 4.125
    expect(cost.kind === 'priced' && cost.cost).toBe(23_925_000_000_000n)
    expect(cost.charges.every((charge) => charge.from.layer === 'price_list')).toBe(true)
  })

  it('[PL3] names every SKU it could not read, by reason, with examples', () => {
    const training = Array.from({ length: 7 }, (_, index): Listed => [
      `USE1-NovaPro-Customization-Training`,
      `0.00${index}`,
      '1K tokens',
    ])
    const { report, document } = mustOk(
      convertOffers(
        [
          offer('AmazonBedrock', [
            ...training,
            ['USE1-Unheard2.0-input-tokens', '0.001', '1K tokens'],
            ['USE1-NovaPro-sideways', '0.001', '1K tokens'],
            ['USE1-Unheard2.0-output-tokens', '0.001', 'Furlongs'],
            ['USE1-NovaPro-input-tokens', '0.0000000000000001', '1K tokens'],
            ['NovaPro-input-tokens-batch', '0.001', '1K tokens', { regionCode: '' }],
            ['USE1-NovaPro-input-tokens-long-context', '0.001', '1K tokens'],
            ['USE1-NovaPro-output-tokens-cross-region-global', '0.0032', '1K tokens'],
          ]),
          offer('AmazonBedrockAgentCore', [['USE1-Runtime-vCPU', '0.08', 'Hrs']]),
        ],
        book,
      ),
    )
    const reasons = report.unread.map(({ reason, count }) => [reason, count])
    expect(reasons).toEqual([
      ['not_a_call', 8],
      ['unknown_model', 2],
      ['unknown_usage_type', 1],
      ['unknown_region', 1],
      ['unknown_threshold', 1],
      ['price_too_fine', 1],
    ])
    expect(report.unread[0]?.examples).toHaveLength(5)
    expect(report.unread[1]?.examples).toEqual([
      { sku: 'SKU7', usagetype: 'USE1-Unheard2.0-input-tokens', description: '' },
      { sku: 'SKU9', usagetype: 'USE1-Unheard2.0-output-tokens', description: '' },
    ])
    expect(report.skus).toBe(15)
    expect(report.read + report.unread.reduce((sum, { count }) => sum + count, 0)).toBe(15)
    expect(pricesIn(document, 'amazon.nova-pro-v1:0')).toEqual(['global standard output 3.2'])
  })

  it('[PL3] names tiers by volume, products without a price and those sold only by reservation', () => {
    const file = offer('AmazonBedrock', [
      ['USE1-NovaPro-input-tokens', '0.001', '1K tokens'],
      ['USE1-NovaPro-output-tokens', '0.001', '1K tokens'],
      ['USE1-NovaPro-cache-read-input-token-count', '0.001', '1K tokens'],
      ['USE1-NovaLite-input-tokens', '0.001', '1K tokens'],
    ])
    const terms = file['terms'] as { [kind: string]: { [sku: string]: never } }
    const onDemand = terms['OnDemand'] ?? {}
    terms['Reserved'] = { SKU1: onDemand['SKU1'] as never }
    delete onDemand['SKU1']
    delete onDemand['SKU2']
    const text = JSON.stringify(file).replace('"endRange":"Inf"', '"endRange":"1000000"')
    const { report } = mustOk(convertOffers([JSON.parse(text)], book))
    expect(report.unread.map(({ reason }) => reason)).toEqual([
      'tiered_price',
      'no_price',
      'reservation',
    ])
  })

  it('[PL4] takes two SKUs that say the same for one, and the later of two dates from its day on', () => {
    const same: Listed = ['USE1-NovaPro-input-tokens', '0.0008', '1K tokens']
    const twin: Listed = ['USE1-NovaPro-input-token-count', '0.0008000000', '1k tokens']
    const { document } = mustOk(convertOffers([offer('AmazonBedrock', [same, twin])], book))
    expect(pricesIn(document, 'amazon.nova-pro-v1:0')).toEqual([
      'geo standard input 0.8',
      'in-region standard input 0.8',
    ])
    const later = offer('AmazonBedrock', [
      same,
      ['USE1-NovaPro-input-token-count', '0.0009', '1K tokens'],
    ])
    const text = JSON.stringify(later)
    const at = text.lastIndexOf('2026-09-01T00:00:00Z')
    const dated = `${text.slice(0, at)}2026-10-01T00:00:00Z${text.slice(at + 20)}`
    const changed = mustOk(convertOffers([JSON.parse(dated)], book)).document.models[0]?.rates
    expect(
      changed
        ?.filter(({ scope }) => scope === 'in-region')
        .map(({ prices, valid_from: from, valid_to: to }) => [prices.input, from, to]),
    ).toEqual([
      ['0.8', '2026-09-01T00:00:00.000Z', '2026-10-01T00:00:00.000Z'],
      ['0.9', '2026-10-01T00:00:00.000Z', undefined],
    ])
  })

  it('[PL5] begins a price on its day only where the book knew another, and else leaves history alone', () => {
    const listed = (usd: string): PriceDocument =>
      mustOk(
        convertOffers(
          [offer('AmazonBedrock', [['USE1-NovaPro-input-tokens', usd, '1K tokens']])],
          book,
        ),
      ).document
    const starts = (document: PriceDocument): readonly (string | undefined)[] =>
      document.models[0]?.rates.map((row) => row.valid_from) ?? []
    expect(starts(listed('0.0008'))).toEqual([undefined, undefined])
    expect(starts(listed('0.0010'))).toEqual([
      '2026-09-01T00:00:00.000Z',
      '2026-09-01T00:00:00.000Z',
    ])
    // What had no price at all is priced for all earlier time.
    const latency: Listed = [
      'UGW1-NovaPro-input-tokens-priority',
      '0.002',
      '1K tokens',
      { regionCode: 'us-gov-west-1' },
    ]
    const fresh = mustOk(convertOffers([offer('AmazonBedrock', [latency])], book)).document
    expect(starts(fresh)).toEqual([undefined, undefined])
    // A second import of another price does not rewrite what the first one said of the time between.
    const imported = buildPriceBook([layerOf('price_list', listed('0.0010')), SNAPSHOT_LAYER])
    const back = offer(
      'AmazonBedrock',
      [['USE1-NovaPro-input-tokens', '0.0008', '1K tokens']],
      '2026-11-01T00:00:00Z',
    )
    expect(starts(mustOk(convertOffers([back], imported)).document)).toEqual([
      '2026-11-01T00:00:00.000Z',
      '2026-11-01T00:00:00.000Z',
    ])
  })

  it('[PL6] reads long context at the model own threshold, from the offer it is sold in', () => {
    const long = 'Claude4Sonnet-input-tokens-long-context-cross-region-global'
    const service = offer('AmazonBedrockService', [[`USE1-${long}`, '0.006', '1K tokens']])
    const { document } = mustOk(convertOffers([service], book))
    const [model] = document.models
    expect(model?.model_id).toBe('anthropic.claude-sonnet-4-20250514-v1:0')
    expect(model?.rates).toMatchObject([
      { context_above: 200_000, scope: 'global', prices: { input: '6' } },
    ])
  })

  it('[PL6] reads guardrails, images, video and capacity in the units they are sold in', () => {
    const { document, report } = mustOk(
      convertOffers(
        [
          offer('AmazonBedrock', [
            ['USE1-Guardrail-ContentPolicyUnitsConsumed', '0.00015', 'TextUnit'],
            ['USE1-NovaCanvas-T2I-1024-Premium', '0.06', 'image'],
            ['USE1-NovaReel-T2V-Medfps-HDRes', '0.08', 'Second'],
            ['USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits', '60.5', 'hour'],
            ['USE1-Nova2.0Lite-Customization-Storage', '1.95', 'Model/month'],
          ]),
        ],
        book,
      ),
    )
    expect(report.unread).toEqual([])
    expect(document.shared_rates).toMatchObject([
      { unit: 'text_unit', scope: '*', tier: '*', prices: { text_units_content: '0.15' } },
    ])
    expect(pricesIn(document, 'amazon.nova-canvas-v1:0')).toEqual([
      'in-region standard up to 1024x1024, premium images 0.06',
      'in-region standard up to 1024x1024, premium output 0.06',
    ])
    expect(pricesIn(document, 'amazon.nova-reel-v1:1')).toEqual(
      pricesIn(document, 'amazon.nova-reel-v1:0'),
    )
    expect(pricesIn(document, 'amazon.nova-2-lite-v1:0')).toEqual([
      '* * no-commit model_unit_hours 60.5',
      '* * storage_months 1.95',
    ])
  })

  it('[PL7] refuses a file with any fault as a whole, naming all of them and their places', () => {
    const file = offer('AmazonBedrock', [
      ['USE1-NovaPro-input-tokens', '-0.0008', '1K tokens'],
      ['USE1-NovaPro-output-tokens', '3.2e-3', '1K tokens'],
      ['USE1-NovaLite-output-tokens', '0.1', '1K tokens'],
    ])
    const broken = JSON.parse(
      JSON.stringify(file).replaceAll(
        '"publicationDate":"2026-09-11T13:01:14Z"',
        '"publicationDate":"lately"',
      ),
    ) as { products: { [sku: string]: unknown } }
    delete broken.products['SKU2']
    const result = convertOffers([broken], book)
    expect(result.ok ? [] : result.problem).toEqual([
      { path: 'publicationDate', message: 'not an instant' },
      {
        path: 'terms.OnDemand.SKU0.SKU0.T.priceDimensions.SKU0.T.D.pricePerUnit.USD',
        message: 'not a decimal price: "-0.0008"',
      },
      {
        path: 'terms.OnDemand.SKU1.SKU1.T.priceDimensions.SKU1.T.D.pricePerUnit.USD',
        message: 'not a decimal price: "3.2e-3"',
      },
      {
        path: 'terms.OnDemand.SKU2',
        message: 'a price of a product that is not in the file',
      },
    ])
  })

  it.each([
    ['nothing', []],
    ['null', [null]],
    ['a list in a list', [[]]],
    ['another offer', [offer('AmazonEC2', [])]],
    ['the same offer twice', [offer('AmazonBedrock', []), offer('AmazonBedrock', [])]],
    ['no terms', [{ ...offer('AmazonBedrock', []), terms: undefined }]],
    ['no products', [{ ...offer('AmazonBedrock', []), products: undefined }]],
    ['a later format', [{ ...offer('AmazonBedrock', []), formatVersion: 'v2.0' }]],
  ])('[PL7] refuses %s', (_what, values) => {
    const result = convertOffers(values, book)
    expect(result.ok ? 0 : result.problem.length).toBeGreaterThan(0)
  })

  it('[PL8] converts a file of twenty thousand SKUs and counts every one', () => {
    const listed = Array.from({ length: 20_000 }, (_, index): Listed => {
      const kind = index % 2 === 0 ? 'input' : 'output'
      return [
        `USE1-NovaPro-${kind}-tokens`,
        '0.0008',
        '1K tokens',
        { provider: 'Amazon', group: `${index}` },
      ]
    })
    const { report } = mustOk(convertOffers([offer('AmazonBedrock', listed)], book))
    expect(report).toMatchObject({ skus: 20_000, read: 20_000, rates: 4, unread: [] })
  })
})
