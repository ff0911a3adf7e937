// The control store in PostgreSQL, for more than one node. Connection trouble becomes one Fault; the pool reconnects by itself.

import { Kysely, PostgresDialect, sql, type PostgresPoolClient } from 'kysely'
import { DatabaseError, Pool, types, type PoolClient } from 'pg'
import { Fault } from '../../kernel/fault.ts'
import type { Engine } from './engine.ts'
import type { ControlDatabase } from './schema.ts'

const CONNECTIONS_MAX = 10
const CONNECT_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 15_000
/** The server would have said something by now: what is between us and it lets nothing through. */
const SILENT_MS_MAX = STATEMENT_TIMEOUT_MS + 2_000
/**
 * A node that went silent inside a transaction holds everybody's lock, and so does in turn each transaction of it that was waiting for
 * that: the server ends them. Nothing but the store is awaited there, so a node that lives is as quick.
 */
const IDLE_IN_TRANSACTION_MS_MAX = 2_000
/** Any fixed number: who holds this advisory lock may migrate. */
const MIGRATION_LOCK = 7_301_947_002

/** Nothing is connected yet; the first statement is. `onError` hears of connections that broke. */
export function openPostgresEngine(url: string, onError: (error: Error) => void): Engine {
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: SILENT_MS_MAX,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS_MAX,
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
          connect: async () => guarded(await orFault(pool.connect()), onError),
          end: () => pool.end(),
        },
      }),
    }),
    lockForMigration: async (transaction) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction)
    },
  }
}

/**
 * Only what Kysely calls, with connection trouble turned into a Fault. Kysely also knows cursors; nothing here uses them. A connection
 * that failed is not used again: an answer that is late would be taken for the next one's, and a silent one stays silent.
 */
function guarded(client: PoolClient, onError: (error: Error) => void): PostgresPoolClient {
  let lost: unknown = null
  // The pool hears of idle connections only; one that breaks between two statements of a transaction would end the process.
  client.on('error', onError)
  const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
    if (lost !== null) throw lost
    try {
      return await orFault(client.query(text, [...parameters]))
    } catch (error) {
      if (error instanceof Fault) lost = error
      throw error
    }
  }
  return {
    query: query as PostgresPoolClient['query'],
    release(broken) {
      client.off('error', onError)
      client.release(broken === true || lost !== null)
    },
  }
}

async function orFault<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw faultOf(cause)
  }
}

/**
 * Classes 08, 53, 57, 58 are the server's trouble, 25P03 its patience with a transaction; what is no answer of the server at all is
 * the connection's.
 */
function faultOf(cause: unknown): unknown {
  if (cause instanceof DatabaseError && !/^(08|53|57|58|25P03)/.test(cause.code ?? '')) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new Fault('control_store_unavailable', `the control store failed: ${message}`, {
    retryable: true,
    cause,
  })
}

/** Our whole numbers are below 2^53, so bigint columns are read as numbers, as SQLite does. */
const typeParser: typeof types.getTypeParser = (oid, format) =>
  oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)
