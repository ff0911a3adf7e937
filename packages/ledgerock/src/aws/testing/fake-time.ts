// A clock and timers that go on only when told to, in order of their due times.

import type { Clock } from '../../kernel/time.ts'
import type { Timers } from '../timers.ts'

export type FakeTime = Clock &
  Timers & {
    /** Runs what is due on the way, and lets promises settle in between. */
    readonly advance: (ms: number) => Promise<void>
    readonly pending: () => number
  }

export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

export function fakeTime(startMs = 0): FakeTime {
  let nowMs = startMs
  const due = new Set<{ readonly atMs: number; readonly run: () => void }>()
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    after(ms, run) {
      const timer = { atMs: nowMs + ms, run }
      due.add(timer)
      return () => void due.delete(timer)
    },
    async advance(ms) {
      const endMs = nowMs + ms
      await settled()
      for (;;) {
        const next = [...due].toSorted((a, b) => a.atMs - b.atMs).at(0)
        if (next === undefined || next.atMs > endMs) break
        due.delete(next)
        nowMs = next.atMs
        next.run()
        await settled()
      }
      nowMs = endMs
      await settled()
    },
    pending: () => due.size,
  }
}
