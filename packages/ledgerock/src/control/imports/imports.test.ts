import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../../kernel/fault.ts'
import { inProcess } from '../api.ts'
import { createImportService } from './imports.ts'
import type { ImportView } from './import-view.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

let plane: ControlPlane
let root: string
beforeEach(async () => {
  plane = await startControlPlane()
  root = mkdtempSync(join(tmpdir(), 'imports-'))
  writeFileSync(join(root, 'bill.csv'), '2026-10\n')
  plane.importRules.current = { roots: [root], uploadBytesMax: 1_000, exchange: [], imports: [] }
})
afterEach(async () => {
  await plane.imports.idle()
  await plane.stop()
  rmSync(root, { recursive: true })
})

const ask = async (body: object): Promise<{ status: number; json: ImportView & Problem }> => {
  const answer = await plane.send('POST', '/api/v1/imports', { kind: 'cur', ...body })
  return { status: answer.status, json: (await answer.json()) as ImportView & Problem }
}
type Problem = { readonly code: string; readonly detail: string }
const found = async (id: string): Promise<ImportView> =>
  (await (await plane.get(`/api/v1/imports/${id}`)).json()) as ImportView
/** As it ended. */
async function imported(body: object): Promise<ImportView> {
  const { json, status } = await ask(body)
  expect([status, json.state]).toEqual([202, 'running'])
  await plane.imports.idle()
  return found(json.import_id)
}
const put = async (id: string, name: string, body: string): Promise<Response> =>
  plane.api.request(`/api/v1/imports/${id}/files/${encodeURIComponent(name)}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${plane.token}` },
    body,
  })
const actions = async () =>
  (await plane.store.read.audit.entries(0, 1_000))
    .filter(({ action }) => action.startsWith('import.'))
    .map(({ actor, action, subject }) => `${actor} ${action} ${subject}`)

