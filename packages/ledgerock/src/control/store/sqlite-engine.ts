// The control store in a file, by the SQLite that comes with Node. WAL with synchronous=FULL: a commit that returned is on the
// disk. One connection, on which Kysely lines up whoever wants it.

import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import {
  CompiledQuery,
  Kysely,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  type SqliteDialectConfig,
  type SqliteStatement,
} from 'kysely'
import { Fault } from '../../kernel/fault.ts'
import type { Engine } from './engine.ts'
import type { ControlDatabase } from './schema.ts'

const OPEN_TIMEOUT_MS = 5_000
/** SQLite waits for a lock by blocking the thread, so it may do so only shortly; longer waits are ours, between attempts. */
const BUSY_TIMEOUT_MS = 20
const BEGIN_PAUSE_MS = 20
const BEGIN_ATTEMPTS_MAX = 250
/** `PRAGMA synchronous` answers with a number; 2 is FULL. */
const SYNCHRONOUS_FULL = 2
/** Primary result codes (the low byte of `errcode`) that mean the file or the disk, not the statement. */
const DAMAGED = new Set([11, 26])
const BUSY = new Set([5, 6])
const UNAVAILABLE = new Set([8, 10, 13, 14])

/** @throws Fault `control_store_unavailable`, `control_store_damaged`, `control_store_busy` */
export function openSqliteEngine(path: string): Engine {
  const file = guard(() => {
    // SQLite would make it readable by all; its -wal and -shm files take the mode of this one.
    closeSync(openSync(path, 'a', 0o600))
    return new DatabaseSync(path, { timeout: OPEN_TIMEOUT_MS, enableForeignKeyConstraints: true })
  })
  try {
    guard(() => {
      file.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      file.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
    })
    assertDurable(file)
  } catch (error) {
    file.close()
    throw error
  }
  return sqliteEngineOn(file)
}

/** On a database that is open; whether it is durable its opener knows. */
export function sqliteEngineOn(file: DatabaseSync): Engine {
  return {
    kind: 'sqlite',
    database: new Kysely<ControlDatabase>({
      dialect: new PatientDialect({ database: adapt(file) }),
    }),
    // A transaction begins IMMEDIATE: it has the only write lock there is.
    lockForMigration: async () => {},
  }
}

/**
 * Transactions begin IMMEDIATE: a deferred one that reads and then writes fails when another wrote in between, an immediate one
 * waits in line. Another process, or another connection of this one, may be ahead.
 */
class PatientDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await connection.executeQuery(CompiledQuery.raw('begin immediate'))
        return
      } catch (error) {
        const busy = error instanceof Fault && error.code === 'control_store_busy'
        if (!busy || attempt === BEGIN_ATTEMPTS_MAX) throw error
        await pause(BEGIN_PAUSE_MS)
      }
    }
  }
}

class PatientDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig

  constructor(config: SqliteDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): Driver {
    return new PatientDriver(this.#config)
  }
}

function assertDurable(file: DatabaseSync): void {
  const { journal_mode: mode } = guard(() => file.prepare('PRAGMA journal_mode').get()) ?? {}
  const { synchronous } = guard(() => file.prepare('PRAGMA synchronous').get()) ?? {}
  if (mode === 'wal' && synchronous === SYNCHRONOUS_FULL) return
  throw new Fault(
    'control_store_unavailable',
    `the control store cannot be made durable (journal_mode ${String(mode)}, synchronous ` +
      `${String(synchronous)}); is it on a network file system?`,
  )
}

function adapt(file: DatabaseSync): SqliteDatabase {
  return {
    close: () => file.close(),
    // A deferred transaction that reads and then writes can fail on another writer; an immediate one waits in line.
    prepare: (sql) =>
      statement(guard(() => file.prepare(sql === 'begin' ? 'begin immediate' : sql))),
  }
}

/** Kysely passes on what our typed queries gave it: text, numbers and nulls. */
function values(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters as SQLInputValue[]
}

function statement(prepared: StatementSync): SqliteStatement {
  return {
    reader: prepared.columns().length > 0,
    all: (parameters) => guard(() => prepared.all(...values(parameters))),
    run: (parameters) => guard(() => prepared.run(...values(parameters))),
    iterate: (parameters) => guard(() => prepared.iterate(...values(parameters))),
  }
}

function guard<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw faultOf(cause)
  }
}

function faultOf(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause
  const code = 'errcode' in cause ? Number(cause.errcode) & 0xff : null
  if (code !== null && DAMAGED.has(code)) {
    return new Fault('control_store_damaged', `the control store is damaged: ${cause.message}`, {
      cause,
    })
  }
  if (code !== null && BUSY.has(code)) {
    return new Fault('control_store_busy', 'the control store is locked by another process', {
      retryable: true,
      cause,
    })
  }
  const refusedByDisk = code === null && 'syscall' in cause
  if (refusedByDisk || (code !== null && UNAVAILABLE.has(code))) {
    return new Fault('control_store_unavailable', `the control store failed: ${cause.message}`, {
      retryable: true,
      cause,
    })
  }
  return cause
}
