import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RateRow } from '../../pricing/list-rates.ts'
import { inProcess } from '../api.ts'
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

describe('prices', () => {
  it('[C50] lists rates of the book in force, page by page, with layer, source and date', async () => {
    const filter = `prices?model=${PRICED_MODEL}&region=us-east-1&scope=in-region&tier=standard`
    const { items, next_cursor: none } = await plane.ask(filter)
    const rows = items as RateRow[]
    expect(none).toBeNull()
    expect(rows.map(({ kind }) => kind)).toContain('cache_read')
    for (const row of rows) {
      expect(row).toMatchObject({ layer: 'snapshot', model_id: PRICED_MODEL, in_force: true })
      expect(row.source).not.toBe('')
      expect(await plane.ask(`prices/rates/${row.rate_id}`)).toEqual(row)
    }
    const paged: unknown[] = []
    let cursor = ''
    do {
      const page = await plane.ask(`${filter}&limit=2${cursor}`)
      paged.push(...(page['items'] as RateRow[]))
      cursor =
        page['next_cursor'] === null
          ? ''
          : `&cursor=${encodeURIComponent(page['next_cursor'] as string)}`
    } while (cursor !== '')
    expect(paged).toEqual(rows)
  })

  it('[C50] a cursor of other prices is refused rather than followed', async () => {
    const { next_cursor: cursor } = await plane.ask('prices?limit=2')
    await plane.change('POST', 'prices/overrides', {
      name: 'edp',
      models: PRICED_MODEL,
      percent: '-10',
    })
    const problem = await problemOf(await plane.get(`/api/v1/prices?cursor=${String(cursor)}`))
    expect(problem.errors.map(({ path }) => path)).toEqual(['cursor'])
  })

  it('[C11] names every fault of a question', async () => {
    const query = 'scope=globe&tier=fast&kind=inputs&layer=book&at=soon&limit=0&form=1'
    const problem = await problemOf(await plane.get(`/api/v1/prices?${query}`))
    expect(problem.status).toBe(400)
    expect(problem.errors.map(({ path }) => path).toSorted()).toEqual(
      ['scope', 'tier', 'kind', 'layer', 'at', 'limit', 'form'].toSorted(),
    )
    const diff = await problemOf(await plane.get('/api/v1/prices/diff?layer=a&against=price_list'))
    expect(diff.errors.map(({ path }) => path).toSorted()).toEqual(['against', 'layer'])
  })

  it('[C50] an id no rate ever had is not found', async () => {
    const problem = await problemOf(await plane.get('/api/v1/prices/rates/r1234567890abc'))
    expect(problem).toMatchObject({ status: 404, code: 'rate_unknown' })
  })

  it('[C54] is read and changed by admin and finance, by nobody else', async () => {
    for (const role of ['lead', 'viewer', 'finance'] as const) {
      const actor = { name: role, role, by: 'in-process', scope: { team: ['search'] } } as const
      const request = inProcess(plane.api, actor)
      const read = await request('/api/v1/prices/book')
      const change = await request('/api/v1/prices/overrides/none', { method: 'DELETE' })
      const wanted = role === 'finance' ? [200, 404] : [403, 403]
      expect([role, read.status, change.status]).toEqual([role, ...wanted])
    }
  })
})

