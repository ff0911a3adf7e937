// What happens upstream when a client leaves: the answer is read to its end, so that its usage is AWS's own (`drain`), or
// stopped (`cancel`). By scope and kind of call; drains are bounded in number and time, and what finds no room is cancelled.

import { holds } from './choose-target.ts'

export type OnLeave = 'drain' | 'cancel'

export type DisconnectRule = {
  /** Dimension values that must hold; empty: any call. */
  readonly scope: Readonly<Record<string, string>>
  readonly unary: OnLeave
  readonly stream: OnLeave
}

export const DEFAULT_DISCONNECT: DisconnectRule = { scope: {}, unary: 'drain', stream: 'cancel' }

/** The first rule whose scope holds. */
export function onLeave(
  rules: readonly DisconnectRule[],
  dimensions: Readonly<Record<string, string>>,
  stream: boolean,
): OnLeave {
  const rule = rules.find(({ scope }) => holds(scope, dimensions)) ?? DEFAULT_DISCONNECT
  return stream ? rule.stream : rule.unary
}

export type DrainRoom = {
  readonly timeMs: number
  /** False where as many answers are drained as may be. */
  readonly enter: () => boolean
  readonly leave: () => void
  readonly running: () => number
}

export function createDrainRoom(limits: {
  readonly timeMs: number
  readonly max: number
}): DrainRoom {
  let running = 0
  return {
    timeMs: limits.timeMs,
    enter() {
      if (running >= limits.max) return false
      running += 1
      return true
    },
    leave() {
      running -= 1
    },
    running: () => running,
  }
}
