// A month's bill on its way into a whole system, by every way there is: sent by the command line, read from a folder the configuration
// allows, again and again by the clock, from a bucket, and from the data directory where no server runs. What is half delivered is
// refused, and a system that is killed in between has either all of a bill or nothing of it.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  deliverBill,
  saveBill,
  simulateMonth,
  writeBill,
  type DeliveryOptions,
} from '@ledgerock/bedrock-simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, hasMoto, listening, startMoto, type Moto } from '../src/aws/testing/moto.ts'
import type { ImportReport } from '../src/control/imports/import-bills.ts'
import type { ImportView, RecurringView } from '../src/control/imports/import-view.ts'
import { lessOf, sumOf } from '../src/ledger/clickhouse/bill-sums.ts'
import { ledgerockJson } from './support/command-line.ts'
import { ask } from './support/ledger-api.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'

const bill = writeBill(simulateMonth({ seed: 11, calls: 400 }))
const period = bill.rows[0]?.bill_billing_period_start_date.slice(0, 7) ?? ''
const dollars = sumOf(bill.rows.map((row) => row.line_item_unblended_cost))

let system: RunningSystem
let moto: Moto | null = null
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'import-bill-'))
  await delivered('parquet', { format: 'parquet', layout: 'overwrite', surplusChunks: 1 })
  await delivered('gzip', { format: 'csv.gz', layout: 'create_new', manifest: 'plain' })
  await delivered('half', { format: 'csv.gz', layout: 'overwrite', half: 'missing_chunk' })
  const port = await freePort()
  if (hasMoto()) moto = startMoto(port)
  system = await startSystem({
    config: `
billing: { roots: ['${join(folder, 'gzip')}', 's3://acme-bills/cur'] }
imports: [{ name: recurring, kind: cur, from: '${join(folder, 'gzip')}', every: 1m }]
`,
    env: { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` },
  })
  if (moto === null) return
  const endpoint = `http://127.0.0.1:${port}`
  await listening(endpoint)
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const client = new S3Client({ region: 'us-east-1', endpoint, credentials })
  const Bucket = 'acme-bills'
  await client.send(new CreateBucketCommand({ Bucket }))
  const root = join(folder, 'parquet')
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const Key = `cur/${relative(root, file)}`
    await client.send(new PutObjectCommand({ Bucket, Key, Body: readFileSync(file) }))
  }
  client.destroy()
})
afterAll(async () => {
  await system.dispose()
  moto?.stop()
  rmSync(folder, { recursive: true })
})

async function delivered(name: string, options: Partial<DeliveryOptions>): Promise<void> {
  await saveBill(join(folder, name), deliverBill(bill, { rowsPerFile: 300, ...options }))
}

const byCommand = (...words: readonly string[]): Promise<ImportReport> =>
  ledgerockJson<ImportReport>(system, 'import', 'cur', ...words)

/** Through the API, to its end. */
async function bySource(name: string, source: string): Promise<ImportView> {
  const body = JSON.stringify({ kind: 'cur', name, source })
  const answer = await system.api('/api/v1/imports', { method: 'POST', body })
  expect(answer.status).toBe(202)
  return ended(((await answer.json()) as ImportView).import_id)
}

const ended = (id: string): Promise<ImportView> =>
  eventually(async () => {
    const view = await ask<ImportView>(system, `/api/v1/imports/${id}`)
    return view.state === 'running' ? null : view
  }, `the end of import ${id}`)

/** All of the month, to the last digit. */
function expectWhole(report: ImportReport): void {
  expect(report).toMatchObject({ read: bill.rows.length, rejected: [], periods: [period] })
  expect(lessOf(dollars, sumOf([report.usd, report.left_aside.usd]))).toMatch(/^-?0(\.0{11}\d*)?$/)
}

const inForce = async (name: string): Promise<readonly number[]> => {
  const { items } = await ask<{ items: readonly ImportView[] }>(
    system,
    `/api/v1/imports?name=${name}`,
  )
  return items.flatMap(({ report }) => report?.versions.map(({ version }) => version) ?? [])
}

