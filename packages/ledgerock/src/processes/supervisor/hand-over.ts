// Gives accepted connections to the workers, in turn. The supervisor keeps its copy of a socket until the worker says it has
// it, and hands it to another worker when the first dies before that: no connection is lost with a worker that had not
// begun to serve it. Nothing is ever read here.

import type { Socket } from 'node:net'
import type { Peer } from './child.ts'

export type HandOver = {
  readonly accept: (socket: Socket) => void
  /** The worker has the connection: ours is closed, which the client does not notice. */
  readonly taken: (id: number) => void
  /** A worker became ready: whoever waited is served now. */
  readonly workerReady: () => void
  readonly workerDied: (worker: Peer) => void
}

const WAITING_MAX = 10_000

export function createHandOver(workers: () => readonly Peer[]): HandOver {
  const unacknowledged = new Map<number, { readonly socket: Socket; readonly worker: Peer }>()
  let waiting: Socket[] = []
  let turn = 0
  let ids = 0

  function next(): Peer | null {
    const all = workers()
    for (let tried = 0; tried < all.length; tried += 1) {
      const worker = all[turn++ % all.length] as Peer
      if (worker.ready() && worker.alive()) return worker
    }
    return null
  }

  function accept(socket: Socket): void {
    const worker = next()
    if (worker === null) {
      if (waiting.length >= WAITING_MAX) socket.destroy()
      else waiting.push(socket)
      return
    }
    const id = ++ids
    unacknowledged.set(id, { socket, worker })
    worker.send({ kind: 'connection', id }, socket, (error) => {
      if (error !== null && unacknowledged.delete(id)) accept(socket)
    })
  }

  function serveWaiting(): void {
    const sockets = waiting
    waiting = []
    for (const socket of sockets) accept(socket)
  }

  return {
    accept,
    taken(id) {
      unacknowledged.get(id)?.socket.destroy()
      unacknowledged.delete(id)
    },
    workerReady: serveWaiting,
    workerDied(worker) {
      for (const [id, handed] of unacknowledged) {
        if (handed.worker !== worker) continue
        unacknowledged.delete(id)
        accept(handed.socket)
      }
    },
  }
}
