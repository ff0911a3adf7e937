// At most so many asks of AWS at a time, and so many waiting for their turn, each for so long; past that an ask is refused rather
// than kept hanging. Work nobody waits for takes a free place only, so it never stands in a caller's way.

import { Fault } from '../kernel/fault.ts'
import { MS_PER_SECOND, type Clock } from '../kernel/time.ts'

export type Limiter = {
  /** @throws Fault `identity_unavailable` where its turn does not come, and what the task throws */
  readonly run: <Value>(task: () => Promise<Value>) => Promise<Value>
  /** Null where there is no free place. */
  readonly runIfFree: <Value>(task: () => Promise<Value>) => Promise<Value> | null
}

type Waiting = { readonly sinceMs: number; readonly go: () => void; readonly drop: () => void }

const WAIT_MAX_MS = 5 * MS_PER_SECOND

export function createLimiter(
  clock: Pick<Clock, 'monotonic'>,
  inFlightMax: number,
  waitingMax: number,
  waitMaxMs = WAIT_MAX_MS,
): Limiter {
  const queue: Waiting[] = []
  let inFlight = 0

  async function start<Value>(task: () => Promise<Value>): Promise<Value> {
    inFlight += 1
    try {
      return await task()
    } finally {
      inFlight -= 1
      next()
    }
  }

  /** Whoever has waited too long has gone, or should go: its place is worth more to the one behind. */
  function next(): void {
    for (let waiting = queue.shift(); waiting !== undefined; waiting = queue.shift()) {
      if (clock.monotonic() - waiting.sinceMs <= waitMaxMs) return waiting.go()
      waiting.drop()
    }
  }

  return {
    run(task) {
      if (inFlight < inFlightMax) return start(task)
      if (queue.length >= waitingMax) return Promise.reject(busy())
      return new Promise((resolve, reject) => {
        queue.push({
          sinceMs: clock.monotonic(),
          go: () => void start(task).then(resolve, reject),
          drop: () => reject(busy()),
        })
      })
    },
    runIfFree: (task) => (inFlight < inFlightMax ? start(task) : null),
  }
}

function busy(): Fault {
  const message = 'too many calls wait for an answer of AWS'
  return new Fault('identity_unavailable', message, { retryable: true })
}
