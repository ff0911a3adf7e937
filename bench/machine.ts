// The machine a number was measured on, and the code it was measured with: without them no number means anything.

import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem, type } from 'node:os'

export type Machine = {
  readonly cpu: string
  readonly cores: number
  readonly memory_gib: number
  readonly kernel: string
  readonly node: string
  /** Of the last minute, when the measuring began: a busy machine measures badly. */
  readonly load_before: number
}

export type Revision = { readonly commit: string; readonly uncommitted_changes: boolean }

const GIB = 1_073_741_824

export function describeMachine(): Machine {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory_gib: Math.round((totalmem() / GIB) * 10) / 10,
    kernel: `${type()} ${release()}`,
    node: process.version,
    load_before: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  }
}

export function describeRevision(): Revision {
  const git = (...words: string[]): string =>
    execFileSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim()
  try {
    return {
      commit: git('rev-parse', 'HEAD'),
      uncommitted_changes: git('status', '--porcelain') !== '',
    }
  } catch {
    return { commit: 'unknown', uncommitted_changes: false }
  }
}
