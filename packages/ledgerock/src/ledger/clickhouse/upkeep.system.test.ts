import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { CallRecord } from '@ledgerock/contract'
import { entryOf } from '../entry.ts'
import type { LedgerStore } from '../store.ts'
import { arbitraryRecord } from '../testing/arbitrary-record.ts'
import { monthBatches } from '../testing/month-batches.ts'
import { openRoom, ROOM_KINDS, TEST_DIMENSIONS, type Room } from '../testing/store-rooms.ts'
import { openDatabase, type Database, type Session } from './database.ts'
import { MIGRATIONS } from './migration.ts'
import { openLedgerStore } from './open-ledger-store.ts'

const FROM = Date.parse('2026-10-01T00:00:00Z')
const TO = Date.parse('2026-10-20T00:00:00Z')

function sample(count: number, seed: number): readonly CallRecord[] {
  const records = arbitraryRecord({ fromMs: FROM, toMs: TO, dimensions: TEST_DIMENSIONS })
  return fc.sample(records, { numRuns: count, seed }).map((record, seq) => ({ ...record, seq }))
}

/** Lets the engine do now what it does in its own time. */
async function expire(session: Session): Promise<void> {
  await session.command('ALTER TABLE ledgerock.calls MATERIALIZE TTL', { mutations_sync: 2 })
  await session.command('OPTIMIZE TABLE ledgerock.calls FINAL')
}

async function recountInto(session: Session, into: { rows: number; raw: number }): Promise<void> {
  const [left] = await session.select<{ rows: number; raw: number }>(
    'SELECT count() AS rows, countIf(raw_usage IS NOT NULL) AS raw FROM ledgerock.calls',
  )
  Object.assign(into, left)
}

describe.each(ROOM_KINDS)('the upkeep of the books (%s)', (kind) => {
  let room: Room
  let store: LedgerStore

  beforeEach(async () => {
    room = await openRoom(kind)
    store = await room.open()
    for (const batch of monthBatches(sample(60, 1).map(entryOf), 'u', 60)) {
      await store.insertBatch(batch)
    }
  })
  afterEach(async () => {
    await store.close()
    await room.close()
  })

  /** Does to the tables what no part of the ledger ever does. */
  async function tamper(work: (session: Session) => Promise<void>): Promise<void> {
    const database = openDatabase(room.target())
    try {
      await database.use('ship', work)
    } finally {
      await database.close()
    }
  }

  const codes = async () => new Set((await store.findings(0)).map((finding) => finding.code))

  it('[L21] a rollup that differs is found, rebuilt from the calls and swapped in', async () => {
    expect(await store.findings(0)).toEqual([])
    await tamper(async (session) => {
      await session.command("ALTER TABLE ledgerock.spend_hour DELETE WHERE team = 'team-1'", {
        mutations_sync: 2,
      })
      await session.command(
        'INSERT INTO ledgerock.spend_day_user_id (day, team, user_id, entries, cost_usd)' +
          " VALUES ('2026-10-03', 'ghost', 'u', 1, 5)",
      )
    })
    const found = await store.findings(0)
    expect(found.map((finding) => finding.subject)).toEqual([
      'spend_hour 2026-10',
      'spend_day_user_id 2026-10',
    ])
    expect((await store.repairRollups(0)).map((finding) => finding.subject)).toEqual(
      found.map((finding) => finding.subject),
    )
    expect(await store.findings(0)).toEqual([])
  })

  it('[L21] a call entered twice and wrong charges are found, and left as evidence', async () => {
    const [twice] = sample(1, 2)
    const [wrong] = sample(1, 3)
    if (twice === undefined || wrong === undefined) throw new Error('no records')
    for (const token of ['first', 'second']) {
      await store.insertBatch({ entries: [entryOf(twice)], token, again: false })
    }
    expect(await codes()).toEqual(new Set(['duplicate_call']))
    const entries = [entryOf({ ...wrong, cost_usd: '123' })]
    await store.insertBatch({ entries, token: 'third', again: false })
    expect(await codes()).toEqual(new Set(['duplicate_call', 'charges_do_not_add_up']))
    expect(await store.repairRollups(0)).toEqual([])
  })

  it('[L2] what a crash can leave, doubled or missing rows, is mended by the retry', async () => {
    const [batch] = monthBatches(sample(60, 1).map(entryOf), 'u', 60)
    if (batch === undefined) throw new Error('no batch')
    const before = await store.countCalls()
    // The engine noted the token, but the part never came.
    await tamper((session) =>
      session.command('ALTER TABLE ledgerock.calls DELETE WHERE seq < 30', { mutations_sync: 2 }),
    )
    await store.insertBatch({ ...batch, again: true })
    expect(await store.countCalls()).toBe(before)
    expect(await store.findings(0)).toEqual([])
    // The part is there, but the note of the token was lost: the retry entered it twice.
    await store.insertBatch({ ...batch, token: 'forgotten', again: false })
    expect(await codes()).toEqual(new Set(['duplicate_call']))
    await store.insertBatch({ ...batch, again: true })
    expect(await store.countCalls()).toBe(before)
    expect(await store.findings(0)).toEqual([])
    // The calls are there, a rollup is not.
    await tamper((session) => session.command('TRUNCATE TABLE ledgerock.spend_day_feature'))
    await store.insertBatch({ ...batch, again: true })
    expect(await store.findings(0)).toEqual([])
  })

  it('[L19] raw usage and calls go when their time is over, the rest stays', async () => {
    const counts = { rows: -1, raw: -1 }
    const recount = (session: Session) => recountInto(session, counts)
    const expireAndRecount = async (session: Session) => {
      await expire(session)
      await recount(session)
    }
    await tamper(recount)
    expect(counts.raw).toBeGreaterThan(0)
    await store.close()
    store = await room.open({ retention: { callsDays: null, rawUsageDays: 2 } })
    await tamper(expireAndRecount)
    expect(counts).toEqual({ rows: 60, raw: 0 })
    await store.close()
    store = await room.open({ retention: { callsDays: 10, rawUsageDays: 2 } })
    await tamper(expireAndRecount)
    expect(counts.rows).toBe(0)
    const [old] = sample(1, 4)
    if (old === undefined) throw new Error('no record')
    expect(await store.countCalls()).toBe(0)
    // Asked to keep for ever again, what comes now stays.
    await store.close()
    store = await room.open()
    await store.insertBatch({
      entries: [entryOf({ ...old, raw_usage: '{}' })],
      token: 'now',
      again: false,
    })
    await tamper((session) => session.command('OPTIMIZE TABLE ledgerock.calls FINAL'))
    expect(await store.versions(old.call_id)).toMatchObject([{ raw_usage: '{}' }])
  })

  it('[L20] a table without its promised settings is refused', async () => {
    await store.close()
    await tamper((session) =>
      session.command('ALTER TABLE ledgerock.spend_hour MODIFY SETTING fsync_after_insert = 0'),
    )
    await expect(room.open()).rejects.toMatchObject({
      code: 'settings_not_in_force',
      message: expect.stringContaining('spend_hour: fsync_after_insert') as string,
    })
    await tamper((session) =>
      session.command('ALTER TABLE ledgerock.spend_hour MODIFY SETTING fsync_after_insert = 1'),
    )
    store = await room.open()
  })
})

