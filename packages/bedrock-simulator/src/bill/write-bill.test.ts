// A bill against the calls it is made of, worked out a second time from the price table.

import { describe, expect, it } from 'vitest'
import { costOf } from '../cost.ts'
import type { BilledCall } from './billed-call.ts'
import { DAY_MS, type BillOptions } from './bill-options.ts'
import { EMPTY_WORLD, type BillWorld } from './bill-world.ts'
import { attoOfPico, attoOfText, decimalText, sumOf, type Attodollars } from './exact.ts'
import { simulateMonth } from './simulate-month.ts'
import { writeBill, type Bill } from './write-bill.ts'

const START = Date.UTC(2026, 9)
const SONNET = 'anthropic.claude-sonnet-4-6'
const ROLE = 'arn:aws:sts::222233334444:assumed-role/app/one'

function call(rest: Partial<BilledCall> = {}): BilledCall {
  const atMs = rest.atMs ?? START + 9 * 3_600_000
  return {
    id: 'one',
    atMs,
    billedAtMs: atMs,
    accountId: '222233334444',
    region: 'us-east-1',
    modelId: SONNET,
    inferenceProfile: `us.${SONNET}`,
    resourceId: `arn:aws:bedrock:us-east-1:222233334444:inference-profile/us.${SONNET}`,
    scope: 'geo',
    tier: 'standard',
    stream: false,
    endpoint: 'runtime',
    operation: 'inference',
    usage: {
      input: 1_000,
      output: 100,
      cache_read: 0,
      cache_write_5m: 0,
      cache_write_1h: 0,
      other: {},
      variant: null,
    },
    principal: ROLE,
    sessionTags: {},
    owner: { team: 'search' },
    via: 'direct',
    meteredUsage: null,
    ...rest,
  }
}

function bill(
  calls: readonly BilledCall[],
  options: Partial<BillOptions> = {},
  world: BillWorld = EMPTY_WORLD,
): Bill {
  return writeBill({
    period: '2026-10',
    calls,
    world,
    options: { schemes: { [SONNET]: 'A' }, ...options },
  })
}

function trueCost({ usage, modelId: model, region, scope, tier }: BilledCall): Attodollars {
  if (tier === 'batch') throw new Error('no list price')
  const { input, output, other, variant } = usage
  const pico = costOf({
    model,
    region,
    scope,
    tier,
    variant,
    usage: {
      input,
      output,
      cacheRead: usage.cache_read,
      cacheWrite5m: usage.cache_write_5m,
      cacheWrite1h: usage.cache_write_1h,
      other,
    },
  })
  if (pico === null) throw new Error(`no price for ${model}`)
  return attoOfPico(pico)
}

const total = (texts: readonly string[]): Attodollars => sumOf(texts.map(attoOfText))

