// The same system on servers: a ClickHouse (its real HTTP protocol, in front of the same engine) for the ledger, a real PostgreSQL
// for control. Only two URLs differ from the embedded default.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres, type TestPostgres } from '../src/control/store/testing/start-postgres.ts'
import { parseUsd, sumMoney } from '../src/kernel/money.ts'
import { mustOk } from '../src/kernel/result.ts'
import {
  startClickHouseServer,
  type TestServer,
} from '../src/ledger/testing/clickhouse-http-server.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'

const CONVERSE = '/model/us.anthropic.claude-sonnet-4-6/converse'
const BODY = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello.' }] }] })

let directory: string
let postgres: TestPostgres
let clickhouse: TestServer
let system: RunningSystem

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ledgerock-servers-'))
  postgres = await startPostgres()
  clickhouse = await startClickHouseServer(join(directory, 'engine'))
  const url = await postgres.createDatabase()
  system = await startSystem({
    // Secrets of store URLs come from the environment.
    config: `stores: { ledger: '${clickhouse.url}', control: '\${CONTROL_URL}' }`,
    env: { CONTROL_URL: url },
  })
})
afterAll(async () => {
  await system?.dispose()
  await clickhouse?.close()
  await postgres?.stop()
  rmSync(directory, { recursive: true, force: true })
})

describe('on servers', () => {
  it('does what it does embedded', async () => {
    const key = await system.createKey('servers', { team: 'search' })
    for (let calls = 0; calls < 5; calls += 1) {
      const response = await fetch(`${system.gatewayUrl}${CONVERSE}`, {
        method: 'POST',
        body: BODY,
        headers: { authorization: `Bearer ${key}` },
      })
      expect(response.status).toBe(200)
    }
    const spent = system.simulator.calls().map((call) => call.cost_usd)
    const row = await eventually(async () => {
      const response = await system.api('/api/v1/spend?by=team&from=-1d')
      const { rows } = (await response.json()) as { rows: Record<string, unknown>[] }
      return rows[0]?.['calls'] === 5 ? rows[0] : null
    }, 'the calls are in ClickHouse')
    const exact = (usd: unknown) => mustOk(parseUsd(String(usd)))
    expect(exact(row['cost_usd'])).toBe(sumMoney(spent.map(exact)))
  })

  it('finds everything again after a restart', async () => {
    await system.end('SIGTERM')
    system = await system.again()
    const keys = (await (await system.api('/api/v1/keys')).json()) as { items: { name: string }[] }
    expect(keys.items.map(({ name }) => name)).toContain('servers')
    const response = await system.api('/api/v1/spend?by=team&from=-1d')
    const { rows } = (await response.json()) as { rows: Record<string, unknown>[] }
    expect(rows[0]).toMatchObject({ team: 'search', calls: 5 })
    const verified = await system.api('/api/v1/verify')
    expect(await verified.json()).toMatchObject({ sound: true })
  })

  it('tells no password', () => {
    expect(system.log()).not.toMatch(/postgres(ql)?:\/\//)
  })
})
