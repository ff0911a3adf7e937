import { describe, expect, it } from 'vitest'
import { formatUsd } from '../../kernel/money.ts'
import { costOfUsage, type PricedCall } from '../cost-of-usage.ts'
import { LIST_BOOK } from '../testing/override-terms.ts'
import { convertCharges, type CatalogCharge } from './convert-charges.ts'

const CHARGE: CatalogCharge = {
  kind: 'provisioned-throughput',
  item: 'maker.m',
  region: '*',
  unit: 'model unit hour',
  price: '49.5',
  source: 'PAGE',
  source_date: '2026-07-24',
  commitment: 'none',
}

const converted = (...charges: readonly CatalogCharge[]): ReturnType<typeof convertCharges> =>
  convertCharges(charges, new Set(['maker.m']))

describe('convertCharges', () => {
  it('[P22] model units by term, reserved tokens by the million, storage beside any model', () => {
    const reserved = {
      ...CHARGE,
      kind: 'reserved-tokens-per-minute',
      unit: '1000 output tokens per minute, hour',
      price: '0.0594',
      commitment: '3 months',
      scope: 'geo',
    } as const
    const { byModel, shared, unpriced } = converted(
      CHARGE,
      { ...CHARGE, item: 'maker.m (custom)', commitment: '6 months', rule: 'x 3600' },
      reserved,
      { ...CHARGE, kind: 'custom-model', item: 'storage of one custom model', unit: 'month' },
    )
    expect(byModel.get('maker.m')).toMatchObject([
      { scope: '*', tier: '*', variant: 'no-commit', prices: { model_unit_hours: '49.5' } },
      {
        variant: '6-months',
        derived: { '*': 'HOUR-FROM-SECOND' },
        note: expect.any(String) as string,
      },
      // 0.0594 for 1,000 tokens a minute is 59.4 for 1,000,000
      { tier: 'reserved', variant: '3-months output', prices: { tpm_hours: '59.4' } },
    ])
    expect(shared).toMatchObject([{ unit: 'storage_month', prices: { storage_months: '49.5' } }])
    expect(unpriced).toEqual([])
  })

  it('[P22] what no usage kind counts stays listed with its reason', () => {
    const reasons = converted(
      { ...CHARGE, item: 'maker.unknown' },
      { ...CHARGE, commitment: '9 years' },
      { ...CHARGE, kind: 'custom-model-import', unit: 'model unit minute', region: 'unknown' },
      { ...CHARGE, kind: 'web-grounding', unit: '1000 requests' },
    ).unpriced.map(({ reason }) => reason)
    expect(reasons).toHaveLength(4)
    for (const reason of reasons) expect(reason).toMatch(/^[a-z].{10}/)
    expect(new Set(reasons).size).toBe(4)
  })
})

describe('capacity in the shipped book', () => {
  const ask = (call: Partial<PricedCall>): string => {
    const cost = costOfUsage(LIST_BOOK, {
      modelId: 'anthropic.claude-sonnet-4-6',
      region: 'eu-central-1',
      scope: 'geo',
      tier: 'reserved',
      atMs: Date.parse('2026-11-20'),
      usage: {},
      ...call,
    })
    return cost.kind === 'priced' ? formatUsd(cost.cost) : cost.reason
  }

  it('[P22] is priced by the hour, and does not make a tier sell tokens', () => {
    // 100,000 tokens a minute for 720 hours: 72 × 198
    expect(ask({ usage: { tpm_hours: 72_000_000 }, variant: '1-month input' })).toBe('14256')
    expect(ask({ usage: { tpm_hours: 1 } })).toBe('unknown_kind')
    expect(ask({ usage: { input: 1, tpm_hours: 1 } })).toBe('unknown_tier')
    expect(ask({ usage: { tpm_hours: 1, input: 1 } })).toBe('unknown_tier')
    expect(ask({ usage: { input: 1 } })).toBe('unknown_tier')
    const llama = { modelId: 'meta.llama3-1-8b-instruct-v1:0', scope: 'in-region' } as const
    expect(ask({ ...llama, usage: { model_unit_hours: 2 }, variant: 'no-commit' })).toBe('48')
    expect(ask({ ...llama, usage: { input: 1 } })).toBe('unknown_tier')
    expect(ask({ ...llama, tier: 'standard', usage: { model_unit_hours: 2 } })).toBe('unknown_kind')
  })

  it('[P22] storage is a month of one model, an imported one by its units', () => {
    const usage = { storage_months: 3 }
    expect(ask({ tier: 'standard', usage })).toBe('5.85')
    expect(ask({ tier: 'standard', usage, variant: 'custom-import' })).toBe('5.85')
  })
})
