import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import type { BilledUsage } from '../learning/billed-usage.ts'
import { billLine } from '../learning/testing/bill-lines.ts'
import { buildPriceBook } from '../price-book.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'
import type { CapacityReport, PoolReport } from './capacity-report.ts'
import type { CapacityUse } from '../capacity-use.ts'
import { splitCapacity, type CapacityQuestion } from './split-capacity.ts'
import { SPLIT_KINDS, type SplitRule } from './split-rule.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const ARN = 'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abc'
const START = Date.UTC(2026, 9, 5)
const HOUR = 3_600_000
const iso = (hour: number): string => new Date(START + hour * HOUR).toISOString()
const usd = (text: string): Picodollars => mustOk(parseUsd(text))

/** Model units of Llama 3.1 70B for some hours from one on. */
const provisioned = (hour: number, cost: string, fields: Partial<BilledUsage> = {}): BilledUsage =>
  billLine({
    usage_type: 'USE1-Llama3-1-70B-ProvisionedThroughput-ModelUnits-1MonthCommit',
    pricing_unit: 'Hours',
    resource_id: ARN,
    usage_amount: '1',
    unblended_cost: cost,
    usage_start: iso(hour),
    usage_end: iso(hour + 1),
    ...fields,
  })

/** Reserved capacity in thousands of tokens per minute. */
const reserved = (
  hour: number,
  thousands: string,
  cost: string,
  direction = 'Input',
  scope = '_Geo',
): BilledUsage =>
  billLine({
    usage_type: `USE1-MP:USE1_Reserved_1Month_${direction}TPM${scope}-Units`,
    product_code: 'opaque',
    product_name: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)',
    description: `AWS Marketplace software usage|us-east-1|Per Hour per 1K ${direction} TPM Reserved 1 Month${scope.replace('_', ' ')}`,
    pricing_unit: 'Units',
    usage_amount: thousands,
    unblended_cost: cost,
    usage_start: iso(hour),
    usage_end: iso(hour + 1),
  })

const use = (
  owner: string,
  hour: number,
  tokens: number,
  fields: Partial<CapacityUse> = {},
): CapacityUse => ({
  owner,
  hourMs: START + hour * HOUR + 1_234,
  modelRequested: ARN,
  modelId: null,
  region: 'us-east-1',
  scope: null,
  tier: 'standard',
  calls: 1,
  inputTokens: tokens,
  outputTokens: 0,
  ...fields,
})

const RESERVED_CALL = {
  modelRequested: 'us.anthropic.claude-sonnet-4-6',
  modelId: 'anthropic.claude-sonnet-4-6',
  scope: 'geo',
  tier: 'reserved',
} as const

const split = (
  rows: readonly BilledUsage[],
  uses: readonly CapacityUse[],
  question: Partial<CapacityQuestion> = {},
): CapacityReport => {
  const all = {
    period: '2026-10',
    split: { kind: 'apart' },
    tokensPerMinute: {},
    ...question,
  } as const
  return splitCapacity(rows, uses, BOOK, all)
}

const onlyPool = (report: CapacityReport): PoolReport => {
  expect(report.pools).toHaveLength(1)
  return report.pools[0] as PoolReport
}

/** Every level adds up: owners to the pool, pools to the total, the total to the bill. */
function addsUp(report: CapacityReport, rows: readonly BilledUsage[]): void {
  for (const pool of report.pools) {
    const owned = pool.owners.flatMap((owner) => [usd(owner.used_usd), usd(owner.idle_usd)])
    expect(sumMoney([...owned, usd(pool.apart_usd)])).toBe(usd(pool.cost_usd))
    expect(sumMoney([pool.used_usd, pool.idle_usd, pool.apart_usd].map(usd))).toBe(
      usd(pool.cost_usd),
    )
  }
  const { total } = report
  expect(sumMoney(report.pools.map((pool) => usd(pool.cost_usd)))).toBe(usd(total.cost_usd))
  const owned = report.owners.map((owner) => usd(owner.total_usd))
  expect(sumMoney([...owned, usd(total.apart_usd)])).toBe(usd(total.cost_usd))
  const parts = [total.used_usd, total.idle_usd, total.apart_usd, total.unread_usd]
  const bill = sumMoney(rows.map((row) => usd(row.unblended_cost)))
  expect(sumMoney([...parts, total.rounding_usd].map(usd))).toBe(bill)
}

