// `verify` over the API on SQLite and on a real PostgreSQL: whatever is done to the audit trail behind Ledgerock's back is found.

import { createHmac, createSecretKey } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApi } from './api.ts'
import { openControlStore, type ControlStore } from './store/control-store.ts'
import { ENGINE_KINDS } from './store/engine.ts'
import { migrate } from './store/migrate.ts'
import { MIGRATIONS } from './store/migrations.ts'
import { startStorePlaces, type Place, type StorePlaces } from './store/testing/store-places.ts'
import { startControlPlane, type ControlPlane } from './testing/control-plane.ts'

let places: StorePlaces
let plane: ControlPlane
beforeAll(async () => {
  places = await startStorePlaces()
  plane = await startControlPlane()
})
afterAll(async () => {
  await plane.stop()
  await places.stop()
})

const AUDIT_KEY = createSecretKey(Buffer.alloc(32, 1))
const OLD_HASH = '3846bc33a5c4b3e28e3b1e8aaadbc7332216a5c99cc4b302e692a79005451321'
const FORGED = createHmac('sha256', createSecretKey(Buffer.alloc(32, 2)))
  .update('x')
  .digest('hex')
const HEAD = `select hash from audit_trail where seq = 2`
const TAMPERINGS: readonly (readonly [what: string, atSeq: number, statement: string])[] = [
  ['an edited actor', 3, `update audit_trail set actor = 'nobody' where seq = 3`],
  ['an edited action', 2, `update audit_trail set action = 'x' where seq = 2`],
  ['an edited state', 4, `update audit_trail set state_before = '{}' where seq = 4`],
  ['an edited reason', 2, `update audit_trail set reason = 'a better one' where seq = 2`],
  ['a removed reason', 4, `update audit_trail set reason = null where seq = 4`],
  ['a reason where there was none', 3, `update audit_trail set reason = 'made up' where seq = 3`],
  ['a deleted entry', 2, `delete from audit_trail where seq = 2`],
  ['a deleted first entry', 1, `delete from audit_trail where seq = 1`],
  ['a truncated end', 4, `delete from audit_trail where seq >= 4`],
  ['an emptied trail', 1, `delete from audit_trail`],
  [
    'entries in each other’s place',
    2,
    `update audit_trail set seq = case seq when 2 then 102 when 3 then 2 else seq end
     where seq in (2, 3)`,
  ],
  [
    'a deleted entry whose follower was moved up',
    3,
    `delete from audit_trail where seq = 3;
     update audit_trail set seq = 3, previous_hash = (${HEAD}) where seq = 4`,
  ],
]

describe.each(ENGINE_KINDS)('the audit trail on %s', (kind) => {
  let place: Place
  let store: ControlStore
  beforeEach(async () => {
    place = await places.fresh(kind)
    const { clock } = plane.apiDeps
    store = await openControlStore(
      { clock, onConnectionError: () => {}, auditKey: AUDIT_KEY },
      place.target,
    )
    for (let entry = 1; entry <= 5; entry += 1) {
      const event = { actor: 'admin', action: 'test', subject: `s${entry}`, before: null }
      const reason = entry % 2 === 0 ? `because of ${entry}` : null
      await store.write(({ audit }) => audit.append({ ...event, after: { entry }, reason }))
    }
  })
  afterEach(() => store.close())

  async function below(...statements: readonly string[]): Promise<void> {
    const { database } = place.engine()
    for (const statement of statements) await sql.raw(statement).execute(database)
    await database.destroy()
  }
  async function verify(): Promise<unknown> {
    const verifyAuditTrail = () => store.read.audit.verify()
    const api = createApi({ ...plane.apiDeps, verifyAuditTrail })
    const headers = { authorization: `Bearer ${plane.token}` }
    return (await api.request('/api/v1/verify', { headers })).json()
  }

  it('[C48] is sound while nobody touches it', async () => {
    expect(await verify()).toMatchObject({ sound: true, audit_trail: { sound: true, entries: 5 } })
  })

  it.each(TAMPERINGS)('[C48] shows %s', async (_what, atSeq, statement) => {
    await below(...statement.split(';'))
    expect(await verify()).toMatchObject({
      sound: false,
      audit_trail: { sound: false, at_seq: atSeq },
    })
  })

  it.each([
    ['as it is', ''],
    ['without its seal', 'update audit_head set seal = null'],
    ['under another key', `update audit_head set seal = '${FORGED}'`],
  ])('[C131] shows a trail that was cut, with its head moved, %s', async (_how, then) => {
    await below(
      `update audit_head set seq = 3, hash = (select hash from audit_trail where seq = 3)`,
      `delete from audit_trail where seq > 3`,
      ...(then === '' ? [] : [then]),
    )
    const cut = { sound: false, audit_trail: { sound: false, at_seq: 3 } }
    expect(await verify()).toMatchObject(cut)
    // Neither what is written afterwards nor a restart makes it good.
    const event = { actor: 'admin', action: 'test', subject: 's', before: null, after: null }
    await store.write(({ audit }) => audit.append(event))
    await store.close()
    const { clock } = plane.apiDeps
    store = await openControlStore(
      { clock, onConnectionError: () => {}, auditKey: AUDIT_KEY },
      place.target,
    )
    expect(await verify()).toMatchObject({ sound: false, audit_trail: { sound: false, at_seq: 4 } })
  })

  it('[C46] entries written before there were reasons keep their hashes', async () => {
    place = await places.fresh(kind)
    await store.close()
    const engine = place.engine()
    const before = MIGRATIONS.findIndex(({ name }) => name.includes('reasons of changes'))
    await migrate(engine, MIGRATIONS.slice(0, before), plane.apiDeps.clock)
    // As the release before wrote it; the hash was computed by it.
    await sql`insert into audit_trail
      (seq, at, actor, action, subject, state_before, state_after, previous_hash, hash) values
      (1, '2026-10-14T12:00:00.000Z', 'admin', 'test', 's', null, '{"a":[2],"b":1}',
       ${'0'.repeat(64)}, ${OLD_HASH})`.execute(engine.database)
    await sql`update audit_head set seq = 1, hash = ${OLD_HASH}`.execute(engine.database)
    await engine.database.destroy()
    const { clock } = plane.apiDeps
    store = await openControlStore(
      { clock, onConnectionError: () => {}, auditKey: AUDIT_KEY },
      place.target,
    )
    expect(await store.read.audit.verify()).toEqual({ sound: true, entries: 1 })
    const event = { actor: 'admin', action: 'test', subject: 's', before: null, after: null }
    await store.write(({ audit }) => audit.append({ ...event, reason: 'now there is one' }))
    expect(await store.read.audit.verify()).toEqual({ sound: true, entries: 2 })
    expect((await store.read.audit.entries(0, 9)).map(({ reason }) => reason)).toEqual([
      null,
      'now there is one',
    ])
  })
})
