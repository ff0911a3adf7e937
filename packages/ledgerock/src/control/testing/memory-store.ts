// A control store that is gone with the process, for games of many: the real tables and statements on SQLite, without a disk to wait for.
// Nothing in it waits for anything but promises, so that a game is the same every time.

import { DatabaseSync } from 'node:sqlite'
import {
  openControlStoreOn,
  type ControlStore,
  type ControlWrites,
} from '../store/control-store.ts'
import { sqliteEngineOn } from '../store/sqlite-engine.ts'
import type { Clock } from '../../kernel/time.ts'

export function openMemoryStore(clock: Clock): Promise<ControlStore> {
  const file = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true })
  return openControlStoreOn(sqliteEngineOn(file), { clock, onConnectionError: () => {} })
}

/** One that, where `loses` says so, answers as if it had committed, and has not. */
export function forgetful<Store extends Pick<ControlStore, 'write'>>(
  store: Store,
  loses: () => boolean,
): Store {
  async function write<Answer>(work: (tables: ControlWrites) => Promise<Answer>): Promise<Answer> {
    if (!loses()) return store.write(work)
    const done: Answer[] = []
    await store
      .write(async (tables) => {
        done.push(await work(tables))
        throw new Error('lost')
      })
      .catch(() => {})
    return done[0] as Answer
  }
  return { ...store, write }
}
