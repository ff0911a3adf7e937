// Uses real files: what is under test is what ends up on disk.

import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KEY_PURPOSES } from './hkdf.ts'
import { openMasterKey, parseMasterKey, type MasterKey } from './master-key.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ledgerock-key-'))
  path = join(directory, 'master-key')
})
afterEach(() => rmSync(directory, { recursive: true }))

const exported = (key: MasterKey): string[] =>
  KEY_PURPOSES.map((purpose) => key.subKey(purpose).export().toString('hex'))
const open = (given: string | null = null): MasterKey =>
  openMasterKey({ given, path, random: randomBytes })

describe('openMasterKey', () => {
  it('makes the file once, for its owner only, and reads the same key again', () => {
    const first = open()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(exported(open())).toEqual(exported(first))
    expect(readdirSync(directory)).toEqual(['master-key'])
  })

  it('keeps the key of whoever was faster', () => {
    const winner = openMasterKey({
      given: null,
      path,
      random: (bytes) => {
        writeFileSync(path, `${'ab'.repeat(32)}\n`, { mode: 0o600 })
        return randomBytes(bytes)
      },
    })
    expect(exported(winner)).toEqual(exported(open('ab'.repeat(32))))
  })

  it('survives what a process that died in the middle left behind', () => {
    writeFileSync(`${path}.${process.pid}.new`, 'half')
    open()
    expect(readdirSync(directory)).toEqual(['master-key'])
  })

  it('gives each purpose a key of its own', () => {
    expect(new Set(exported(open())).size).toBe(KEY_PURPOSES.length)
  })

  it('derives what RFC 5869 says, computed elsewhere, so stored digests stay good for ever', () => {
    const pepper = open('00'.repeat(32)).subKey('pepper').export().toString('hex')
    expect(pepper).toBe('67f87313c15767751a3ff013039ae016ddb0b9f012a83618c5a9d240304b01ef')
  })

  it('prefers the given key and then makes no file', () => {
    const bytes = randomBytes(32)
    const key = open(bytes.toString('base64'))
    expect(key.source).toBe('given')
    expect(exported(open(bytes.toString('hex')))).toEqual(exported(key))
    expect(readdirSync(directory)).toEqual([])
  })

  it.each([0o640, 0o604, 0o660, 0o644])('refuses a file of mode %o', (mode) => {
    open()
    chmodSync(path, mode)
    expect(() => open()).toThrow(expect.objectContaining({ code: 'master_key_unsafe' }))
  })

  it.each(['', 'ab', 'ab'.repeat(31), 'ab'.repeat(33), 'zz'.repeat(32)])(
    'refuses the content %j and does not repeat it',
    (content) => {
      writeFileSync(path, content, { mode: 0o600 })
      expect(() => open()).toThrow(expect.objectContaining({ code: 'master_key_invalid' }))
      expect(readFileSync(path, 'utf8')).toBe(content)
    },
  )
})

describe('parseMasterKey', () => {
  it.each(['hex', 'base64', 'base64url'] as const)('reads %s', (encoding) => {
    const bytes = randomBytes(32)
    expect(parseMasterKey(` ${bytes.toString(encoding)}\n`)).toEqual(bytes)
  })
})
