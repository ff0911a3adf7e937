// Trouble that is tried again many times a second, such as a database that is away, in a log people read: told at once, then at most
// every ten seconds, with how often it came in between.

import { MS_PER_SECOND } from '../kernel/time.ts'
import type { Logger } from '../platform/logging.ts'

export type Report = (event: string, error: unknown) => void

const AGAIN_MS = 10 * MS_PER_SECOND

/** `nowMs`: monotonic. */
export function createDampedReport(logger: Pick<Logger, 'warn'>, nowMs: () => number): Report {
  const told = new Map<string, { readonly atMs: number; untold: number }>()
  return (event, error) => {
    const before = told.get(event)
    const atMs = nowMs()
    if (before !== undefined && atMs - before.atMs < AGAIN_MS) {
      before.untold += 1
      return
    }
    told.set(event, { atMs, untold: 0 })
    const untold = before?.untold ?? 0
    logger.warn({ reason: String(error), ...(untold === 0 ? {} : { times_before: untold }) }, event)
  }
}
