// Where the processes of one node meet: a private directory with a short path, because the path of a Unix socket may not be
// longer than about a hundred bytes and a data directory's may.

import { hash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Fault } from '../kernel/fault.ts'

/** @throws Fault `runtime_unusable` where somebody else owns the path: /tmp is everybody's. */
export function runtimeDirectory(dataDirectory: string): string {
  const path = join(
    tmpdir(),
    `ledgerock-${hash('sha256', resolve(dataDirectory), 'hex').slice(0, 16)}`,
  )
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const found = lstatSync(path)
  const mine = typeof process.getuid !== 'function' || found.uid === process.getuid()
  if (!found.isDirectory() || !mine || (found.mode & 0o077) !== 0) {
    throw new Fault('runtime_unusable', `${path} must be a directory of this user with mode 0700`)
  }
  return path
}