describe('an import', () => {
  it('[C140] reports what it brought, tells which periods have another bill, and changes nothing the second time', async () => {
    const first = await imported({ source: join(root, 'bill.csv') })
    expect(first).toMatchObject({
      name: 'cur',
      source: join(root, 'bill.csv'),
      state: 'done',
      created_by: 'admin',
      progress: { stage: 'ended', files: { done: 1, total: 1 }, bytes: { done: 8, total: 8 } },
      report: { new: 1, periods: ['2026-10'], usd: '1.5', versions: [{ state: 'imported' }] },
    })
    expect(first.report?.import_id).toBe(first.import_id)
    // Ids are in the order of time.
    plane.advance(1)
    const again = await imported({ source: root })
    expect(again.report).toMatchObject({ new: 0, duplicate: 1, versions: [{ state: 'unchanged' }] })
    expect(plane.importedPeriods).toEqual(['2026-10'])
    expect(await actions()).toEqual([
      'admin import.run cur',
      'admin import.done cur',
      'admin import.run cur',
    ])
    const page = (await (await plane.get('/api/v1/imports?limit=1')).json()) as {
      items: ImportView[]
      next_cursor: string
    }
    expect(page.items).toEqual([again])
    const rest = await plane.get(`/api/v1/imports?cursor=${page.next_cursor}&state=done&name=cur`)
    expect(await rest.json()).toEqual({ items: [first], next_cursor: null })
    expect(readdirSync(join(plane.directory, 'staging', 'runs'))).toEqual([])
  })

  it('[C141] of one name runs once at a time, whoever asks', async () => {
    let open = (): void => {}
    plane.bills.gate = new Promise((resolve) => (open = resolve))
    const { json } = await ask({ source: root })
    expect(await ask({ source: root })).toMatchObject({
      status: 409,
      json: { code: 'import_running' },
    })
    const other = await ask({ source: root, name: 'other' })
    expect(other.status).toBe(202)
    await expect.poll(async () => (await found(json.import_id)).progress.stage).toBe('reading')
    open()
    await plane.imports.idle()
    expect((await found(json.import_id)).state).toBe('done')
    expect((await ask({ source: root })).status).toBe(202)
  })

  it('[C141] whose process died is over at the next start, or when it was silent for two minutes', async () => {
    let open = (): void => {}
    plane.bills.gate = new Promise((resolve) => (open = resolve))
    const { json } = await ask({ source: root })
    const elsewhere = createImportService({
      store: plane.store,
      ledger: { importBill: async () => Promise.reject(new Error('not asked')) },
      outcomes: plane.apiDeps.outcomes,
      clock: { now: plane.now },
      random: (bytes) => new Uint8Array(bytes),
      nodeId: 'node-2',
      directory: join(plane.directory, 'other'),
      rules: () => plane.importRules.current,
      region: () => 'us-east-1',
      onImported: async () => {},
      onError: () => {},
    })
    await elsewhere.recover()
    expect((await found(json.import_id)).state).toBe('running')
    await plane.imports.recover()
    expect(await plane.store.read.imports.find(json.import_id)).toMatchObject({
      state: 'failed',
      problem: expect.stringMatching(/run it again/) as string,
    })
    const actor = { name: 'admin', by: 'token' } as const
    const wanted = { kind: 'cur', name: 'b', period: null, source: root } as const
    const silent = await plane.imports.create(actor, wanted)
    expect(await elsewhere.create(actor, wanted)).toMatchObject({
      problem: { code: 'import_running' },
    })
    const other = { ...wanted, name: 'other' }
    expect(await elsewhere.create(actor, other)).toMatchObject({
      problem: { code: 'import_running' },
    })
    plane.advance(130_000)
    expect((await elsewhere.create(actor, wanted)).ok).toBe(true)
    await elsewhere.idle()
    expect(
      (await plane.store.read.imports.find(silent.ok ? silent.value.import_id : ''))?.state,
    ).toBe('failed')
    open()
  })

  it('[C142] that is refused or fails says why, and tells nobody of periods', async () => {
    plane.bills.refusal = {
      state: 'refused',
      read: 3,
      rejected: [{ file: 'bill.csv', row: 2, reason: 'amount', detail: 'no number: many' }],
    }
    expect(await imported({ source: root })).toMatchObject({
      state: 'refused',
      problem: null,
      report: { read: 3, rejected: [{ file: 'bill.csv', row: 2, reason: 'amount' }], periods: [] },
    })
    plane.bills.refusal = null
    plane.bills.failure = new Fault('ledger_unreachable', 'the ledger does not answer')
    expect(await imported({ source: root })).toMatchObject({
      state: 'failed',
      report: null,
      problem: 'the ledger does not answer',
    })
    plane.bills.failure = new Error('secret')
    expect((await imported({ source: root })).problem).not.toMatch(/secret/)
    expect(plane.errors.map(String)).toContain('Error: secret')
    plane.bills.failure = null
    rmSync(join(root, 'bill.csv'))
    expect(await imported({ source: root })).toMatchObject({
      state: 'refused',
      report: { rejected: [{ reason: 'no_files' }] },
    })
    expect(plane.importedPeriods).toEqual([])
  })
})

