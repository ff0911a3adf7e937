// Imports as the API shows them.

import type { ImportReport } from './import-bills.ts'
import type { ImportProgress, ImportState, StoredImport } from '../store/import-table.ts'

export type ImportView = {
  readonly import_id: string
  readonly name: string
  readonly kind: string
  /** Null: an upload. */
  readonly source: string | null
  readonly period: string | null
  readonly state: ImportState
  readonly progress: ImportProgress
  readonly report: ImportReport | null
  /** Why it failed. */
  readonly problem: string | null
  readonly created_at: string
  readonly created_by: string
  readonly ended_at: string | null
}

/** `progress` of a run in this process is newer than what is kept. */
export function importView(row: StoredImport, progress = row.progress): ImportView {
  return {
    import_id: row.importId,
    name: row.name,
    kind: row.kind,
    source: row.source,
    period: row.period,
    state: row.state,
    progress,
    report: row.report,
    problem: row.problem,
    created_at: row.createdAt,
    created_by: row.createdBy,
    ended_at: row.endedAt,
  }
}

export type RecurringView = {
  readonly name: string
  readonly kind: string
  readonly from: string
  readonly every_ms: number | null
  /** Null: when asked. */
  readonly next_at: string | null
  readonly last: Pick<
    ImportView,
    'import_id' | 'state' | 'problem' | 'created_at' | 'created_by' | 'ended_at'
  > | null
}

export function lastView(last: StoredImport): NonNullable<RecurringView['last']> {
  const { import_id, state, problem, created_at, created_by, ended_at } = importView(last)
  return { import_id, state, problem, created_at, created_by, ended_at }
}
