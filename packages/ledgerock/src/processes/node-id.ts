// Who this node is, for ever: call records, journals and leases carry it. It is made up once and lies in the data directory.

import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { writeFileAtomically } from '../platform/atomic-file.ts'
import { nodeIdFile } from './data-layout.ts'

export function nodeIdOf(dataDirectory: string): string {
  const path = nodeIdFile(dataDirectory)
  if (existsSync(path)) return readFileSync(path, 'utf8').trim()
  const host = hostname()
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, 40)
  const id = `${host}-${randomBytes(4).toString('hex')}`
  writeFileAtomically(path, `${id}\n`)
  return id
}
