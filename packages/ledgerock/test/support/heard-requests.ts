// What the simulator hears, header by header: it runs in the test's process, and Node announces every HTTP/1.1 request a server
// of this process receives.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

const CHANNEL = 'http.server.request.start'

export type Heard = { readonly path: string; readonly headers: IncomingHttpHeaders }

export type Hearing = {
  /** In the order of arrival. */
  readonly requests: readonly Heard[]
  readonly stop: () => void
}

export function hearRequests(): Hearing {
  const requests: Heard[] = []
  const listener = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage }
    requests.push({ path: request.url ?? '', headers: request.headers })
  }
  subscribe(CHANNEL, listener)
  return { requests, stop: () => unsubscribe(CHANNEL, listener) }
}