describe('what an import may read', () => {
  it('[C143] lies below a root or is an import of the configuration; links and .. do not lead out', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'imports-outside-'))
    try {
      writeFileSync(join(outside, 'bill.csv'), '2026-09\n')
      symlinkSync(outside, join(root, 'link'))
      mkdirSync(join(root, 'inside'))
      writeFileSync(join(root, 'inside', 'bill.csv'), '2026-10\n')
      symlinkSync(join(root, 'inside'), join(root, 'own'))
      plane.importRules.current = {
        roots: [root, 's3://acme-bills/exports'],
        uploadBytesMax: 1,
        exchange: [],
        imports: [{ name: 'in', kind: 'cur', from: join(outside, '*.csv'), everyMs: null }],
      }
      for (const source of [
        outside,
        join(outside, 'bill.csv'),
        `${root}/link`,
        `${root}/link/bill.csv`,
        `${root}/link/*.csv`,
        `${root}/../${outside.split('/').at(-1)}`,
        `${root}/inside/../../x`,
        `${root}-other`,
        'bill.csv',
        '/',
        `${root}/absent`,
        's3://acme-bills',
        's3://acme-bills/exports2/x',
        's3://acme-bills/exports/../x',
        's3://acme-other/exports',
        's3://A/x',
        'https://x',
        `${root}/a\0b`,
      ]) {
        expect([source, (await ask({ source })).json.code]).toEqual([source, 'source_refused'])
      }
      expect((await ask({ source: '' })).json.code).toBe('invalid_request')
      for (const source of [root, `${root}/own`, `${root}/inside/*.csv`, join(outside, '*.csv')]) {
        expect([source, (await imported({ source })).state]).toEqual([source, 'done'])
      }
      // Of the root itself two: the link that leads out is none of its folders.
      expect(plane.bills.orders).toHaveLength(5)
    } finally {
      rmSync(outside, { recursive: true })
    }
  })

  it('[C143] is anything for the command line on the data directory itself', async () => {
    plane.importRules.current = { ...plane.importRules.current, roots: [] }
    expect((await ask({ source: root })).json.code).toBe('source_refused')
    const here = inProcess(plane.api, { name: 'command-line', role: 'admin', by: 'in-process' })
    const answer = await here('/api/v1/imports', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'cur', source: root }),
    })
    expect(answer.status).toBe(202)
  })
})

describe('files that are sent', () => {
  it('[C144] are there under their names, are imported, and are gone after', async () => {
    const { status, json } = await ask({ name: 'sent' })
    expect([status, json.state, json.source]).toEqual([201, 'open', null])
    const name = 'data/BILLING_PERIOD=2026-10/a b%.csv'
    expect(await (await put(json.import_id, name, '2026-08\n')).json()).toEqual({
      path: name,
      bytes: 8,
    })
    await put(json.import_id, name, '2026-10\n')
    await put(
      json.import_id,
      'metadata/BILLING_PERIOD=2026-10/Manifest.json',
      JSON.stringify({ dataFiles: [`s3://b/p/${name}`] }),
    )
    const run = await plane.send('POST', `/api/v1/imports/${json.import_id}/run`)
    expect(run.status).toBe(202)
    await plane.imports.idle()
    expect(await found(json.import_id)).toMatchObject({
      state: 'done',
      report: { periods: ['2026-10'], rejected: [] },
    })
    expect(plane.bills.orders[0]?.files.map((file) => file.name)).toEqual([name])
    expect(existsSync(join(plane.directory, 'staging', 'uploads', json.import_id))).toBe(false)
    expect((await put(json.import_id, name, 'x')).status).toBe(409)
    expect((await plane.send('POST', `/api/v1/imports/${json.import_id}/run`)).status).toBe(409)
  })

  it.each([
    '../a.csv',
    'a/../b.csv',
    '/a.csv',
    'a//b.csv',
    './a.csv',
    'a\\b.csv',
    'a\0.csv',
    'a\n.csv',
    'a.exe',
    '.csv/',
    `${'a/'.repeat(20)}b.csv`,
    `${'a'.repeat(300)}.csv`,
  ])('[C144] %j is no name', async (name) => {
    const { json } = await ask({})
    const answer = await put(json.import_id, name, 'x')
    expect(answer.status).toBe(400)
    expect(readdirSync(join(plane.directory, 'staging', 'uploads', json.import_id))).toEqual([
      'files',
    ])
  })

  it('[C144] have no more bytes together than the configuration says', async () => {
    const { json } = await ask({})
    expect((await put(json.import_id, 'a.csv', 'x'.repeat(600))).status).toBe(200)
    const answer = await put(json.import_id, 'b.csv', 'x'.repeat(600))
    expect([answer.status, ((await answer.json()) as Problem).code]).toEqual([
      413,
      'upload_too_large',
    ])
    expect((await put(json.import_id, 'b.csv', 'x'.repeat(400))).status).toBe(200)
    // In its own place there is room again.
    expect((await put(json.import_id, 'a.csv', 'x'.repeat(500))).status).toBe(200)
    expect((await put('nobody', 'a.csv', 'x')).status).toBe(404)
  })

  it('[C144] that nobody finishes are forgotten after a day', async () => {
    const { json } = await ask({})
    await put(json.import_id, 'a.csv', 'x')
    await plane.imports.tick()
    expect((await found(json.import_id)).state).toBe('open')
    plane.advance(86_400_001)
    await plane.imports.tick()
    expect((await found(json.import_id)).state).toBe('failed')
    expect(readdirSync(join(plane.directory, 'staging', 'uploads'))).toEqual([])
  })
})

