import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeFileLock, waitForFileLock } from './file-lock.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ledgerock-lock-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** A process that takes the lock, says so, and lives until it is killed. */
async function holder(path: string) {
  const script = join(directory, 'holder.ts')
  const lockModule = JSON.stringify(join(import.meta.dirname, 'file-lock.ts'))
  writeFileSync(
    script,
    `import { takeFileLock } from ${lockModule}
     process.send(takeFileLock(${JSON.stringify(path)}).kind)
     setInterval(() => {}, 1000)`,
  )
  const child = fork(script)
  const [kind] = (await once(child, 'message')) as [string]
  return { child, kind }
}

describe('file lock', () => {
  it('[F2] has one holder, says who, and dies with it', async () => {
    const path = join(directory, 'lock')
    const { child, kind } = await holder(path)
    expect(kind).toBe('held')
    expect(takeFileLock(path)).toEqual({ kind: 'taken', holder: String(child.pid) })
    const waiting = waitForFileLock(path, 30_000)
    child.kill('SIGKILL')
    const lock = await waiting
    expect(lock).not.toBeNull()
    expect(readFileSync(`${path}.pid`, 'utf8')).toBe(String(process.pid))
    lock?.release()
  })

  it('[F2] goes to exactly one of many who ask at once', async () => {
    const path = join(directory, 'race')
    const holders = await Promise.all(Array.from({ length: 6 }, () => holder(path)))
    for (const { child } of holders) child.kill('SIGKILL')
    expect(holders.filter(({ kind }) => kind === 'held')).toHaveLength(1)
  })

  it('[F2] is not waited for for ever', async () => {
    const path = join(directory, 'patience')
    const lock = takeFileLock(path)
    expect(await waitForFileLock(path, 100)).toBeNull()
    if (lock.kind === 'held') lock.release()
    const next = await waitForFileLock(path, 0)
    expect(next).not.toBeNull()
    next?.release()
  })
})
