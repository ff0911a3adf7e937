// The two rooms every promise of the store is tested in: the embedded engine, and a server over its HTTP protocol. A room can
// be closed and opened again over the same data.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedgerStore, type LedgerStoreOptions } from '../clickhouse/open-ledger-store.ts'
import type { LedgerStore, LedgerStoreTarget } from '../store.ts'
import { startClickHouseServer, type TestServer } from './clickhouse-http-server.ts'

export const ROOM_KINDS = ['embedded', 'server'] as const
export type RoomKind = (typeof ROOM_KINDS)[number]

export type Room = {
  readonly target: () => LedgerStoreTarget
  readonly server: () => TestServer
  readonly open: (options?: Partial<LedgerStoreOptions>) => Promise<LedgerStore>
  /** As if the whole machine had been switched off and on; the store must be closed. */
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

export const TEST_DIMENSIONS = [
  'team',
  'application',
  'environment',
  'cost_center',
  'feature',
  'workflow_id',
  'tenant_id',
  'user_id',
  'squad',
] as const

export async function openRoom(kind: RoomKind): Promise<Room> {
  const path = mkdtempSync(join(tmpdir(), 'ledger-store-'))
  let server = kind === 'server' ? await startClickHouseServer(path) : null
  const running = (): TestServer => {
    if (server === null) throw new Error('this room has no server')
    return server
  }
  const target = (): LedgerStoreTarget =>
    kind === 'server' ? { kind, url: running().url } : { kind, path }
  return {
    target,
    server: running,
    open: (options = {}) =>
      openLedgerStore(target(), {
        dimensions: TEST_DIMENSIONS,
        retention: { callsDays: null, rawUsageDays: null },
        ...options,
      }),
    restart: async () => {
      if (server === null) return
      await server.close()
      server = await startClickHouseServer(path)
    },
    close: async () => {
      if (server !== null) await server.close()
      rmSync(path, { recursive: true })
    },
  }
}
