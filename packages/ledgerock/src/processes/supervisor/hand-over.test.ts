import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createHandOver } from './hand-over.ts'
import { fakePeer, type FakePeer } from '../testing/fake-peer.ts'

function node(count = 2) {
  const workers = [fakePeer('worker-1'), fakePeer('worker-2')] as const
  const handOver = createHandOver(() => workers.slice(0, count))
  const accept = (): Socket => {
    const socket = new Socket()
    handOver.accept(socket)
    return socket
  }
  return { workers, handOver, accept }
}

const socketsOf = (worker: FakePeer): unknown[] => worker.sent.map(({ socket }) => socket)

/** The number under which a worker was last handed a connection. */
function lastId(worker: FakePeer): number {
  const message = worker.sent.at(-1)?.message
  if (message?.kind !== 'connection') throw new Error('no connection was handed over')
  return message.id
}

describe('hand-over', () => {
  it('[Z1] hands connections out in turn', () => {
    const { workers, accept } = node()
    const [one, two, three] = [accept(), accept(), accept()]
    expect(socketsOf(workers[0])).toEqual([one, three])
    expect(socketsOf(workers[1])).toEqual([two])
  })

  it('[Z1] passes over a worker that is not ready or whose channel is broken', () => {
    const { workers, accept } = node()
    workers[0].become('starting')
    const early = [accept(), accept()]
    workers[0].become('channel_broken')
    const late = [accept(), accept()]
    expect(socketsOf(workers[0])).toEqual([])
    expect(socketsOf(workers[1])).toEqual([...early, ...late])
  })

  it('[Z1] keeps its copy until the worker has the connection, then lets go', () => {
    const { workers, handOver, accept } = node()
    const socket = accept()
    expect(socket.destroyed).toBe(false)
    handOver.taken(lastId(workers[0]))
    expect(socket.destroyed).toBe(true)
    handOver.taken(lastId(workers[0]))
  })

  it('[Z1] hands what a dead worker had not taken to another one, and nothing else', () => {
    const { workers, handOver, accept } = node()
    const taken = accept()
    handOver.taken(lastId(workers[0]))
    const elsewhere = accept()
    const lost = accept()
    workers[0].become('dead')
    handOver.workerDied(workers[0])
    expect(socketsOf(workers[0])).toEqual([taken, lost])
    expect(socketsOf(workers[1])).toEqual([elsewhere, lost])
    expect(lost.destroyed).toBe(false)
    handOver.taken(lastId(workers[1]))
    expect(lost.destroyed).toBe(true)
    expect(elsewhere.destroyed).toBe(false)
  })

  it('[Z1] a word from a dead worker does not close what another one now has', () => {
    const { workers, handOver, accept } = node()
    const socket = accept()
    const stale = lastId(workers[0])
    workers[0].become('dead')
    handOver.workerDied(workers[0])
    handOver.taken(stale)
    expect(socket.destroyed).toBe(false)
  })

  it('[Z1] lets connections wait while no worker is ready, and serves them in order', () => {
    const { workers, handOver, accept } = node(1)
    workers[0].become('dead')
    const waiting = [accept(), accept(), accept()]
    expect(socketsOf(workers[0])).toEqual([])
    workers[0].become('ready')
    handOver.workerReady()
    expect(socketsOf(workers[0])).toEqual(waiting)
    handOver.workerReady()
    expect(workers[0].sent).toHaveLength(3)
  })

  it('[Z1] what the last worker had not taken waits for its successor', () => {
    const { workers, handOver, accept } = node(1)
    const socket = accept()
    workers[0].become('dead')
    handOver.workerDied(workers[0])
    workers[0].become('ready')
    handOver.workerReady()
    expect(socketsOf(workers[0])).toEqual([socket, socket])
  })
})