describe('overrides', () => {
  it('[C52] an override prices the next question, and is told to every process', async () => {
    const before = await plane.charge()
    expect(before).toMatchObject({ layer: 'snapshot', amount_usd: '3.3' })
    const set = await plane.change('POST', 'prices/overrides', {
      name: 'edp',
      models: 'anthropic.*',
      percent: '-12.5',
      reason: 'contract 7',
    })
    expect(set).toMatchObject({
      acked: ['worker-1'],
      missing: [],
      override: { name: 'edp', origin: 'api', percent: '-12.5', in_force: true, set_by: 'admin' },
    })
    expect(plane.priceBroadcasts).toEqual([set['book_version']])
    expect(plane.bookInFile().version).toBe(set['book_version'])
    const after = await plane.charge()
    expect(after).toMatchObject({ layer: 'override', amount_usd: '2.8875', derived_by: 'edp' })
    expect(await plane.ask(`prices/rates/${String(after['rate_id'])}`)).toMatchObject({
      layer: 'override',
      source: 'override edp',
      rate_usd: '0.0000028875',
      in_force: true,
    })
    expect(await plane.ask('prices/book')).toMatchObject({
      version: set['book_version'],
      overrides: 1,
    })
  })

  it('[C50] after its removal the list price counts, and its rates are still explained', async () => {
    await plane.change('POST', 'prices/overrides', {
      name: 'edp',
      models: PRICED_MODEL,
      percent: '-10',
    })
    const [percent] = (await plane.ask('prices/overrides'))['items'] as Json[]
    const { rate_id: id } = await plane.charge()
    plane.advance(1_000)
    const gone = await plane.change('DELETE', 'prices/overrides/edp', { reason: 'ended' })
    expect(gone).toMatchObject({ name: 'edp', removed_at: '2026-10-14T12:00:01.000Z' })
    expect(await plane.charge()).toMatchObject({ layer: 'snapshot' })
    for (const rate of [id, percent?.['override_id']]) {
      expect(await plane.ask(`prices/rates/${String(rate)}`)).toMatchObject({
        layer: 'override',
        in_force: false,
      })
    }
    expect(await plane.ask('prices/overrides')).toEqual({ items: [] })
    const all = (await plane.ask('prices/overrides?removed=true'))['items']
    expect(all).toMatchObject([{ name: 'edp', in_force: false, removed_by: 'admin' }])
    const again = await plane.refused('DELETE', 'prices/overrides/edp')
    expect(again).toMatchObject({ status: 404, code: 'override_unknown' })
  })

  it('[C53] every change is an entry of the audit trail, with its reason', async () => {
    const terms = { name: 'edp', models: PRICED_MODEL, percent: '-10', reason: 'contract' }
    await plane.change('POST', 'prices/overrides', terms)
    const changed = { ...terms, percent: '-11', replace: true }
    await plane.change('POST', 'prices/overrides', changed)
    await plane.change('DELETE', 'prices/overrides/edp', { reason: 'ended' })
    const entries = (await plane.store.read.audit.entries(0, 100)).filter(
      ({ subject }) => subject === 'edp',
    )
    expect(entries).toMatchObject([
      { action: 'price_override.set', actor: 'admin', before: null, reason: 'contract' },
      {
        action: 'price_override.set',
        before: { percent: '-10' },
        after: { percent: '-11', models: PRICED_MODEL },
      },
      { action: 'price_override.remove', before: { percent: '-11' }, reason: 'ended' },
    ])
  })

  it('[C51] an override is replaced only on request; the same terms change nothing', async () => {
    const terms = { name: 'edp', models: PRICED_MODEL, percent: '-10' }
    const first = await plane.change('POST', 'prices/overrides', terms)
    expect(await plane.change('POST', 'prices/overrides', terms)).toEqual(first)
    const other = { ...terms, percent: '-20' }
    const refused = await plane.refused('POST', 'prices/overrides', other)
    expect(refused).toMatchObject({ status: 409, code: 'override_exists' })
    expect(refused.detail).toContain('percent -10')
    expect((await plane.ask('prices/overrides'))['items']).toMatchObject([{ percent: '-10' }])
    const replacing = { ...other, replace: true }
    const changed = await plane.change('POST', 'prices/overrides', replacing)
    expect(changed['book_version']).not.toBe(first['book_version'])
    expect((await plane.ask('prices/overrides'))['items']).toMatchObject([{ percent: '-20' }])
    const back = await plane.change('POST', 'prices/overrides', { ...terms, replace: true })
    expect(back).toMatchObject({ book_version: first['book_version'] })
  })

  it('[C11] is refused with every fault, and nothing changes', async () => {
    const problem = await plane.refused('POST', 'prices/overrides', {
      name: 'edp',
      models: 'nobody.*',
      scope: 'globe',
      price: '-1',
      from: 'yesterday',
    })
    expect(problem).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(problem.errors.length).toBeGreaterThanOrEqual(4)
    for (const { path } of problem.errors) expect(path).not.toContain('[')
    expect(problem.errors.map(({ path }) => path)).toContain('models')
    expect(plane.priceBroadcasts).toEqual([])
    const misspelt = await plane.refused('POST', 'prices/overrides', { name: 'a b', percnt: '-1' })
    expect(misspelt.errors.map(({ path }) => path).toSorted()).toEqual(['name', 'percnt'])
  })

  it('[C11] two that want the same call with equal right are refused, whoever declared the first', async () => {
    await plane.change('POST', 'prices/overrides', {
      name: 'one',
      models: PRICED_MODEL,
      percent: '-10',
    })
    const two = { name: 'two', models: PRICED_MODEL, percent: '-20' }
    expect(await plane.refused('POST', 'prices/overrides', two)).toMatchObject({ status: 400 })
    expect(await plane.prices.check([two])).toHaveLength(1)
    await plane.change('DELETE', 'prices/overrides/one')
    expect(await plane.prices.check([two])).toEqual([])
    plane.overrides.declared = [two]
    await plane.prices.publish()
    const three = { name: 'three', models: PRICED_MODEL, percent: '-30' }
    expect(await plane.refused('POST', 'prices/overrides', three)).toMatchObject({ status: 400 })
  })

  it('[C55] those of the file take part, are read-only, and stay explained when they leave it', async () => {
    plane.overrides.declared = [{ name: 'edp', models: PRICED_MODEL, percent: '-10' }]
    await plane.prices.publish()
    const { rate_id: id } = await plane.charge()
    expect((await plane.ask('prices/overrides'))['items']).toMatchObject([
      { name: 'edp', origin: 'file', in_force: true },
    ])
    for (const change of [
      plane.refused('POST', 'prices/overrides', { name: 'edp', percent: '-1' }),
      plane.refused('DELETE', 'prices/overrides/edp'),
    ]) {
      expect(await change).toMatchObject({ status: 409, code: 'override_declared_in_file' })
    }
    plane.overrides.declared = []
    await plane.prices.publish()
    expect(await plane.charge()).toMatchObject({ layer: 'snapshot' })
    expect(await plane.ask(`prices/rates/${String(id)}`)).toMatchObject({ source: 'override edp' })
    expect((await plane.ask('prices/overrides'))['items']).toEqual([])
  })

  it('[C55] bad ones in the file refuse the publication, with their path in it', async () => {
    plane.overrides.declared = [{ name: 'edp', models: 'nobody.*', percent: '-10' }]
    const faults = await plane.prices.check(plane.overrides.declared)
    expect(faults.map(({ path }) => path)).toEqual(['prices.overrides[0].models'])
    await expect(plane.prices.publish()).rejects.toMatchObject({ code: 'price_overrides_invalid' })
    expect(await plane.charge()).toMatchObject({ layer: 'snapshot' })
  })
})

