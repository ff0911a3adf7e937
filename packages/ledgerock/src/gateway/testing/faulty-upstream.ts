// A simulator whose faults come in an order of the test's choice: a plain proxy before it gives each request the next fault of a
// list, so that the first attempt of a call may fail and the second one not.

import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startSimulator, type Simulator } from '@ledgerock/bedrock-simulator'

/** A fault of the simulator's, with what its answer says of when to come back. */
export type PlannedFault = { readonly fault: string; readonly retryAfter?: string }

export type FaultyUpstream = {
  readonly url: string
  readonly port: number
  readonly simulator: Simulator
  /** For the requests that come, in order; those after them are served well. */
  readonly plan: (faults: readonly (string | PlannedFault)[]) => void
  /** `close` also ends what is under way. */
  readonly close: () => Promise<void>
}

export async function startFaultyUpstream(port = 0): Promise<FaultyUpstream> {
  const simulator = await startSimulator({})
  let planned: PlannedFault[] = []
  const proxy = createServer((request, response) => {
    const next = planned.shift()
    const headers = { ...request.headers }
    if (next !== undefined) headers['x-simulator-fault'] = next.fault
    const onward = httpRequest(`${simulator.url}${request.url}`, {
      method: request.method,
      headers,
      agent: false,
    })
    onward.on('response', (answer) => {
      const extra = next?.retryAfter === undefined ? {} : { 'retry-after': next.retryAfter }
      response.writeHead(answer.statusCode ?? 0, { ...answer.headers, ...extra })
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  proxy.listen(port, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    simulator,
    plan(faults) {
      planned = faults.map((fault) => (typeof fault === 'string' ? { fault } : fault))
    },
    async close() {
      proxy.close()
      proxy.closeAllConnections()
      await Promise.all([once(proxy, 'close'), simulator.close()])
    },
  }
}

/** A port nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
