// Writes an export: calls day by day, and of every month with a bill its allocation, its statements' lines and its FOCUS rows. Each file
// takes the place of an earlier one whole; the manifest goes first and comes back last, so that half an export never looks like a
// whole one, and doing it again does no harm.

import { isoTime, MS_PER_DAY } from '../../kernel/time.ts'
import type { ExportTarget } from '../../platform/export-target.ts'
import { parquetChunks, type ParquetValue } from '../../platform/parquet-file.ts'
import type { Statement } from '../../reconciliation/statement/statement.ts'
import { statementRows } from '../../reconciliation/statement/statement-csv.ts'
import type { ApiClient } from '../api-client.ts'
import type { Row } from '../answer-format.ts'
import { athenaDdl } from './athena-ddl.ts'
import { EXPORT_TABLES, exportedRow, partitionFile, type ExportTable } from './export-tables.ts'

export type ExportOrder = {
  /** Whole days, UTC: `from` is inside, `to` is outside. */
  readonly fromMs: number
  readonly toMs: number
  /** Where the files will be read from; tables are defined over it. */
  readonly location: string
}

export type ExportedFile = {
  readonly file: string
  /** Null: as the API gave it. */
  readonly rows: number | null
  readonly bytes: number
}

export type ExportReport = {
  readonly to: string
  readonly from: string
  readonly until: string
  readonly files: readonly ExportedFile[]
  readonly calls: number
  /** Months of the time without a bill: their calls are there, and nothing else. */
  readonly without_bill: readonly string[]
}

const MANIFEST = '_manifest.json'
const DDL = '_athena.sql'
const PAGE_ROWS = '1000'

export async function exportParquet(
  api: Pick<ApiClient, 'get' | 'download'>,
  target: ExportTarget,
  { fromMs, toMs, location }: ExportOrder,
): Promise<ExportReport> {
  await target.remove(MANIFEST)
  const files: ExportedFile[] = []
  let calls = 0
  for (let dayMs = fromMs; dayMs < toMs; dayMs += MS_PER_DAY) {
    const day = dayOf(dayMs)
    const file = partitionFile(EXPORT_TABLES.calls, day.slice(0, 7), day)
    const written = await putRows(target, EXPORT_TABLES.calls, file, callsOf(api, dayMs))
    if (written === null) continue
    calls += written.rows ?? 0
    files.push(written)
  }
  const billed = await periodsWithBill(api)
  const periods = periodsOf(fromMs, toMs)
  for (const period of periods.filter((each) => billed.has(each))) {
    files.push(...(await exportMonth(api, target, period)))
  }
  const [firstPeriod = ''] = periods
  await target.put(DDL, inOnePiece(athenaDdl(location, firstPeriod)))
  const report: ExportReport = {
    to: target.name,
    from: isoTime(fromMs),
    until: isoTime(toMs),
    files,
    calls,
    without_bill: periods.filter((each) => !billed.has(each)),
  }
  await target.put(MANIFEST, inOnePiece(`${JSON.stringify(report, null, 2)}\n`))
  return report
}

async function exportMonth(
  api: Pick<ApiClient, 'get' | 'download'>,
  target: ExportTarget,
  period: string,
): Promise<readonly ExportedFile[]> {
  const { json } = await api.get(`periods/${period}/allocation`)
  const allocation = json as {
    readonly items: readonly (Row & { readonly owner: Readonly<Record<string, string>> })[]
  }
  const shares = allocation.items.map(({ owner, ...row }) => ({ ...owner, ...row }))
  const lines: Row[] = []
  const statements = `periods/${period}/statements`
  const { items } = (await api.get(statements, { by: 'team' })).json as {
    readonly items: readonly { readonly owner: Readonly<Record<string, string>> }[]
  }
  for (const team of items.flatMap(({ owner }) => owner['team'] ?? [])) {
    const query = { owner: `team=${team}`, format: 'json' }
    const statement = (await api.get(statements, query)).json as Statement
    for (const line of statementRows(statement)) lines.push({ team, ...line })
  }
  const written: ExportedFile[] = []
  for (const [table, rows] of [
    [EXPORT_TABLES.allocation, shares],
    [EXPORT_TABLES.statements, lines],
  ] as const) {
    const file = await putRows(target, table, partitionFile(table, period, null), rows)
    if (file !== null) written.push(file)
  }
  const file = partitionFile(EXPORT_TABLES.focus, period, null)
  const chunks = await api.download(statements, { format: 'focus-parquet' })
  written.push({ file, rows: null, bytes: await target.put(file, chunks) })
  return written
}

/** Null: there are no rows, and so there is no file. */
async function putRows(
  target: ExportTarget,
  table: ExportTable,
  file: string,
  rows: AsyncIterable<Row> | Iterable<Row>,
): Promise<ExportedFile | null> {
  let count = 0
  const exported = async function* (): AsyncGenerator<readonly ParquetValue[]> {
    for await (const row of rows) {
      count += 1
      yield exportedRow(table, row)
    }
  }
  const values = exported()
  const first = await values.next()
  if (first.done === true) {
    // What an earlier export left there is no longer so.
    await target.remove(file)
    return null
  }
  const whole = async function* (): AsyncGenerator<readonly ParquetValue[]> {
    yield first.value
    yield* values
  }
  const bytes = await target.put(file, parquetChunks(table.columns, whole()))
  return { file, rows: count, bytes }
}

async function* callsOf(api: Pick<ApiClient, 'get'>, dayMs: number): AsyncGenerator<Row> {
  const [from, to] = [isoTime(dayMs), isoTime(dayMs + MS_PER_DAY)]
  let cursor: string | undefined
  do {
    const { json } = await api.get('calls', { from, to, limit: PAGE_ROWS, cursor })
    const page = json as { readonly items: readonly Row[]; readonly next_cursor: string | null }
    yield* page.items
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
}

async function periodsWithBill(api: Pick<ApiClient, 'get'>): Promise<ReadonlySet<string>> {
  const { items } = (await api.get('periods')).json as {
    readonly items: readonly { readonly period: string; readonly bill_version: number | null }[]
  }
  return new Set(items.filter((each) => each.bill_version !== null).map(({ period }) => period))
}

function periodsOf(fromMs: number, toMs: number): readonly string[] {
  const periods = new Set<string>()
  for (let ms = fromMs; ms < toMs; ms += MS_PER_DAY) periods.add(dayOf(ms).slice(0, 7))
  return [...periods]
}

function dayOf(ms: number): string {
  return isoTime(ms).slice(0, 10)
}

async function* inOnePiece(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'utf8')
}
