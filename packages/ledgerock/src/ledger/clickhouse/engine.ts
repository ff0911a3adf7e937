// Which table engine the schema is rendered for. Embedded and a single server use MergeTree; a cluster of one shard and n
// replicas uses ReplicatedMergeTree with the server's own macros. Everything else about the schema is the same.

import { exhaustive } from '../../kernel/assert.ts'

export type Engine =
  { readonly kind: 'embedded' } | { readonly kind: 'server'; readonly replicated: boolean }

/** Inserts of the last hours are remembered, so that a retry after any pause we survive is recognised. */
const REMEMBERED_INSERTS = 10_000
const REMEMBERED_SECONDS = 7 * 24 * 3_600

export function isReplicated(engine: Engine): boolean {
  switch (engine.kind) {
    case 'embedded':
      return false
    case 'server':
      return engine.replicated
    default:
      return exhaustive(engine)
  }
}

export function engineClause(engine: Engine, family: 'MergeTree' | 'SummingMergeTree'): string {
  if (!isReplicated(engine)) return family
  return `Replicated${family}('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')`
}

export function onCluster(engine: Engine): string {
  return isReplicated(engine) ? " ON CLUSTER '{cluster}'" : ''
}

/** A part is on stable storage, with its directory entry, before an insert is confirmed or a merge drops its sources. */
export function tableSettings(engine: Engine): Readonly<Record<string, string>> {
  const window: Readonly<Record<string, string>> = isReplicated(engine)
    ? {
        replicated_deduplication_window: String(REMEMBERED_INSERTS),
        replicated_deduplication_window_seconds: String(REMEMBERED_SECONDS),
      }
    : { non_replicated_deduplication_window: String(REMEMBERED_INSERTS) }
  return {
    ...window,
    fsync_after_insert: '1',
    fsync_part_directory: '1',
    min_compressed_bytes_to_fsync_after_merge: '1',
  }
}
