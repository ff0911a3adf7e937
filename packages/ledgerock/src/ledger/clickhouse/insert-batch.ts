// One batch into the books, exactly once. The token makes the engine skip what it has; but a process can die, or a disk
// forget, between the engine's note of the token and the part itself, or between the calls and a rollup. So after any try
// whose outcome was unknown, the batch is looked up: missing rows are entered again, doubled or differing ones are mended.

import { assert } from '../../kernel/assert.ts'
import { Fault } from '../../kernel/fault.ts'
import { MS_PER_DAY } from '../../kernel/time.ts'
import type { EntryBatch } from '../store.ts'
import type { LedgerEntry } from '../entry.ts'
import { ROLLUPS } from '../rollup.ts'
import { differingMonthsSql } from './audit-sql.ts'
import type { Database, Session } from './database.ts'
import { inList, literal } from './literal.ts'
import { dropDoubledEntries, rebuildRollupMonth } from './rebuild.ts'
import type { RowEncoder } from './row-encoder.ts'
import { CALLS, tableName, type SchemaParameters } from './schema.ts'
import { withinTime } from './spend-sql.ts'

/** More are never needed: each round either finds all rows or adds the missing ones. */
const ROUNDS_MAX = 3

export async function insertBatch(
  database: Database,
  schema: SchemaParameters,
  encoder: RowEncoder,
  batch: EntryBatch,
): Promise<void> {
  if (batch.entries.length === 0) return
  assertOneMonth(batch.entries)
  const insert = (session: Session, entries: readonly LedgerEntry[], token: string) =>
    session.insert({
      table: `${database.name}.${CALLS}`,
      columns: encoder.columns,
      lines: entries.map(encoder.lineOf),
      token,
    })
  await database.use('ship', async (session) => {
    await insert(session, batch.entries, batch.token)
    if (!batch.again) return
    for (let round = 1; ; round += 1) {
      const { missing, doubled } = await lookUp(session, schema, batch.entries)
      if (doubled.length > 0) await dropDoubledEntries(session, schema, monthOf(doubled))
      if (missing.length === 0 && doubled.length === 0) break
      if (round > ROUNDS_MAX)
        throw new Fault('ledger_refused', 'a batch does not stay', { retryable: true })
      if (missing.length > 0) await insert(session, missing, `${batch.token}:${round}`)
    }
    await mendRollups(session, schema, batch.entries)
  })
}

type Found = { readonly missing: readonly LedgerEntry[]; readonly doubled: readonly LedgerEntry[] }

async function lookUp(
  session: Session,
  schema: SchemaParameters,
  entries: readonly LedgerEntry[],
): Promise<Found> {
  const { fromMs, toMs } = daysOf(entries)
  const ids = inList(entries.map((entry) => entry.record.call_id))
  const rows = await session.select<{ id: string; version: number; sign: number; rows: number }>(
    'SELECT toString(call_id) AS id, version, sign, count() AS rows' +
      ` FROM ${tableName(schema.database, CALLS)}` +
      ` WHERE ${withinTime(fromMs, toMs).join(' AND ')} AND toString(call_id) IN ${ids}` +
      ' GROUP BY call_id, version, sign',
  )
  const present = new Map(rows.map((row) => [`${row.id} ${row.version} ${row.sign}`, row.rows]))
  const count = ({ record, sign }: LedgerEntry): number =>
    present.get(`${record.call_id} ${record.version} ${sign}`) ?? 0
  return {
    missing: entries.filter((entry) => count(entry) === 0),
    doubled: entries.filter((entry) => count(entry) > 1),
  }
}

async function mendRollups(
  session: Session,
  schema: SchemaParameters,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const bounds = daysOf(entries)
  for (const rollup of ROLLUPS) {
    const sql = differingMonthsSql(schema.database, rollup, bounds)
    for (const { month } of await session.select<{ month: number }>(sql)) {
      await rebuildRollupMonth(session, schema, rollup, month)
    }
  }
}

function daysOf(entries: readonly LedgerEntry[]): { fromMs: number; toMs: number } {
  const starts = entries.map((entry) => Date.parse(entry.record.started_at))
  const first = starts.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY)
  const last = starts.reduce((most, ms) => Math.max(most, ms), 0)
  return {
    fromMs: Math.floor(first / MS_PER_DAY) * MS_PER_DAY,
    toMs: (Math.floor(last / MS_PER_DAY) + 1) * MS_PER_DAY,
  }
}

function monthOf(entries: readonly LedgerEntry[]): number {
  const [first] = entries
  assert(first !== undefined, 'there is an entry')
  return Number(monthText(first).replace('-', ''))
}

function assertOneMonth(entries: readonly LedgerEntry[]): void {
  const months = new Set(entries.map(monthText))
  assert(months.size === 1, `a batch lies in one month: ${literal([...months].join(' '))}`)
}

function monthText(entry: LedgerEntry): string {
  return new Date(Date.parse(entry.record.started_at)).toISOString().slice(0, 7)
}
