// The contract of the control store, run on SQLite and on a real PostgreSQL: whatever holds here holds for both.

import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import { GENESIS_HASH } from './audit-chain.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { ENGINE_KINDS, type Engine } from './engine.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations.ts'
import type { Migration } from './migration.ts'
import { startStorePlaces, type Place, type StorePlaces } from './testing/store-places.ts'

const T0 = Date.parse('2026-10-14T12:00:00.000Z')
const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString()
const clock: Clock = { now: () => T0, monotonic: () => 0 }
const deps = { clock, onConnectionError: () => {} }
const digest = (letter: string): string => letter.repeat(64)
const secret = (letter: string) => ({ digest: digest(letter), sigV4: null })
const admin = { userId: 'u1', name: 'admin', role: 'admin', scope: null } as const
const event = {
  actor: 'admin',
  action: 'test',
  subject: 's',
  before: null,
  after: { b: 1, a: [2] },
}

const newKey = (name: string, keyId = name.padEnd(12, '.')) => ({
  keyId,
  name,
  bind: { team: 'search' },
  region: null,
  createdAt: iso(0),
  createdBy: 'admin',
  expiresAt: null,
})

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

/** One more policy version and one more audit entry, counted on from what is there. */
async function countOn(store: ControlStore): Promise<void> {
  await store.write(async ({ audit, policies }) => {
    const latest = await policies.latest()
    const version = (latest?.version ?? 0) + 1
    await policies.insert({ epoch: 1, version, publishedAt: iso(0), contentSha256: 'x' })
    await audit.append(event)
  })
}

const loginCode = (letter: string, until: number) => ({
  digest: digest(letter),
  userId: 'u1',
  createdAt: iso(0),
  expiresAt: iso(until),
})
const useCode = (store: ControlStore, letter: string, at: number) =>
  store.write(({ access }) => access.useLoginCode(digest(letter), iso(at)))

const append = (store: ControlStore, count: number) =>
  store.write(async ({ audit }) => {
    for (let index = 1; index <= count; index += 1) {
      await audit.append({ ...event, subject: `entry ${index}` })
    }
  })

