// A child process that only remembers what it was sent, for tests of those who talk to children.

import type { Socket } from 'node:net'
import type { Peer } from '../supervisor/child.ts'
import type { ToChild } from '../messages.ts'

export type FakePeer = Peer & {
  readonly sent: readonly { readonly message: ToChild; readonly socket: Socket | undefined }[]
  /** `channel_broken`: still thought to be alive, but what is sent to it does not arrive. */
  readonly become: (state: 'starting' | 'ready' | 'channel_broken' | 'dead') => void
}

export function fakePeer(name: string): FakePeer {
  const sent: { message: ToChild; socket: Socket | undefined }[] = []
  let state = 'ready'
  return {
    name,
    sent,
    alive: () => state !== 'dead',
    ready: () => state === 'ready' || state === 'channel_broken',
    become: (next) => (state = next),
    send(message, socket, done) {
      if (state === 'channel_broken') return done?.(new Error('the channel is broken'))
      sent.push({ message, socket })
      done?.(null)
    },
  }
}
