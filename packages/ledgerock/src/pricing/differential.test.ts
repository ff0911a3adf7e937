// The cost engine against a second, naive one that knows nothing of books, cells or layers: it reads the shipped file and follows
// its head word by word, one loop per rule. Thousands of random calls must cost the same, or be unpriced together.

import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import { costOfUsage } from './cost-of-usage.ts'
import { buildPriceBook } from './price-book.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'
import type { Usage } from './usage.ts'

type RawRow = {
  region: string
  scope: string
  tier: string
  context_above?: number
  unit?: string
  medium?: string
  variant?: string
  prices: Record<string, string>
  valid_from?: string
  valid_to?: string
  status?: string
}
type RawModel = { model_id: string; rates: RawRow[] }
type Raw = { models: RawModel[]; shared_rates: RawRow[] }

const raw: Raw = JSON.parse(
  readFileSync(new URL('snapshot/bedrock-prices.json', import.meta.url), 'utf8'),
)
const book = buildPriceBook([SNAPSHOT_LAYER])

const DIVISOR: Record<string, bigint> = {
  token: 1_000_000n,
  text_unit: 1000n,
  tpm_hour: 1_000_000n,
}
const INSTANTS = [
  '2025-06-01',
  '2025-12-01',
  '2026-07-25',
  '2026-08-10',
  '2026-10-08',
  '2026-11-20',
]
const REGIONS = [
  'us-east-1',
  'us-west-2',
  'eu-central-1',
  'eu-west-3',
  'ap-northeast-1',
  'sa-east-1',
]
const OTHER_KINDS: UsageKind[] = [
  'cache_write',
  'cache_write_30m',
  'audio_input',
  'text_units_word',
]

type Question = {
  model: RawModel
  region: string
  scope: Scope
  tier: Tier
  at: string
  variant: string | null
  usage: Usage
}

function pico(price: string): bigint {
  const [whole = '', decimals = ''] = price.split('.')
  return BigInt(whole) * 10n ** 12n + BigInt(decimals.padEnd(12, '0'))
}

function inForce(row: RawRow, at: string): boolean {
  const ms = Date.parse(at)
  if (row.status === 'historical') return false
  if (row.valid_from !== undefined && ms < Date.parse(row.valid_from)) return false
  return row.valid_to === undefined || ms < Date.parse(row.valid_to)
}

/** The rows that price this request, one per thing sold, or null where several answer. */
function naiveRows(question: Question): RawRow[] {
  const { model, region, scope, tier, at, usage } = question
  let prompt = 0
  for (const [kind, count] of Object.entries(usage)) {
    if (kind === 'input' || kind.startsWith('cache')) prompt += count ?? 0
  }
  const usable = [...model.rates, ...raw.shared_rates].filter(
    (row) =>
      (row.scope === scope || row.scope === '*') &&
      (row.tier === tier || row.tier === '*') &&
      (row.region === region || (row.region === '*' && !region.includes('gov'))) &&
      prompt >= (row.context_above === undefined ? 0 : row.context_above + 1) &&
      inForce(row, at),
  )
  return usable.filter((row) => {
    const rivals = usable.filter(
      (other) =>
        other.unit === row.unit && other.medium === row.medium && other.variant === row.variant,
    )
    const band = Math.max(...rivals.map((rival) => rival.context_above ?? 0))
    if ((row.context_above ?? 0) !== band) return false
    const hasOwn = rivals.some((r) => (r.context_above ?? 0) === band && r.region === region)
    return !hasOwn || row.region === region
  })
}

function naiveAmount(
  question: Question,
  rows: RawRow[],
  kind: string,
  count: number,
): bigint | null {
  const sameVariant = rows.filter((r) => r.variant === undefined || r.variant === question.variant)
  const named = sameVariant.find((row) => row.prices[kind] !== undefined)
  const write = sameVariant.find((row) => row.prices['cache_write'] !== undefined)
  const only5m = sameVariant.find(
    (r) => r.prices['cache_write_5m'] !== undefined && r.prices['cache_write_1h'] === undefined,
  )
  let row = named
  let price = named?.prices[kind]
  if (price === undefined && kind.startsWith('cache_write_')) {
    row = write
    price = write?.prices['cache_write']
  }
  if (price === undefined && kind === 'cache_write') {
    row = only5m
    price = only5m?.prices['cache_write_5m']
  }
  if (price === undefined) return null
  const exact = pico(price) * BigInt(count)
  const divisor = DIVISOR[row?.unit ?? 'token'] ?? 1n
  // No shipped rate is finer than a picodollar per unit, so the naive engine needs no rounding.
  expect(exact % divisor).toBe(0n)
  return exact / divisor
}

