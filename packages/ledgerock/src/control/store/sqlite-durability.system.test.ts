// A commit that was acknowledged survives the death of its process at any instant and whatever power loss leaves behind its last
// byte in the write-ahead log.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import { openControlStore, type ControlStore } from './control-store.ts'

/** Of the write-ahead log; some of its bytes are zero anyway. */
const FRAME_HEADER_BYTES = 24
const clock: Clock = { now: () => Date.parse('2026-10-14T12:00:00.000Z'), monotonic: () => 0 }
const deps = { clock, onConnectionError: () => {} }
const directory = mkdtempSync(join(tmpdir(), 'ledgerock-durable-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const openAt = (path: string): Promise<ControlStore> =>
  openControlStore(deps, { kind: 'embedded', path })

const append = (store: ControlStore, subject: string) =>
  store.write(({ audit }) =>
    audit.append({ actor: 'test', action: 'append', subject, before: null, after: null }),
  )

/** Commits for ever and prints the number of each commit after it was acknowledged. */
const WRITER = `
  const { openControlStore } = await import(process.env.STORE_MODULE)
  const clock = { now: () => 0, monotonic: () => 0 }
  const store = await openControlStore(
    { clock, onConnectionError: () => {} },
    { kind: 'embedded', path: process.env.STORE_PATH },
  )
  for (;;) {
    const { seq } = await store.write(({ audit }) =>
      audit.append({ actor: 'child', action: 'append', subject: 's', before: null, after: null }),
    )
    process.stdout.write(seq + '\\n')
  }
`

async function commitUntilKilled(path: string, commits: number): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', WRITER], {
    env: {
      ...process.env,
      STORE_MODULE: new URL('./control-store.ts', import.meta.url).href,
      STORE_PATH: path,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let acknowledged = 0
  let seen = 0
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line)
    seen += 1
    if (seen === commits) child.kill('SIGKILL')
  }
  const [, signal] = (await ended) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  return acknowledged
}

async function expectKept(path: string, log: Buffer): Promise<void> {
  const copy = join(directory, 'copy.db')
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${copy}${suffix}`, { force: true })
  copyFileSync(path, copy)
  writeFileSync(`${copy}-wal`, log, { mode: 0o600 })
  const raw = new DatabaseSync(copy)
  expect(raw.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  raw.close()
  const recovered = await openAt(copy)
  const [first, ...rest] = await recovered.read.audit.entries(0, 10)
  expect(first?.subject).toBe('acknowledged')
  expect(rest).toEqual([])
  expect(await recovered.read.audit.verify()).toEqual({ sound: true, entries: 1 })
  await append(recovered, 'next')
  expect(await recovered.read.audit.verify()).toEqual({ sound: true, entries: 2 })
  await recovered.close()
}

describe('control store on sqlite, durability', () => {
  it('[C3] every acknowledged commit outlives kill -9', async () => {
    const path = join(directory, 'killed.db')
    for (const commits of [1, 2, 7, 30, 111]) {
      const acknowledged = await commitUntilKilled(path, commits)
      expect(acknowledged).toBeGreaterThanOrEqual(commits)
      const store = await openAt(path)
      const verdict = await store.read.audit.verify()
      await store.close()
      expect(verdict.sound).toBe(true)
      // One more may have been committed whose acknowledgement died with the process.
      const kept = verdict.sound ? verdict.entries : 0
      expect([acknowledged, acknowledged + 1]).toContain(kept)
    }
  })

  it('[C3] a torn end of the log takes no acknowledged commit with it', async () => {
    const path = join(directory, 'torn.db')
    const store = await openAt(path)
    await append(store, 'acknowledged')
    const wal = `${path}-wal`
    const committed = readFileSync(wal)
    await append(store, 'in flight')
    const longer = readFileSync(wal)
    expect(longer.length).toBeGreaterThan(committed.length)
    expect(longer.subarray(0, committed.length)).toEqual(committed)

    const tail = longer.subarray(committed.length)
    const noise = Buffer.from(tail).fill(0xa5)
    const zeros = Buffer.alloc(tail.length)
    const endWithout = (start: number): Buffer =>
      Buffer.concat([zeros.subarray(0, start), tail.subarray(start)])
    const step = 509
    for (let kept = 0; kept < tail.length; kept += step) {
      const torn = [
        tail.subarray(0, kept),
        Buffer.concat([tail.subarray(0, kept), noise.subarray(kept)]),
        Buffer.concat([tail.subarray(0, kept), zeros.subarray(kept)]),
        // Sectors of one write reach the disk in any order: the end without the beginning.
        endWithout(Math.max(kept, FRAME_HEADER_BYTES)),
      ]
      for (const end of torn) {
        await expectKept(path, Buffer.concat([committed, end]))
      }
    }
    await store.close()
  })
})

describe('control store on sqlite, the file', () => {
  it('[C7] is its owner’s alone, with its companions', async () => {
    const path = join(directory, 'private.db')
    const store = await openAt(path)
    await append(store, 'one')
    for (const suffix of ['', '-wal', '-shm']) {
      expect(statSync(`${path}${suffix}`).mode & 0o777).toBe(0o600)
    }
    await store.close()
  })

  it('[C7] a file that is no database is damaged, a missing directory is unavailable', async () => {
    const path = join(directory, 'no-database.db')
    writeFileSync(path, 'not a database at all, but long enough to look at'.repeat(30))
    await expect(openAt(path)).rejects.toMatchObject({ code: 'control_store_damaged' })
    const nowhere = join(directory, 'missing', 'control.db')
    await expect(openAt(nowhere)).rejects.toMatchObject({ code: 'control_store_unavailable' })
  })
})
