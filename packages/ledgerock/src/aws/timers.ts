// Waiting as a parameter, so that a test can own time; and a promise nobody waits for longer than so long.

export type Timers = {
  /** Returns what cancels it. */
  readonly after: (ms: number, run: () => void) => () => void
}

/** They do not keep a process alive: what they do is not worth waiting for at its end. */
export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** What the promise says, or what stands in for it where it takes longer. Its own end is then nobody's. */
export function within<Value>(
  timers: Timers,
  ms: number,
  promise: Promise<Value>,
  otherwise: () => Value,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = timers.after(ms, () => {
      try {
        resolve(otherwise())
      } catch (error) {
        reject(error)
      }
    })
    promise.then(resolve, reject).finally(cancel)
  })
}