function naiveCost(question: Question): bigint | null {
  const rows = naiveRows(question)
  const sold = question.model.rates.some((row) => rows.includes(row))
  if (!sold) return null
  let sum = 0n
  for (const [kind, count] of Object.entries(question.usage)) {
    if (count === 0 || count === undefined) continue
    const amount = naiveAmount(question, rows, kind, count)
    if (amount === null) return null
    sum += amount
  }
  return sum
}

/** Questions aimed at a row of the file, so that most have an answer, with some use beside what the row sells. */
const questions: fc.Arbitrary<Question> = fc
  .constantFrom(...raw.models.flatMap((model) => model.rates.map((row) => ({ model, row }))))
  .chain(({ model, row }) => {
    const kinds = Object.keys(row.prices) as UsageKind[]
    const count = fc.oneof(fc.nat(3000), fc.constantFrom(0, 99_999, 100_001, 272_001, 1_500_000))
    const used = fc.dictionary(fc.constantFrom(...kinds), count, { noNullPrototype: true })
    const beside = fc.dictionary(fc.constantFrom(...OTHER_KINDS), fc.nat(500), { maxKeys: 1 })
    return fc.record({
      model: fc.constant(model),
      region:
        row.region === '*'
          ? fc.constantFrom(...REGIONS)
          : fc.oneof(
              { weight: 9, arbitrary: fc.constant(row.region) },
              fc.constantFrom(...REGIONS),
            ),
      scope: fc.constant(row.scope === '*' ? 'in-region' : (row.scope as Scope)),
      tier: fc.constant(row.tier === '*' ? 'standard' : (row.tier as Tier)),
      at: fc.constantFrom(...INSTANTS),
      variant: fc.constant(row.variant ?? null),
      usage: fc
        .tuple(used, fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, beside))
        .map(([some, more]) => ({ ...more, ...some })),
    })
  })

describe('against a naive reading of the file', () => {
  it('[P1] two thousand random calls cost the same', () => {
    let priced = 0
    fc.assert(
      fc.property(questions, (question) => {
        const expected = naiveCost(question)
        const { model, region, scope, tier, usage, variant } = question
        const atMs = Date.parse(question.at)
        const call = { modelId: model.model_id, region, scope, tier, atMs, usage, variant }
        const cost = costOfUsage(book, call)
        expect(cost.kind === 'priced' ? cost.cost : null).toBe(expected)
        if (expected !== null && expected > 0n) priced += 1
      }),
      { numRuns: 4000 },
    )
    expect(priced).toBeGreaterThan(2000)
  })

  it('[P1] every rate of the file is the answer to some call', () => {
    for (const model of raw.models) {
      for (const row of model.rates) {
        if (row.status === 'historical') continue
        const usage = Object.fromEntries(
          Object.keys(row.prices).map((kind) => [kind, (row.context_above ?? 0) + 7]),
        )
        const question: Question = {
          model,
          region: row.region === '*' ? 'il-central-1' : row.region,
          scope: row.scope === '*' ? 'in-region' : (row.scope as Scope),
          tier: row.tier === '*' ? 'standard' : (row.tier as Tier),
          at: row.valid_from ?? (row.valid_to === undefined ? '2026-11-20' : '2026-01-01'),
          variant: row.variant ?? null,
          usage,
        }
        const { modelId, ...call } = { modelId: model.model_id, ...question }
        const cost = costOfUsage(book, { ...call, modelId, atMs: Date.parse(question.at) })
        expect(cost.kind === 'priced' ? cost.cost : cost).toBe(naiveCost(question))
      }
    }
  })
})
