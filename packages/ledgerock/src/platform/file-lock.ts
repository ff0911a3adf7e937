// An exclusive lock on a path, held as an SQLite transaction: the kernel drops it with the process that holds it, however
// that process dies, so there is never a stale lock to clean up and two takers cannot both win. The holder's pid stands
// beside it for messages to people.

import { readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

export type FileLock =
  | { readonly kind: 'held'; readonly release: () => void }
  | { readonly kind: 'taken'; readonly holder: string }

/** A connection nobody refers to is collected and closed, and its lock with it; so these are kept until they are released. */
const held = new Set<DatabaseSync>()

/** @throws what SQLite throws where the path cannot be used at all */
export function takeFileLock(path: string): FileLock {
  const holderFile = `${path}.pid`
  const lock = new DatabaseSync(path)
  try {
    lock.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (error instanceof Error && error.message.includes('locked')) {
      return { kind: 'taken', holder: readHolder(holderFile) }
    }
    throw error
  }
  writeFileSync(holderFile, String(process.pid), { mode: 0o600 })
  held.add(lock)
  return {
    kind: 'held',
    release() {
      held.delete(lock)
      lock.close()
    },
  }
}

/** Waits for the lock: a predecessor may still be putting its things away. Null when it is not free in time. */
export async function waitForFileLock(
  path: string,
  waitMs: number,
): Promise<{ readonly release: () => void } | null> {
  const POLL_MS = 50
  for (let waited = 0; ; waited += POLL_MS) {
    const lock = takeFileLock(path)
    if (lock.kind === 'held') return lock
    if (waited >= waitMs) return null
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return 'unknown'
  }
}
