// Fresh, empty databases of both kinds, for tests of what holds on SQLite and PostgreSQL alike.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ControlStoreTarget } from '../control-store.ts'
import type { Engine, EngineKind } from '../engine.ts'
import { openPostgresEngine } from '../postgres-engine.ts'
import { openSqliteEngine } from '../sqlite-engine.ts'
import { startPostgres } from './start-postgres.ts'

/** Where a fresh, empty database is, and the engine to look at it from below. */
export type Place = { readonly target: ControlStoreTarget; readonly engine: () => Engine }

export type StorePlaces = {
  readonly fresh: (kind: EngineKind) => Promise<Place>
  readonly stop: () => Promise<void>
}

export async function startStorePlaces(): Promise<StorePlaces> {
  const directory = mkdtempSync(join(tmpdir(), 'ledgerock-control-'))
  const server = await startPostgres()
  let databases = 0
  const sqlite = (): Place => {
    databases += 1
    const path = join(directory, `control-${databases}.db`)
    return { target: { kind: 'embedded', path }, engine: () => openSqliteEngine(path) }
  }
  const postgres = async (): Promise<Place> => {
    const url = await server.createDatabase()
    return { target: { kind: 'postgres', url }, engine: () => openPostgresEngine(url, () => {}) }
  }
  return {
    fresh: async (kind) => (kind === 'sqlite' ? sqlite() : postgres()),
    stop: async () => {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
