// When the writer runs: once per turn of the event loop to write, and after a while to sync. A parameter, so that a test
// owns the order of things.

export type Scheduler = {
  readonly nextTurn: (run: () => void) => void
  /** Runs once after `ms`; the answer cancels it. */
  readonly after: (ms: number, run: () => void) => () => void
}

export const eventLoop: Scheduler = {
  nextTurn: (run) => {
    setImmediate(run)
  },
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => {
      clearTimeout(timer)
    }
  },
}
