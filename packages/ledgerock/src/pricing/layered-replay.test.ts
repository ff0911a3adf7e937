// A summer of contracts and bills replayed day by day: a price learned from a bill, two percentage overrides, a fixed one for one
// account, and a price list that arrives in between. The table says what each day must cost, worked out from the terms by hand.

import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { costOfUsage, type Cost } from './cost-of-usage.ts'
import { readOverrides } from './override/override.ts'
import { buildPriceBook, layerOf } from './price-book.ts'
import type { PriceDocument, PriceRow } from './price-document.ts'
import type { LayerName } from './rate.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'

const MODEL = 'anthropic.claude-sonnet-4-6'
const ACCOUNT = '111122223333'
const OTHER_ACCOUNT = '444455556666'
const DAY_MS = 86_400_000

function documentOf(row: Pick<PriceRow, 'prices' | 'valid_from' | 'valid_to'>): PriceDocument {
  const model = SNAPSHOT_LAYER.document.models.find(({ model_id: id }) => id === MODEL)
  if (model === undefined) throw new Error(`${MODEL} is not shipped`)
  const place = { region: '*', scope: 'geo', tier: 'standard', source: 'TEST' } as const
  return {
    schema: 'ledgerock-prices/1',
    sources: { TEST: { publisher: 'test', carried_by: 'test', date: '2026-09-01' } },
    rules: [],
    models: [{ ...model, rates: [{ ...place, ...row }] }],
    shared_rates: [],
    inference_profiles: [],
  }
}

const LAYERS = [
  layerOf(
    'learned',
    documentOf({
      prices: { input: '3.1', output: '15.9' },
      valid_from: '2026-09-01',
      valid_to: '2026-09-16',
    }),
  ),
  layerOf(
    'price_list',
    documentOf({ prices: { input: '3.6', output: '18' }, valid_from: '2026-10-05' }),
  ),
  SNAPSHOT_LAYER,
]
const OVERRIDES = [
  {
    name: 'september',
    models: 'anthropic.*',
    percent: '-10',
    from: '2026-09-10',
    to: '2026-09-20',
  },
  { name: 'autumn', models: MODEL, percent: '-20', from: '2026-10-01', to: '2026-10-10' },
  {
    name: 'launch',
    account_id: ACCOUNT,
    models: MODEL,
    kind: 'input',
    price: '2',
    from: '2026-09-12',
    to: '2026-09-14',
  },
]
const book = buildPriceBook(
  LAYERS,
  mustOk(readOverrides(OVERRIDES, 'file', buildPriceBook(LAYERS))),
)

/**
 * From each day on: micro-dollars for 1,000 tokens in and 1,000 out, and the layers that say so. The percentages are of the list:
 * 3.3 and 16.5 until 2026-10-05, then 3.6 and 18; what was learned is no list.
 */
const EVERYBODY: readonly (readonly [
  from: string,
  microdollars: bigint,
  input: LayerName,
  output: LayerName,
])[] = [
  // 3.3 + 16.5
  ['2026-08-25', 19_800n, 'snapshot', 'snapshot'],
  // 3.1 + 15.9
  ['2026-09-01', 19_000n, 'learned', 'learned'],
  // 0.9 × 3.3 + 0.9 × 16.5 = 2.97 + 14.85
  ['2026-09-10', 17_820n, 'override', 'override'],
  // the learned price ended on 2026-09-16, under the override
  ['2026-09-20', 19_800n, 'snapshot', 'snapshot'],
  // 0.8 × 3.3 + 0.8 × 16.5 = 2.64 + 13.2
  ['2026-10-01', 15_840n, 'override', 'override'],
  // 0.8 × 3.6 + 0.8 × 18 = 2.88 + 14.4
  ['2026-10-05', 17_280n, 'override', 'override'],
  // 3.6 + 18
  ['2026-10-10', 21_600n, 'price_list', 'price_list'],
]
/** 2 + 0.9 × 16.5 = 2 + 14.85, for two days. */
const LAUNCH = { from: '2026-09-12', to: '2026-09-14', microdollars: 16_850n }

const FIRST_MS = Date.parse('2026-08-25')
const DAYS = 60
const instants = Array.from({ length: DAYS }, (_, day) => FIRST_MS + day * DAY_MS).flatMap(
  (start) => [start, start + DAY_MS / 2, start + DAY_MS - 1],
)

function costAt(atMs: number, accountId: string | null): Cost {
  const usage = { input: 1_000, output: 1_000 }
  const place = { modelId: MODEL, region: 'us-east-1', scope: 'geo', tier: 'standard' } as const
  return costOfUsage(book, { ...place, atMs, usage, accountId })
}

function told(cost: Cost): unknown {
  if (cost.kind === 'unpriced') return cost.reason
  return [cost.cost / 1_000_000n, ...cost.charges.map(({ from }) => from.layer)]
}

describe('a summer of contracts, day by day', () => {
  it.each([null, OTHER_ACCOUNT])('[P10] costs account %s what its terms say', (account) => {
    for (const atMs of instants) {
      const [, ...expected] = EVERYBODY.findLast(([from]) => Date.parse(from) <= atMs) ?? []
      expect([new Date(atMs), told(costAt(atMs, account))]).toEqual([new Date(atMs), expected])
    }
  })

  it('[P10] costs the account with terms of its own those, while they last', () => {
    const { from, to, microdollars } = LAUNCH
    for (const atMs of instants) {
      const isLaunch = Date.parse(from) <= atMs && atMs < Date.parse(to)
      const own = [microdollars, 'override', 'override']
      const expected = isLaunch ? own : told(costAt(atMs, OTHER_ACCOUNT))
      expect([new Date(atMs), told(costAt(atMs, ACCOUNT))]).toEqual([new Date(atMs), expected])
    }
  })

  it('[P10] sums to the picodollar', () => {
    const total = instants.reduce((sum, atMs) => {
      const cost = costAt(atMs, null)
      return cost.kind === 'priced' ? sum + cost.cost : sum
    }, 0n)
    // Days of each price: 7, 9, 10, 11, 4, 5, 14; three calls a day.
    const perCall = 7n * 19_800n + 9n * 19_000n + 10n * 17_820n + 11n * 19_800n
    const later = 4n * 15_840n + 5n * 17_280n + 14n * 21_600n
    expect(total).toBe(3n * (perCall + later) * 1_000_000n)
  })
})
