// What happens to the control store when PostgreSQL cannot be reached or drops its connections.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import { openControlStore } from './control-store.ts'
import { openLink } from './testing/cuttable-link.ts'
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

describe('a network that lets nothing through', () => {
  it('[C7] a node that falls silent inside a transaction does not keep others out', async () => {
    const url = await server.createDatabase()
    const link = await openLink(url)
    const other = await openControlStore(deps, { kind: 'postgres', url })
    const cut = await openControlStore(deps, { kind: 'postgres', url: link.url })
    const refused = cut
      .write(async ({ audit }) => {
        await audit.append(event)
        link.set('silent')
        await audit.append(event)
      })
      .catch((error: unknown) => error)
    await until(() => link.state() === 'silent')
    await other.write(({ audit }) => audit.append(event))
    link.set('whole')
    expect(await refused).toMatchObject({ code: 'control_store_unavailable', retryable: true })
    await cut.write(({ audit }) => audit.append(event))
    expect(await cut.read.audit.verify()).toEqual({ sound: true, entries: 2 })
    await cut.close()
    await other.close()
    await link.close()
  })

  it('[C7] a connection that breaks between two statements ends the transaction, not the process', async () => {
    const url = await server.createDatabase()
    const link = await openLink(url)
    const broken: Error[] = []
    const onConnectionError = (error: Error): void => void broken.push(error)
    const store = await openControlStore(
      { clock, onConnectionError },
      { kind: 'postgres', url: link.url },
    )
    const refused = store.write(async ({ audit }) => {
      await audit.append(event)
      link.set('refused')
      await until(() => broken.length > 0)
      await audit.append(event)
    })
    await expect(refused).rejects.toMatchObject({ code: 'control_store_unavailable' })
    link.set('whole')
    await store.write(({ audit }) => audit.append(event))
    expect(await store.read.audit.verify()).toEqual({ sound: true, entries: 1 })
    await store.close()
    await link.close()
  })
})

async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 5))
}
