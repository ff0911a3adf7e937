import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { measureBytes } from '../testing/measure-bytes.ts'

const CALLS = 40_000
const BYTES_PER_CALL_MAX = 150

describe('a call at rest', () => {
  let path: string

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'ledger-bytes-'))
  })
  afterEach(() => {
    rmSync(path, { recursive: true })
  })

  it('[L23] takes at most 150 bytes in the ledger, rollups and indexes included', async () => {
    const measured = await measureBytes(path, CALLS, () => performance.now())
    expect(measured.calls).toBe(CALLS)
    expect(measured.bytesPerCall).toBeGreaterThan(16)
    expect(measured.bytesPerCall).toBeLessThanOrEqual(BYTES_PER_CALL_MAX)
  })
})
