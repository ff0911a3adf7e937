// The one secret everything else hangs on: 256 bits, given by the operator or made once in `<data>/master-key`. Stored digests
// and sealed values are useless without it, so a backup of the stores alone gives nothing away. The file appears whole or not
// at all, and the first of two starters wins: it is written beside, synced, then linked into place.

import type { KeyObject } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Fault } from '../kernel/fault.ts'
import { syncDirectory } from './atomic-file.ts'
import { deriveKey, KEY_PURPOSES, type KeyPurpose } from './hkdf.ts'

export const MASTER_KEY_BYTES = 32
const OWNER_ONLY = 0o600
const GROUP_AND_OTHERS = 0o077

export type MasterKey = {
  readonly source: 'given' | 'file'
  readonly subKey: (purpose: KeyPurpose) => KeyObject
}

export type MasterKeyOptions = {
  /** From the operator, as hex or base64; null: the file is used, and made where it is missing. */
  readonly given: string | null
  readonly path: string
  readonly random: (bytes: number) => Uint8Array
}

/** @throws Fault `master_key_invalid` (not 32 bytes), `master_key_unsafe` (others may read it), `master_key_unusable` */
export function openMasterKey(options: MasterKeyOptions): MasterKey {
  if (options.given !== null) {
    const bytes = parseMasterKey(options.given)
    if (bytes === null) throw invalid('the given master key')
    return split('given', bytes)
  }
  const kept = readKeyFile(options.path)
  if (kept !== null) return split('file', kept)
  createKeyFile(options.path, options.random(MASTER_KEY_BYTES))
  const made = readKeyFile(options.path)
  if (made === null)
    throw new Fault('master_key_unusable', `${options.path} vanished while it was made`)
  return split('file', made)
}

/** 32 bytes from 64 hex digits or from base64 (either alphabet, padded or not); null for anything else. */
export function parseMasterKey(text: string): Uint8Array | null {
  const trimmed = text.trim()
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex')
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return null
  const bytes = Buffer.from(trimmed, 'base64')
  return bytes.length === MASTER_KEY_BYTES ? bytes : null
}

function split(source: MasterKey['source'], bytes: Uint8Array): MasterKey {
  const subKeys = new Map(KEY_PURPOSES.map((purpose) => [purpose, deriveKey(bytes, purpose)]))
  return { source, subKey: (purpose) => subKeys.get(purpose) as KeyObject }
}

function readKeyFile(path: string): Uint8Array | null {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null
    throw new Fault('master_key_unusable', `${path} cannot be read (${codeOf(cause)})`, { cause })
  }
  try {
    const { mode } = fstatSync(file)
    if ((mode & GROUP_AND_OTHERS) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0')
      throw new Fault(
        'master_key_unsafe',
        `${path} has mode ${octal}: others can read the master key; make it 0600`,
      )
    }
    const bytes = parseMasterKey(readFileSync(file, 'latin1'))
    if (bytes === null) throw invalid(path)
    return bytes
  } finally {
    closeSync(file)
  }
}

function createKeyFile(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.pid}.new`
  // Left by an earlier process of the same id that died in the middle; it was never the key.
  removeIfThere(temporary)
  try {
    const file = openSync(temporary, 'wx', OWNER_ONLY)
    try {
      writeFileSync(file, `${Buffer.from(bytes).toString('hex')}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    linkSync(temporary, path)
  } catch (cause) {
    // Another starter was faster: its key is the key.
    if (codeOf(cause) !== 'EEXIST') {
      throw new Fault('master_key_unusable', `${path} cannot be made (${codeOf(cause)})`, { cause })
    }
  } finally {
    removeIfThere(temporary)
  }
  syncDirectory(dirname(path))
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause
  }
}

function invalid(what: string): Fault {
  return new Fault('master_key_invalid', `${what} is not 32 bytes as hex or base64`)
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
}