describe('an import of the configuration', () => {
  const everyMs = 3_600_000
  beforeEach(() => {
    plane.importRules.current = {
      ...plane.importRules.current,
      imports: [
        { name: 'hourly', kind: 'cur', from: root, everyMs },
        { name: 'asked', kind: 'cur', from: join(root, 'bill.csv'), everyMs: null },
      ],
    }
  })
  const runs = async (name: string) =>
    plane.store.read.imports.page({ name, state: null, before: null, limit: 100 })
  async function tick(ms: number): Promise<void> {
    plane.advance(ms)
    await plane.imports.tick()
    await plane.imports.idle()
  }

  it('[C145] runs when its time has come, brings nothing where nothing has changed, and keeps one run of those', async () => {
    await tick(0)
    await tick(everyMs - 1)
    expect(await runs('hourly')).toMatchObject([
      { state: 'done', isNews: true, createdBy: 'schedule' },
    ])
    for (let hour = 0; hour < 3; hour += 1) await tick(everyMs)
    expect(plane.bills.orders).toHaveLength(1)
    expect((await runs('hourly')).map(({ isNews }) => isNews)).toEqual([false, true])
    writeFileSync(join(root, 'bill.csv'), '2026-11\nmore')
    await tick(everyMs)
    expect(plane.bills.orders).toHaveLength(2)
    expect(plane.importedPeriods).toEqual(['2026-10', '2026-11'])
    expect(await actions()).toEqual(['schedule import.done hourly', 'schedule import.done hourly'])
    expect(await runs('asked')).toEqual([])
  })

  it('[C145] of several nodes one runs it', async () => {
    await Promise.all([plane.imports.tick(), plane.imports.tick(), plane.imports.tick()])
    await plane.imports.idle()
    expect(await runs('hourly')).toHaveLength(1)
  })

  it('[C145] that was refused is tried again though nothing has changed', async () => {
    plane.bills.refusal = { state: 'refused', read: 0, rejected: [] }
    plane.bills.failure = new Error('down')
    await tick(0)
    plane.bills.failure = null
    plane.bills.refusal = null
    await tick(everyMs)
    expect((await runs('hourly')).map(({ state }) => state)).toEqual(['done', 'failed'])
    expect(plane.bills.orders).toHaveLength(2)
  })

  it('[C145] runs when somebody asks, whatever has changed', async () => {
    await tick(0)
    const run = await plane.send('POST', '/api/v1/imports/names/asked/run')
    expect(run.status).toBe(202)
    await plane.imports.idle()
    await plane.send('POST', '/api/v1/imports/names/asked/run')
    await plane.imports.idle()
    expect((await runs('asked')).map(({ state }) => state)).toEqual(['done', 'done'])
    expect((await plane.send('POST', '/api/v1/imports/names/other/run')).status).toBe(404)
    const { items } = (await (await plane.get('/api/v1/imports/names')).json()) as {
      items: object[]
    }
    expect(items).toMatchObject([
      { name: 'hourly', next_at: '2026-10-14T13:00:00.000Z', last: { state: 'done' } },
      { name: 'asked', every_ms: null, next_at: null, last: { created_by: 'admin' } },
    ])
  })
})
