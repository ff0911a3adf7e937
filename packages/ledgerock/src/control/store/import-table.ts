// Imports: each run with what was asked, how far it is and what it reported. A run beats while its process lives, so that one whose
// process died is known by its silence.

import type { Kysely, Selectable, Transaction } from 'kysely'
import type { ImportReport } from '../imports/import-bills.ts'
import type { ControlDatabase } from './schema.ts'
import type { ImportsTable } from './bill-schema.ts'

export const IMPORT_STATES = ['open', 'running', 'done', 'refused', 'failed'] as const
/** `open`: an upload that still takes files. `refused`: nothing was taken, and the report says why. */
export type ImportState = (typeof IMPORT_STATES)[number]

export const IMPORT_STAGES = ['waiting', 'looking', 'bringing', 'reading', 'ended'] as const
export type ImportStage = (typeof IMPORT_STAGES)[number]

export type ImportProgress = {
  readonly stage: ImportStage
  /** `total` is null where nobody knows yet. */
  readonly files: { readonly done: number; readonly total: number | null }
  readonly bytes: { readonly done: number; readonly total: number | null }
}

export type StoredImport = {
  readonly importId: string
  /** Of the import, and of the bill it brings. */
  readonly name: string
  readonly kind: string
  /** A path or an S3 prefix; null: an upload. */
  readonly source: string | null
  readonly period: string | null
  readonly state: ImportState
  /** Whose process runs it and holds its files. */
  readonly nodeId: string
  readonly beatAt: string
  readonly progress: ImportProgress
  readonly report: ImportReport | null
  readonly problem: string | null
  /** What lay at the source; the same text is the same files. */
  readonly seen: string | null
  /** Whether a version came into force. */
  readonly isNews: boolean
  readonly createdAt: string
  readonly createdBy: string
  readonly endedAt: string | null
}

export type ImportEnd = Pick<
  StoredImport,
  'progress' | 'report' | 'problem' | 'seen' | 'isNews' | 'endedAt'
> & { readonly state: Exclude<ImportState, 'open' | 'running'> }

export type ImportFilter = {
  readonly name: string | null
  readonly state: ImportState | null
  /** Only imports before this one. */
  readonly before: string | null
  readonly limit: number
}

export type ImportReads = {
  readonly find: (importId: string) => Promise<StoredImport | null>
  /** Newest first. */
  readonly page: (filter: ImportFilter) => Promise<readonly StoredImport[]>
  readonly inState: (state: ImportState) => Promise<readonly StoredImport[]>
}

export type ImportWrites = ImportReads & {
  readonly insert: (row: StoredImport) => Promise<void>
  readonly begin: (importId: string, at: string) => Promise<void>
  /** Of a run that goes on; one that somebody ended stays ended. */
  readonly beat: (importId: string, at: string, progress: ImportProgress) => Promise<void>
  readonly end: (importId: string, end: ImportEnd) => Promise<void>
  /** Forgets runs of a name nobody asked for that brought no news, but for one. */
  readonly forgetIdle: (name: string, createdBy: string, except: string) => Promise<void>
}

export const IMPORT_DDL: readonly string[] = [
  `CREATE TABLE imports (
     import_id TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     kind TEXT NOT NULL,
     source TEXT,
     period TEXT,
     state TEXT NOT NULL,
     node_id TEXT NOT NULL,
     beat_at TEXT NOT NULL,
     progress TEXT NOT NULL,
     report TEXT,
     problem TEXT,
     seen TEXT,
     is_news INTEGER NOT NULL,
     created_at TEXT NOT NULL,
     created_by TEXT NOT NULL,
     ended_at TEXT
   )`,
  'CREATE INDEX imports_by_name ON imports (name, import_id)',
  'CREATE INDEX imports_by_state ON imports (state)',
]

export function importReads(database: Kysely<ControlDatabase>): ImportReads {
  return {
    async find(importId) {
      const row = await database
        .selectFrom('imports')
        .selectAll()
        .where('import_id', '=', importId)
        .executeTakeFirst()
      return row === undefined ? null : storedImport(row)
    },
    async page({ name, state, before, limit }) {
      let query = database.selectFrom('imports').selectAll()
      if (name !== null) query = query.where('name', '=', name)
      if (state !== null) query = query.where('state', '=', state)
      if (before !== null) query = query.where('import_id', '<', before)
      const rows = await query.orderBy('import_id', 'desc').limit(limit).execute()
      return rows.map(storedImport)
    },
    async inState(state) {
      const rows = await database
        .selectFrom('imports')
        .selectAll()
        .where('state', '=', state)
        .orderBy('import_id')
        .execute()
      return rows.map(storedImport)
    },
  }
}

export function importWrites(transaction: Transaction<ControlDatabase>): ImportWrites {
  return {
    ...importReads(transaction),
    async insert(row) {
      await transaction
        .insertInto('imports')
        .values({
          import_id: row.importId,
          name: row.name,
          kind: row.kind,
          source: row.source,
          period: row.period,
          state: row.state,
          node_id: row.nodeId,
          beat_at: row.beatAt,
          progress: JSON.stringify(row.progress),
          report: jsonOrNull(row.report),
          problem: row.problem,
          seen: row.seen,
          is_news: row.isNews ? 1 : 0,
          created_at: row.createdAt,
          created_by: row.createdBy,
          ended_at: row.endedAt,
        })
        .execute()
    },
    async begin(importId, at) {
      await transaction
        .updateTable('imports')
        .set({ state: 'running', beat_at: at })
        .where('import_id', '=', importId)
        .execute()
    },
    async beat(importId, at, progress) {
      await transaction
        .updateTable('imports')
        .set({ beat_at: at, progress: JSON.stringify(progress) })
        .where('import_id', '=', importId)
        .where('state', '=', 'running')
        .execute()
    },
    async end(importId, end) {
      await transaction
        .updateTable('imports')
        .set({
          state: end.state,
          progress: JSON.stringify(end.progress),
          report: jsonOrNull(end.report),
          problem: end.problem,
          seen: end.seen,
          is_news: end.isNews ? 1 : 0,
          ended_at: end.endedAt,
        })
        .where('import_id', '=', importId)
        .execute()
    },
    async forgetIdle(name, createdBy, except) {
      await transaction
        .deleteFrom('imports')
        .where('name', '=', name)
        .where('created_by', '=', createdBy)
        .where('state', '=', 'done')
        .where('is_news', '=', 0)
        .where('import_id', '!=', except)
        .execute()
    },
  }
}

function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}

function storedImport(row: Selectable<ImportsTable>): StoredImport {
  return {
    importId: row.import_id,
    name: row.name,
    kind: row.kind,
    source: row.source,
    period: row.period,
    state: row.state as ImportState,
    nodeId: row.node_id,
    beatAt: row.beat_at,
    progress: JSON.parse(row.progress) as ImportProgress,
    report: row.report === null ? null : (JSON.parse(row.report) as ImportReport),
    problem: row.problem,
    seen: row.seen,
    isNews: row.is_news === 1,
    createdAt: row.created_at,
    createdBy: row.created_by,
    endedAt: row.ended_at,
  }
}
