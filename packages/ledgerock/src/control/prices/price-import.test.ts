import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../../kernel/fault.ts'
import type { PriceDocument, PriceRow } from '../../pricing/price-document.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { writePriceLists } from '../../pricing/testing/price-list-files.ts'
import {
  onePrice,
  PRICED_MODEL,
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

describe('import', () => {
  it('[C51] a document becomes the price_list layer from its day on; the past keeps its prices', async () => {
    const first = await plane.change('POST', 'prices/import', onePrice('2.9', '2026-10-10'))
    expect(first).toMatchObject({
      report: null,
      changed: { added: 0, changed: 1, removed: 0 },
      unpriced_calls: 0,
      acked: ['worker-1'],
    })
    expect(await plane.charge()).toMatchObject({
      layer: 'price_list',
      amount_usd: '2.9',
      source: 'own',
    })
    expect(await plane.charge({ at: '2026-10-09' })).toMatchObject({ layer: 'snapshot' })
    const { rate_id: old } = await plane.charge()
    plane.advance(86_400_000)
    const second = await plane.change(
      'POST',
      'prices/import',
      onePrice('2.5', '2026-10-15', '2026-10-15'),
    )
    expect(second).toMatchObject({ changed: { added: 0, changed: 1, removed: 0 } })
    expect(await plane.charge()).toMatchObject({ amount_usd: '2.5' })
    expect(await plane.charge({ at: '2026-10-14' })).toMatchObject({
      amount_usd: '2.9',
      rate_id: old,
    })
    const { layers } = await plane.ask('prices/book')
    expect((layers as Json[])[0]).toMatchObject({ layer: 'price_list', by: 'admin', source: 'us' })
    const { items } = await plane.ask('prices/diff')
    expect((items as Json[]).find(({ change }) => change === 'changed')).toMatchObject({
      model_id: PRICED_MODEL,
      layer: 'price_list',
      price_usd: '2.5',
      against: 'snapshot',
      against_usd: '3.3',
    })
  })

  it('[C51] the same document again is nothing new; a dry run changes nothing', async () => {
    const dry = await plane.change('POST', 'prices/import?dry_run=true', onePrice('2.9'))
    expect(dry).toMatchObject({ document_id: null, changed: { added: 0, changed: 1 } })
    expect(await plane.charge()).toMatchObject({ layer: 'snapshot' })
    const real = await plane.change('POST', 'prices/import', onePrice('2.9'))
    expect(real['book_version']).toBe(dry['book_version'])
    const again = await plane.change('POST', 'prices/import', onePrice('2.9'))
    expect(again).toMatchObject({ document_id: null, changed: { added: 0, changed: 0 } })
  })

  it('[C51] a bad document is refused whole with every fault, and the book in force stays', async () => {
    await plane.change('POST', 'prices/import', onePrice('2.9'))
    const good = onePrice('1')
    const [model] = good.models as [PriceDocument['models'][number]]
    const [row] = model.rates as [PriceRow]
    const rates = [
      { ...row, prices: { input: '-1' } },
      { ...row, prices: { input: '0.1e1' } },
      { ...row, unit: 'bushel' },
      { ...row, source: 'nowhere' },
      { ...row, valid_from: '2026-10-02', valid_to: '2026-10-01' },
      row,
      row,
    ]
    const bad = { ...good, models: [{ ...model, rates }] }
    const problem = await plane.refused('POST', 'prices/import', bad)
    expect(problem).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(problem.errors.length).toBeGreaterThanOrEqual(6)
    expect(await plane.charge()).toMatchObject({ amount_usd: '2.9' })
    expect(plane.priceBroadcasts).toHaveLength(1)
  })

  it('[C51] a list under which overrides of the file would be at odds is refused and not kept', async () => {
    plane.overrides.declared = [
      { name: 'ours', models: 'amazon.*', percent: '-10' },
      { name: 'ranked', models: '*-v3-5:0', percent: '-20' },
    ]
    await plane.prices.publish()
    const [model] = onePrice('1').models as [PriceDocument['models'][number]]
    const both = {
      ...onePrice('1'),
      models: [{ ...model, model_id: 'amazon.rerank-v3-5:0', provider: 'Amazon' }],
    }
    const refused = await plane.refused('POST', 'prices/import', both)
    expect(refused).toMatchObject({ status: 409, code: 'overrides_misfit' })
    expect(refused.errors).toMatchObject([{ path: 'prices.overrides[1]' }])
    await plane.prices.publish()
    expect(plane.bookInFile().models.has('amazon.rerank-v3-5:0')).toBe(false)
    const learned = await plane.change('POST', 'prices/import', onePrice('2.9'))
    expect(learned).toMatchObject({ changed: { changed: 1 } })
  })

  it.each([
    ['a truncated file', '{"formatVersion":"v1.0","offerCode":"AmazonBedr'],
    ['no price list', '{"hello":1}'],
    ['another schema', '{"schema":"ledgerock-prices/2"}'],
    ['a text', '"prices"'],
    ['nothing', ''],
    ['an empty list', '[]'],
  ])('[C51] refuses %s', async (_what, body) => {
    const headers = { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' }
    const answer = await plane.api.request('/api/v1/prices/import', {
      method: 'POST',
      headers,
      body,
    })
    const problem = await problemOf(answer)
    expect(problem.status).toBe(400)
    expect(problem.errors.length).toBeGreaterThan(0)
    expect(await plane.charge()).toMatchObject({ layer: 'snapshot' })
  })

  it('[C50] a rate that a later document replaced is still explained', async () => {
    await plane.change('POST', 'prices/import', onePrice('2.9'))
    const { rate_id: old } = await plane.charge()
    await plane.change('POST', 'prices/import', onePrice('2.8'))
    expect(await plane.ask(`prices/rates/${String(old)}`)).toMatchObject({
      layer: 'price_list',
      price_usd: '2.9',
      in_force: false,
    })
  })

  it('[C51] AWS’s own files become the layer, with a report of what they hold', async () => {
    const key = {
      modelId: PRICED_MODEL,
      region: 'us-east-1',
      scope: 'in-region',
      tier: 'standard',
      contextAbove: 0,
      unit: 'token',
      medium: 'text',
      variant: null,
      kind: 'input',
    } as const
    const { models } = SNAPSHOT_LAYER.document
    const offers = writePriceLists(
      [{ key, price: '2.97' }],
      new Map(models.map((model) => [model.model_id, model])),
      { effectiveDate: '2026-10-09T00:00:00Z', publicationDate: '2026-10-09T13:01:14Z' },
      ([first]) => first as NonNullable<typeof first>,
    )
    // One file, or several in a list, is the same.
    const taken = await plane.change('POST', 'prices/import', offers[0])
    expect(taken).toMatchObject({ report: { skus: 1, read: 1, unread: [] } })
    expect(await plane.change('POST', 'prices/import', offers)).toMatchObject({
      document_id: null,
      book_version: taken['book_version'],
    })
    expect(await plane.charge()).toMatchObject({ layer: 'price_list', amount_usd: '2.97' })
    expect(await plane.charge({ at: '2026-10-08' })).toMatchObject({ layer: 'snapshot' })
    const half = { ...offers[0], terms: {} }
    expect(await plane.refused('POST', 'prices/import', [...offers, half])).toMatchObject({
      status: 400,
    })
  })

  it('[C51] an older list that comes in later only fills what newer ones leave', async () => {
    await plane.change('POST', 'prices/import', onePrice('2.8', '2026-10-12', '2026-10-13'))
    const older = onePrice('2.7', '2026-10-05', '2026-10-06')
    const late = await plane.change('POST', 'prices/import', older)
    expect(late).toMatchObject({ changed: { added: 0, changed: 0, removed: 0 } })
    expect(await plane.charge()).toMatchObject({ amount_usd: '2.8' })
    expect(await plane.charge({ at: '2026-10-11' })).toMatchObject({ amount_usd: '2.7' })
    expect(await plane.charge({ at: '2026-10-01' })).toMatchObject({ layer: 'snapshot' })
  })

  it('[C59] is taken back: what lay below counts again, and what it priced stays explained', async () => {
    const first = await plane.change('POST', 'prices/import', onePrice('2.9', '2026-10-01'))
    const second = await plane.change(
      'POST',
      'prices/import',
      onePrice('2.5', '2026-10-05', '2026-10-11'),
    )
    const { rate_id: priced } = await plane.charge()
    const path = `prices/documents/${String(second['document_id'])}`
    const { layers } = await plane.ask('prices/book')
    expect((layers as Json[])[0]?.['documents']).toMatchObject([
      { document_id: first['document_id'] },
      { document_id: second['document_id'], published_at: '2026-10-11' },
    ])
    const gone = await plane.change('DELETE', path, { reason: 'wrong file' })
    expect(gone).toEqual({
      document_id: second['document_id'],
      book_version: first['book_version'],
      acked: ['worker-1'],
      missing: [],
    })
    expect(await plane.charge()).toMatchObject({ amount_usd: '2.9' })
    expect(await plane.ask(`prices/rates/${String(priced)}`)).toMatchObject({
      price_usd: '2.5',
      in_force: false,
    })
    const entries = await plane.store.read.audit.entries(0, 100)
    expect(entries.at(-1)).toMatchObject({
      action: 'price_document.withdraw',
      subject: second['document_id'],
      reason: 'wrong file',
    })
    const twice = await plane.refused('DELETE', path)
    expect(twice).toMatchObject({ status: 404, code: 'document_unknown' })
  })

  it('[C50] a rate that only two documents together had is still explained', async () => {
    const whole = onePrice('2.9', '2026-10-01')
    const [model] = whole.models as [PriceDocument['models'][number]]
    const [row] = model.rates as [PriceRow]
    const rates = [
      { ...row, prices: { input: '2' }, valid_from: '2026-10-05', valid_to: '2026-10-07' },
    ]
    const between = { ...whole, models: [{ ...model, rates }] }
    await plane.change('POST', 'prices/import', whole)
    const second = await plane.change('POST', 'prices/import', between)
    // What goes on after the two days begins there, which neither document says.
    const { rate_id: priced } = await plane.charge()
    await plane.change('DELETE', `prices/documents/${String(second['document_id'])}`)
    expect((await plane.charge())['rate_id']).not.toBe(priced)
    expect(await plane.ask(`prices/rates/${String(priced)}`)).toMatchObject({
      price_usd: '2.9',
      from: '2026-10-07T00:00:00.000Z',
      in_force: false,
    })
  })

  it('[C51] a price by another unit closes the one before', async () => {
    await plane.change('POST', 'prices/import', onePrice('2.9', '2026-10-01'))
    const document = onePrice('3', '2026-10-12', '2026-10-12')
    const [model] = document.models as [PriceDocument['models'][number]]
    const [row] = model.rates as [PriceRow]
    const rates = [{ ...row, unit: 'request' as const }]
    const other = { ...document, models: [{ ...model, rates }] }
    await plane.change('POST', 'prices/import', other)
    const question = { usage: { input: 2 } }
    expect(await plane.charge(question)).toMatchObject({ amount_usd: '6' })
    expect(await plane.charge({ at: '2026-10-11' })).toMatchObject({ amount_usd: '2.9' })
  })

  it('[C51] two lists at the same time are both taken', async () => {
    const input = onePrice('2.9')
    const [model] = input.models as [PriceDocument['models'][number]]
    const [row] = model.rates as [PriceRow]
    const output = {
      ...input,
      models: [{ ...model, rates: [{ ...row, prices: { output: '9' } }] }],
    }
    await Promise.all([input, output].map((list) => plane.change('POST', 'prices/import', list)))
    const { items } = await plane.ask('prices?layer=price_list')
    expect((items as Json[]).map(({ price_usd: usd }) => usd)).toEqual(['2.9', '9'])
  })

  it('[C51] does without the ledger', async () => {
    plane.ledger.failure = new Fault('ledger_unreachable', 'away', { retryable: true })
    const taken = await plane.change('POST', 'prices/import', onePrice('2.9'))
    expect(taken).toMatchObject({ unpriced_calls: null, acked: ['worker-1'] })
  })
})
