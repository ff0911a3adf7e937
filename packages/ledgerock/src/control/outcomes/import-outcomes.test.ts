import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ImportReport } from '../imports/import-bills.ts'
import type { ImportView } from '../imports/import-view.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

const EVERYTHING = { from: null, to: null, where: [], recordedBefore: null }
const HEAD = 'name,at,quantity,value_usd,team,feature,idempotency_key'

let plane: ControlPlane
let root: string
beforeEach(async () => {
  plane = await startControlPlane()
  root = join(plane.directory, 'results')
  mkdirSync(root)
  plane.importRules.current = { ...plane.importRules.current, roots: [root] }
})
afterEach(() => plane.stop())

const write = (name: string, lines: readonly string[]): void =>
  writeFileSync(join(root, name), lines.map((line) => `${line}\n`).join(''))

async function run(more: object = {}): Promise<ImportView & { readonly report: ImportReport }> {
  const made = await plane.send('POST', '/api/v1/imports', {
    kind: 'outcomes',
    source: root,
    ...more,
  })
  expect(made.status).toBe(202)
  const { import_id: id } = (await made.json()) as ImportView
  await plane.imports.idle()
  return (await (await plane.get(`/api/v1/imports/${id}`)).json()) as ImportView & {
    readonly report: ImportReport
  }
}
const quantities = async () =>
  (await plane.ledger.outcomes.outcomeTotals(EVERYTHING)).map(
    ({ name, quantity, value_usd: value }) => [name, quantity, value],
  )

describe('an import of outcomes', () => {
  it('[C264] takes CSV and JSON lines, plain and gzip, and changes nothing when it comes again', async () => {
    write('a.csv', [
      `\uFEFF${HEAD}`,
      'tickets,2026-10-01,1,,search,answers,k1',
      '"tickets",2026-10-02T10:00:00Z, 2 ,3.5,"se,arch",,',
      '',
      'tickets,2026-10-02T10:00:00Z,2,3.5,"se,arch",,',
    ])
    const lines = [
      { name: 'docs', at: '2026-10-01T00:00:00+02:00', quantity: 5, team: 'x' },
      { name: 'docs', at: '2026-10-01', quantity: '0.25', idempotency_key: 'k2' },
    ].map((one) => JSON.stringify(one))
    writeFileSync(join(root, 'b.ndjson.gz'), gzipSync(lines.join('\n')))
    write('notes.txt', ['not of it'])
    const first = await run()
    expect(first).toMatchObject({ state: 'done', kind: 'outcomes', name: 'outcomes' })
    expect(first.report).toMatchObject({
      read: 5,
      new: 5,
      duplicate: 0,
      rejected: [],
      usd: '7',
      periods: ['2026-09', '2026-10'],
    })
    const sums = [
      ['docs', '5.25', null],
      ['tickets', '5', '7'],
    ]
    expect(await quantities()).toEqual(sums)
    expect((await run()).report).toMatchObject({ read: 5, new: 0, duplicate: 5 })
    expect(await quantities()).toEqual(sums)
    expect(plane.importedPeriods).toEqual([])
  })

  it('[C264] names what it refuses by file and line, and takes the rest', async () => {
    write('a.csv', [
      HEAD,
      'tickets,2026-10-01,-1,,search,,',
      'tickets,2026-10-01,1,,search',
      'tickets,2026-10-01,1,,search,,k',
      'tickets,2026-10-01,2,,search,,k',
      'tickets,tomorrow,2,,search,,',
    ])
    write('b.jsonl', ['{"name":', '[]', '{"name":"docs","at":"2026-10-01","quantity":1}'])
    const { state, report } = await run()
    expect(state).toBe('done')
    expect(report).toMatchObject({ read: 8, new: 2, duplicate: 0 })
    const places = report.rejected.map(({ file, row, reason }) => `${file} ${row} ${reason}`)
    expect(new Set(places)).toEqual(
      new Set([
        'a.csv 2 invalid',
        'a.csv 3 csv',
        'a.csv 5 idempotency_conflict',
        'a.csv 6 time',
        'b.jsonl 1 json',
        'b.jsonl 2 invalid',
      ]),
    )
    expect(places).toHaveLength(6)
    // Mended, the rows around keep their places.
    write('a.csv', [
      HEAD,
      'tickets,2026-10-01,1,,search,,',
      'tickets,2026-10-01,1,,search,,',
      'tickets,2026-10-01,1,,search,,k',
    ])
    expect((await run()).report).toMatchObject({ new: 2, duplicate: 2 })
  })

  it.each<readonly [string, readonly string[], RegExp]>([
    ['a.csv', ['name,at', 'x,2026-10-01'], /heading has no column quantity/],
    ['a.csv', [`${HEAD},tam`, ''], /no declared dimension: "tam"/],
    ['a.csv', [`${HEAD},team`, ''], /a column twice: team/],
    ['a.csv.gz', [HEAD], /incorrect header/],
  ])('[C264] refuses %s with %j as a whole', async (name, lines, detail) => {
    write(name, lines)
    const { state, report } = await run()
    expect(state).toBe('refused')
    expect(report.rejected).toEqual([
      { file: name, row: null, reason: 'file', detail: expect.stringMatching(detail) as string },
    ])
    expect(await quantities()).toEqual([])
  })

  it('[C264] refuses a file with a line that has no end in sight', async () => {
    write('a.ndjson', [`"${'x'.repeat(2_000_000)}"`])
    const { report } = await run()
    expect(report.rejected).toMatchObject([
      { row: null, detail: expect.stringMatching(/longer than/) as string },
    ])
  })

  it('[C264] a file that breaks off is told of, and what came before it stands', async () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => `tickets,2026-10-01,1,,t${index},,`)
    const zipped = gzipSync([HEAD, ...rows].join('\n'))
    writeFileSync(join(root, 'a.csv.gz'), zipped.subarray(0, zipped.length - 2_000))
    const half = await run()
    expect(half.report.rejected).toMatchObject([{ reason: 'file' }])
    writeFileSync(join(root, 'a.csv.gz'), zipped)
    const whole = await run()
    expect(half.report.new + whole.report.new).toBe(5_000)
    expect(await quantities()).toEqual([['tickets', '5000', null]])
  })

  it('[C264] lists a thousand faults, and counts the others', async () => {
    write('a.csv', [HEAD, ...Array.from({ length: 1_500 }, () => 'tickets,x,1,,,,')])
    const { report } = await run()
    expect(report.rejected).toHaveLength(1_001)
    expect(report.rejected.at(-1)?.detail).toBe('500 more rows were refused')
  })

  it('[C264] takes one month where it is asked to, and needs a file', async () => {
    write('a.csv', [
      HEAD,
      'tickets,2026-10-01,1,,,,',
      'tickets,2026-09-30,1,,,,',
      'tickets,x,1,,,,',
    ])
    const { report } = await run({ period: '2026-10' })
    expect(report).toMatchObject({ read: 3, new: 1, left_aside: { rows: 1 } })
    expect(report.rejected).toMatchObject([{ row: 4, reason: 'time' }])
    const none = join(root, 'none')
    mkdirSync(none)
    const empty = await run({ source: none })
    expect(empty).toMatchObject({ state: 'refused' })
    expect(empty.report.rejected).toMatchObject([{ reason: 'no_files' }])
  })
})
