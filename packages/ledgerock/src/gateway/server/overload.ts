// Says no early, so that what was taken on is finished: a worker that takes more than it can do finishes nothing, and clients
// that retry keep it there. Two signs: too many calls in flight, and an event loop that keeps running late. Late means that a
// growing share of new calls is refused until the loop is punctual again; never all of them, because a worker that takes nothing
// learns nothing. Pure: the lateness is handed in, and which call is refused is counted out, not thrown.
//
//   late ≥ delayMaxMs, three times in a row     share += 1/8, up to 7/8
//   late ≤ delayMaxMs / 2                       share −= 1/16
//   between                                     share stays (so that it does not swing)

import { assert } from '../../kernel/assert.ts'

export const SHED_REASONS = ['calls', 'event_loop'] as const
export type ShedReason = (typeof SHED_REASONS)[number]

export type OverloadLimits = {
  /** In flight at once. */
  readonly callsMax: number
  /** How late the event loop may run. */
  readonly delayMaxMs: number
}

export type OverloadStatus = {
  readonly calls: number
  readonly delayMs: number
  /** Of new calls, while the event loop is late: 0 to 7/8. */
  readonly shedShare: number
  readonly shed: Readonly<Record<ShedReason, number>>
}

export type OverloadGuard = {
  /** False where the call is refused as `overload`; true takes a place until `ended`. */
  readonly admit: () => boolean
  /** A call that was admitted is over, however it ended. */
  readonly ended: () => void
  /** How late the event loop ran at one of the moments it was looked at, in order. */
  readonly sample: (delayMs: number) => void
  readonly status: () => OverloadStatus
}

export const DELAY_MAX_MS_DEFAULT = 250

const LATE_IN_A_ROW = 3
/** Shares are counted in sixteenths, so that they are whole numbers and come back to exactly nothing. */
const PARTS = 16
const RAISED_BY = 2
const LOWERED_BY = 1
const PARTS_MAX = 14

export function createOverloadGuard(limits: OverloadLimits): OverloadGuard {
  const { callsMax, delayMaxMs } = limits
  const shed: Record<ShedReason, number> = { calls: 0, event_loop: 0 }
  let calls = 0
  let delayMs = 0
  let lateInARow = 0
  let parts = 0
  /** What of a refusal has come together; at `PARTS` one is due. */
  let owed = 0

  return {
    admit() {
      if (calls >= callsMax) {
        shed.calls += 1
        return false
      }
      if (parts > 0) {
        owed += parts
        if (owed >= PARTS) {
          owed -= PARTS
          shed.event_loop += 1
          return false
        }
      }
      calls += 1
      return true
    },
    ended() {
      assert(calls > 0, 'more calls ended than were admitted')
      calls -= 1
    },
    sample(late) {
      delayMs = late
      lateInARow = late >= delayMaxMs ? lateInARow + 1 : 0
      if (lateInARow >= LATE_IN_A_ROW) parts = Math.min(PARTS_MAX, parts + RAISED_BY)
      else if (late <= delayMaxMs / 2) parts = Math.max(0, parts - LOWERED_BY)
      if (parts === 0) owed = 0
    },
    status: () => ({ calls, delayMs, shedShare: parts / PARTS, shed: { ...shed } }),
  }
}
