// People and the reading of the audit trail, on SQLite and on a real PostgreSQL: whatever holds here holds for both.

import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import type { AuditFilter } from './audit-trail.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { ENGINE_KINDS } from './engine.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations.ts'
import { startStorePlaces, type StorePlaces } from './testing/store-places.ts'

const T0 = Date.parse('2026-10-14T12:00:00.000Z')
const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString()
const digest = (letter: string): string => letter.repeat(64)

const ADMIN = { userId: 'u1', name: 'admin', role: 'admin', scope: null } as const
const MIA = {
  userId: 'u2',
  name: 'mia',
  role: 'lead',
  scope: { team: ['search', 'it’s "odd"'] },
} as const
const token = (tokenId: string, userId: string, at: number) => ({
  tokenId,
  userId,
  name: 'api',
  digest: digest('a'),
  createdAt: iso(at),
  expiresAt: null,
})
const pass = (letter: string, userId: string) => ({
  digest: digest(letter),
  userId,
  createdAt: iso(0),
  expiresAt: iso(1_000),
})

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

describe.each(ENGINE_KINDS)('people on %s', (kind) => {
  let store: ControlStore
  let nowMs = T0
  beforeEach(async () => {
    nowMs = T0
    const clock: Clock = { now: () => nowMs, monotonic: () => 0 }
    const { target } = await places.fresh(kind)
    store = await openControlStore({ clock, onConnectionError: () => {} }, target)
    await store.write(async ({ access }) => {
      await access.insertUser(MIA, iso(1))
      await access.insertUser(ADMIN, iso(0))
      await access.insertToken(token('t1', 'u1', 1))
      await access.insertToken(token('t2', 'u2', 2))
      for (const [letter, userId] of [
        ['a', 'u1'],
        ['b', 'u2'],
      ] as const) {
        await access.insertSession(pass(letter, userId))
        await access.insertLoginCode(pass(letter, userId))
      }
    })
  })
  afterEach(() => store.close())

  it('[C41] a scope comes back as it was given', async () => {
    expect(await store.read.access.findUser('mia')).toEqual(MIA)
    expect((await store.read.access.findToken('t2', iso(9)))?.user).toEqual(MIA)
    expect((await store.read.access.findSession(digest('b'), iso(9)))?.user).toEqual(MIA)
    expect(await store.read.access.users()).toEqual([
      { ...ADMIN, createdAt: iso(0), disabledAt: null },
      { ...MIA, createdAt: iso(1), disabledAt: null },
    ])
  })

  it('[C43] with a user end token, session and code, of that user alone', async () => {
    await store.write(async ({ access }) => {
      await access.disableUser('u2', iso(5))
      await access.disableUser('u2', iso(6))
      await access.endSessions('u2')
    })
    const { access } = store.read
    expect((await access.users()).map(({ disabledAt }) => disabledAt)).toEqual([null, iso(5)])
    expect(await access.findToken('t2', iso(9))).toBeNull()
    expect(await access.findSession(digest('b'), iso(9))).toBeNull()
    expect(await access.findToken('t1', iso(9))).not.toBeNull()
    expect(await access.findSession(digest('a'), iso(9))).not.toBeNull()
    const use = (letter: string) =>
      store.write((tables) => tables.access.useLoginCode(digest(letter), iso(9)))
    expect(await use('b')).toBeNull()
    expect(await use('a')).toEqual({ user: ADMIN, makers: [] })
  })

  it('[C43] a token is revoked once, and listed on, newest first', async () => {
    await store.write(async ({ access }) => {
      await access.revokeToken('t2', iso(5))
      await access.revokeToken('t2', iso(6))
    })
    expect(await store.read.access.findToken('t2', iso(9))).toBeNull()
    const common = { userDisabledAt: null, name: 'api', expiresAt: null }
    expect(await store.read.access.tokens()).toEqual([
      { ...common, tokenId: 't2', user: MIA, createdAt: iso(2), revokedAt: iso(5) },
      { ...common, tokenId: 't1', user: ADMIN, createdAt: iso(1), revokedAt: null },
    ])
  })

  it('[C132] of accounts and tokens from before it was noted, the trail says who made them', async () => {
    const place = await places.fresh(kind)
    const engine = place.engine()
    const noted = MIGRATIONS.findIndex(({ name }) => name.startsWith('who made'))
    const clock: Clock = { now: () => nowMs, monotonic: () => 0 }
    await migrate(engine, MIGRATIONS.slice(0, noted), clock)
    const { database } = engine
    for (const [userId, name] of [
      ['u1', 'admin'],
      ['u2', 'mia'],
    ]) {
      await sql`insert into users (user_id, name, role, scope, created_at)
        values (${userId}, ${name}, 'admin', null, ${iso(0)})`.execute(database)
      await sql`insert into tokens (token_id, user_id, name, digest, created_at)
        values (${`of-${name}`}, ${userId}, 'api', 'd', ${iso(0)})`.execute(database)
    }
    for (const [seq, actor, action, subject, after] of [
      [1, 'system', 'token.create', 'admin', '{"name":"admin-token","token_id":"of-admin"}'],
      [2, 'admin', 'user.create', 'mia', '{}'],
      [3, 'ann', 'token.create', 'mia', '{"expires_at":null,"token_id":"of-mia"}'],
    ] as const) {
      await sql`insert into audit_trail
        (seq, at, actor, action, subject, state_after, previous_hash, hash)
        values (${seq}, ${iso(0)}, ${actor}, ${action}, ${subject}, ${after}, '', '')`.execute(
        database,
      )
    }
    await database.destroy()
    const upgraded = await openControlStore({ clock, onConnectionError: () => {} }, place.target)
    const { findToken } = upgraded.read.access
    expect((await findToken('of-admin', iso(1)))?.makers).toEqual([])
    expect((await findToken('of-mia', iso(1)))?.makers).toEqual(['admin', 'ann'])
    await upgraded.close()
  })

  it('[C47] the trail is filtered and read backwards', async () => {
    for (const [actor, action, subject] of [
      ['a', 'x', 's'],
      ['b', 'x', 't'],
      ['a', 'y', 't'],
      ['a', 'x', 't'],
    ] as const) {
      await store.write(({ audit }) =>
        audit.append({ actor, action, subject, before: null, after: null }),
      )
      nowMs += 1_000
    }
    const all: AuditFilter = {
      from: iso(0),
      to: null,
      actor: null,
      action: null,
      subject: null,
      beforeSeq: null,
      limit: 10,
    }
    const seqs = async (filter: Partial<AuditFilter>) =>
      (await store.read.audit.page({ ...all, ...filter })).map(({ seq }) => seq)
    expect(await seqs({})).toEqual([4, 3, 2, 1])
    expect(await seqs({ limit: 2 })).toEqual([4, 3])
    expect(await seqs({ beforeSeq: 3 })).toEqual([2, 1])
    expect(await seqs({ from: iso(1_000), to: iso(3_000) })).toEqual([3, 2])
    expect(await seqs({ actor: 'a', action: 'x', subject: 't' })).toEqual([4])
  })
})