describe('publishing', () => {
  it('[C52] names the processes that did not say they have the prices', async () => {
    plane.delivery.next = { acked: ['worker-1'], missing: ['ledger'] }
    const set = await plane.change('POST', 'prices/overrides', {
      name: 'edp',
      models: PRICED_MODEL,
      percent: '-1',
    })
    expect(set).toMatchObject({ acked: ['worker-1'], missing: ['ledger'] })
  })

  it('[C52] nothing changed: the same book, told again, the file untouched', async () => {
    const first = await plane.prices.publish()
    const text = readFileSync(plane.pricePath, 'utf8')
    expect(await plane.prices.publish()).toEqual(first)
    expect(plane.priceBroadcasts).toEqual([first.book_version, first.book_version])
    expect(readFileSync(plane.pricePath, 'utf8')).toBe(text)
  })

  it('[C52] a file that was damaged or lost is written again', async () => {
    await plane.prices.publish()
    writeFileSync(plane.pricePath, 'damaged')
    await plane.prices.publish()
    expect(plane.bookInFile().version).toBe(plane.prices.current().version)
  })

  it('[C28] follows what another node changed, and only then', async () => {
    const other = plane.newPricePublisher()
    await other.publish()
    await other.follow()
    expect(plane.priceBroadcasts).toHaveLength(1)
    const set = await plane.change('POST', 'prices/overrides', {
      name: 'edp',
      models: PRICED_MODEL,
      percent: '-1',
    })
    await other.follow()
    expect(other.current().version).toBe(set['book_version'])
    await other.follow()
    expect(plane.priceBroadcasts).toHaveLength(3)
  })

  it('[C52] prices outlive a restart', async () => {
    await plane.change('POST', 'prices/import', onePrice('2.9'))
    const set = await plane.change('POST', 'prices/overrides', {
      name: 'edp',
      models: PRICED_MODEL,
      percent: '-1',
    })
    const again = plane.newPricePublisher()
    expect((await again.publish()).book_version).toBe(set['book_version'])
  })
})

describe('the reference', () => {
  it('[C36] real answers have the described fields', async () => {
    const { components } = (await (await plane.api.request('/openapi.json')).json()) as {
      components: { schemas: Record<string, { properties: Json; items?: unknown }> }
    }
    const terms = { name: 'edp', models: PRICED_MODEL, percent: '-10' }
    const set = await plane.change('POST', 'prices/overrides', terms)
    const imported = await plane.change('POST', 'prices/import', onePrice('2.9'))
    const rates = await plane.ask('prices?limit=1')
    const differences = (await plane.ask('prices/diff'))['items'] as Json[]
    const removed = await plane.change('DELETE', 'prices/overrides/edp')
    const range = { from: '-7d', to: '-0d', dry_run: true }
    const capacity = { period: '2026-09', rows: [] }
    const answers: readonly (readonly [string, Json])[] = [
      ['SetPriceOverride', set],
      ['PriceOverride', set['override'] as Json],
      ['ImportedPrices', imported],
      ['RemovedPriceOverride', removed],
      ['PriceRatesPage', rates],
      ['PriceRate', (rates['items'] as Json[])[0] as Json],
      ['PriceDifference', differences[0] as Json],
      ['PriceBook', await plane.ask('prices/book')],
      ['RerateReport', await plane.change('POST', 'prices/rerate', range)],
      ['CapacityReport', await plane.change('POST', 'prices/capacity', capacity)],
      [
        'WithdrawnPrices',
        await plane.change('DELETE', `prices/documents/${String(imported['document_id'])}`),
      ],
      ['LearnedList', await plane.ask('prices/learned')],
    ]
    for (const [name, answer] of answers) {
      const described = Object.keys(components.schemas[name]?.properties ?? {})
      expect([name, Object.keys(answer).toSorted()]).toEqual([name, described.toSorted()])
    }
  })
})
