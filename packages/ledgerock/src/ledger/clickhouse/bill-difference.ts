// How two versions of a period differ, row by row. Rows have no lasting ids, so they are compared by all they say: first day by day in
// sum, and only the days that differ row by row, which keeps what must be held in memory small.

import type { BillDifference } from '../bill.ts'
import { BILL_LINES, CHARGE_COLUMNS, SAID_COLUMNS } from './bill-schema.ts'
import { lessOf } from './bill-sums.ts'
import type { Session } from './database.ts'
import { literal } from './literal.ts'
import { tableName } from './schema.ts'

type Side = {
  readonly version: number
  readonly bedrock_rows: number
  readonly unblended_usd: string
}

export async function differenceOf(
  session: Session,
  database: string,
  period: string,
  older: Side,
  newer: Side,
): Promise<BillDifference> {
  const lines = tableName(database, BILL_LINES)
  const within = `period = ${literal(period)} AND version IN (${older.version}, ${newer.version})`
  const isNew = `version = ${newer.version}`
  const days = await session.select<{ day: string }>(
    `SELECT day FROM (SELECT toDate(usage_start, 'UTC') AS day, ${isNew} AS fresh, count() AS rows,` +
      ` sumWithOverflow(${hashOf(SAID_COLUMNS)}) AS said FROM ${lines} WHERE ${within}` +
      ' GROUP BY day, fresh) GROUP BY day' +
      ' HAVING count() < 2 OR min(rows) != max(rows) OR min(said) != max(said) ORDER BY day',
  )
  let [added, removed, changed] = [0, 0, 0]
  for (const { day } of days) {
    const [row] = await session.select<{ added: number; removed: number; changed: number }>(
      'SELECT sum(more) AS added, sum(less) AS removed, sum(least(more, less)) AS changed FROM' +
        ' (SELECT charge, sum(greatest(by, 0)) AS more, sum(greatest(-by, 0)) AS less FROM' +
        ` (SELECT ${hashOf(CHARGE_COLUMNS)} AS charge, ${hashOf(SAID_COLUMNS)} AS said,` +
        ` sum(if(${isNew}, 1, -1)) AS by FROM ${lines} WHERE ${within}` +
        ` AND toDate(usage_start, 'UTC') = ${literal(day)} GROUP BY charge, said HAVING by != 0)` +
        ' GROUP BY charge)',
    )
    added += row?.added ?? 0
    removed += row?.removed ?? 0
    changed += row?.changed ?? 0
  }
  return {
    added,
    removed,
    changed,
    unchanged: newer.bedrock_rows - added,
    usd: lessOf(newer.unblended_usd, older.unblended_usd),
  }
}

/** A hash of something that is nothing would be nothing itself, so that is said apart. */
function hashOf(columns: readonly string[]): string {
  const parts = columns.flatMap((name) => {
    if (name === 'tags') return ['toString(tags)']
    return NULLABLE.has(name) ? [`isNull(${name})`, `assumeNotNull(${name})`] : [name]
  })
  return `sipHash64(${parts.join(', ')})`
}

const NULLABLE: ReadonlySet<string> = new Set(['net', 'list', 'discount'])
