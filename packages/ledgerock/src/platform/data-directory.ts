// The data directory: created private, and owned by one Ledgerock at a time.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../kernel/fault.ts'
import { takeFileLock, type FileLock } from './file-lock.ts'

export type DataDirectory = { readonly path: string; readonly release: () => void }

/** Creates the directory (0700) where it is missing and takes it. @throws Fault `data_locked`, `data_unusable` */
export function takeDataDirectory(path: string): DataDirectory {
  let lock: FileLock
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    lock = takeFileLock(join(path, 'lock'))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('data_unusable', `the data directory ${path} cannot be used: ${reason}`, {
      cause,
    })
  }
  if (lock.kind === 'taken') {
    throw new Fault(
      'data_locked',
      `the data directory ${path} is in use by another Ledgerock (pid ${lock.holder})`,
    )
  }
  return { path, release: lock.release }
}
