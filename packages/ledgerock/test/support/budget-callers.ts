// Callers of a gateway that ask and ask until they are stopped, and what they were told, by kind.

import { Agent, request } from 'node:http'
import { CONVERSE_PATH } from './gateway-call.ts'

const BODY = JSON.stringify({
  messages: [{ role: 'user', content: [{ text: 'Name three rivers of Europe.' }] }],
  inferenceConfig: { maxTokens: 40 },
})
/** Who is refused waits so long. */
const REST_MS = 100

export type Told = {
  /** The status, or the word of a refusal; `cut`: no answer. */
  readonly kind: string
  readonly status: number
  readonly retryAfter: string | null
}

export type Callers = {
  readonly counts: Readonly<Record<string, number>>
  /** The last answer of each kind. */
  readonly last: Readonly<Record<string, Told>>
  /** Resolves when all of them have their last answer. */
  readonly stop: () => Promise<void>
}

export function callOnce(gatewayUrl: string, key: string, agent: Agent): Promise<Told> {
  return new Promise((resolve) => {
    const cut = (): void => resolve({ kind: 'cut', status: 0, retryAfter: null })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const sent = request(`${gatewayUrl}${CONVERSE_PATH}`, { method: 'POST', agent, headers })
    sent.on('response', (response) => {
      const { statusCode: status = 0 } = response
      const word = response.headers['x-ledgerock-refusal']
      const kind = typeof word === 'string' ? word : String(status)
      const retryAfter = response.headers['retry-after'] ?? null
      response.on('error', cut).on('end', () => resolve({ kind, status, retryAfter }))
      response.resume()
    })
    sent.on('error', cut)
    sent.end(BODY)
  })
}

export function startCallers(gatewayUrl: () => string, key: string, callers: number): Callers {
  const agent = new Agent({ keepAlive: true, maxSockets: callers })
  const counts: Record<string, number> = {}
  const last: Record<string, Told> = {}
  const end = new AbortController()
  const caller = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const told = await callOnce(gatewayUrl(), key, agent)
      counts[told.kind] = (counts[told.kind] ?? 0) + 1
      last[told.kind] = told
      if (told.kind !== '200') await new Promise((resolve) => setTimeout(resolve, REST_MS))
    }
  }
  const all = Promise.all(Array.from({ length: callers }, caller))
  return {
    counts,
    last,
    async stop() {
      end.abort()
      await all
      agent.destroy()
    },
  }
}
