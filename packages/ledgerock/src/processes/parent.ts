// A child's side of the channel to the supervisor: typed messages in and out, and the moment the supervisor is gone.

import type { Socket } from 'node:net'
import type { FromChild, StartMessage, ToChild } from './messages.ts'

export type Parent = {
  readonly send: (message: FromChild) => void
  readonly onMessage: (handle: (message: ToChild, socket: Socket | undefined) => void) => void
  /** The supervisor died: finish, put everything away, end. */
  readonly onGone: (handle: () => void) => void
}

export function connectParent(): Parent {
  return {
    send(message) {
      if (process.connected) process.send?.(message)
    },
    onMessage(handle) {
      process.on('message', (message, socket) =>
        handle(message as ToChild, socket as Socket | undefined),
      )
    },
    onGone(handle) {
      process.on('disconnect', handle)
    },
  }
}

/** The first message, which says what this process is. */
export function awaitStart(): Promise<StartMessage> {
  return new Promise((resolve) => {
    process.once('message', (message) => resolve(message as StartMessage))
  })
}
