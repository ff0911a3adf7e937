// Which of the nodes that share a store watches for all: the one whose number in the store keeps changing. A node that has seen the
// same number for ten seconds of its own clock takes over. Two that watch for a moment do no harm: an alert that fires already is not
// raised again, and a message sent twice has the same id.

import type { Clock } from '../../kernel/time.ts'
import type { ControlStore } from '../store/control-store.ts'

export type WatchPost = {
  /** Whether this node watches for all now. */
  readonly isOurs: () => Promise<boolean>
}

export type WatchPostDeps = {
  readonly store: Pick<ControlStore, 'kind' | 'read' | 'write'>
  readonly nodeId: string
  readonly clock: Pick<Clock, 'monotonic'>
}

const TAKE_OVER_AFTER_MS = 10_000
const BEAT_EVERY_MS = 2_000

export function createWatchPost({ store, nodeId, clock }: WatchPostDeps): WatchPost {
  let seen: { readonly beat: number; readonly nodeId: string; readonly atMs: number } | null = null
  let beatenAtMs = Number.NEGATIVE_INFINITY

  async function take(expected: number | null): Promise<boolean> {
    const beat = await store.write(async ({ alerts }) => {
      const now = await alerts.watcher()
      if ((now?.beat ?? null) !== expected) return null
      await alerts.watch(nodeId, (expected ?? 0) + 1)
      return (expected ?? 0) + 1
    })
    if (beat === null) return false
    beatenAtMs = clock.monotonic()
    seen = { beat, nodeId, atMs: beatenAtMs }
    return true
  }

  return {
    async isOurs() {
      // An embedded store belongs to one node.
      if (store.kind === 'sqlite') return true
      const now = clock.monotonic()
      const watcher = await store.read.alerts.watcher()
      if (watcher === null) return take(null)
      if (watcher.nodeId === nodeId) {
        return now - beatenAtMs < BEAT_EVERY_MS ? true : take(watcher.beat)
      }
      if (seen === null || seen.beat !== watcher.beat || seen.nodeId !== watcher.nodeId) {
        seen = { ...watcher, atMs: now }
        return false
      }
      return now - seen.atMs >= TAKE_OVER_AFTER_MS ? take(watcher.beat) : false
    },
  }
}
