// An export as a warehouse finds it: read back by the embedded engine, again and again, into a folder and into a bucket.

import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { DEFAULT_DIMENSIONS, type CallRecord } from '@ledgerock/contract'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort, hasMoto, listening, startMoto, type Moto } from '../../aws/testing/moto.ts'
import { callJson } from '../../control/call-json.ts'
import { focusParquet } from '../../control/statements/focus-parquet.ts'
import { formatUsd, parseUsd, sumMoney } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { realisticCalls } from '../../ledger/testing/realistic-calls.ts'
import { athenaDdl, athenaType, MODELS_VIEW } from './athena-ddl.ts'
import { EXIT } from '../exit-code.ts'
import { EXPORT_TABLES } from './export-tables.ts'
import { runFake, type Asked, type FakeOptions } from '../testing/fake-terminal.ts'

const run = promisify(execFile)

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'export-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function ask(sql: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const script =
    'process.stdout.write(require("chdb").query(process.argv[1], "JSONStringsEachRow"))'
  const { stdout } = await run(process.execPath, ['-e', script, sql], {
    cwd: import.meta.dirname,
    maxBuffer: 64 * 1_048_576,
  })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Readonly<Record<string, string>> => JSON.parse(line))
}

const COUNT = 2_500
const START_MS = Date.UTC(2026, 9, 1)
const callOf = realisticCalls(11, START_MS, COUNT)
const CALLS: readonly CallRecord[] = Array.from({ length: COUNT }, (_, index) => callOf(index))

/** The API over `calls`, by pages of a thousand as it gives them; October has a bill. */
function api(calls: readonly CallRecord[]): NonNullable<FakeOptions['answer']> {
  return ({ path: asked }: Asked) => {
    const url = new URL(asked, 'http://api')
    const query = (name: string): string => url.searchParams.get(name) ?? ''
    switch (url.pathname) {
      case '/api/v1/calls': {
        const within = calls.filter(({ started_at: at }) => at >= query('from') && at < query('to'))
        const from = Number(query('cursor'))
        const next = from + Number(query('limit'))
        return Response.json({
          items: within.slice(from, next).map((call) => callJson(call, DEFAULT_DIMENSIONS)),
          next_cursor: next < within.length ? String(next) : null,
        })
      }
      case '/api/v1/periods':
        return Response.json({ items: [{ period: '2026-10', bill_version: 2 }] })
      case '/api/v1/periods/2026-10/allocation':
        return Response.json({
          items: [
            {
              owner: { team: 'search', squad: 's1' },
              amount_usd: '1.5',
              basis: 'metered',
              reason: 'metered',
            },
            {
              owner: {},
              amount_usd: '-0.000000000001',
              basis: 'unattributed',
              reason: 'unmetered',
            },
          ],
        })
      case '/api/v1/periods/2026-10/statements':
        if (query('format') === 'focus-parquet')
          return new Response(ReadableStream.from(focusParquet([])))
        if (query('by') === 'team')
          return Response.json({
            items: [{ owner: { team: 'search' } }, { owner: { team: 'unknown' } }],
          })
        if (query('owner') === 'team=unknown')
          return Response.json({ lines: [], shared: [], adjustments: [] })
        return Response.json({
          shared: [{ pool: 'tax', rule: 'even', amount_usd: '0.25' }],
          shared_usd: '0.25',
          adjustments: [{ adjustment_id: 'adj', amount_usd: '-0.5' }],
          adjustments_usd: '-0.5',
          lines: [
            {
              application: 'web',
              basis: 'metered',
              billed_usd: '1.5',
              list_usd: '2',
              metered_usd: '1.4',
            },
          ],
        })
    }
    return Response.json({ title: 'unexpected', detail: asked }, { status: 500 })
  }
}

const WORDS = ['--from', '2026-10-01', '--to', '2026-11-01'] as const
const exported = (to: string, calls = CALLS, env: Readonly<Record<string, string>> = {}) =>
  runFake(['export', 'parquet', '--to', to, ...WORDS], { answer: api(calls), env })

const usd = (text: string | null) => mustOk(parseUsd(text ?? '0'))

