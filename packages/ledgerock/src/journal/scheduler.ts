// When the writer runs: once per turn of the event loop to write (at once while there is little to do), and after a while to
// sync. A parameter, so that a test owns the order of things.

export type Scheduler = {
  readonly nextTurn: (run: () => void) => void
  /** Before anything else runs: what was appended by the code running now goes out, and nothing is waited for. */
  readonly atOnce: (run: () => void) => void
  /** Runs once after `ms`; the answer cancels it. */
  readonly after: (ms: number, run: () => void) => () => void
}

export const eventLoop: Scheduler = {
  nextTurn: (run) => {
    setImmediate(run)
  },
  atOnce: (run) => {
    queueMicrotask(run)
  },
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => {
      clearTimeout(timer)
    }
  },
}
