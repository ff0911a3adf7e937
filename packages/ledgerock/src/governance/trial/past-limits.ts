// Limits tried on past calls: one gateway's whole share of them, on the calls' own times. A call that was let in keeps its place until it
// ended then.

import {
  createRateLimits,
  type LimitPlaces,
  type LimitRefusal,
  type LimitRule,
} from '../limit/rate-limits.ts'
import type { PastCall } from './past-call.ts'

export type PastLimits = {
  /** Calls come in the order of their beginnings. */
  readonly admit: (call: PastCall) => {
    readonly places: LimitPlaces | null
    readonly refusal: LimitRefusal | null
    readonly shadow: LimitRefusal | null
  }
  /** It goes on, and ends when it ended. */
  readonly run: (places: LimitPlaces, call: PastCall) => void
  /** Another rule refused it. */
  readonly giveBack: (places: LimitPlaces, call: PastCall) => void
}

type Running = { readonly places: LimitPlaces; readonly endedMs: number; readonly tokens: number }

export function createPastLimits(rules: readonly LimitRule[]): PastLimits {
  const limits = createRateLimits(rules, 1)
  const running: Running[] = []
  const endUntil = (nowMs: number): void => {
    while (running.length > 0 && (running[0] as Running).endedMs <= nowMs) {
      const { places, endedMs, tokens } = takeFirst(running)
      limits.end(places, tokens, endedMs)
    }
  }
  return {
    admit(call) {
      endUntil(call.startedMs)
      return limits.admit(call, call.inputTokens, call.startedMs)
    },
    run(places, { startedMs, endedMs, tokens }) {
      if (places.counters.length === 0) return
      put(running, { places, tokens, endedMs: Math.max(startedMs, endedMs) })
    },
    giveBack(places, { startedMs }) {
      limits.end(places, null, startedMs)
    },
  }
}

/** A binary heap: the call that ends first stands first. */
function put(heap: Running[], one: Running): void {
  let at = heap.push(one) - 1
  while (at > 0) {
    const above = (at - 1) >> 1
    const parent = heap[above] as Running
    if (parent.endedMs <= one.endedMs) break
    heap[at] = parent
    heap[above] = one
    at = above
  }
}

function takeFirst(heap: Running[]): Running {
  const first = heap[0] as Running
  const last = heap.pop() as Running
  if (heap.length === 0) return first
  let at = 0
  heap[0] = last
  for (;;) {
    const left = 2 * at + 1
    if (left >= heap.length) return first
    const right = left + 1
    const isRight =
      right < heap.length && (heap[right] as Running).endedMs < (heap[left] as Running).endedMs
    const below = isRight ? right : left
    const child = heap[below] as Running
    if (child.endedMs >= last.endedMs) return first
    heap[at] = child
    heap[below] = last
    at = below
  }
}