describe('the bill', () => {
  it('[C140][C144] is sent by the command line, and again without changing anything', async () => {
    const first = await byCommand(join(folder, 'parquet'))
    expectWhole(first)
    expect(first).toMatchObject({ duplicate: 0, versions: [{ version: 1, state: 'imported' }] })
    const again = await byCommand(join(folder, 'parquet'), '--period', period)
    expectWhole(again)
    expect(again).toMatchObject({
      new: 0,
      changed: 0,
      versions: [{ version: 1, state: 'unchanged' }],
    })
    expect(again.duplicate).toBe(first.new)
  })

  it('[C143] is read from a folder the configuration allows, in the other layout, as the same rows', async () => {
    const { report } = await bySource('cur', join(folder, 'gzip'))
    expectWhole(report as ImportReport)
    expect(report).toMatchObject({ new: 0, changed: 0, removed: 0 })
    const body = JSON.stringify({ kind: 'cur', source: join(folder, 'parquet') })
    const refused = await system.api('/api/v1/imports', { method: 'POST', body })
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      400,
      'source_refused',
    ])
  })

  it('[C145] comes by itself, once', async () => {
    const recurring = (): Promise<{ items: readonly RecurringView[] }> =>
      ledgerockJson(system, 'imports', 'list')
    await eventually(async () => {
      const [item] = (await recurring()).items
      return item?.last?.state === 'done' ? item : null
    }, 'the recurring import')
    expectWhole(await ledgerockJson<ImportReport>(system, 'imports', 'run', 'recurring'))
    const [asked, scheduled] = await inForce('recurring')
    expect(asked).toBe(scheduled)
  })

  it('[C142] that is half delivered is refused with the file that lacks, and what is in force stays', async () => {
    const before = await inForce('cur')
    await expect(byCommand(join(folder, 'half'))).rejects.toThrow(
      /nothing was imported:\n.*half_delivered/,
    )
    expect(await inForce('cur')).toEqual(before)
    await expect(byCommand(join(folder, 'nothing'))).rejects.toThrow(/cannot be read/)
  })

  it('[C140] comes from a bucket', async (context) => {
    if (moto === null) return context.skip()
    const report = await byCommand('s3://acme-bills/cur', '--name', 'bucket')
    expectWhole(report)
    const { items } = await ask<{ items: readonly ImportView[] }>(
      system,
      '/api/v1/imports?name=bucket',
    )
    expect(items[0]?.progress).toMatchObject({ stage: 'ended' })
    expect(items[0]?.progress.bytes.done).toBe(items[0]?.progress.bytes.total)
    await expect(byCommand('s3://acme-bills/other')).rejects.toThrow(/billing\.roots/)
  })

  it('[C141] of a system that was killed in between is there whole or not at all, and comes the second time', async () => {
    const body = JSON.stringify({ kind: 'cur', name: 'killed', source: join(folder, 'gzip') })
    for (let kill = 0; kill < 2; kill += 1) {
      const answer = await system.api('/api/v1/imports', { method: 'POST', body })
      const { import_id: id } = (await answer.json()) as ImportView
      if (kill === 1) {
        await eventually(async () => {
          const { progress } = await ask<ImportView>(system, `/api/v1/imports/${id}`)
          return progress.stage === 'reading' || progress.stage === 'ended' ? progress : null
        }, 'the ledger at work')
      }
      await system.end('SIGKILL')
      system = await system.again()
      expect(['failed', 'done']).toContain((await ended(id)).state)
      expect(readdirSync(join(system.dataDir, 'staging', 'runs'))).toEqual([])
    }
    const { report } = await bySource('killed', join(folder, 'gzip'))
    expectWhole(report as ImportReport)
    const [newest] = report?.versions ?? []
    expect(await inForce('killed')).not.toContain((newest?.version ?? 0) + 1)
    expect(await bySource('killed', join(folder, 'gzip'))).toMatchObject({
      report: { new: 0, versions: [{ version: newest?.version, state: 'unchanged' }] },
    })
  })

  it('[C143] is read by the command line itself where no server runs', async () => {
    await system.end('SIGTERM')
    const report = await byCommand(join(folder, 'parquet'), '--name', 'offline')
    expectWhole(report)
    const again = await byCommand(join(folder, 'parquet'), '--name', 'offline')
    const version = report.versions[0]?.version
    expect(again).toMatchObject({ new: 0, versions: [{ version, state: 'unchanged' }] })
  })
})