describe('the embedded engine', () => {
  let path: string

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'ledger-upkeep-'))
  })
  afterEach(() => {
    rmSync(path, { recursive: true })
  })

  it('[L20] set up half way, it is finished by the next start', async () => {
    const database: Database = openDatabase({ kind: 'embedded', path })
    await database.use('ship', async (session) => {
      await session.command('CREATE DATABASE ledgerock')
    })
    await database.close()
    const options = {
      dimensions: TEST_DIMENSIONS,
      retention: { callsDays: null, rawUsageDays: null },
    }
    const store = await openLedgerStore({ kind: 'embedded', path }, options)
    expect(store.schemaVersion).toBe(MIGRATIONS.at(-1)?.version)
    expect(await store.findings(0)).toEqual([])
    await store.close()
  })

  it('[L22] a lane runs a statement per connection, others wait, too many are refused', async () => {
    const database = openDatabase({ kind: 'embedded', path })
    let running = 0
    let most = 0
    const work = async (session: Session) => {
      running += 1
      most = Math.max(most, running)
      await session.select('SELECT sleep(0.02)')
      running -= 1
    }
    await Promise.all(Array.from({ length: 6 }, () => database.use('interactive', work)))
    expect(most).toBe(2)
    const many = Array.from({ length: 80 }, () =>
      database
        .use('heavy', (session) => session.select('SELECT 1'))
        .then(
          () => 'done',
          (error: unknown) => (error as { code: string }).code,
        ),
    )
    const outcomes = await Promise.all(many)
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(65)
    expect(outcomes.filter((outcome) => outcome === 'ledger_busy')).toHaveLength(15)
    await database.close()
    await expect(database.use('ship', work)).rejects.toMatchObject({ code: 'ledger_closed' })
  })
})
