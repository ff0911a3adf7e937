// Which database answers, and by which clock. After a failover it may have lost what it acknowledged, and then its identity changes.
// Where the database's user may not ask for that (some managed services forbid it), the start of the server stands for it: it is
// another one after any failover, and after a plain restart too, which costs no more than that nodes say again what they hold.

import { sql, type Kysely } from 'kysely'
import { Fault } from '../../kernel/fault.ts'
import type { Engine } from './engine.ts'
import type { ControlDatabase } from './schema.ts'

export type StoreStanding = {
  readonly identity: string
  /** Null: the store has no clock but the node's. */
  readonly nowMs: number | null
}

/** Where the identity comes from: a constant, the log of a PostgreSQL, or its start. */
export const STANDING_SOURCES = ['embedded', 'log', 'start'] as const
export type StandingSource = (typeof STANDING_SOURCES)[number]

const EMBEDDED: StoreStanding = { identity: 'embedded', nowMs: null }

/** The timeline is read off the name of the log file written now: the control file knows of a promotion only later. */
const BY_LOG = sql<Answer>`
  select system_identifier::text || ':' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as identity,
    (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now_ms
  from pg_control_system()`
const BY_START = sql<Answer>`
  select 'start:' || (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint::text as identity,
    (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now_ms`

type Answer = { readonly identity: string; readonly now_ms: string }

/** To be asked outside of any transaction: what is forbidden would end it. */
export async function standingSource({
  kind,
  database,
}: Pick<Engine, 'kind' | 'database'>): Promise<StandingSource> {
  if (kind === 'sqlite') return 'embedded'
  try {
    await standingOf(database, 'log')
    return 'log'
  } catch (error) {
    // Trouble with the connection says nothing of what is forbidden.
    if (error instanceof Fault) throw error
    await standingOf(database, 'start')
    return 'start'
  }
}

export async function standingOf(
  database: Kysely<ControlDatabase>,
  source: StandingSource,
): Promise<StoreStanding> {
  if (source === 'embedded') return EMBEDDED
  const { rows } = await (source === 'log' ? BY_LOG : BY_START).execute(database)
  const [row] = rows
  if (row === undefined) throw new Error('the database does not say who it is')
  return { identity: row.identity, nowMs: Number(row.now_ms) }
}
