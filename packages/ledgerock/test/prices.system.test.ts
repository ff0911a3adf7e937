// Prices as their owner works with them, on a whole system with two workers: a contract price is set, a price list taken, rates
// learned from the bill, the past priced anew, and every charge says which rate it is by.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseUsd } from '../src/kernel/money.ts'
import { mustOk } from '../src/kernel/result.ts'
import { callGateway, NOVA } from './support/gateway-call.ts'
import { ask, recordOf, verify, type ApiCall } from './support/ledger-api.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'
import { childrenOf, signal } from './support/system-processes.ts'

const MODEL = NOVA
/** USD for a million tokens of Nova Lite in us-east-1. */
const LIST = { input: '0.06', output: '0.24' }
const EVERYBODY = ['ledger', 'worker-1', 'worker-2']
/** Enough that both workers have some. */
const CALLS = 8

type Json = Record<string, unknown>
type Charge = ApiCall['charges'][number]

let system: RunningSystem
let key: string

beforeAll(async () => {
  system = await startSystem({ workers: 2 })
  key = await system.createKey('prices', { team: 'search' })
})
afterAll(() => system.dispose())

async function send(method: string, path: string, body: unknown = {}): Promise<Json> {
  const init = { method, body: JSON.stringify(body) }
  const response = await system.api(`/api/v1/prices/${path}`, init)
  const answer = (await response.json()) as Json
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
  return answer
}

const get = (path: string): Promise<Json> => ask<Json>(system, `/api/v1/prices/${path}`)

/** The record of a new call, on a connection of its own. */
async function call(): Promise<ApiCall> {
  const headers = { authorization: `Bearer ${key}` }
  const answer = await callGateway(system.gatewayUrl, { headers })
  expect(answer.status).toBe(200)
  return recordOf(system, answer.callId)
}

const calls = (): Promise<readonly ApiCall[]> =>
  Promise.all(Array.from({ length: CALLS }, () => call()))

const chargeOf = ({ charges }: ApiCall, kind: string): Charge =>
  charges.find((charge) => charge.kind === kind) as Charge

const rateOf = (record: ApiCall, kind = 'input'): Promise<Json> =>
  get(`rates/${encodeURIComponent(chargeOf(record, kind).rate_id)}`)

const usd = ({ cost_usd: cost }: ApiCall): bigint => mustOk(parseUsd(cost ?? ''))

function document(inputUsd: string, date: string) {
  const row = {
    region: 'us-east-1',
    scope: 'in-region',
    tier: 'standard',
    prices: { input: inputUsd, output: LIST.output },
    source: 'own',
  }
  return {
    schema: 'ledgerock-prices/1',
    sources: { own: { publisher: 'our desk', carried_by: 'mail', date } },
    rules: [],
    models: [
      {
        model_id: MODEL,
        name: 'Nova Lite',
        provider: 'Amazon',
        modality: 'text',
        lifecycle: { status: 'active' },
        rates: [row],
      },
    ],
    shared_rates: [],
    inference_profiles: [],
  }
}

/** A bill of the month that has ended, in which a million input tokens cost 0.05 USD. */
function lastMonth(): { readonly period: string; readonly rows: readonly Json[] } {
  const now = new Date()
  const begin = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1))
  const period = begin.toISOString().slice(0, 7)
  const row = {
    usage_type: 'USE1-NovaLite-input-tokens',
    line_item_type: 'Usage',
    product_code: 'AmazonBedrock',
    product_name: 'Amazon Bedrock',
    pricing_unit: '1K tokens',
    usage_amount: '1000000',
    unblended_cost: '50',
    region: 'us-east-1',
    usage_start: `${period}-03T00:00:00Z`,
    usage_end: `${period}-04T00:00:00Z`,
  }
  return { period, rows: [row] }
}