describe.each(ENGINE_KINDS)('control store on %s', (kind) => {
  let place: Place
  let store: ControlStore
  const opened: ControlStore[] = []
  const open = async (): Promise<ControlStore> => {
    const another = await openControlStore(deps, place.target)
    opened.push(another)
    return another
  }
  /** Looks at, or breaks, the tables from below. */
  async function below<T>(work: (database: Engine['database']) => Promise<T>): Promise<T> {
    const { database } = place.engine()
    try {
      return await work(database)
    } finally {
      await database.destroy()
    }
  }

  beforeEach(async () => {
    place = await places.fresh(kind)
    store = await open()
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
  })

  it('says what it is', () => {
    expect(store.kind).toBe(kind)
  })

  it('[C1] keeps keys, finds them by name, lists them in order', async () => {
    await store.write(async ({ keys }) => {
      await keys.insert(
        { ...newKey('search'), expiresAt: iso(5), region: 'us-west-2' },
        secret('a'),
      )
      await keys.insert(newKey('batch'), secret('b'))
    })
    expect((await store.read.keys.list()).map((key) => key.name)).toEqual(['batch', 'search'])
    expect(await store.read.keys.find('search')).toEqual({
      ...newKey('search'),
      expiresAt: iso(5),
      region: 'us-west-2',
      revokedAt: null,
      secrets: [{ ...secret('a'), createdAt: iso(0), validUntil: null }],
    })
    expect(await store.read.keys.find('nobody')).toBeNull()
  })

  it('[C1] a rotated key has two secrets, never three', async () => {
    await store.write(({ keys }) => keys.insert(newKey('search'), secret('a')))
    const { keyId } = newKey('search')
    const rotate = (next: string, at: number, until: number) =>
      store.write(({ keys }) => keys.replaceSecret(keyId, secret(next), iso(at), iso(until)))
    const secrets = async () =>
      (await store.read.keys.find('search'))?.secrets.map((one) => [one.digest[0], one.validUntil])

    await rotate('b', 1, 100)
    expect(await secrets()).toEqual([
      ['b', null],
      ['a', iso(100)],
    ])
    await rotate('c', 2, 200)
    expect(await secrets()).toEqual([
      ['c', null],
      ['b', iso(200)],
    ])
  })

  it('[C1] revoking says when, once', async () => {
    await store.write(({ keys }) => keys.insert(newKey('search'), secret('a')))
    await store.write(({ keys }) => keys.revoke(newKey('search').keyId, iso(1)))
    await store.write(({ keys }) => keys.revoke(newKey('search').keyId, iso(2)))
    expect((await store.read.keys.find('search'))?.revokedAt).toBe(iso(1))
  })

  it('[C2] a transaction that throws leaves nothing behind', async () => {
    const failed = store.write(async ({ keys, audit, policies, settings }) => {
      await keys.insert(newKey('search'), secret('a'))
      await audit.append(event)
      await settings.set('master_key_check', 'x')
      await policies.insert({ epoch: 1, version: 1, publishedAt: iso(0), contentSha256: 'x' })
      throw new Error('changed my mind')
    })
    await expect(failed).rejects.toThrow('changed my mind')
    expect(await store.read.keys.list()).toEqual([])
    expect(await store.read.audit.entries(0, 10)).toEqual([])
    expect(await store.read.settings.get('master_key_check')).toBeNull()
    expect(await store.read.policies.latest()).toBeNull()
    expect(await store.read.audit.verify()).toEqual({ sound: true, entries: 0 })
  })

  it('[C2] a name or an id that is taken fails the whole transaction', async () => {
    await store.write(({ keys }) => keys.insert(newKey('search'), secret('a')))
    const same = store.write(async ({ keys, audit }) => {
      await audit.append(event)
      await keys.insert(newKey('search', 'another00000'), secret('b'))
    })
    await expect(same).rejects.toThrow(/unique/i)
    expect(await store.read.keys.list()).toHaveLength(1)
    expect(await store.read.audit.verify()).toEqual({ sound: true, entries: 0 })
  })

  it('[C2] concurrent writers on several connections stand in line', async () => {
    const stores = [store, await open(), await open()]
    await Promise.all(
      Array.from({ length: 60 }, (_, turn) => countOn(stores[turn % 3] as ControlStore)),
    )
    expect((await store.read.policies.latest())?.version).toBe(60)
    expect(await store.read.audit.verify()).toEqual({ sound: true, entries: 60 })
  })

  it('[C2] reads go on while others write', async () => {
    await Promise.all(
      Array.from({ length: 20 }, async (_, turn) => {
        await store.write(({ keys }) => keys.insert(newKey(`key-${turn}`), secret('a')))
        expect((await store.read.keys.list()).length).toBeGreaterThan(0)
      }),
    )
    expect(await store.read.keys.list()).toHaveLength(20)
  })

  it('[C3] what was written is there after closing and opening again', async () => {
    await store.write(async ({ keys, settings }) => {
      await keys.insert(newKey('search'), secret('a'))
      await settings.set('master_key_check', 'one')
      await settings.set('master_key_check', 'two')
    })
    await (await open()).close()
    const again = await open()
    expect(await again.read.keys.list()).toEqual(await store.read.keys.list())
    expect(await again.read.settings.get('master_key_check')).toBe('two')
  })

  it('[C4] every older schema version is brought up to date with its rows', async () => {
    for (let version = 1; version < MIGRATIONS.length; version += 1) {
      place = await places.fresh(kind)
      const engine = place.engine()
      await migrate(engine, MIGRATIONS.slice(0, version), clock)
      await sql`insert into keys (key_id, name, bind, created_at, created_by)
        values ('old', 'old', '{}', ${iso(0)}, 'admin')`.execute(engine.database)
      await sql`insert into key_secrets (key_id, digest, created_at)
        values ('old', ${digest('a')}, ${iso(0)})`.execute(engine.database)
      await engine.database.destroy()
      const upgraded = await open()
      expect(await upgraded.read.keys.find('old')).toMatchObject({
        keyId: 'old',
        secrets: [{ ...secret('a'), createdAt: iso(0), validUntil: null }],
      })
      expect(await upgraded.read.access.findUser('admin')).toBeNull()
      // Leases of budgets begin with a revision to count from.
      expect(await upgraded.read.leases.revision()).toBe(0)
    }
  })

  it('[C4] starters that come together migrate once', async () => {
    place = await places.fresh(kind)
    await Promise.all([open(), open(), open(), open()])
    const rows = await below((database) =>
      database.selectFrom('schema_version').selectAll().execute(),
    )
    expect(rows.map((row) => row.version)).toEqual(MIGRATIONS.map((_, index) => index + 1))
  })

  it('[C4] a newer schema is refused and left as it is', async () => {
    const newer = { version: MIGRATIONS.length + 1, name: 'future', applied_at: iso(0) }
    await below((database) => database.insertInto('schema_version').values(newer).execute())
    await expect(open()).rejects.toMatchObject({ code: 'schema_newer' })
    const rows = await below((database) =>
      database.selectFrom('schema_version').selectAll().execute(),
    )
    expect(rows).toHaveLength(MIGRATIONS.length + 1)
  })

  it('[C4] a migration that fails leaves the version before', async () => {
    const engine = place.engine()
    const broken: Migration = {
      name: 'broken',
      up: async (transaction) => {
        await sql`create table half (id text)`.execute(transaction)
        throw new Error('no')
      },
    }
    await expect(migrate(engine, [...MIGRATIONS, broken], clock)).rejects.toThrow('no')
    await expect(sql`select * from half`.execute(engine.database)).rejects.toThrow(/half/)
    await engine.database.destroy()
    await expect(open()).resolves.toBeDefined()
  })

  it('[C5] a one-time code works once and only in time', async () => {
    const user = admin
    await store.write(async ({ access }) => {
      await access.insertUser(user, iso(0))
      await access.insertLoginCode(loginCode('a', 10))
      await access.insertLoginCode(loginCode('b', 10))
    })
    const other = await open()
    const both = await Promise.all([useCode(store, 'a', 9), useCode(other, 'a', 9)])
    expect(both.filter((result) => result !== null)).toEqual([{ user, makers: [] }])
    expect(await useCode(store, 'b', 10)).toBeNull()
    expect(await useCode(store, 'c', 1)).toBeNull()
  })

  it('[C5] finds only tokens and sessions that are in force', async () => {
    const user = admin
    const token = { tokenId: 't1', userId: 'u1', name: 'n', digest: digest('a'), createdAt: iso(0) }
    const session = { digest: digest('s'), userId: 'u1', createdAt: iso(0), expiresAt: iso(10) }
    await store.write(async ({ access }) => {
      await access.insertUser(user, iso(0))
      await access.insertToken({ ...token, expiresAt: iso(10) })
      await access.insertToken({ ...token, tokenId: 't2', expiresAt: null })
      await access.insertSession(session)
    })
    expect(await store.read.access.findToken('t1', iso(9))).toEqual({
      digest: digest('a'),
      user,
      makers: [],
    })
    expect(await store.read.access.findToken('t1', iso(10))).toBeNull()
    expect(await store.read.access.findToken('t2', iso(1_000))).not.toBeNull()
    expect(await store.read.access.findSession(digest('s'), iso(9))).toEqual({
      expiresAt: iso(10),
      user,
      makers: [],
    })
    expect(await store.read.access.findSession(digest('s'), iso(10))).toBeNull()

    await below((database) =>
      database
        .updateTable('users')
        .set({ disabled_at: iso(0) })
        .execute(),
    )
    expect(await store.read.access.findToken('t2', iso(1))).toBeNull()
    expect(await store.read.access.findSession(digest('s'), iso(1))).toBeNull()
    expect(await store.read.access.findUser('admin')).toBeNull()
  })

  it('[C5] forgets codes and sessions that have ended', async () => {
    await store.write(async ({ access }) => {
      await access.insertUser(admin, iso(0))
      for (const [letter, until] of [
        ['a', 1],
        ['b', 9],
      ] as const) {
        const pass = { userId: 'u1', createdAt: iso(0), expiresAt: iso(until) }
        await access.insertSession({ ...pass, digest: digest(letter) })
        await access.insertLoginCode({ ...pass, digest: digest(letter) })
      }
      await access.sweep(iso(1))
    })
    const left = await below(async (database) => [
      ...(await database.selectFrom('sessions').select('digest').execute()),
      ...(await database.selectFrom('login_codes').select('digest').execute()),
    ])
    expect(left).toEqual([{ digest: digest('b') }, { digest: digest('b') }])
  })

  describe('[C6] the audit chain', () => {
    it('keeps what was said, in order', async () => {
      await append(store, 3)
      const entries = await store.read.audit.entries(1, 10)
      expect(entries.map(({ seq, subject, at }) => [seq, subject, at])).toEqual([
        [2, 'entry 2', iso(0)],
        [3, 'entry 3', iso(0)],
      ])
      expect(entries[0]).toMatchObject({ before: null, after: { a: [2], b: 1 } })
      expect(await store.read.audit.verify()).toEqual({ sound: true, entries: 3 })
    })

    it('is followed over more than one page', async () => {
      await append(store, 1_005)
      expect(await store.read.audit.verify()).toEqual({ sound: true, entries: 1_005 })
    })

    it.each([
      ['an edited state', 2, `update audit_trail set state_after = '{}' where seq = 2`],
      ['a state that is no JSON', 2, `update audit_trail set state_after = '{' where seq = 2`],
      ['an edited actor', 3, `update audit_trail set actor = 'nobody' where seq = 3`],
      ['an edited time', 1, `update audit_trail set at = '2020-01-01' where seq = 1`],
      ['an edited hash', 2, `update audit_trail set hash = '${GENESIS_HASH}' where seq = 2`],
      ['a removed first entry', 1, `delete from audit_trail where seq = 1`],
      ['a removed entry', 3, `delete from audit_trail where seq = 3`],
      ['a removed end', 5, `delete from audit_trail where seq = 5`],
      ['an emptied trail', 1, `delete from audit_trail`],
      [
        'an entry added past the end',
        6,
        `insert into audit_trail (seq, at, actor, action, subject, state_before, state_after,
        previous_hash, hash) select seq + 1, at, actor, action, subject, state_before, state_after,
        hash, hash from audit_trail where seq = 5`,
      ],
      [
        'two entries in each other’s place',
        2,
        `update audit_trail
        set seq = case seq when 2 then 103 when 3 then 2 else seq end where seq in (2, 3)`,
      ],
    ])('notices %s', async (_what, atSeq, tampering) => {
      await append(store, 5)
      await below((database) => sql.raw(tampering).execute(database))
      expect(await store.read.audit.verify()).toMatchObject({ sound: false, atSeq })
    })
  })
})
