// How long the benches take their time: as the committed numbers need, or one short round to see that a bench works
// (`npm run bench -- --short …`). Short numbers mean nothing and are not written to the results. The processes a bench starts
// inherit the pace.

import { argv, env } from 'node:process'

const FLAG = '--short'
const VARIABLE = 'BENCH_SHORT'
const SHORTER = 10
/** Enough for a call to be answered on a machine that has other things to do. */
const SHORT_MS = 400
/** No bench takes longer: it measures fewer rounds instead, and says so. */
const BENCH_MS_MAX = 105_000

if (argv.includes(FLAG)) env[VARIABLE] = '1'

export const isShort = env[VARIABLE] === '1'

export function withoutFlags(words: readonly string[]): readonly string[] {
  return words.filter((word) => word !== FLAG)
}

export function paced(rounds: number): number {
  return isShort ? 1 : rounds
}

/** A number of calls. */
export function pacedCalls(calls: number): number {
  return isShort ? Math.ceil(calls / SHORTER) : calls
}

export function pacedMs(ms: number): number {
  return isShort ? Math.min(ms, SHORT_MS) : ms
}

/** The time a bench has, to be shared among its parts. */
export type Budget = {
  /** When the next part must be done, `parts` of them being left with it; monotonic milliseconds. */
  readonly until: (parts: number) => number
}

export function startBudget(ms = BENCH_MS_MAX): Budget {
  const endsAt = performance.now() + ms
  return {
    until(parts) {
      const now = performance.now()
      return now + Math.max(0, endsAt - now) / parts
    },
  }
}
