// The ledger store over ClickHouse's SQL: embedded in this process (chDB) or a server, the same statements. Opening brings the
// schema up to date, applies the configuration and refuses to go on where a promised setting is not in force.

import type { CallRecord } from '@ledgerock/contract'
import { isUuid } from '../../kernel/ids.ts'
import type { Finding } from '../finding.ts'
import { ROLLUPS } from '../rollup.ts'
import type { MeteredBooks, SortOfRate } from '../metered-use.ts'
import type { OutcomeBooks } from '../outcome.ts'
import type { ArrivalPlace, LedgerRetention, LedgerStore, LedgerStoreTarget } from '../store.ts'
import { arrange } from './arrange.ts'
import { assertSettings } from './assert-settings.ts'
import { countCallsSql, differingMonthsSql } from './audit-sql.ts'
import { billBooksOver, type BillBooksDeps } from './bill-books.ts'
import { bookFindings, rollupFinding } from './book-findings.ts'
import {
  arrivalsSql,
  attemptsSql,
  callsPageSql,
  lastArrivalSql,
  lastSeqsSql,
  seqsSql,
  versionsSql,
} from './calls-sql.ts'
import { budgetReadsOver } from './budget-spend.ts'
import { outcomeBooksOver } from './outcomes.ts'
import { openDatabase, type Database } from './database.ts'
import { insertBatch } from './insert-batch.ts'
import { meteredBooksOver } from './metered-books.ts'
import { migrate, MIGRATIONS, type Migration } from './migration.ts'
import { rebuildRollupMonth } from './rebuild.ts'
import { recordOf } from './record-reader.ts'
import { rerateStoreOver } from './rerate-store.ts'
import { createRowEncoder } from './row-encoder.ts'
import type { SchemaParameters } from './schema.ts'
import { readSpend } from './spend-parts.ts'

export type LedgerStoreOptions = {
  readonly dimensions: readonly string[]
  readonly retention: LedgerRetention
  readonly migrations?: readonly Migration[]
  /** Default: no bill can be imported. */
  readonly bill?: BillBooksDeps
  /** Default: every rate is for nothing special. */
  readonly sortOfRate?: SortOfRate
}

const NO_BILL: BillBooksDeps = { clock: { now: () => 0, monotonic: () => 0 }, readWord: null }
/** On a server, what several nodes enter in the same moment becomes visible in any order within this time. */
const ARRIVALS_SETTLE_MS = 1_000
const NO_CALL = '00000000-0000-0000-0000-000000000000'

export async function openLedgerStore(
  target: LedgerStoreTarget,
  options: LedgerStoreOptions,
): Promise<LedgerStore> {
  const database = openDatabase(target)
  const schema: SchemaParameters = { database: database.name, engine: database.engine }
  const { dimensions, retention, migrations = MIGRATIONS } = options
  try {
    const schemaVersion = await database.use('ship', async (session) => {
      const version = await migrate(session, schema, migrations)
      await arrange(session, schema, dimensions, retention)
      return version
    })
    await assertSettings(database)
    const bill = billBooksOver(database, schema, options.bill ?? NO_BILL)
    const metered = meteredBooksOver(database, dimensions, options.sortOfRate ?? (() => ''))
    return {
      ...storeOver(database, schema, dimensions, schemaVersion),
      ...metered,
      ...outcomeBooksOver(database),
      bill,
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

function storeOver(
  database: Database,
  schema: SchemaParameters,
  declared: readonly string[],
  schemaVersion: number,
): Omit<LedgerStore, 'bill' | keyof MeteredBooks | keyof OutcomeBooks> {
  const tables = { database: database.name, declared }
  const reader = readerOf(database, declared)
  const encoder = createRowEncoder(declared)
  return {
    kind: database.engine.kind,
    schemaVersion,
    insertBatch: (batch) => insertBatch(database, schema, encoder, batch),
    lastSeqs: async (journalIds) => {
      if (journalIds.length === 0) return new Map()
      const sql = lastSeqsSql(database.name, journalIds)
      const rows = await reader.rows<{ journal_id: string; seq: number }>('ship', sql)
      return new Map(rows.map((row) => [row.journal_id, row.seq]))
    },
    seqsOf: async (journalId, first, last) => {
      const sql = seqsSql(database.name, journalId, first, last)
      const rows = await reader.rows<{ seq: number }>('heavy', sql)
      return new Set(rows.map((row) => row.seq))
    },
    spend: (plan) => readSpend(database, plan),
    calls: (filter) => reader.records('interactive', callsPageSql(tables, filter)),
    versions: async (callId) => {
      if (!isUuid(callId)) return []
      for (const sql of versionsSql(tables, callId)) {
        const records = await reader.records('interactive', sql)
        if (records.length > 0) return records
      }
      return []
    },
    attempts: (logicalId, limit) =>
      reader.records('interactive', attemptsSql(tables, logicalId, limit)),
    arrivals: async (after, where, limit) => {
      const settleMs = database.engine.kind === 'embedded' ? 0 : ARRIVALS_SETTLE_MS
      if (after === null) {
        const [last] = await reader.rows<ArrivalRow>('interactive', lastArrivalSql(tables))
        return { items: [], place: placeOf(last) }
      }
      const sql = arrivalsSql(tables, after, where, limit, settleMs)
      const rows = await reader.rows<ArrivalRow>('interactive', sql)
      const last = rows.at(-1)
      return {
        items: rows.map((row) => recordOf(row, declared)),
        place: last === undefined ? after : placeOf(last),
      }
    },
    ...budgetReadsOver(database, declared),
    countCalls: async () => {
      const sql = countCallsSql(database.name)
      const [row] = await reader.rows<{ calls: number }>('heavy', sql)
      return row?.calls ?? 0
    },
    findings: (sinceMs) => bookFindings(database, sinceMs),
    repairRollups: (sinceMs) => repairRollups(database, schema, sinceMs),
    rerating: rerateStoreOver(database, schema, declared),
    isReachable: async () => {
      try {
        await reader.rows('interactive', 'SELECT 1')
        return true
      } catch {
        return false
      }
    },
    close: () => database.close(),
  }
}

type ArrivalRow = { readonly call_id: string; readonly ingested_ms: number }

function placeOf(row: ArrivalRow | undefined): ArrivalPlace {
  return row === undefined
    ? { ingestedMs: 0, callId: NO_CALL }
    : { ingestedMs: row.ingested_ms, callId: row.call_id }
}

function readerOf(database: Database, declared: readonly string[]) {
  const rows = <Row>(lane: 'ship' | 'interactive' | 'heavy', sql: string) =>
    database.use(lane, (session) => session.select<Row>(sql))
  return {
    rows,
    records: async (lane: 'interactive' | 'heavy', sql: string): Promise<readonly CallRecord[]> =>
      (await rows<Record<string, unknown>>(lane, sql)).map((row) => recordOf(row, declared)),
  }
}

async function repairRollups(
  database: Database,
  schema: SchemaParameters,
  sinceMs: number,
): Promise<readonly Finding[]> {
  const repaired: Finding[] = []
  for (const rollup of ROLLUPS) {
    await database.use('ship', async (session) => {
      const bounds = { fromMs: sinceMs, toMs: null }
      const sql = differingMonthsSql(schema.database, rollup, bounds)
      for (const { month, rows } of await session.select<{ month: number; rows: number }>(sql)) {
        await rebuildRollupMonth(session, schema, rollup, month)
        repaired.push(rollupFinding(rollup, month, rows))
      }
    })
  }
  return repaired
}
