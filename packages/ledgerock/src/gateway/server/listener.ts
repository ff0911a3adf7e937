// Turns accepted sockets into requests. One port speaks HTTP/1.1 and HTTP/2: over TLS by ALPN, else by the first bytes of a
// connection (the AWS SDK for JavaScript speaks only HTTP/2, most other clients only HTTP/1.1). Every connection has a limit for
// each thing it may take its time with; what became of those that overstepped is counted.

import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls'
import { peekProtocol } from './connection-protocol.ts'
import { createHttp1 } from './http1-server.ts'
import { createHttp2 } from './http2-server.ts'
import { createStalledAnswers, type Pending } from './stalled-answers.ts'
import type { TlsContext } from './tls.ts'
import type { GatewayRequest, GatewayResponse } from './gateway-request.ts'
import { CUT_REASONS, type CutReason, type ListenerLimits } from './listener-limits.ts'

type Handle = (request: GatewayRequest, response: GatewayResponse) => void

type Cuts = Record<CutReason, number>

export type ListenerStatus = { readonly cut: Readonly<Cuts> }

export type Listener = {
  readonly accept: (socket: Socket) => void
  /** No new requests on any connection; resolves when the last one has ended. */
  readonly drain: () => Promise<void>
  readonly connections: () => number
  readonly status: () => ListenerStatus
}

const STREAMS_MAX_DEFAULT = 1_000
const BODY_TIMEOUT_MS_DEFAULT = 60_000
/** While draining, connections whose last answer has gone are closed this often. */
const DRAIN_SWEEP_MS = 50

export function createListener(
  limits: ListenerLimits,
  handle: Handle,
  tls: TlsContext | null = null,
): Listener {
  const cuts = Object.fromEntries(CUT_REASONS.map((reason) => [reason, 0])) as Cuts
  const cut = (reason: CutReason): void => void (cuts[reason] += 1)
  const sockets = new Set<Socket>()
  /** Nothing has come over these yet that would tell their protocol; with the timer that ends their wait. */
  const undecided = new Map<Socket, NodeJS.Timeout>()
  let draining = false
  const protocols = openProtocols(limits, handle, cut)
  const secure = tls === null ? null : createSecureServer(tls, limits.headerTimeoutMs)
  secure?.on('secureConnection', (socket) => {
    decided(parentOf(socket))
    protocols.take(socket, socket.alpnProtocol === 'h2')
  })
  secure?.on('tlsClientError', (_error, socket) => {
    if (decided(parentOf(socket))) cut('tls_handshake')
    socket.destroy()
  })

  function accept(socket: Socket): void {
    if (draining || sockets.size >= limits.connectionsMax) {
      if (!draining) cut('connections_max')
      socket.destroy()
      return
    }
    sockets.add(socket)
    undecided.set(
      socket,
      setTimeout(() => silent(socket), limits.headerTimeoutMs),
    )
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      decided(socket)
    })
    if (secure !== null) return void secure.emit('connection', socket)
    peekProtocol(socket, (isHttp2) => {
      decided(socket)
      protocols.take(socket, isHttp2)
    })
  }

  function silent(socket: Socket): void {
    if (decided(socket)) cut('silent')
    socket.destroy()
  }

  /** False where it was decided already. */
  function decided(socket: Socket | undefined): boolean {
    if (socket === undefined) return false
    clearTimeout(undecided.get(socket))
    return undecided.delete(socket)
  }

  async function drain(): Promise<void> {
    draining = true
    for (const socket of undecided.keys()) socket.destroy()
    while (sockets.size > 0) {
      protocols.drain()
      await new Promise((resolve) => setTimeout(resolve, sockets.size === 0 ? 0 : DRAIN_SWEEP_MS))
    }
    protocols.stop()
  }

  return { accept, drain, connections: () => sockets.size, status: () => ({ cut: { ...cuts } }) }
}

type Protocols = {
  readonly take: (socket: Duplex, isHttp2: boolean) => void
  /** To be called again until no connection is left: those whose last answer has gone are ended then. */
  readonly drain: () => void
  readonly stop: () => void
}

function openProtocols(
  limits: ListenerLimits,
  handle: Handle,
  cut: (reason: CutReason) => void,
): Protocols {
  const { streamsMax = STREAMS_MAX_DEFAULT, bodyTimeoutMs = BODY_TIMEOUT_MS_DEFAULT } = limits
  const stalled = createStalledAnswers(bodyTimeoutMs, (response) => {
    cut('stalled_answer')
    response.destroy()
  })
  const watched: Handle = (request, response) => {
    stalled.watch(response as Pending)
    handle(request, response)
  }
  const http1 = createHttp1(limits, watched, cut)
  const http2 = createHttp2({ ...limits, streamsMax }, () => performance.now(), watched, cut)
  return {
    take: (socket, isHttp2) => (isHttp2 ? http2 : http1).take(socket),
    drain() {
      http1.drain()
      http2.drain()
    },
    stop: stalled.stop,
  }
}

/** It never listens: accepted sockets are handed to it, and come out with their handshake done. */
function createSecureServer(tls: TlsContext, handshakeTimeout: number): TlsServer {
  const server = createTlsServer({
    ...tls.material(),
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout,
  })
  tls.onChange((material) => server.setSecureContext(material))
  return server
}

/** The socket that was accepted, which Node keeps beside the one that speaks TLS. */
function parentOf(socket: TLSSocket): Socket | undefined {
  return (socket as unknown as { readonly _parent?: Socket })._parent
}