describe('splitCapacity', () => {
  it('[CS1] reserved capacity is paid by the share used of what was reserved; the rest is idle', () => {
    // 10 thousand tokens a minute are 600,000 an hour, for $6: 150,000 and 90,000 used, 360,000 idle.
    const rows = [reserved(0, '10', '6')]
    const uses = [
      use('search', 0, 150_000, RESERVED_CALL),
      use('support', 0, 90_000, RESERVED_CALL),
    ]
    const report = split(rows, uses)
    const pool = onlyPool(report)
    expect(pool).toMatchObject({
      pool: 'us-east-1 anthropic.claude-sonnet-4-6 geo reserved input',
      kind: 'reserved',
      capacity_basis: 'tokens_per_minute',
      capacity_tokens: '600000',
      used_tokens: '240000',
      over_tokens: '0',
      utilisation: '0.4',
      cost_usd: '6',
      used_usd: '2.4',
      idle_usd: '0',
      apart_usd: '3.6',
      // By use $2.40 for 240,000 tokens; the whole pool $6 for them.
      use_usd_per_million: '10',
      allocation_usd_per_million: '25',
      split: 'apart',
    })
    expect(pool.owners.map(({ owner, used_usd }) => [owner, used_usd])).toEqual([
      ['search', '1.5'],
      ['support', '0.9'],
    ])
    addsUp(report, rows)
  })

  it('[CS1] reading and writing are reserved apart, and a call draws on both', () => {
    const rows = [reserved(0, '1', '0.2'), reserved(0, '1', '1', 'Output')]
    const call = { ...RESERVED_CALL, outputTokens: 60_000, calls: 7 }
    const report = split(rows, [use('search', 0, 30_000, call)])
    expect(report.pools.map((pool) => [pool.variant, pool.used_tokens, pool.used_usd])).toEqual([
      ['1-month input', '30000', '0.1'],
      ['1-month output', '60000', '1'],
    ])
    expect(report.owners).toMatchObject([
      { owner: 'search', calls: 7, tokens: '90000', used_usd: '1.1' },
    ])
    addsUp(report, rows)
  })

  it('[CS1] a call of a geography draws on its own pool, and on the region’s only where it has none', () => {
    const rows = [
      reserved(0, '1', '1', 'Input'),
      reserved(0, '1', '2', 'Input', ''),
      reserved(0, '1', '4', 'Output', ''),
      // in its second hour the geography has none
      reserved(1, '1', '5', 'Input', ''),
    ]
    const call = { ...RESERVED_CALL, outputTokens: 60_000 }
    const usedOf = (scope: 'geo' | 'in-region', hour = 0): readonly string[] =>
      split(rows, [use('search', hour, 60_000, { ...call, scope })]).pools.map(
        ({ pool, used_usd: used }) => `${pool.split(' ').slice(2).join(' ')} ${used}`,
      )
    expect(usedOf('geo')).toEqual([
      'geo reserved input 1',
      'in-region reserved input 0',
      'in-region reserved output 4',
    ])
    expect(usedOf('geo', 1)).toEqual([
      'geo reserved input 0',
      'in-region reserved input 5',
      'in-region reserved output 0',
    ])
    expect(usedOf('in-region')).toEqual([
      'geo reserved input 0',
      'in-region reserved input 2',
      'in-region reserved output 4',
    ])
  })

  it('[CS2] a model unit of unknown capacity is fully used in an hour with any use, and idle in others', () => {
    const rows = [0, 1, 2].map((hour) => provisioned(hour, '21.18'))
    const uses = [use('search', 0, 100), use('support', 0, 300), use('search', 2, 5)]
    const report = split(rows, uses)
    expect(onlyPool(report)).toMatchObject({
      pool: ARN,
      capacity_basis: 'any_use',
      capacity_tokens: null,
      hours: 3,
      used_hours: 2,
      utilisation: '0.666667',
      used_usd: '42.36',
      apart_usd: '21.18',
    })
    // 21.18 × 100 / 400 + 21.18, and 21.18 × 300 / 400.
    expect(report.owners.map((owner) => owner.used_usd)).toEqual(['26.475', '15.885'])
    addsUp(report, rows)
  })

  it('[CS2] with its tokens per minute a model unit is split like reserved capacity', () => {
    // 2 units × 1,000 tokens × 60 minutes: a quarter used.
    const rows = [provisioned(0, '40', { usage_amount: '2' })]
    const question = { tokensPerMinute: { [ARN]: 1_000 } }
    const report = split(rows, [use('search', 0, 20_000, { outputTokens: 10_000 })], question)
    expect(onlyPool(report)).toMatchObject({
      capacity_tokens: '120000',
      used_usd: '10',
      apart_usd: '30',
    })
    const over = split(rows, [use('search', 0, 150_000)], question)
    expect(onlyPool(over)).toMatchObject({ used_usd: '40', over_tokens: '30000', utilisation: '1' })
    addsUp(over, rows)
  })

  it('[CS2] without tokens, calls tell who used the hour', () => {
    const uses = [use('a', 0, 0, { calls: 3 }), use('b', 0, 0, { calls: 1 })]
    const report = split([provisioned(0, '20')], uses)
    expect(report.owners.map((owner) => [owner.used_usd, owner.use_usd_per_million])).toEqual([
      ['15', null],
      ['5', null],
    ])
  })

  const RULES: readonly (readonly [SplitRule, readonly string[], string])[] = [
    [{ kind: 'proportional' }, ['a 1.5 3', 'b 0.5 1'], '0'],
    [{ kind: 'even' }, ['a 1.5 2', 'b 0.5 2'], '0'],
    [{ kind: 'fixed', weights: { b: 3n, c: 1n } }, ['a 1.5 0', 'b 0.5 3', 'c 0 1'], '0'],
    [{ kind: 'owner', owner: 'platform' }, ['a 1.5 0', 'b 0.5 0', 'platform 0 4'], '0'],
    [{ kind: 'apart' }, ['a 1.5 0', 'b 0.5 0'], '4'],
  ]
  it.each(RULES.map((row) => [row[0].kind, ...row] as const))(
    '[CS3] the idle part goes by the rule: %s',
    (_kind, rule, owners, apart) => {
      // $6 an hour: 90,000 and 30,000 of 360,000 tokens used, $4 idle.
      const uses = [use('a', 0, 90_000, RESERVED_CALL), use('b', 0, 30_000, RESERVED_CALL)]
      const rows = [reserved(0, '6', '6')]
      const report = split(rows, uses, { split: rule })
      const told = report.owners.map(
        ({ owner, used_usd, idle_usd }) => `${owner} ${used_usd} ${idle_usd}`,
      )
      expect(told).toEqual(owners)
      expect(report.total).toMatchObject({ apart_usd: apart, used_usd: '2' })
      expect(onlyPool(report).split).toBe(rule.kind)
      addsUp(report, rows)
    },
  )

  it('[CS3] by use and with the idle part, side by side', () => {
    const uses = [use('a', 0, 90_000, RESERVED_CALL), use('b', 0, 30_000, RESERVED_CALL)]
    const { owners } = split([reserved(0, '6', '6')], uses, { split: { kind: 'proportional' } })
    // $1.50 and $4.50 for 90,000 tokens.
    expect(owners[0]).toMatchObject({
      use_usd_per_million: '16.666666666667',
      allocation_usd_per_million: '50',
    })
  })

  it.each(SPLIT_KINDS)(
    '[CS3] capacity nobody used has an owner only where the rule names one: %s',
    (kind) => {
      const rule: SplitRule =
        kind === 'fixed'
          ? { kind, weights: {} }
          : kind === 'owner'
            ? { kind, owner: 'platform' }
            : { kind }
      const report = split([provisioned(0, '20')], [], { split: rule })
      const isOwned = kind === 'owner'
      expect(onlyPool(report)).toMatchObject({
        split: isOwned ? kind : 'apart',
        apart_usd: isOwned ? '0' : '20',
      })
    },
  )

  it('[CS4] all parts add up to the bill, whatever was billed and used', () => {
    const cost = fc
      .tuple(fc.integer({ min: -5, max: 99 }), fc.nat(999_999_999_999))
      .map(([whole, decimals]) => `${whole}.${String(decimals).padStart(12, '0')}`)
    const hour = fc.nat(30)
    const line = fc.oneof(
      fc
        .tuple(hour, cost, fc.integer({ min: 1, max: 48 }))
        .map(([at, usdText, hours]) =>
          provisioned(at, usdText, { usage_end: iso(at + hours), usage_amount: String(hours) }),
        ),
      fc
        .tuple(hour, fc.integer({ min: 1, max: 9 }), cost, fc.constantFrom('Input', 'Output'))
        .map(([at, thousands, usdText, direction]) =>
          reserved(at, String(thousands), usdText, direction),
        ),
      fc.constantFrom(
        provisioned(0, '7', { line_item_type: 'Credit' }),
        provisioned(0, '3', { usage_start: '' }),
        provisioned(0, '2', { pricing_unit: 'bushels' }),
        provisioned(0, '0.5', { usage_type: 'USE1-X-ProvisionedThroughput-New' }),
      ),
    )
    const anyUse = fc
      .tuple(fc.constantFrom('a', 'b', 'c', 'idle'), hour, fc.nat(900_000), fc.boolean(), fc.nat(3))
      .map(([owner, at, tokens, isReserved, calls]) =>
        use(owner, at, tokens, {
          calls,
          outputTokens: tokens,
          ...(isReserved ? RESERVED_CALL : {}),
        }),
      )
    const anyRule: fc.Arbitrary<SplitRule> = fc.constantFrom(...RULES.map(([rule]) => rule))
    const capacities = fc.constantFrom({}, { [ARN]: 1 }, { [ARN]: 3_000 })
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        fc.array(anyUse, { maxLength: 30 }),
        anyRule,
        capacities,
        (rows, uses, rule, tokensPerMinute) => {
          const report = split(rows, uses, { split: rule, tokensPerMinute })
          addsUp(report, rows)
          const again = split(rows.toReversed(), uses.toReversed(), {
            split: rule,
            tokensPerMinute,
          })
          expect(again.owners).toEqual(report.owners)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('[CS5] lines of a day or a month are spread over their hours', () => {
    const row = provisioned(0, '24', { usage_amount: '24', usage_end: iso(24) })
    const report = split([row], [use('search', 3, 5)])
    expect(onlyPool(report)).toMatchObject({
      hours: 24,
      used_hours: 1,
      used_usd: '1',
      apart_usd: '23',
    })
  })

  it('[CS5] what cannot be placed stands apart with its reason, use without a pool too', () => {
    const rows = [
      provisioned(0, '7', { line_item_type: 'Credit' }),
      provisioned(0, '3', { usage_start: '' }),
      provisioned(0, '2', { pricing_unit: 'bushels' }),
      provisioned(0, '1', {
        usage_start: '2026-09-30T00:00:00.000Z',
        usage_end: '2026-09-30T01:00:00.000Z',
      }),
      provisioned(0, '0.5', { usage_type: 'USE1-X-ProvisionedThroughput-New' }),
      billLine({ usage_type: 'USE1-NovaPro-input-tokens', usage_amount: '1', unblended_cost: '9' }),
    ]
    const report = split(rows, [use('lab', 0, 9, { modelRequested: 'arn:other' })])
    expect(report.pools).toEqual([])
    expect(report.unread.map(({ reason, usd: dollars }) => `${reason} ${dollars}`)).toEqual([
      'not_usage 7',
      'undated 3',
      'unknown_unit 2',
      'other_period 1',
      'unknown_usage_type 0.5',
    ])
    expect(report.total.unread_usd).toBe('13.5')
    expect(report.unmatched).toEqual([
      { owner: 'lab', model_requested: 'arn:other', calls: 1, tokens: '9' },
    ])
  })

  it('[CS5] without resources on the bill, model and region tell which throughput was meant', () => {
    const rows = [provisioned(0, '20', { resource_id: '' })]
    const known = { modelId: 'meta.llama3-1-70b-instruct-v1:0' }
    const report = split(rows, [use('search', 0, 5, known), use('lab', 0, 5)])
    expect(report.owners).toMatchObject([{ owner: 'search', used_usd: '20' }])
    expect(report.unmatched).toMatchObject([{ owner: 'lab' }])
  })
})
