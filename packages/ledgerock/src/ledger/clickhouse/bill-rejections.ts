// Which file, which row, and why: asked only when something is wrong, so that the usual import pays nothing for it.

import { Fault } from '../../kernel/fault.ts'
import type { BillOrder, BillRefusalReason, BillRejection } from '../bill.ts'
import { faultRowsSql, type FaultRow } from './bill-import-sql.ts'
import { openBillSource, type BillSource } from './bill-source.ts'
import type { Session } from './database.ts'
import type { SchemaParameters } from './schema.ts'

/** A bill that is wrong throughout needs no list of millions. */
const REJECTIONS_MAX = 100

type Condition = {
  readonly reason: BillRefusalReason
  readonly detail: string
  readonly when: string
}

export async function faultyRows(
  session: Session,
  order: BillOrder,
  source: BillSource,
  /** Which rows are looked at. */
  only: string,
  conditions: readonly Condition[],
): Promise<readonly BillRejection[]> {
  const when = conditions.map((condition) => `(${only}) AND (${condition.when})`)
  const sql = faultRowsSql(source, when, REJECTIONS_MAX)
  const rows = await session.select<FaultRow>(sql, source.settings)
  return rows.flatMap(({ file, row, fault }) => {
    const condition = conditions[fault - 1]
    const name = order.files[file - 1]?.name ?? ''
    if (condition === undefined) return []
    return [{ file: name, row, reason: condition.reason, detail: condition.detail }]
  })
}

/** The first file that cannot be read by itself. @throws the error where it is not the files' fault. */
export async function unreadableFile(
  session: Session,
  schema: SchemaParameters,
  order: BillOrder,
  error: unknown,
): Promise<BillRejection> {
  if (!isOfTheData(error)) throw error
  for (const file of order.files) {
    try {
      const source = await openBillSource(session, schema, { ...order, files: [file] })
      await session.select(
        `SELECT count() FROM ${source.from} WHERE NOT ignore(*)`,
        source.settings,
      )
      await source.close()
    } catch (own) {
      if (!isOfTheData(own)) throw own
      const row = /\(at row (\d+)\)/.exec(own.message)?.[1]
      return {
        file: file.name,
        row: row === undefined ? null : Number(row),
        reason: 'unreadable',
        detail: detailOf(own.message),
      }
    }
  }
  throw error
}

const PASSING: ReadonlySet<string> = new Set([
  'ledger_unreachable',
  'ledger_timeout',
  'ledger_limit',
  'ledger_busy',
  'ledger_closed',
])

function isOfTheData(error: unknown): error is Fault {
  return error instanceof Fault && !PASSING.has(error.code)
}

/** What the engine says of the data, without where the file lies on this machine. */
function detailOf(message: string): string {
  return message
    .replaceAll(/\S*\/\d{5}\.(?:parquet|csv)(?:\.gz)?\S*/g, 'the file')
    .replace(/^Code: \d+\. DB::Exception: /, '')
    .slice(0, 200)
}
