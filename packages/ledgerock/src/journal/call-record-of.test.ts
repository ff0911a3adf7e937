import { describe, expect, it } from 'vitest'
import { picodollars } from '../kernel/money.ts'
import { callRecordOf } from './call-record-of.ts'
import { REALISTIC_OPENED, REALISTIC_SETTLED } from './testing/sample-lines.ts'

const PLACE = { nodeId: 'node-1', journalId: '01a1fb1c787b000000000000' }

function recordOf(
  opened: Partial<typeof REALISTIC_OPENED>,
  settled: Partial<typeof REALISTIC_SETTLED>,
): ReturnType<typeof callRecordOf> {
  const call = {
    opened: { ...REALISTIC_OPENED, ...opened },
    openedSeq: 7,
    settled: { ...REALISTIC_SETTLED, opened: 7, ...settled },
    seq: 9,
  }
  return callRecordOf(call, PLACE)
}

describe('callRecordOf', () => {
  it('[J14] says money as exact decimals and instants in ISO 8601', () => {
    const record = recordOf({}, {})
    expect(record).toMatchObject({
      cost_usd: '0.02903076',
      started_at: '2026-11-21T00:00:00.123Z',
      ended_at: '2026-11-21T00:00:04.789Z',
      input_tokens: 1834,
      output_tokens: 512,
      cache_read_tokens: 18_432,
      cache_write_5m_tokens: 2048,
      cache_write_30m_tokens: 0,
      cache_write_1h_tokens: 0,
      other_usage: {},
    })
    expect(record.charges[0]).toEqual({
      kind: 'input',
      quantity: 1834,
      rate_usd: '0.0000033',
      amount_usd: '0.0060522',
      rate_id: 'r3q1lm8s0v9t4c',
    })
  })

  it('[J14] names where it came from and who saw it', () => {
    expect(recordOf({}, {})).toMatchObject({
      source: 'gateway',
      via: 'gateway',
      version: 1,
      corrects: null,
      node_id: PLACE.nodeId,
      journal_id: PLACE.journalId,
      seq: 9,
      evidence: [{ source: 'gateway', native_id: REALISTIC_OPENED.callId }],
    })
  })

  it('[J14] keeps usage without a column of its own, and an unknown cost unknown', () => {
    const usage = { input: 3, cache_write: 5, images: 2, text_units_topic: 4 } as const
    const record = recordOf({}, { usage, cost: null, unpricedReason: 'unknown_kind', charges: [] })
    expect(record.other_usage).toEqual({ cache_write: 5, images: 2, text_units_topic: 4 })
    expect(record).toMatchObject({ input_tokens: 3, output_tokens: 0 })
    expect(record).toMatchObject({ cost_usd: null, unpriced_reason: 'unknown_kind' })
  })

  it('[J14] takes the tier that served over the one asked for', () => {
    expect(recordOf({ tier: 'priority' }, { tier: 'standard' }).tier).toBe('standard')
    expect(recordOf({ tier: 'priority' }, { tier: null }).tier).toBe('priority')
  })

  it('[J14] gives a free call the cost zero, which is not unknown', () => {
    expect(recordOf({}, { cost: picodollars(0n), charges: [] }).cost_usd).toBe('0')
  })

  it('[J17] charges every budget of the call, each in its own unit and period', () => {
    const budgets = [
      { budget: 'search', fromMs: Date.UTC(2026, 10), per: null, unit: 'usd' },
      { budget: 'each-user', fromMs: Date.UTC(2026, 10, 21), per: 'u-1', unit: 'tokens' },
    ] as const
    const bounds = { budgets, boundUsd: picodollars(5n * 10n ** 12n), boundTokens: 70_000 }
    const period = { budget: 'search', period: '2026-11-01T00:00:00.000Z', counter: null }
    const counted = recordOf(bounds, {})
    expect(counted).toMatchObject({ bound_usd: '5', budget_name: 'each-user' })
    expect(counted.budget_charges).toEqual([
      { ...period, usd: '0.02903076', tokens: null },
      {
        budget: 'each-user',
        period: '2026-11-21T00:00:00.000Z',
        counter: 'u-1',
        usd: null,
        tokens: 1834 + 512 + 18_432 + 2048,
      },
    ])
    const cut = recordOf(bounds, { usageSource: 'estimated', status: 'interrupted' })
    expect(cut.budget_charges.map(({ usd, tokens }) => [usd, tokens])).toEqual([
      ['5', null],
      [null, 70_000],
    ])
  })

  it('[J14] says what a route saved and what was left of a budget', () => {
    const said = { saved: picodollars(-3n), budgetRemaining: picodollars(10n ** 12n) }
    expect(recordOf({}, said)).toMatchObject({
      saved_usd: '-0.000000000003',
      budget_remaining_usd: '1',
    })
    expect(recordOf({}, { saved: null }).saved_usd).toBeNull()
  })
})
