// Cuts clients that do not take their answer: what waits for them is memory here and a connection held open upstream. Time counts
// only while something waits and nothing of it goes; a model that thinks for minutes stalls nobody. Looked at in rounds rather
// than by a timer per answer, so a call costs an entry in a set.

import type { GatewayResponse } from './gateway-request.ts'

/** What is written and not taken yet, as Node counts it for both protocols. */
export type Pending = GatewayResponse & { readonly writableLength: number }

export type StalledAnswers = {
  readonly watch: (response: Pending) => void
  readonly stop: () => void
}

type Watched = {
  readonly response: Pending
  waiting: number
  rounds: number
}

const ROUNDS = 4

export function createStalledAnswers(
  patienceMs: number,
  cut: (response: Pending) => void,
): StalledAnswers {
  const open = new Set<Watched>()
  const timer = setInterval(() => {
    for (const watched of open) {
      const waiting = waitingBytes(watched.response)
      if (waiting === 0 || waiting !== watched.waiting) {
        watched.waiting = waiting
        watched.rounds = 0
        continue
      }
      watched.rounds += 1
      if (watched.rounds >= ROUNDS && open.delete(watched)) cut(watched.response)
    }
  }, patienceMs / ROUNDS)
  timer.unref()

  return {
    watch(response) {
      const watched: Watched = { response, waiting: 0, rounds: 0 }
      open.add(watched)
      response.on('close', () => open.delete(watched))
    },
    stop: () => clearInterval(timer),
  }
}

/** The answer object of HTTP/2 does not say; its stream does. */
function waitingBytes(response: Pending): number {
  const stream = response.stream as { readonly writableLength?: number } | undefined
  return stream === undefined ? response.writableLength : (stream.writableLength ?? 0)
}
