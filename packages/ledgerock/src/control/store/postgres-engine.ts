// The control store in PostgreSQL, for more than one node. Connection trouble becomes one Fault; the pool reconnects by itself.

import { Kysely, PostgresDialect, sql, type PostgresPoolClient } from 'kysely'
import { DatabaseError, Pool, types, type PoolClient } from 'pg'
import { Fault } from '../../kernel/fault.ts'
import type { Engine } from './engine.ts'
import type { ControlDatabase } from './schema.ts'

const CONNECTIONS_MAX = 10
const CONNECT_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 15_000
/** Any fixed number: who holds this advisory lock may migrate. */
const MIGRATION_LOCK = 7_301_947_002

/** Nothing is connected yet; the first statement is. `onError` hears of idle connections that broke. */
export function openPostgresEngine(url: string, onError: (error: Error) => void): Engine {
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'ledgerock-control',
    types: { getTypeParser: typeParser },
  })
  pool.on('error', onError)
  return {
    kind: 'postgres',
    database: new Kysely<ControlDatabase>({
      dialect: new PostgresDialect({
        pool: {
          options: pool.options,
          connect: async () => guarded(await orFault(pool.connect())),
          end: () => pool.end(),
        },
      }),
    }),
    lockForMigration: async (transaction) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction)
    },
  }
}

/** Only what Kysely calls, with connection trouble turned into a Fault. Kysely also knows cursors; nothing here uses them. */
function guarded(client: PoolClient): PostgresPoolClient {
  const query = (text: string, parameters: readonly unknown[]): Promise<unknown> =>
    orFault(client.query(text, [...parameters]))
  return {
    query: query as PostgresPoolClient['query'],
    release: (broken) => client.release(broken),
  }
}

async function orFault<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw faultOf(cause)
  }
}

/** Classes 08, 53, 57, 58 are the server's trouble; what is no answer of the server at all is the connection's. */
function faultOf(cause: unknown): unknown {
  if (cause instanceof DatabaseError && !/^(08|53|57|58)/.test(cause.code ?? '')) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new Fault('control_store_unavailable', `the control store failed: ${message}`, {
    retryable: true,
    cause,
  })
}

/** Our whole numbers are below 2^53, so bigint columns are read as numbers, as SQLite does. */
const typeParser: typeof types.getTypeParser = (oid, format) =>
  oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)
