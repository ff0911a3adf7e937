import { CALL_FIELDS, DEFAULT_DIMENSIONS, SPEND_MEASURES } from '@ledgerock/contract'
import { describe, expect, it } from 'vitest'
import { picodollars } from '../kernel/money.ts'
import type { SpendQuestion } from './question.ts'
import { askSpend, planSpend, SPEND_ROWS_MAX, type SpendDeps } from './spend.ts'
import type { Sums } from './spend-plan.ts'

const sums: Sums = {
  counts: {
    calls: 3,
    refused_calls: 1,
    errors: 1,
    throttled: 1,
    input_tokens: 10,
    output_tokens: 20,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    unpriced_calls: 0,
  },
  dollars: {
    cost_usd: picodollars(1_500_000_000_001n),
    input_usd: picodollars(1n),
    output_usd: picodollars(0n),
    cache_usd: picodollars(0n),
    other_usd: picodollars(0n),
  },
  logicalCalls: 2,
  quantity: 4,
  latency: new Map([[0, 3]]),
  firstByte: new Map(),
}

const deps: SpendDeps = {
  spend: (plan) => {
    const keys = [...plan.keys, ...(plan.byKind ? ['kind'] : [])]
    const bucketMs = plan.bucketStarts?.[0] ?? null
    return Promise.resolve({ groups: [{ keys, bucketMs, sums }], total: sums })
  },
  dimensions: [...DEFAULT_DIMENSIONS, 'squad'],
  keptSinceMs: () => null,
}

const question: SpendQuestion = {
  by: ['team'],
  from: '2026-10-01T00:00:00Z',
  to: '2026-11-01T00:00:00Z',
  granularity: 'total',
  tz: 'UTC',
  where: [],
}

describe('askSpend', () => {
  it('[L4] a row has its keys and every measure of the contract; money is text', async () => {
    const answer = await askSpend(deps, { ...question, by: ['kind', 'team'], granularity: 'month' })
    if (!answer.ok) throw new Error(answer.problem.detail)
    const [row] = answer.value.rows
    expect(Object.keys(row ?? {}).toSorted()).toEqual(
      ['team', 'kind', 'bucket', 'quantity', ...SPEND_MEASURES].toSorted(),
    )
    expect(row).toMatchObject({
      team: 'team',
      kind: 'kind',
      bucket: '2026-10-01T00:00:00.000Z',
      cost_usd: '1.500000000001',
      logical_calls: 2,
      latency_ms_p50: 1,
      first_byte_ms_p95: null,
    })
    expect(Object.keys(answer.value.total).toSorted()).toEqual([...SPEND_MEASURES].toSorted())
  })

  it('[L18] every fault is named at its place, with the names that would be right', async () => {
    const answer = await askSpend(deps, {
      ...question,
      by: ['team', 'tema', 'team'],
      from: 'yesterday',
      tz: 'Mars/Olympus',
      where: [{ field: 'modle', values: [] }],
    })
    if (answer.ok) throw new Error('a bad question was answered')
    expect(answer.problem.code).toBe('invalid_question')
    expect(answer.problem.errors.map((error) => error.path)).toEqual([
      'by[1]',
      'by',
      'from',
      'where[0].field',
      'where[0].values',
      'tz',
    ])
    const [first] = answer.problem.errors
    for (const name of [...DEFAULT_DIMENSIONS, 'squad', ...CALL_FIELDS]) {
      expect(first?.message).toContain(name)
    }
  })

  it('[L18] more buckets or rows than an answer holds is a problem, not a cut answer', async () => {
    const fine = { ...question, granularity: 'hour', from: '2020-01-01T00:00:00Z' } as const
    expect(await askSpend(deps, fine)).toMatchObject({
      ok: false,
      problem: { code: 'invalid_question' },
    })
    const full: SpendDeps = { ...deps, spend: () => Promise.resolve({ groups: null, total: sums }) }
    expect(await askSpend(full, question)).toMatchObject({
      ok: false,
      problem: { code: 'too_many_rows' },
    })
    expect(SPEND_ROWS_MAX).toBe(50_000)
  })

  it('[L19] what is past its retention is never asked for', () => {
    const keptSinceMs = Date.parse('2026-10-11T00:00:00Z')
    const plan = planSpend({ ...deps, keptSinceMs: () => keptSinceMs }, question)
    expect(plan).toMatchObject({ ok: true, value: { fromMs: keptSinceMs } })
    const past = planSpend(
      { ...deps, keptSinceMs: () => keptSinceMs },
      { ...question, to: '2026-10-02' },
    )
    expect(past).toMatchObject({ ok: true, value: { fromMs: Date.parse('2026-10-02') } })
  })
})