describe('export parquet', () => {
  it('[U60] writes the calls of the ledger, each once, in their day', async () => {
    const to = path.join(folder, 'calls')
    const ran = await exported(to)
    expect([ran.exitCode, ran.notes]).toEqual([EXIT.done, ''])
    const rows = await ask(
      `SELECT call_id, toString(started_at) AS at, team, model_id, input_tokens, toString(cost_usd) AS usd,` +
        ` charges, day FROM file('${to}/calls/*/*/*.parquet', 'Parquet')` +
        ' ORDER BY call_id SETTINGS use_hive_partitioning = 1',
    )
    const wanted = CALLS.filter(({ started_at: at }) => at < '2026-11-01').toSorted(
      (left, right) => (left.call_id < right.call_id ? -1 : 1),
    )
    expect(wanted.length).toBeGreaterThan(2_000)
    expect(rows.map((row) => [row['call_id'], row['day']])).toEqual(
      wanted.map(({ call_id, started_at }) => [call_id, started_at.slice(0, 10)]),
    )
    for (const [index, row] of rows.entries()) {
      const call = wanted[index] as CallRecord
      expect(row).toMatchObject({
        at: call.started_at.replace('T', ' ').replace('Z', ''),
        team: call.dimensions['team'] ?? 'unknown',
        input_tokens: String(call.input_tokens),
        usd: call.cost_usd ?? 'ᴺᵁᴸᴸ',
        charges: JSON.stringify(call.charges),
      })
    }
    const [sum] = await ask(
      `SELECT sum(cost_usd) AS usd FROM file('${to}/calls/*/*/*.parquet', 'Parquet')`,
    )
    expect(sum?.['usd']).toBe(formatUsd(sumMoney(wanted.map(({ cost_usd }) => usd(cost_usd)))))
  })

  it('[U60] writes allocation, statements and FOCUS of a month that has a bill', async () => {
    const to = path.join(folder, 'month')
    await exported(to)
    const month = (table: string): string => `file('${to}/${table}/period=2026-10/part-0.parquet')`
    const shares = 'team, dimensions, toString(amount_usd) AS usd, basis'
    expect(await ask(`SELECT ${shares} FROM ${month('allocation')}`)).toEqual([
      { team: 'search', dimensions: "{'squad':'s1'}", usd: '1.5', basis: 'metered' },
      { team: 'ᴺᵁᴸᴸ', dimensions: '{}', usd: '-0.000000000001', basis: 'unattributed' },
    ])
    expect(
      await ask(
        `SELECT team, application, basis, toString(billed_usd) AS usd FROM ${month('statements')}`,
      ),
    ).toEqual([
      { team: 'search', application: 'web', basis: 'metered', usd: '1.5' },
      { team: 'search', application: 'unknown', basis: 'shared', usd: '0.25' },
      { team: 'search', application: 'unknown', basis: 'adjustment', usd: '-0.5' },
    ])
    const [focus] = await ask(`SELECT count() AS n, sum(BilledCost) AS usd FROM ${month('focus')}`)
    expect(focus).toEqual({ n: '0', usd: '0' })
  })

  it('[U61] done again it is the same; half of it never looks whole', async () => {
    const to = path.join(folder, 'again')
    await exported(to)
    const files = async () =>
      (await readdir(to, { recursive: true, withFileTypes: true }))
        .filter((each) => each.isFile())
        .map((each) => path.relative(to, path.join(each.parentPath, each.name)))
        .toSorted()
    const manifest = () => readFile(path.join(to, '_manifest.json'), 'utf8')
    const [first, text] = [await files(), await manifest()]
    await exported(to)
    expect(await files()).toEqual(first)
    expect(await manifest()).toBe(text)

    const answer = api(CALLS)
    const ran = await runFake(['export', 'parquet', '--to', to, ...WORDS], {
      answer: (asked) =>
        asked.path.includes('allocation') ? Response.json({}, { status: 503 }) : answer(asked),
    })
    expect(ran.exitCode).toBe(EXIT.failed)
    expect(await files()).toEqual(first.filter((file) => file !== '_manifest.json'))

    // A day that has no calls any more has no file any more.
    await exported(to, CALLS.slice(0, 1))
    expect((await files()).filter((file) => file.startsWith('calls'))).toHaveLength(1)
  })

  it('[U62] defines tables with the columns of the files, under the place they lie in', async () => {
    const to = path.join(folder, 'ddl')
    await exported(to)
    const ddl = await readFile(path.join(to, '_athena.sql'), 'utf8')
    expect(ddl).toBe(athenaDdl('s3://your-bucket/your-prefix', '2026-10'))
    for (const table of Object.values(EXPORT_TABLES)) {
      const [, body = ''] =
        new RegExp(`TABLE IF NOT EXISTS ledgerock.${table.name} \\(([^;]*?)\\n\\)`).exec(ddl) ?? []
      const said = [...body.matchAll(/`([^`]+)` ([^\n]+?),?(?=\n|$)/g)].map(([, name, type]) => [
        name,
        type,
      ])
      const place = `${to}/${table.name}/${'*/'.repeat(table.partitions.length)}*.parquet`
      const columns = await ask(
        `DESCRIBE file('${place}', 'Parquet') SETTINGS use_hive_partitioning = 0`,
      )
      expect(said.map(([name]) => name)).toEqual(columns.map(({ name }) => name?.toLowerCase()))
      expect(said.map(([, type]) => type)).toEqual(
        table.columns.map(({ type }) => athenaType(type)),
      )
      expect(ddl).toContain(`/${table.name}/period=\${period}`)
    }
  })

  it('[U62] keeps a prefix from being read as words of the statement', () => {
    const ddl = athenaDdl("s3://warehouse/o'brien\\x", '2026-10')
    expect(ddl).toContain("LOCATION 's3://warehouse/o\\'brien\\\\x/calls/'")
    expect(ddl.replaceAll(/\\./g, '')).not.toContain("'brien")
  })

  it('[U62] names one model for a usage type of a resource, so that no line counts twice', async () => {
    const rows = [
      ['2026-10', 'USE1-MP-tokens', 'arn:1', 'm1'],
      ['2026-10', 'USE1-MP-tokens', 'arn:2', 'm2'],
      ['2026-10', 'USE1-MP-tokens', null, 'm1'],
      ['2026-10', 'USE1-MP-tokens', null, 'm2'],
    ].map((row) => `(${row.map((cell) => (cell === null ? 'NULL' : `'${cell}'`)).join(', ')})`)
    const [, select = ''] = /AS\n(SELECT[\s\S]*);/.exec(MODELS_VIEW) ?? []
    const shape =
      'period String, x_ledgerockusagetype String, resourceid Nullable(String), x_ledgerockmodelid String'
    const from = `(SELECT * FROM values('${shape}', ${rows.join(', ')}))`
    const models = await ask(`${select.replace('ledgerock.focus', from)} ORDER BY resource_id`)
    expect(models.map((row) => [row['resource_id'], row['model_id']])).toEqual([
      ['', 'several'],
      ['arn:1', 'm1'],
      ['arn:2', 'm2'],
    ])
  })

  it('[U63] refuses what is no time and no place', async () => {
    const refused = async (...words: readonly string[]) =>
      (await runFake(['export', 'parquet', ...words])).exitCode
    expect(await refused()).toBe(EXIT.usage)
    expect(await refused('--to', '2026-10-01')).toBe(EXIT.usage)
    expect(await refused('--to', 'a', '--to', 'b')).toBe(EXIT.usage)
    expect(await refused('--to', 'a', '--from', 'yesterday')).toBe(EXIT.usage)
    expect(await refused('--to', 'a', '--from', '2026-11', '--to', '2026-10')).toBe(EXIT.usage)
  })
})

describe.skipIf(!hasMoto())('export parquet to S3', () => {
  let moto: Moto
  let client: S3Client
  let endpoint = ''
  beforeAll(async () => {
    const port = await freePort()
    moto = startMoto(port)
    endpoint = `http://127.0.0.1:${port}`
    await listening(endpoint)
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x')
    client = new S3Client({ region: 'us-east-1', endpoint, forcePathStyle: true })
    await client.send(new CreateBucketCommand({ Bucket: 'warehouse' }))
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    client.destroy()
    moto.stop()
  })

  it('[U60] writes the same files there, and says where in the tables', async () => {
    const to = path.join(folder, 'local')
    await exported(to)
    const env = { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: 'us-east-1' }
    const ran = await exported('s3://warehouse/ledgerock', CALLS, env)
    expect([ran.exitCode, ran.notes]).toEqual([EXIT.done, ''])
    const { Contents: objects = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: 'warehouse', Prefix: 'ledgerock/' }),
    )
    const keys = objects.map(({ Key: key = '' }) => key.slice('ledgerock/'.length)).toSorted()
    const manifest = JSON.parse(await readFile(path.join(to, '_manifest.json'), 'utf8')) as {
      readonly files: readonly { readonly file: string; readonly bytes: number }[]
    }
    const written = manifest.files.map(({ file }) => file)
    expect(keys).toEqual([...written, '_athena.sql', '_manifest.json'].toSorted())
    for (const { file, bytes } of manifest.files) {
      expect(objects.find(({ Key: key }) => key === `ledgerock/${file}`)?.Size).toBe(bytes)
    }
    const missing = await exported('s3://nowhere/x', CALLS, env)
    expect(missing.exitCode).toBe(EXIT.failed)
    expect(missing.notes).toContain('NoSuchBucket')
  })
})
