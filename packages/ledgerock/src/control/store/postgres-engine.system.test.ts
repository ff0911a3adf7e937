// What happens to the control store when PostgreSQL cannot be reached or drops its connections.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import { openControlStore } from './control-store.ts'
import { freePort, startPostgres, type TestPostgres } from './testing/start-postgres.ts'

const clock: Clock = { now: () => Date.parse('2026-10-14T12:00:00.000Z'), monotonic: () => 0 }
const deps = { clock, onConnectionError: () => {} }
const event = { actor: 'admin', action: 'test', subject: 's', before: null, after: null }

let server: TestPostgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

describe('control store on postgres', () => {
  it('[C7] nobody listening is unavailable and retryable', async () => {
    const url = `postgres://postgres:password@127.0.0.1:${await freePort()}/none`
    await expect(openControlStore(deps, { kind: 'postgres', url })).rejects.toMatchObject({
      code: 'control_store_unavailable',
      retryable: true,
    })
  })

  it('[C7] goes on after the server dropped every connection', async () => {
    const url = await server.createDatabase()
    const store = await openControlStore(deps, { kind: 'postgres', url })
    await server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'ledgerock-control'`,
    )
    const refusals: unknown[] = []
    let written = false
    // Every connection of the pool may be a broken one; each is found out once.
    while (!written && refusals.length < 20) {
      written = await store
        .write(({ audit }) => audit.append(event))
        .then(() => true)
        .catch((error: unknown) => {
          refusals.push(error)
          return false
        })
    }
    expect(written).toBe(true)
    for (const error of refusals) {
      expect(error).toMatchObject({ code: 'control_store_unavailable', retryable: true })
    }
    expect(await store.read.audit.verify()).toEqual({ sound: true, entries: 1 })
    await store.close()
  })
})
