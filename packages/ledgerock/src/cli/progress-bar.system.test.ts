// In a process of its own, because how a CommonJS package is imported is decided by Node and not by what runs the tests.

import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const SCRIPT = `
  import { PassThrough } from 'node:stream'
  const { showProgress } = await import(process.argv[1])
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  terminal.pipe(process.stdout)
  const bar = showProgress(terminal, 'reading')
  bar.update(1_048_576, 4_194_304, 'cur.csv')
  bar.stop()
`

describe('progress bar', () => {
  it('[U18] is drawn by the program as it is run', () => {
    const bar = new URL('./progress-bar.ts', import.meta.url).href
    const drawn = execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT, bar], {
      encoding: 'utf8',
    })
    expect(drawn).toContain('reading cur.csv ███')
    expect(drawn).toContain('1.0 MiB of 4.0 MiB')
  })
})
