// Imports one delivery: nothing of it counts until all of it is in, checked twice, and its version row is written; then it replaces the
// version in force as a whole. What cannot stand refuses the delivery, with file, row and reason, and the books stay as they were.

import { createHash } from 'node:crypto'
import type { Clock } from '../../kernel/time.ts'
import type { BillReading, ReadBillWord } from '../../billing/bill-word.ts'
import type { BillImport, BillOrder, BillRejection, BillVersion } from '../bill.ts'
import { DOLLARS, ratedAt, rateMissing } from '../rated-currency.ts'
import { differenceOf } from './bill-difference.ts'
import { billFields, COST_COLUMNS, NEEDED_COLUMNS, type BillFields } from './bill-fields.ts'
import { insertLinesSql, isBedrockSql, wordSumsSql, type WordSumRow } from './bill-import-sql.ts'
import { faultyRows, unreadableFile } from './bill-rejections.ts'
import { BILL_LINES, BILL_WORD_COLUMNS, BILL_WORDS } from './bill-schema.ts'
import { openBillSource, type BillSource } from './bill-source.ts'
import { deliverySums, sumOf, type DeliverySums } from './bill-sums.ts'
import { dropVersion, inForce, readVersions, writeVersion } from './bill-versions.ts'
import { summedWords, wordLine, type SummedWord } from './bill-words.ts'
import type { Session } from './database.ts'
import { literal } from './literal.ts'
import { tableName, type SchemaParameters } from './schema.ts'

export type BillImportDeps = {
  readonly schema: SchemaParameters
  readonly clock: Clock
  readonly readWord: ReadBillWord
}

/** Lines are wide: what one part is built from must be bounded. */
const INSERT_SETTINGS = {
  insert_deduplicate: 0,
  max_block_size: 16_384,
  min_insert_block_size_rows: 131_072,
  min_insert_block_size_bytes: 67_108_864,
}

export async function importBill(
  session: Session,
  deps: BillImportDeps,
  order: BillOrder,
): Promise<BillImport> {
  const { database } = deps.schema
  if (order.files.length === 0) return refused([whole('no_files', 'the delivery has no rows')], 0)
  const fingerprint = fingerprintOf(order)
  const known = (await readVersions(session, database, null)).find(
    (version) => version.fingerprint === fingerprint && version.bill === order.bill,
  )
  if (known !== undefined) return { state: 'unchanged', version: known }
  let source: BillSource
  try {
    source = await openBillSource(session, deps.schema, order)
  } catch (error) {
    return refused([await unreadableFile(session, deps.schema, order, error)], 0)
  }
  try {
    return await importFrom(session, deps, order, source, fingerprint)
  } finally {
    await source.close()
  }
}

async function importFrom(
  session: Session,
  deps: BillImportDeps,
  order: BillOrder,
  source: BillSource,
  fingerprint: string,
): Promise<BillImport> {
  const missing = missingColumns(source)
  if (missing !== null) return refused([missing], 0)
  const fields = billFields(source.columns)
  let rows: readonly WordSumRow[]
  try {
    rows = await session.select<WordSumRow>(wordSumsSql(source, fields), source.settings)
  } catch (error) {
    return refused([await unreadableFile(session, deps.schema, order, error)], 0)
  }
  const sums = deliverySums(rows)
  const period = await checkDelivery(session, order, source, fields, sums)
  if (typeof period !== 'string') return refused(period, sums.rows)
  const words = summedWords(rows)
  if (!words.ok) return refused([whole(words.problem, 'words that are none')], sums.rows)

  const { database } = deps.schema
  const versions = await readVersions(session, database, period)
  const place = { period, version: (versions[0]?.version ?? 0) + 1 }
  await dropVersion(session, database, place)
  const readings = words.value.map(({ word, sums: own }) => {
    const said = { period, rows: own.rows, amount: own.amount_sum, unblended: own.unblended_sum }
    return deps.readWord(word, said)
  })
  const token = `bill-words-${order.importId}-${deps.clock.now()}`
  await enterWords(session, database, place, words.value, readings, token)
  await session.command(insertLinesSql(database, source, fields, place), {
    ...source.settings,
    ...INSERT_SETTINGS,
  })
  if (!(await isAsSummed(session, database, place, sums))) {
    await dropVersion(session, database, place)
    return refused([whole('files_changed', 'the files changed while they were read')], sums.rows)
  }
  const record: Omit<BillVersion, 'difference'> = {
    ...place,
    bill: order.bill,
    import_id: order.importId,
    fingerprint,
    export_name: order.exportName,
    execution_id: order.executionId,
    files: order.files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
    rows: sums.rows,
    bedrock_rows: sums.bedrockRows,
    left_aside: sums.aside,
    currency: sums.currencies[0] ?? DOLLARS,
    unblended_usd: sums.unblended,
    net_usd: sums.net,
    words: words.value.length,
    unmapped: unmappedOf(words.value, readings),
    rate_mismatches: sums.rateMismatches,
    columns: source.columns.map(({ name }) => name),
    imported_at: new Date(deps.clock.now()).toISOString(),
    imported_by: order.importedBy,
  }
  const before = inForce(versions).find(({ bill }) => bill === order.bill)
  const difference =
    before === undefined ? null : await differenceOf(session, database, period, before, record)
  const version = { ...record, difference }
  await writeVersion(session, database, version)
  return { state: 'imported', version }
}