describe('writeBill', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    '[S30] adds up to the true cost of its calls in every cell, to the digit (seed %i)',
    (seed) => {
      const month = simulateMonth({ seed, calls: 1_500 })
      const calls = month.calls.filter(
        ({ tier, operation, modelId }) =>
          tier !== 'batch' && operation === 'inference' && !modelId.includes('unlisted'),
      )
      const written = writeBill({
        ...month,
        calls,
        options: { ...month.options, privateRates: {}, standing: [] },
      })
      const cell = (parts: readonly (string | null)[]): string => parts.join(' ')
      const expected = new Map<string, Attodollars[]>()
      for (const each of calls) {
        const hour = new Date(each.billedAtMs).toISOString().slice(0, 13)
        const key = cell([each.accountId, each.modelId, each.resourceId, each.principal, hour])
        expected.set(key, [...(expected.get(key) ?? []), trueCost(each)])
      }
      const billed = new Map<string, Attodollars[]>()
      for (const [place, row] of written.rows.entries()) {
        if (row.line_item_line_item_type !== 'Usage') continue
        const key = cell([
          row.line_item_usage_account_id,
          written.truth[place]?.modelId ?? null,
          row.line_item_resource_id,
          row.line_item_iam_principal,
          row.line_item_usage_start_date.slice(0, 13),
        ])
        billed.set(key, [...(billed.get(key) ?? []), attoOfText(row.line_item_unblended_cost)])
      }
      const sums = (cells: ReadonlyMap<string, readonly Attodollars[]>): Map<string, string> =>
        new Map([...cells].map(([key, amounts]) => [key, decimalText(sumOf(amounts))]))
      expect(sums(billed)).toEqual(sums(expected))
    },
  )

  it('[S30] writes quantity, rate and cost that agree, in the unit of the line', () => {
    const { rows } = bill([call()])
    expect(rows.map((row) => [row.line_item_usage_type, row.line_item_usage_amount])).toEqual([
      ['USE1-Claude4.6Sonnet-input-tokens', '1'],
      ['USE1-Claude4.6Sonnet-output-tokens', '0.1'],
    ])
    // $3.30 and $16.50 a million, in thousands.
    expect(rows.map((row) => row.line_item_unblended_rate)).toEqual(['0.0033', '0.0165'])
    expect(rows.map((row) => row.line_item_unblended_cost)).toEqual(['0.0033', '0.00165'])
    expect(rows[0]?.line_item_operation).toBe('InvokeModelInference')
    const million = bill([call()], { schemes: { [SONNET]: 'C' } }).rows[0]
    expect(million).toMatchObject({
      line_item_usage_type: 'USE1-MP:USE1_InputTokenCount-Units',
      line_item_usage_amount: '0.001',
      line_item_unblended_rate: '3.3',
      line_item_unblended_cost: '0.0033',
      pricing_public_on_demand_cost: '0',
      product_servicecode: '',
      bill_billing_entity: 'AWS Marketplace',
      line_item_line_item_description:
        'AWS Marketplace software usage|us-east-1|Million Input Tokens Regional CRIS',
    })
  })

  it('[S30] may leave the dust of a product of doubles, which its parts then hold too', () => {
    const odd = call({ usage: { ...call().usage, input: 69_100, output: 0 } })
    const exact = bill([odd]).rows[0]?.line_item_unblended_cost
    const product = bill([odd], { amounts: 'product' })
    expect(exact).toBe('0.22803')
    expect(product.rows[0]?.line_item_unblended_cost).toBe(String(69.1 * 0.0033))
    expect(product.rows[0]?.line_item_unblended_cost).not.toBe(exact)
    expect(product.truth[0]?.parts.map(({ usd }) => usd)).toEqual([String(69.1 * 0.0033)])
  })

  it('[S31] is the same for the same seed, and another for another', () => {
    const month = simulateMonth({ seed: 4, calls: 300 })
    expect(writeBill(simulateMonth({ seed: 4, calls: 300 }))).toEqual(writeBill(month))
    expect(simulateMonth({ seed: 5, calls: 300 }).calls).not.toEqual(month.calls)
    const ids = writeBill(month).rows.map((row) => row.identity_line_item_id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('[S31] adds up by hour, day or month, and apart by who and what', () => {
    const calls = [
      call(),
      call({ id: 'two', atMs: START + 9.5 * 3_600_000 }),
      call({ id: 'three', atMs: START + 11 * 3_600_000 }),
      call({ id: 'four', atMs: START + DAY_MS }),
      call({ id: 'five', principal: `${ROLE}2` }),
    ]
    const inputs = (options: Partial<BillOptions>): readonly string[] =>
      bill(calls, options)
        .rows.filter((row) => row.line_item_usage_type.includes('input'))
        .map((row) => row.line_item_usage_amount)
    expect(inputs({})).toEqual(['2', '1', '1', '1'])
    expect(inputs({ granularity: 'DAILY' })).toEqual(['3', '1', '1'])
    expect(inputs({ granularity: 'MONTHLY' })).toEqual(['4', '1'])
    expect(inputs({ granularity: 'MONTHLY', principals: false })).toEqual(['5'])
    expect(bill(calls, { principals: false, resources: false }).rows[0]).toMatchObject({
      line_item_iam_principal: '',
      line_item_resource_id: '',
    })
  })

  it('[S31] leaves out calls of another month and what nobody can price, and says so', () => {
    const outside = call({ id: 'late', atMs: START - 1 })
    const gov = call({ id: 'gov', region: 'us-gov-west-1' })
    const { rows, notes } = bill([outside, gov])
    expect(rows).toEqual([])
    expect(notes).toEqual({ outside: 1, unpriced: ['gov'] })
  })

  it('[S35] takes discounts off in the net, and as lines of their own if asked', () => {
    const options = { discountBasisPoints: 1_000, taxBasisPoints: 2_000 } as const
    const plain = bill([call()], options)
    const net = (written: Bill): Attodollars =>
      total(written.rows.map((row) => row.line_item_net_unblended_cost))
    const usage = plain.rows.filter((row) => row.line_item_line_item_type === 'Usage')
    expect(usage.map((row) => row.line_item_net_unblended_cost)).toEqual(['0.00297', '0.001485'])
    expect(usage[0]?.discount).toEqual({ EdpDiscount: '-0.00033' })
    const lines = bill([call()], { ...options, discountLines: true })
    expect(net(lines)).toBe(net(plain))
    expect(total(lines.rows.map((row) => row.line_item_unblended_cost))).toBe(net(lines))
    const tax = lines.rows.filter((row) => row.line_item_line_item_type === 'Tax')
    expect(tax.map((row) => row.line_item_unblended_cost)).toEqual(['0.000891'])
    const marketplace = { ...options, schemes: { [SONNET]: 'C' } } as const
    expect(bill([call()], marketplace).rows[0]?.discount).toEqual({})
  })

  it('[S35] bills a private rate beside the list’s', () => {
    const { rows, truth } = bill([call()], { privateRates: { [SONNET]: 1_000 } })
    expect(rows[0]).toMatchObject({
      line_item_unblended_rate: '0.00297',
      pricing_public_on_demand_rate: '0.0033',
      line_item_unblended_cost: '0.00297',
      pricing_public_on_demand_cost: '0.0033',
    })
    expect(truth[0]?.causes).toEqual(['price', 'unmetered'])
  })

  it('[S36] grows from delivery to delivery and is settled after the month', () => {
    const month = simulateMonth({ seed: 9, calls: 600 })
    const asOf = (asOfMs: number | null): Bill =>
      writeBill({ ...month, options: { ...month.options, asOfMs } })
    const [middle, first, late, last] = [
      asOf(START + 15 * DAY_MS),
      asOf(START + 31 * DAY_MS),
      asOf(START + 38 * DAY_MS),
      asOf(null),
    ]
    const types = (written: Bill): Set<string> =>
      new Set(written.rows.map((row) => row.line_item_line_item_type))
    const invoices = (written: Bill): Set<string> =>
      new Set(written.rows.map((row) => row.bill_invoice_id))
    expect(middle.rows.length).toBeLessThan(first.rows.length)
    expect(types(first).has('Tax')).toBe(false)
    expect(types(late).has('Tax')).toBe(true)
    expect(invoices(first)).toEqual(new Set(['']))
    expect(invoices(last).has('')).toBe(false)
    const usage = (written: Bill): Attodollars =>
      total(
        written.rows
          .filter((row) => row.line_item_line_item_type === 'Usage')
          .map((row) => row.line_item_unblended_cost),
      )
    expect(usage(first)).toBeLessThan(usage(last))
    // Ids are new in every delivery, as AWS's are.
    const known = new Set(first.rows.map((row) => row.identity_line_item_id))
    expect(last.rows.some((row) => known.has(row.identity_line_item_id))).toBe(false)
  })
})
