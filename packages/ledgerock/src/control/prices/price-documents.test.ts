import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../../kernel/fault.ts'
import { NOW } from '../testing/control-plane.ts'
import {
  jsonOf,
  problemOf,
  startPricePlane,
  type Json,
  type PricePlane,
} from '../testing/price-plane.ts'

let plane: PricePlane
beforeEach(async () => {
  plane = await startPricePlane()
})
afterEach(() => plane.stop())

const line = (rest: Json = {}): Json => ({
  usage_type: 'USE1-Claude4.6Sonnet-input-tokens',
  line_item_type: 'Usage',
  product_code: 'AmazonBedrock',
  product_name: 'Amazon Bedrock',
  pricing_unit: '1K tokens',
  usage_amount: '100000',
  unblended_cost: '250',
  region: 'us-east-1',
  usage_start: '2026-09-03T00:00:00Z',
  usage_end: '2026-09-04T00:00:00Z',
  ...rest,
})

describe('learned rates', () => {
  it('[C56] are proposed with their support and price calls once they are accepted', async () => {
    const learned = await plane.change('POST', 'prices/learn', {
      period: '2026-09',
      rows: [line()],
    })
    expect(learned['document_id']).toMatch(/^d/)
    expect(learned['rates']).toMatchObject([{ price_usd: '2.5', lines: 1, usd: '250' }])
    expect(await plane.charge()).toMatchObject({ layer: 'snapshot' })
    const listed = async () => (await plane.ask('prices/learned'))['items'] as Json[]
    expect(await listed()).toMatchObject([{ period: '2026-09', state: 'proposed', lines: 1 }])
    const accepted = await plane.change('POST', 'prices/learned/2026-09/accept', { reason: 'seen' })
    expect(accepted).toMatchObject({ period: '2026-09', document_id: learned['document_id'] })
    expect(await plane.charge()).toMatchObject({ layer: 'learned', amount_usd: '2.5' })
    expect(await plane.charge({ at: '2026-08-31' })).toMatchObject({ layer: 'snapshot' })
    expect(await listed()).toMatchObject([{ state: 'active', decided_by: 'admin' }])
    expect(await plane.ask('prices/learned/2026-09')).toMatchObject({ state: 'active' })
    const twice = await plane.refused('POST', 'prices/learned/2026-09/accept')
    expect(twice).toMatchObject({ status: 404, code: 'proposal_unknown' })
  })

  it('[C56] a month learned anew waits beside the accepted one, and replaces it when accepted', async () => {
    for (const cost of ['250', '240']) {
      const rows = [line({ unblended_cost: cost })]
      await plane.change('POST', 'prices/learn', { period: '2026-09', rows })
      plane.advance(1_000)
      await plane.change('POST', 'prices/learned/2026-09/accept')
    }
    expect(await plane.charge()).toMatchObject({ amount_usd: '2.4' })
    const states = ((await plane.ask('prices/learned'))['items'] as Json[]).map(
      ({ state }) => state,
    )
    expect(states).toEqual(['superseded', 'active'])
  })

  it('[C59] are taken back by their month, also before they are accepted', async () => {
    const question = { period: '2026-09', rows: [line()] }
    const learned = await plane.change('POST', 'prices/learn', question)
    await plane.change('POST', 'prices/learned/2026-09/accept')
    const gone = await plane.change('DELETE', 'prices/learned/2026-09', { reason: 'wrong bill' })
    expect(gone).toMatchObject({ document_id: learned['document_id'], acked: ['worker-1'] })
    expect(await plane.charge()).toMatchObject({ layer: 'snapshot' })
    await plane.change('POST', 'prices/learn', question)
    await plane.change('DELETE', 'prices/learned/2026-09')
    const refused = await plane.refused('POST', 'prices/learned/2026-09/accept')
    expect(refused).toMatchObject({ status: 404, code: 'proposal_unknown' })
    const { items } = await plane.ask('prices/learned')
    expect((items as Json[]).map(({ state }) => state)).toEqual(['withdrawn', 'withdrawn'])
    const again = await plane.refused('DELETE', 'prices/learned/2026-09')
    expect(again).toMatchObject({ status: 404, code: 'proposal_unknown' })
  })

  it('[C56] later months take over where they say something', async () => {
    for (const [period, cost] of [
      ['2026-09', '250'],
      ['2026-08', '200'],
    ] as const) {
      const time = `${period}-03T00:00:00Z`
      const rows = [line({ unblended_cost: cost, usage_start: time, usage_end: time })]
      await plane.change('POST', 'prices/learn', { period, rows })
      await plane.change('POST', `prices/learned/${period}/accept`)
    }
    expect(await plane.charge({ at: '2026-08-15' })).toMatchObject({ amount_usd: '2' })
    expect(await plane.charge({ at: '2026-09-15' })).toMatchObject({ amount_usd: '2.5' })
  })

  it('[C56] reads a bill as CSV too', async () => {
    const fields = Object.entries({
      line_item_usage_type: 'USE1-Claude4.6Sonnet-input-tokens',
      line_item_line_item_type: 'Usage',
      line_item_product_code: 'AmazonBedrock',
      pricing_unit: '1K tokens',
      line_item_usage_amount: '100000',
      line_item_unblended_cost: '250',
      product_region_code: 'us-east-1',
      line_item_usage_start_date: '2026-09-03T00:00:00Z',
    })
    const csv = `${fields.map(([name]) => name).join(',')}\n${fields.map(([, value]) => value).join(',')}\n`
    const headers = { authorization: `Bearer ${plane.token}`, 'content-type': 'text/csv' }
    const learn = (query: string, body: string) =>
      plane.api.request(`/api/v1/prices/learn${query}`, { method: 'POST', headers, body })
    const learned = await jsonOf(await learn('?period=2026-09', csv))
    expect(learned['rates']).toMatchObject([{ price_usd: '2.5', lines: 1 }])
    const wrong = await problemOf(await learn('?period=september&x=1', csv))
    expect(wrong.errors.map(({ path }) => path).toSorted()).toEqual(['period', 'x'])
    const broken = await problemOf(await learn('?period=2026-09', csv.replace('250', 'much')))
    expect(broken.errors).toMatchObject([{ path: 'rows[2]' }])
  })

  it('[C11] names every row that cannot be read', async () => {
    const rows = [line(), line({ unblended_cost: 'free' }), 7, line({ cost: '1' })]
    const problem = await plane.refused('POST', 'prices/learn', { period: '2026-09', rows })
    expect(problem.errors.map(({ path }) => path)).toEqual(['rows[1]', 'rows[2]', 'rows[3]'])
  })
})

