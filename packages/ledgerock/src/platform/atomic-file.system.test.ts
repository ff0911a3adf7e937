import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFileAtomically } from './atomic-file.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ledgerock-atomic-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('atomic file', () => {
  it('[F3] is the old one or the new one, whenever its writer is killed', async () => {
    const path = join(directory, 'value')
    const script = join(directory, 'writer.ts')
    const module = JSON.stringify(join(import.meta.dirname, 'atomic-file.ts'))
    writeFileSync(
      script,
      `import { writeFileAtomically } from ${module}
       process.send('writing')
       for (let n = 0; ; n += 1) {
         writeFileAtomically(${JSON.stringify(path)}, String(n % 10).repeat(200_000))
       }`,
    )
    for (let kills = 0; kills < 8; kills += 1) {
      const child = fork(script)
      await once(child, 'message')
      await new Promise((resolve) => setTimeout(resolve, 20 + kills * 7))
      child.kill('SIGKILL')
      await once(child, 'exit')
      const found = readFileSync(path, 'utf8')
      expect(found).toHaveLength(200_000)
      expect(new Set(found).size).toBe(1)
    }
  })

  it('[F3] keeps the old one where the new one cannot be written', () => {
    const path = join(directory, 'kept')
    writeFileAtomically(path, 'old')
    expect(() => writeFileAtomically(join(directory, 'no', 'such', 'place'), 'new')).toThrow(
      'ENOENT',
    )
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
})