/** The period, or why the delivery cannot stand. */
async function checkDelivery(
  session: Session,
  order: BillOrder,
  source: BillSource,
  fields: BillFields,
  sums: DeliverySums,
): Promise<string | readonly BillRejection[]> {
  if (sums.rows === 0) return [whole('no_files', 'the delivery has no rows')]
  const own = isBedrockSql(fields)
  if (sums.faults > 0) return faultyRows(session, order, source, own, fields.faults)
  const [currency = DOLLARS, other] = sums.currencies
  if (other !== undefined) {
    const detail = `${currency} and ${other}`
    const when = `${fields.texts.currency} NOT IN ('', ${literal(DOLLARS)})`
    return faultyRows(session, order, source, own, [{ reason: 'mixed_currencies', detail, when }])
  }
  const [said, second] = sums.periods
  if (second !== undefined) {
    const first = order.period ?? said ?? ''
    const when = `${fields.period} NOT IN ('', ${literal(first)})`
    const detail = `rows of ${sums.periods.join(' and ')} in one delivery`
    return faultyRows(session, order, source, 'true', [{ reason: 'mixed_periods', detail, when }])
  }
  if (said !== undefined && order.period !== null && said !== order.period) {
    return [whole('other_period', `rows of ${said} in a delivery of ${order.period}`)]
  }
  const period = said ?? order.period ?? (await monthUsed(session, source, fields))
  if (period === null || !/^\d{4}-(0[1-9]|1[0-2])$/.test(period)) {
    return [whole('period_unknown', 'nothing says which billing period this is')]
  }
  if (currency === DOLLARS) return period
  const startMs = Date.parse(`${period}-01T00:00:00Z`)
  if (ratedAt(order.rated, currency, startMs) !== null) return period
  const detail = rateMissing(currency, period)
  const when = `${fields.texts.currency} = ${literal(currency)}`
  return faultyRows(session, order, source, own, [{ reason: 'currency', detail, when }])
}

/** The one month all usage began in; null where there are several. */
async function monthUsed(
  session: Session,
  source: BillSource,
  fields: BillFields,
): Promise<string | null> {
  const [row] = await session.select<{ first: string | null; last: string | null }>(
    `SELECT formatDateTime(min(${fields.startsAt}), '%Y-%m') AS first,` +
      ` formatDateTime(max(${fields.startsAt}), '%Y-%m') AS last FROM ${source.from}`,
    source.settings,
  )
  return row !== undefined && row.first === row.last ? row.first : null
}

async function enterWords(
  session: Session,
  database: string,
  place: { readonly period: string; readonly version: number },
  words: readonly SummedWord[],
  readings: readonly BillReading[],
  token: string,
): Promise<void> {
  const lines = words.map((word, index) => wordLine(place, word, readings[index] as BillReading))
  await session.insert({
    table: tableName(database, BILL_WORDS),
    columns: BILL_WORD_COLUMNS,
    lines,
    // Another try, after what the first one left was dropped, is not the same insert.
    token,
  })
}

/** What was entered is what was added up before: no row less, no digit lost. */
async function isAsSummed(
  session: Session,
  database: string,
  { period, version }: { readonly period: string; readonly version: number },
  sums: DeliverySums,
): Promise<boolean> {
  const [row] = await session.select<{
    rows: number
    unblended: string
    net: string
    unknown: number
  }>(
    'SELECT count() AS rows, toString(sum(l.unblended)) AS unblended,' +
      ' toString(sum(ifNull(l.net, l.unblended))) AS net,' +
      ` countIf(word NOT IN (SELECT word FROM ${tableName(database, BILL_WORDS)}` +
      ` WHERE period = ${literal(period)} AND version = ${version})) AS unknown` +
      ` FROM ${tableName(database, BILL_LINES)} AS l` +
      ` WHERE period = ${literal(period)} AND version = ${version}`,
  )
  return (
    row !== undefined &&
    row.rows === sums.bedrockRows &&
    row.unknown === 0 &&
    sumOf([row.unblended]) === sums.unblended &&
    sumOf([row.net]) === sums.net
  )
}

function unmappedOf(
  words: readonly SummedWord[],
  readings: readonly BillReading[],
): BillVersion['unmapped'] {
  const none = words.filter((_, index) => readings[index]?.unmapped_reason !== null)
  return {
    rows: none.reduce((sum, { sums }) => sum + sums.rows, 0),
    usd: sumOf(none.map(({ sums }) => sums.unblended_sum)),
  }
}

function missingColumns({ columns }: BillSource): BillRejection | null {
  const names = new Set(columns.map(({ name }) => name))
  // The legacy report may spell an attribute of a product twice, which nobody asks for here.
  const read = columns.filter(({ name }) =>
    /^(line_item|bill|pricing|identity|discount)_/.test(name),
  )
  const twice = read.find(({ name }, index) => read.findIndex((one) => one.name === name) < index)
  if (twice !== undefined) return whole('columns', `${twice.name} stands twice`)
  const isBill = [...names].some((name) => name.startsWith('line_item_'))
  if (!isBill) return whole('not_a_bill', 'no column of a cost and usage report')
  const missing = NEEDED_COLUMNS.find((name) => !names.has(name))
  if (missing !== undefined) return whole('columns', `no ${missing}`)
  return COST_COLUMNS.some((name) => names.has(name))
    ? null
    : whole('columns', `neither ${COST_COLUMNS.join(' nor ')}`)
}

function whole(reason: BillRejection['reason'], detail: string): BillRejection {
  return { file: '', row: null, reason, detail }
}

function refused(rejected: readonly BillRejection[], read: number): BillImport {
  return { state: 'refused', rejected, read }
}

/** Of the bytes, whatever the files are called. */
function fingerprintOf(order: BillOrder): string {
  const hash = createHash('sha256')
  for (const { sha256 } of order.files) hash.update(`${sha256}\n`)
  return hash.digest('hex')
}
