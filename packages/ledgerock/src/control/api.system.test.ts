// The control API behind a real socket: what only a connection can show.

import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startControlPlane, type ControlPlane } from './testing/control-plane.ts'

let plane: ControlPlane
let server: ServerType
let url: string
beforeEach(async () => {
  plane = await startControlPlane()
  await new Promise<void>((listening) => {
    server = serve({ fetch: plane.api.fetch, hostname: '127.0.0.1', port: 0 }, () => listening())
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  await new Promise<unknown>((closed) => {
    server.close(closed)
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
  await plane.stop()
})

/** Asks until it is so; the test's own time limit ends what never is. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((again) => setTimeout(again, 5))
}

describe('control API over HTTP', () => {
  it('[C35] serves metrics to this machine without a token', async () => {
    const answer = await fetch(`${url}/metrics`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain('version=0.0.4')
  })

  it('[C31] serves the API to the token only', async () => {
    const headers = { authorization: `Bearer ${plane.token}` }
    expect((await fetch(`${url}/api/v1/spend`, { headers })).status).toBe(200)
    expect((await fetch(`${url}/api/v1/spend`)).status).toBe(401)
  })

  it('[C13] a stream nobody listens to any more stops asking the ledger', async () => {
    const leave = new AbortController()
    const headers = { authorization: `Bearer ${plane.token}` }
    const path = `${url}/api/v1/calls/stream`
    const response = await fetch(path, { headers, signal: leave.signal })
    await until(() => plane.ledger.asked.length > 5)
    leave.abort()
    await response.body?.cancel().catch(() => {})
    // A living stream asks at every look or two; twenty without a question in between is a dead one.
    let [before, quietLooks] = [-1, 0]
    await until(() => {
      quietLooks = plane.ledger.asked.length === before ? quietLooks + 1 : 0
      before = plane.ledger.asked.length
      return quietLooks === 20
    })
    expect(plane.errors).toEqual([])
  })

  it('[C43] ends an open stream with the token that opened it', async () => {
    const admin = { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' }
    const send = async (path: string, body: unknown) => {
      const init = { method: 'POST', headers: admin, body: JSON.stringify(body) }
      return (await fetch(`${url}/api/v1/${path}`, init)).json() as Promise<Record<string, string>>
    }
    await send('users', { name: 'mia', role: 'viewer', scope: { team: 'search' } })
    const { token, token_id: id } = await send('tokens', { user: 'mia' })
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`${url}/api/v1/calls/stream`, { headers })
    // It goes on over the looks before the end, and is over after it.
    await until(() => plane.ledger.asked.length > 5)
    await send(`tokens/${id}/revoke`, {})
    expect(await response.text()).toBe(': connected\n\n')
    expect(plane.errors).toEqual([])
  })

  it('[C14] a body without a length is cut off at the limit', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = httpRequest(`${url}/api/v1/keys`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${plane.token}`,
          'content-type': 'application/json',
          'transfer-encoding': 'chunked',
        },
      })
      asked.on('response', (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      asked.on('error', reject)
      asked.write('{"name":"')
      asked.end('x'.repeat(1_100_000))
    })
    expect(status).toBe(413)
  })
})
