// A client that leaves when the test says so, over either protocol.

import { request as httpRequest } from 'node:http'
import { connect, constants, type ClientHttp2Session } from 'node:http2'
import { OPEN_KEY } from './running-gateway.ts'

export const CLIENT_PROTOCOLS = ['http/1.1', 'h2c'] as const
export type ClientProtocol = (typeof CLIENT_PROTOCOLS)[number]

export type LeavingClient = {
  /** The head is here; its status. */
  readonly answered: Promise<number>
  /** So many bytes of the body are here. */
  readonly received: (bytes: number) => Promise<void>
  readonly leave: () => void
}

export type LeavingClients = {
  readonly ask: (
    path: string,
    body: string,
    headers?: Readonly<Record<string, string>>,
  ) => LeavingClient
  readonly close: () => void
}

const KEY = { authorization: `Bearer ${OPEN_KEY}` }

export function createLeavingClients(
  url: string,
  protocol: ClientProtocol,
  presented: Readonly<Record<string, string>> = KEY,
): LeavingClients {
  const credential = { ...presented, 'content-type': 'application/json' }
  if (protocol === 'http/1.1') {
    return {
      ask(path, body, headers = {}) {
        const asked = httpRequest(`${url}${path}`, {
          method: 'POST',
          agent: false,
          headers: { ...credential, 'content-length': Buffer.byteLength(body), ...headers },
        })
        const progress = createProgress()
        asked.on('error', () => undefined)
        asked.on('response', (response) => {
          progress.answered(response.statusCode ?? 0)
          response.on('error', () => undefined)
          response.on('data', (chunk: Buffer) => progress.add(chunk.length))
        })
        asked.end(body)
        return { ...progress.client, leave: () => void asked.destroy() }
      },
      close: () => undefined,
    }
  }
  const session: ClientHttp2Session = connect(url)
  session.on('error', () => undefined)
  return {
    ask(path, body, headers = {}) {
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        ...credential,
        ...headers,
      })
      const progress = createProgress()
      stream.on('error', () => undefined)
      stream.on('response', (head) => progress.answered(head[':status'] ?? 0))
      stream.on('data', (chunk: Buffer) => progress.add(chunk.length))
      stream.end(body)
      return { ...progress.client, leave: () => stream.close(constants.NGHTTP2_CANCEL) }
    },
    close: () => session.destroy(),
  }
}

type Progress = {
  readonly client: Omit<LeavingClient, 'leave'>
  readonly answered: (status: number) => void
  readonly add: (bytes: number) => void
}

function createProgress(): Progress {
  let got = 0
  let wanted: { readonly bytes: number; readonly resolve: () => void } | null = null
  const head = Promise.withResolvers<number>()
  return {
    client: {
      answered: head.promise,
      received: (bytes) =>
        new Promise((resolve) => {
          if (got >= bytes) resolve()
          else wanted = { bytes, resolve }
        }),
    },
    answered: head.resolve,
    add(bytes) {
      got += bytes
      if (wanted !== null && got >= wanted.bytes) wanted.resolve()
    },
  }
}