describe('prices of a running system', () => {
  let first: ApiCall

  it('begin with the shipped snapshot, and each charge can be looked up', async () => {
    first = await call()
    for (const kind of ['input', 'output'] as const) {
      const rate = await rateOf(first, kind)
      expect(rate).toMatchObject({
        layer: 'snapshot',
        model_id: MODEL,
        kind,
        price_usd: LIST[kind],
        in_force: true,
      })
      expect(rate['source']).not.toBe('')
    }
    expect((await get('book'))['version']).toBe(first.price_book_version)
  })

  it('an override is in force in both workers when the answer comes', async () => {
    const terms = { name: 'edp', models: 'amazon.nova-*', percent: '-50', reason: 'contract 7' }
    const set = await send('POST', 'overrides', terms)
    expect((set['acked'] as string[]).toSorted()).toEqual(EVERYBODY)
    expect(set['missing']).toEqual([])
    const records = await calls()
    expect(new Set(records.map(({ journal_id: journal }) => journal)).size).toBe(2)
    for (const record of records) {
      expect(record.price_book_version).toBe(set['book_version'])
      expect(chargeOf(record, 'input').rate_usd).toBe('0.00000003')
    }
    expect(await rateOf(records[0] as ApiCall)).toMatchObject({
      layer: 'override',
      source: 'override edp',
      derived_by: 'edp',
      price_usd: '0.03',
    })
    const listed = await ask<Json>(system, '/api/v1/prices?layer=override')
    expect(listed['items']).toMatchObject([{ percent: '-50', source: 'override edp' }])
  })

  it('the past is priced anew: looked at first, then written, the old version kept', async () => {
    const question = { from: '-1d', to: '-0d' }
    const dry = await send('POST', 'rerate', { ...question, dry_run: true })
    expect(dry).toMatchObject({ dry_run: true, changed: 1, unpriced: [], closed: [] })
    expect(dry['by']).toMatchObject([{ team: 'search', changed: 1 }])
    expect((await recordOf(system, first.call_id)).cost_usd).toBe(first.cost_usd)
    const done = await send('POST', 'rerate', { ...question, dry_run: false, reason: 'contract 7' })
    expect(done).toMatchObject({
      dry_run: false,
      changed: 1,
      difference_usd: dry['difference_usd'],
    })
    const explained = await ask<{ call: ApiCall; versions: readonly ApiCall[] }>(
      system,
      `/api/v1/calls/${first.call_id}`,
    )
    expect(2n * usd(explained.call)).toBe(usd(first))
    expect(explained.call.version).toBeGreaterThan(first.version)
    expect(explained.call.price_book_version).toBe(done['book_version'])
    expect(explained.versions.map(({ cost_usd: cost }) => cost)).toEqual([first.cost_usd])
    expect(await send('POST', 'rerate', { ...question, dry_run: true })).toMatchObject({
      changed: 0,
    })
    expect((await verify(system)).findings).toEqual([])
  })

  it('without the override list prices count again, and what it priced stays explained', async () => {
    const { rate_id: id } = chargeOf(await call(), 'input')
    const gone = await send('DELETE', 'overrides/edp', { reason: 'contract ended' })
    expect((gone['acked'] as string[]).toSorted()).toEqual(EVERYBODY)
    for (const record of await calls()) {
      expect(await rateOf(record)).toMatchObject({ layer: 'snapshot' })
    }
    const rate = await get(`rates/${encodeURIComponent(id)}`)
    expect(rate).toMatchObject({ layer: 'override', in_force: false })
  })

  it('a price document is taken whole, or refused with every fault while the prices stay', async () => {
    const taken = await send('POST', 'import', document('0.055', '2026-10-10'))
    // The price of output is what the shipped prices have already.
    expect(taken).toMatchObject({ missing: [], changed: { added: 0, changed: 1, removed: 0 } })
    const record = await call()
    expect(await rateOf(record)).toMatchObject({
      layer: 'price_list',
      price_usd: '0.055',
      source: 'own',
      source_date: '2026-10-10',
    })
    const bad = JSON.stringify(document('-1', 'someday'))
    for (const body of [bad, bad.slice(0, -9)]) {
      const answer = await system.api('/api/v1/prices/import', { method: 'POST', body })
      expect(answer.status).toBe(400)
    }
    expect((await call()).price_book_version).toBe(record.price_book_version)
  })

  it('rates learned from the bill wait to be accepted, and then outrank the price list', async () => {
    const bill = lastMonth()
    const learned = await send('POST', 'learn', bill)
    expect(learned['rates']).toMatchObject([{ model_id: MODEL, price_usd: '0.05', lines: 1 }])
    expect(await rateOf(await call())).toMatchObject({ layer: 'price_list' })
    const accepted = await send('POST', `learned/${bill.period}/accept`)
    expect(accepted).toMatchObject({ missing: [] })
    const record = await call()
    expect(await rateOf(record)).toMatchObject({
      layer: 'learned',
      price_usd: '0.05',
      source: `bill ${bill.period}`,
    })
    // What the bill did not teach is asked of the next layer.
    expect(await rateOf(record, 'output')).toMatchObject({ layer: 'price_list' })
  })

  it('a worker that starts again has the prices in force', async () => {
    const { version } = await get('book')
    const died = childrenOf(system).filter(({ role }) => role === 'worker')
    for (const { pid } of died) signal(pid, 'SIGKILL')
    const pids = new Set(died.map(({ pid }) => pid))
    await eventually(async () => {
      const workers = childrenOf(system).filter(({ role }) => role === 'worker')
      return workers.length === 2 && workers.every(({ pid }) => !pids.has(pid)) ? true : null
    }, 'two new workers')
    for (const record of await calls()) expect(record.price_book_version).toBe(version)
  })

  it('overrides of the file follow it; bad ones leave everything as it is', async () => {
    const file = join(system.dataDir, 'ledgerock.yaml')
    const before = readFileSync(file, 'utf8')
    const { version } = await get('book')
    const write = (models: string): void =>
      writeFileSync(
        file,
        `${before}\nprices: { overrides: [ { name: filed, models: '${models}', percent: '-10' } ] }\n`,
      )
    write('nobody.sells-*')
    await eventually(
      async () => (system.log().includes('prices.overrides[0].models') ? true : null),
      'the fault in the log',
    )
    expect((await get('book'))['version']).toBe(version)
    write('amazon.nova-*')
    await eventually(async () => ((await get('book'))['overrides'] === 1 ? true : null), 'a reload')
    expect(await rateOf(await call())).toMatchObject({ layer: 'override', derived_by: 'filed' })
    writeFileSync(file, before)
    await eventually(async () => ((await get('book'))['overrides'] === 0 ? true : null), 'a reload')
    expect(await rateOf(await call())).toMatchObject({ layer: 'learned' })
  })

  it('a damaged price file is refused at the start; the snapshot serves until it is mended', async () => {
    const { version } = await get('book')
    await system.end('SIGTERM')
    const file = join(system.dataDir, 'prices.json')
    const whole = readFileSync(file, 'utf8')
    writeFileSync(file, whole.slice(0, -100))
    system = await system.again()
    const refusals = system.log().match(/"kept":"snapshot"[^\n]*"price_book_refused"/g) ?? []
    expect(refusals.length).toBeGreaterThanOrEqual(1)
    expect(readFileSync(file, 'utf8')).toBe(whole)
    await eventually(
      async () => ((await call()).price_book_version === version ? true : null),
      'the prices in force',
    )
  })
})
