// Work on the store runs in lanes, because the embedded engine runs one statement at a time per connection and a small
// question must not wait behind a heavy one. Each lane has its own connections and its own limits on time, memory and
// threads.

export const LANES = ['ship', 'interactive', 'heavy', 'rerate', 'bill'] as const
export type Lane = (typeof LANES)[number]

export type LaneLimits = {
  readonly connections: number
  readonly timeMsMax: number
  readonly memoryBytesMax: number
  /** Above this, sorting and grouping go to disk. */
  readonly spillBytes: number
  readonly threads: number
  /** More waiting statements than this are refused with `ledger_busy`. */
  readonly waitingMax: number
}

const MIB = 1_048_576

export const LANE_LIMITS: Readonly<Record<Lane, LaneLimits>> = {
  ship: {
    connections: 1,
    timeMsMax: 60_000,
    memoryBytesMax: 512 * MIB,
    spillBytes: 192 * MIB,
    threads: 2,
    waitingMax: 64,
  },
  interactive: {
    connections: 2,
    timeMsMax: 15_000,
    memoryBytesMax: 384 * MIB,
    spillBytes: 128 * MIB,
    threads: 2,
    waitingMax: 256,
  },
  heavy: {
    connections: 1,
    timeMsMax: 300_000,
    memoryBytesMax: 1_024 * MIB,
    spillBytes: 384 * MIB,
    threads: 2,
    waitingMax: 64,
  },
  // One thread for each of two statements: an insert uses no more, and its memory is what bounds it.
  rerate: {
    connections: 2,
    timeMsMax: 600_000,
    memoryBytesMax: 1_024 * MIB,
    spillBytes: 384 * MIB,
    threads: 1,
    waitingMax: 16,
  },
  // A whole month of the bill in one statement, beside questions that must not wait for it.
  bill: {
    connections: 1,
    timeMsMax: 900_000,
    memoryBytesMax: 1_536 * MIB,
    spillBytes: 512 * MIB,
    threads: 2,
    waitingMax: 16,
  },
}
