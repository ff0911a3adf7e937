import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake, type Asked, type Ran } from '../testing/fake-terminal.ts'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'cli-import-'))
  for (const month of ['2026-09', '2026-10']) {
    const folder = join(cwd, `cur/data/BILLING_PERIOD=${month}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'a b.csv'), month)
  }
  writeFileSync(join(cwd, 'cur/notes.txt'), 'not of the bill')
})
afterAll(() => rmSync(cwd, { recursive: true }))

const REPORT = {
  import_id: 'i1',
  read: 2_000,
  new: 1,
  duplicate: 0,
  changed: 0,
  removed: 0,
  rejected: [],
  left_aside: { rows: 1, usd: '3' },
  usd: '1.5',
  periods: ['2026-10'],
  versions: [
    {
      period: '2026-10',
      bill: 'cur',
      version: 2,
      state: 'imported',
      rows: 1,
      usd: '1.5',
      net_usd: '1.5',
      unmapped: { rows: 1, usd: '0.25' },
      rate_mismatches: { rows: 0, usd: '0' },
      difference: null,
    },
  ],
}
const PROGRESS = {
  stage: 'reading',
  files: { done: 0, total: 1 },
  bytes: { done: 0, total: 1 },
}
const REJECTED = { file: 'x.csv', row: 7, reason: 'amount', detail: 'no number: \u001b[2Jmany' }

/** Made, sent, run, and ended when it is asked for the second time. */
function server(end: object): (asked: Asked) => Response {
  let looked = 0
  const view = { import_id: 'i1', name: 'cur', progress: PROGRESS, report: null, problem: null }
  return ({ path, method }) => {
    if (method === 'PUT') return Response.json({ path: 'x', bytes: 1 })
    if (method === 'POST' && path === '/api/v1/imports') {
      return Response.json({ ...view, state: 'running' })
    }
    if (method === 'POST') return Response.json({ ...view, state: 'running' }, { status: 202 })
    looked += 1
    return Response.json(looked < 2 ? { ...view, state: 'running' } : { ...view, ...end })
  }
}
const done = { state: 'done', report: REPORT }

/** With a server that answers so; `sent` is what came with each question. */
async function runServed(
  words: readonly string[],
): Promise<Ran & { readonly sent: readonly string[] }> {
  const sent: string[] = []
  const answer = server(done)
  const http = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const { method = '', url = '' } = request
      sent.push(`${method} ${url} ${Buffer.concat(pieces).toString()}`.trim())
      void answer({ method, path: url, body: null })
        .text()
        .then((text) => response.end(text))
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  const env = { LEDGEROCK_URL: `http://127.0.0.1:${port}`, LEDGEROCK_TOKEN: 'lra_x' }
  const ran = await runFake(words, { cwd, env })
  http.close()
  return { ...ran, sent }
}

describe('import', () => {
  it('[U23] sends what lies here, file by file under its place, and prints the report', async () => {
    const words = ['import', 'cur', 'cur', '--period', '2026-10', '--name', 'payer']
    const ran = await runServed(words)
    expect(ran).toMatchObject({ exitCode: EXIT.done })
    expect(JSON.parse(ran.out)).toEqual(REPORT)
    expect(ran.sent).toEqual([
      'POST /api/v1/imports {"kind":"cur","name":"payer","period":"2026-10"}',
      'PUT /api/v1/imports/i1/files/data%2FBILLING_PERIOD%3D2026-10%2Fa%20b.csv 2026-10',
      'POST /api/v1/imports/i1/run',
      'GET /api/v1/imports/i1',
      'GET /api/v1/imports/i1',
    ])
    expect(ran.progress).toEqual({ sending: [7, 7], importing: [0, 1] })
  })

  it('[U23] has it read where it lies where no server runs', async () => {
    const ran = await runFake(['import', 'cur', 'cur/data'], { cwd, answer: server(done) })
    expect(ran.asked[0]?.body).toMatchObject({ source: join(cwd, 'cur/data') })
    expect(ran.asked.some(({ method }) => method === 'PUT')).toBe(false)
  })

  it('[U23] sends files of outcomes, and says how many were new', async () => {
    const report = { ...REPORT, new: 2, duplicate: 1_200, versions: [], usd: '7.5' }
    const end = { state: 'done', kind: 'outcomes', name: 'outcomes', report }
    writeFileSync(join(cwd, 'results.ndjson'), '{}')
    const options = { cwd, answer: server(end), terminal: true }
    const ran = await runFake(['import', 'outcomes', 'results.ndjson'], options)
    expect(ran.exitCode).toBe(EXIT.done)
    expect(ran.asked[0]?.body).toMatchObject({ kind: 'outcomes', name: 'outcomes' })
    expect(ran.out).toBe(
      'outcomes: read 2,000, new 2, there already 1,200, 1 of other months left aside, worth 7.5 USD together\nimport i1\n',
    )
  })

  it('[U23] hands on an S3 prefix, and says what came and what could not be read', async () => {
    const ran = await runFake(['import', 'cur', 's3://acme-bills/cur'], {
      cwd,
      answer: server({ state: 'done', report: { ...REPORT, rejected: [REJECTED] } }),
      terminal: true,
    })
    expect(ran.asked[0]?.body).toEqual({
      kind: 'cur',
      name: 'cur',
      period: null,
      source: 's3://acme-bills/cur',
    })
    expect(ran.exitCode).toBe(EXIT.done)
    expect(ran.out).toBe(
      'cur 2026-10: version 2, 1 rows of Bedrock, 1.5 USD\n' +
        'read 2,000, new 1, the same 0, changed 0, removed 0\n' +
        'together 1.5 USD; left aside 1 rows of other services, 3 USD\n' +
        'import i1\n',
    )
    expect(ran.notes).toContain('Not imported:\n  x.csv, row 7: no number: \\u{1b}[2Jmany (amount)')
    expect(ran.notes).toContain('2026-10: 1 rows, 0.25 USD, have a usage type')
  })

  it('[U23] fails with the reasons when nothing was imported, and with the problem when it broke', async () => {
    const report = { ...REPORT, versions: [], rejected: [REJECTED] }
    const refused = await runFake(['import', 'cur', 's3://acme-bills/cur'], {
      answer: server({ state: 'refused', report }),
    })
    expect(refused.exitCode).toBe(EXIT.failed)
    expect(JSON.parse(refused.out)).toEqual(report)
    expect(refused.notes).toMatch(/nothing was imported:\n {2}x\.csv, row 7/)
    const broken = await runFake(['import', 'cur', 's3://acme-bills/cur'], {
      answer: server({ state: 'failed', problem: 'the ledger does not answer' }),
    })
    expect(broken).toMatchObject({ exitCode: EXIT.failed, out: '' })
    expect(broken.notes).toContain('cur: the ledger does not answer')
  })

  it.each([
    [['import', 'focus', 'x'], EXIT.usage, /import focus: not supported yet/],
    [['import', 'cru', 'x'], EXIT.usage, /there is no kind cru; it must be cur, outcomes/],
    [['import', 'cur', 'absent'], EXIT.failed, /absent cannot be read/],
    [['import', 'cur', 'cur/notes.txt'], EXIT.failed, /no Parquet, CSV, ZIP or manifest/],
  ])('[U23] %j is refused before anything is asked', async (words, exitCode, said) => {
    const ran = await runServed(words)
    expect(ran.exitCode).toBe(exitCode)
    expect(ran.notes).toMatch(said)
    expect(ran.sent).toEqual([])
  })
})

describe('imports', () => {
  const item = {
    name: 'cur',
    kind: 'cur',
    from: 's3://acme-bills/cur',
    every_ms: 3_600_000,
    next_at: '2026-11-03T07:00:00.000Z',
    last: {
      import_id: 'i1',
      state: 'failed',
      problem: 'down',
      created_at: 'then',
      created_by: 'x',
      ended_at: 'then',
    },
  }

  it('list shows each with its last run', async () => {
    const answer = () => Response.json({ items: [item], next_cursor: null })
    const ran = await runFake(['imports', 'list'], { answer, terminal: true })
    expect(ran.asked.map(({ path }) => path)).toEqual(['/api/v1/imports/names'])
    expect(ran.out.trimEnd().split('\n').at(-1)?.split(/ {2,}/)).toEqual([
      'cur',
      'cur',
      's3://acme-bills/cur',
      '2026-11-03T07:00:00.000Z',
      'failed',
      'then',
      'down',
    ])
  })

  it('run follows one to its end', async () => {
    const ran = await runFake(['imports', 'run', 'a b'], { answer: server(done) })
    expect(ran.asked[0]?.path).toBe('/api/v1/imports/names/a%20b/run')
    expect(JSON.parse(ran.out)).toEqual(REPORT)
  })
})