describe('capacity', () => {
  const ARN = 'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abc'
  const used = {
    team: 'search',
    model_requested: ARN,
    model_id: 'meta.llama3-1-70b-instruct-v1:0',
    region: 'us-east-1',
    scope: 'in-region',
    tier: 'standard',
    bucket: '2026-09-03T00:00:00.000Z',
    calls: 3,
    input_tokens: 700,
    output_tokens: 100,
    cache_read_tokens: 150,
    cache_write_tokens: 50,
  }
  const billed = line({
    usage_type: 'USE1-Llama3-1-70B-ProvisionedThroughput-ModelUnits-1MonthCommit',
    pricing_unit: 'Hours',
    resource_id: ARN,
    usage_amount: '1',
    unblended_cost: '21',
    usage_end: '2026-09-03T01:00:00Z',
  })

  it('[C58] is shown by who used it: the bill says the cost, the ledger the use', async () => {
    plane.ledger.answer = { rows: [used], total: {} }
    const question = { period: '2026-09', rows: [billed] }
    const report = await plane.change('POST', 'prices/capacity', question)
    expect(report['pools']).toMatchObject([
      { pool: ARN, kind: 'provisioned', cost_usd: '21', used_tokens: '1000' },
    ])
    expect(report['owners']).toMatchObject([{ owner: 'search', calls: 3, total_usd: '21' }])
    expect(plane.ledger.asked.map(({ question: asked }) => asked)).toMatchObject([
      { by: ['model_requested'], from: '2026-09-01T00:00:00.000Z', to: '2026-10-01T00:00:00.000Z' },
      { granularity: 'hour', where: [{ field: 'tier', values: ['reserved'] }] },
      { granularity: 'hour', where: [{ field: 'model_requested', values: [ARN] }] },
    ])
  })

  it('[C58] what a model unit can take decides what stood idle', async () => {
    plane.ledger.answer = { rows: [used], total: {} }
    const question = { period: '2026-09', rows: [billed], split: 'apart' }
    const limits = { tokens_per_minute: { [ARN]: 100 } }
    const report = await plane.change('POST', 'prices/capacity', { ...question, ...limits })
    expect(report['total']).toMatchObject({ cost_usd: '21', used_usd: '3.5', apart_usd: '17.5' })
  })
})

describe('re-rating', () => {
  it('[C57] asks the ledger by the book in force, and notes what it wrote', async () => {
    const question = { from: '2026-10-01', to: '-0d', dry_run: true }
    const dry = await plane.change('POST', 'prices/rerate', question)
    expect(dry).toMatchObject({ dry_run: true, changed: 1, difference_usd: '-0.5' })
    expect(plane.ledger.asked.at(-1)).toMatchObject({
      method: 'rerate',
      question: {
        fromMs: Date.parse('2026-10-01'),
        toMs: Date.parse(NOW),
        dryRun: true,
        bookVersion: plane.prices.current().version,
        closedPeriods: [],
      },
    })
    const trail = async () =>
      (await plane.store.read.audit.entries(0, 100)).filter(
        ({ action }) => action === 'prices.rerate',
      )
    expect(await trail()).toEqual([])
    const done = await plane.change('POST', 'prices/rerate', {
      ...question,
      dry_run: false,
      reason: 'edp',
    })
    expect(done['rerate_id']).not.toBe(dry['rerate_id'])
    expect(await trail()).toMatchObject([
      {
        subject: done['rerate_id'],
        reason: 'edp',
        before: { before_usd: '3' },
        after: { after_usd: '2.5' },
      },
    ])
  })

  it.each([
    ['prices_differ', 409, 'price_book_differs'],
    ['rerate_running', 409, 'rerate_running'],
    ['ledger_unreachable', 503, 'ledger_unreachable'],
  ])('[C57] %s is answered with %i', async (code, status, said) => {
    plane.ledger.failure = new Fault(code, 'no', { retryable: status === 503 })
    const problem = await plane.refused('POST', 'prices/rerate', { from: '-7d', to: '-0d' })
    expect(problem).toMatchObject({ status, code: said })
  })

  it('[C11] names every fault of the question', async () => {
    const bad = await plane.refused('POST', 'prices/rerate', { from: 'then', to: 'now' })
    expect(bad.errors.map(({ path }) => path)).toEqual(['from', 'to'])
    const turned = await plane.refused('POST', 'prices/rerate', {
      from: '2026-10-02',
      to: '2026-10-01',
    })
    expect(turned.errors.map(({ path }) => path)).toEqual(['from'])
  })
})
