// Connections to the engine, by lane: embedded chDB or a ClickHouse server, through the same client. A lane hands out one
// of its connections for a piece of work and takes it back; whoever finds none waits in line.

import { Readable } from 'node:stream'
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { exhaustive } from '../../kernel/assert.ts'
import { Fault } from '../../kernel/fault.ts'
import { LANE_LIMITS, LANES, type Lane, type LaneLimits } from '../lane.ts'
import type { LedgerStoreTarget } from '../store.ts'
import type { Engine } from './engine.ts'
import { saidSettings, type SaidSettings } from './said-settings.ts'
import { laneSettings, type Settings } from './settings.ts'
import { storeFault } from './store-fault.ts'

/** One connection, for as long as a piece of work lasts. */
export type Session = {
  readonly select: <Row>(sql: string, settings?: Settings) => Promise<readonly Row[]>
  readonly command: (sql: string, settings?: Settings) => Promise<void>
  readonly insert: (insert: Insert) => Promise<void>
  /** Rows that come as bytes of a format; for a server, which cannot see our files. */
  readonly send: (upload: Upload, settings: Settings) => Promise<void>
}

export type Insert = {
  readonly table: string
  readonly columns: readonly string[]
  /** One row each, as TabSeparated. */
  readonly lines: readonly string[]
  /** The engine takes an insert with a token it has seen for done. */
  readonly token: string
}

export type Upload = {
  readonly table: string
  readonly columns: readonly string[]
  readonly format: 'CSV' | 'Parquet'
  readonly body: Readable
}

export type Database = {
  readonly engine: Engine
  readonly name: string
  readonly use: <Value>(lane: Lane, work: (session: Session) => Promise<Value>) => Promise<Value>
  readonly close: () => Promise<void>
}

/** The client gives up this much later than the engine should have. */
const REQUEST_GRACE_MS = 5_000
export const DEFAULT_DATABASE = 'ledgerock'

export function openDatabase(target: LedgerStoreTarget): Database {
  const engine: Engine =
    target.kind === 'embedded'
      ? { kind: 'embedded' }
      : { kind: 'server', replicated: target.replicated ?? false }
  const lanes = new Map<Lane, LanePool>()
  try {
    for (const lane of LANES) lanes.set(lane, openLane(target, engine, lane))
  } catch (error) {
    throw storeFault(error)
  }
  return {
    engine,
    name: target.database ?? DEFAULT_DATABASE,
    use: (lane, work) => (lanes.get(lane) as LanePool).use(work),
    close: async () => {
      for (const lane of lanes.values()) await lane.close()
    },
  }
}

type LanePool = {
  readonly use: <Value>(work: (session: Session) => Promise<Value>) => Promise<Value>
  readonly close: () => Promise<void>
}

function openLane(target: LedgerStoreTarget, engine: Engine, lane: Lane): LanePool {
  const limits = LANE_LIMITS[lane]
  const settings = laneSettings(engine, lane)
  const clients = Array.from({ length: limits.connections }, () => connect(target, limits))
  const idle: Session[] = clients.map((client) =>
    sessionOf(client, settings, saidSettings(target.kind === 'embedded' ? 'keeps' : 'forgets')),
  )
  const waiting: ((session: Session | null) => void)[] = []
  const running = new Set<Promise<unknown>>()
  let closed = false

  async function take(): Promise<Session> {
    if (closed) throw new Fault('ledger_closed', 'the ledger store is closed')
    const session = idle.pop()
    if (session !== undefined) return session
    if (waiting.length >= limits.waitingMax) {
      throw new Fault('ledger_busy', `more than ${limits.waitingMax} statements wait (${lane})`, {
        retryable: true,
      })
    }
    const given = await new Promise<Session | null>((resolve) => waiting.push(resolve))
    if (given === null) throw new Fault('ledger_closed', 'the ledger store is closed')
    return given
  }

  function giveBack(session: Session): void {
    const next = waiting.shift()
    if (next === undefined) idle.push(session)
    else next(session)
  }

  async function run<Value>(work: (session: Session) => Promise<Value>): Promise<Value> {
    const session = await take()
    try {
      return await work(session)
    } finally {
      giveBack(session)
    }
  }

  return {
    use: (work) => {
      const result = run(work)
      const settled = result.then(
        () => undefined,
        () => undefined,
      )
      running.add(settled)
      void settled.then(() => running.delete(settled))
      return result
    },
    close: async () => {
      closed = true
      for (const refuse of waiting.splice(0)) refuse(null)
      // The engine must not be closed under a running statement.
      await Promise.all(running)
      for (const client of clients) await client.close()
    },
  }
}

function sessionOf(client: ClickHouseClient, lane: Settings, said: SaidSettings): Session {
  const faults = async <Value>(work: Promise<Value>): Promise<Value> => {
    try {
      return await work
    } catch (error) {
      said.failed()
      throw storeFault(error)
    }
  }
  async function select<Row>(query: string, more: Settings = {}): Promise<readonly Row[]> {
    const result = await client.query({
      query,
      format: 'JSONEachRow',
      clickhouse_settings: { ...said.toSay({ ...lane, ...more }) },
    })
    return result.json<Row>()
  }
  return {
    select: <Row>(sql: string, more: Settings = {}) => faults(select<Row>(sql, more)),
    command: async (query, more = {}) => {
      const clickhouse_settings = { ...said.toSay({ ...lane, ...more }) }
      await faults(client.command({ query, clickhouse_settings }))
    },
    insert: async ({ table, columns, lines, token }) => {
      const [first, ...rest] = columns
      if (first === undefined || lines.length === 0) return
      await faults(
        client.insert({
          table,
          columns: [first, ...rest],
          values: Readable.from([lines.join('')], { objectMode: false }),
          format: 'TabSeparated',
          clickhouse_settings: {
            ...said.toSay({ ...lane, insert_deduplication_token: token }),
          },
        }),
      )
    },
    send: async ({ table, columns, format, body }, more) => {
      const [first = '', ...rest] = columns
      await faults(
        client.insert({
          table,
          columns: [first, ...rest],
          values: body,
          format,
          clickhouse_settings: { ...said.toSay({ ...lane, ...more }) },
        }),
      )
    },
  }
}

function connect(target: LedgerStoreTarget, limits: LaneLimits): ClickHouseClient {
  switch (target.kind) {
    case 'embedded':
      return createClient({ connection: embeddedConnection(target.path) })
    case 'server':
      return createClient({
        url: target.url,
        ...(target.user === undefined ? {} : { username: target.user }),
        ...(target.password === undefined ? {} : { password: target.password }),
        request_timeout: limits.timeMsMax + REQUEST_GRACE_MS,
        max_open_connections: limits.connections,
        compression: { request: true, response: true },
        // What fails is logged by whoever asked, without the statement.
        log: { level: ClickHouseLogLevel.OFF },
      })
    default:
      return exhaustive(target)
  }
}

type ClientConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>

/** The client carries its own copy of the type that chDB implements; they differ in a private field only. */
function embeddedConnection(path: string): ClientConnection {
  return createChdbConnection({ path }) as unknown as ClientConnection
}
