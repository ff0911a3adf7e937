// A TCP link between a node and a server that a test can cut, in both ways networks fail: connections are closed and refused, or nothing
// comes through any more and nobody is told. What was silenced stays dead when the link comes back, as behind a router that forgot it.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export const LINK_STATES = ['whole', 'refused', 'silent'] as const
export type LinkState = (typeof LINK_STATES)[number]

export type CuttableLink = {
  /** The same address, by way of this link. */
  readonly url: string
  readonly state: () => LinkState
  readonly set: (state: LinkState) => void
  readonly close: () => Promise<void>
}

export async function openLink(target: string): Promise<CuttableLink> {
  const url = new URL(target)
  const [host, port] = [url.hostname, Number(url.port)]
  const pairs = new Set<readonly [Socket, Socket]>()
  const silenced = new Set<Socket>()
  let state: LinkState = 'whole'

  const server = createServer((near) => {
    if (state === 'refused') return void near.resetAndDestroy()
    if (state === 'silent') return void silenced.add(near.on('error', () => {}))
    const far = connect(port, host)
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => {
        // A silent link does not tell the other end either.
        if (!pairs.has(pair)) return
        pairs.delete(pair)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  url.port = String((server.address() as AddressInfo).port)

  function silence(): void {
    for (const pair of pairs) {
      pairs.delete(pair)
      for (const socket of pair) {
        socket.unpipe()
        socket.pause()
        silenced.add(socket)
      }
    }
  }
  function cut(): void {
    for (const [near, far] of pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
  }

  return {
    url: url.href,
    state: () => state,
    set(next) {
      state = next
      if (next === 'refused') cut()
      if (next === 'silent') silence()
    },
    close() {
      cut()
      for (const socket of silenced) socket.destroy()
      return new Promise((closed) => {
        server.close(() => closed())
      })
    },
  }
}
