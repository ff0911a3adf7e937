// Says which parts of the running system did not confirm a change within a second. They go on with what they have until they
// hear again; the operator must know.

import type { CommandContext } from './cli-deps.ts'
import { visible } from './table.ts'

export function noteMissing({ io }: CommandContext, answer: unknown): void {
  const { missing, not_published: why } = (answer ?? {}) as Record<string, unknown>
  if (typeof why === 'string')
    io.note(`Not in force everywhere yet, and tried again: ${visible(why)}\n`)
  if (!Array.isArray(missing) || missing.length === 0) return
  const names = missing.map((name) => visible(String(name)))
  io.note(`Not confirmed within a second by: ${names.join(', ')}\n`)
}
