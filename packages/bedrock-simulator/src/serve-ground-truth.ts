// The simulator's own routes: what it served (`/_simulator/calls`) and whether it is alive (`/_simulator/health`). They take
// no credential; a simulator holds no secret.

import type { Exchange } from './exchange.ts'
import type { Simulation } from './simulation.ts'

export const GROUND_TRUTH_PREFIX = '/_simulator/'

const PAGE_MAX = 100_000

export function serveGroundTruth(simulation: Simulation, exchange: Exchange): void {
  const { method, path, query } = exchange
  const { log, seed } = simulation
  if (path === '/_simulator/health' && method === 'GET') {
    send(exchange, 200, { status: 'ok', seed, calls_served: log.served() })
    return
  }
  if (path !== '/_simulator/calls') {
    send(exchange, 404, { message: `no such route: ${path}` })
    return
  }
  if (method === 'DELETE') {
    log.clear()
    exchange.head(204, {})
    exchange.end(Buffer.alloc(0))
    return
  }
  if (method !== 'GET') {
    send(exchange, 405, { message: `${method} is not allowed here` })
    return
  }
  const parameters = new URLSearchParams(query)
  const after = wholeOf(parameters.get('after') ?? '0')
  const limit = wholeOf(parameters.get('limit') ?? String(PAGE_MAX))
  if (after === null || limit === null || limit < 1 || limit > PAGE_MAX) {
    send(exchange, 400, { message: `after and limit are whole numbers, limit 1 to ${PAGE_MAX}` })
    return
  }
  const items = log.after(after, limit)
  const last = items.at(-1)?.ordinal ?? null
  send(exchange, 200, { items, next_after: items.length === limit ? last : null })
}

function wholeOf(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}

function send(exchange: Exchange, status: number, value: object): void {
  const body = Buffer.from(JSON.stringify(value))
  exchange.head(status, { 'content-type': 'application/json', 'content-length': body.length })
  exchange.end(body)
}
