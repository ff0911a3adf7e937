import { describe, expect, it } from 'vitest'
import { costOfUsage, type PricedCall } from '../cost-of-usage.ts'
import { buildPriceBook, layerOf } from '../price-book.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'
import type { BilledUsage } from './billed-usage.ts'
import { documentOfProposal } from './document-of-proposal.ts'
import type { LearnedProposal, LearnedRate } from './learned-proposal.ts'
import { learnRates } from './learn-rates.ts'
import { billLine, tokenLine } from './testing/bill-lines.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const learn = (rows: readonly BilledUsage[]): LearnedProposal =>
  learnRates(rows, BOOK, { period: '2026-10' })

const SONNET = 'anthropic.claude-sonnet-4-6'
const INPUT = 'USE1-Claude4.6Sonnet-input-tokens'

const only = (proposal: LearnedProposal): LearnedRate => {
  expect(proposal.rates).toHaveLength(1)
  return proposal.rates[0] as LearnedRate
}

describe('documentOfProposal', () => {
  const at = (iso: string, call: Partial<PricedCall>): PricedCall => ({
    modelId: SONNET,
    region: 'us-east-1',
    scope: 'in-region',
    tier: 'standard',
    atMs: Date.parse(iso),
    usage: { input: 1_000_000 },
    ...call,
  })
  const usd = (rows: readonly BilledUsage[], call: PricedCall): string => {
    const stored = JSON.parse(JSON.stringify(learn(rows))) as LearnedProposal
    const layer = layerOf('learned', documentOfProposal(stored))
    const cost = costOfUsage(buildPriceBook([layer, SNAPSHOT_LAYER]), call)
    if (cost.kind === 'unpriced') throw new Error(cost.reason)
    return cost.charges.map(({ from, rate }) => `${rate} ${from.layer} ${from.source}`).join()
  }

  it('[LR6] prices calls from the first hour of the period on, and no earlier ones', () => {
    const rows = [tokenLine(INPUT, 10_000_000, '2.97')]
    const learned = '0.00000297 learned bill 2026-10'
    expect(usd(rows, at('2026-10-01T00:00:00Z', {}))).toBe(learned)
    expect(usd(rows, at('2027-01-01T00:00:00Z', {}))).toBe(learned)
    expect(usd(rows, at('2026-09-30T23:59:59Z', {}))).toContain('0.0000033 snapshot')
  })

  it('[LR6] prices a geography’s profile too, which is billed under the same word, and nothing else', () => {
    const rows = [tokenLine(INPUT, 10_000_000, '2.97')]
    const now = '2026-10-05T00:00:00Z'
    expect(usd(rows, at(now, { scope: 'geo' }))).toContain('learned')
    expect(usd(rows, at(now, { scope: 'global' }))).toContain('snapshot')
    expect(usd(rows, at(now, { region: 'us-west-2' }))).toContain('snapshot')
    expect(usd(rows, at(now, { usage: { output: 5 } }))).toContain('snapshot')
    const global = [tokenLine(`${INPUT}-cross-region-global`, 10_000_000, '2.7')]
    expect(usd(global, at(now, { scope: 'global' }))).toContain('0.0000027 learned')
    expect(usd(global, at(now, {}))).toContain('snapshot')
  })

  it('[LR6] the price of short prompts does not answer for long ones', () => {
    const short = 'USE1-anthropic.claude-haiku-5-5-mantle-input-tokens-standard'
    const rows = [tokenLine(short, 1_000_000, '0.2')]
    expect(only(learn(rows))).toMatchObject({ offered: true, context_above: 0 })
    const long = { modelId: 'anthropic.claude-haiku-5-5', usage: { input: 100_001 } }
    expect(usd(rows, at('2026-10-05T00:00:00Z', long))).toContain('snapshot')
    const both = [
      ...rows,
      tokenLine(short.replace('-tokens', '-tokens-long-context'), 1_000_000, '0.4'),
    ]
    const proposal = learn(both)
    expect(
      proposal.rates.map((rate) => [rate.context_above, rate.price_usd, rate.offered]),
    ).toEqual([
      [0, '0.2', true],
      [100_000, '0.4', true],
    ])
    const call = { modelId: 'anthropic.claude-haiku-5-5' }
    const now = '2026-10-05T00:00:00Z'
    expect(usd(both, at(now, { ...call, usage: { input: 100_000 } }))).toContain(
      '0.0000002 learned',
    )
    expect(usd(both, at(now, { ...call, usage: { input: 100_001 } }))).toContain(
      '0.0000004 learned',
    )
  })

  it('[LR6] a Marketplace product’s lines, and guardrail units beside any model', () => {
    const product = billLine({
      usage_type: 'USE1-MP:USE1_InputTokenCount-Units',
      product_code: '4a524th30q694o538qndh9ucht',
      product_name: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)',
      description: 'AWS Marketplace software usage|us-east-1|Million Input Tokens Regional',
      pricing_unit: 'Units',
      usage_amount: '12.5',
      unblended_cost: '37.125',
    })
    expect(only(learn([product]))).toMatchObject({
      model_id: SONNET,
      price_usd: '2.97',
      ratio: '0.9',
    })
    const guardrail = billLine({
      usage_type: 'USE1-Guardrail-ContentPolicyUnitsConsumed',
      pricing_unit: '1K text units',
      usage_amount: '40',
      unblended_cost: '4.8',
    })
    expect(only(learn([guardrail]))).toMatchObject({ model_id: '*', scope: '*', price_usd: '0.12' })
    const usage = { text_units_content: 1_000 }
    const now = '2026-10-05T00:00:00Z'
    expect(usd([guardrail], at(now, { modelId: 'guardrail', usage }))).toContain('0.00012 learned')
    expect(usd([guardrail], at(now, { usage }))).toContain('0.00012 learned')
  })

  it('[LR6] capacity is learned by the hour, beside its list price', () => {
    const hours = billLine({
      usage_type: 'USE1-Llama3-1-70B-ProvisionedThroughput-ModelUnits-1MonthCommit',
      pricing_unit: 'Hours',
      usage_amount: '744',
      unblended_cost: '14181.6072',
    })
    // 744 × 19.0613.
    expect(only(learn([hours]))).toMatchObject({
      model_id: 'meta.llama3-1-70b-instruct-v1:0',
      scope: '*',
      tier: '*',
      unit: 'model_unit_hour',
      variant: '1-month',
      price_usd: '19.0613',
      offered: true,
    })
    const reserved = billLine({
      usage_type: 'USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units',
      product_code: 'opaque',
      product_name: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)',
      description:
        'AWS Marketplace software usage|us-east-1|Per Hour per 1K Input TPM Reserved 1 Month Geo',
      pricing_unit: 'Units',
      usage_amount: '500',
      unblended_cost: '89.1',
    })
    // 500 thousand for $89.10: $178.20 a million, of a list price of 1,000 × $0.198.
    expect(only(learn([reserved]))).toMatchObject({
      model_id: SONNET,
      scope: 'geo',
      tier: 'reserved',
      unit: 'tpm_hour',
      variant: '1-month input',
      price_usd: '178.2',
      list_usd: '198',
      ratio: '0.9',
      offered: true,
    })
  })

  it('[LR6] an image is learned under both of its names', () => {
    const image = billLine({
      usage_type: 'USE1-NovaCanvas-T2I-1024-Premium',
      pricing_unit: 'image',
      usage_amount: '200',
      unblended_cost: '10.8',
    })
    const rate = only(learn([image]))
    expect(rate).toMatchObject({ kind: 'images', unit: 'image', price_usd: '0.054', offered: true })
    const call = { modelId: 'amazon.nova-canvas-v1:0', variant: rate.variant }
    const now = '2026-10-05T00:00:00Z'
    for (const usage of [{ images: 1 }, { output: 1 }]) {
      expect(usd([image], at(now, { ...call, usage }))).toContain('0.054 learned')
    }
  })
})
