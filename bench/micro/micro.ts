// One operation whose time is taken.

export type Micro = {
  readonly name: string
  readonly unit: string
  /** Does the operation that often. */
  readonly run: (times: number) => void | Promise<void>
}

/** What an operation answers goes here, so that no compiler finds it useless. */
let sink: unknown = null

/** `worth`: so many operations are done at once. */
export function micro(name: string, operation: () => unknown, worth = 1): Micro {
  return {
    name,
    unit: 'µs',
    run(times) {
      for (let time = 0; time < times; time += worth) sink = operation()
    },
  }
}

/** For whoever wants to see that something was computed. */
export function lastAnswer(): unknown {
  return sink
}
