import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CallRecord } from '@ledgerock/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openDatabase } from './clickhouse/database.ts'
import { entryOf } from './entry.ts'
import { RERATE_STEPS, type RerateStep } from './rerate.ts'
import { monthBatches } from './testing/month-batches.ts'
import {
  arbitraryBook,
  arbitrarySettled,
  PRICED_FROM,
  PRICED_TO,
  pricedBy,
} from './testing/priced-calls.ts'
import { openRoom, TEST_DIMENSIONS, type Room } from './testing/store-rooms.ts'

const CHILD = fileURLToPath(new URL('./testing/rerate-child.ts', import.meta.url))
const SEED = 301
const [before, after] = [
  fc.sample(arbitraryBook(false), { numRuns: 1, seed: 300 })[0],
  fc.sample(arbitraryBook(true), { numRuns: 1, seed: SEED })[0],
]
if (before === undefined || after === undefined) throw new Error('there is always a book')
const settled = fc
  .sample(arbitrarySettled(before, TEST_DIMENSIONS), { numRuns: 200, seed: 300 })
  // The child knows no former rates, so it cannot tell variants.
  .filter(
    ({ asked, record }) =>
      asked.usage.images === undefined && record.unpriced_reason !== 'unknown_tier',
  )

function child(room: string, state: string, ...more: readonly string[]): Promise<string> {
  const running = spawn(process.execPath, [CHILD, join(room), state, String(SEED), ...more], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  running.stderr.on('data', (bytes) => (said += String(bytes)))
  return new Promise((resolve) => {
    running.once('exit', (code, signal) => resolve(signal ?? (code === 0 ? 'done' : said)))
  })
}

const costs = (records: readonly CallRecord[]) =>
  records
    .map(({ call_id, cost_usd, unpriced_reason }) =>
      JSON.stringify([call_id, cost_usd, unpriced_reason]),
    )
    .toSorted()

async function filledRoom(): Promise<{ room: Room; path: string; state: string }> {
  const room = await openRoom('embedded')
  const target = room.target()
  if (target.kind !== 'embedded') throw new Error('this room is embedded')
  const store = await room.open()
  const entries = settled
    .map(({ record }) => entryOf(record))
    .toSorted((a, b) => (a.record.started_at < b.record.started_at ? -1 : 1))
  for (const batch of monthBatches(entries, 'settled', 400)) await store.insertBatch(batch)
  await store.close()
  const state = mkdtempSync(join(tmpdir(), 'rerate-state-'))
  mkdirSync(join(state, 'journal'))
  return { room, path: target.path, state }
}

async function expectRerated(room: Room): Promise<void> {
  const store = await room.open()
  const found = await store.calls({
    fromMs: PRICED_FROM,
    toMs: PRICED_TO,
    where: [],
    before: null,
    limit: 10_000,
  })
  const expected = settled.map(({ record, asked }) => pricedBy(after as never, record, asked))
  expect(costs(found)).toEqual(costs(expected))
  expect(await store.findings(0)).toEqual([])
  await store.close()
}

/** `entered` comes once for each month. */
const DEATHS: readonly (readonly [RerateStep, number])[] = [
  ...RERATE_STEPS.map((step): readonly [RerateStep, number] => [step, 1]),
  ['entered', 3],
]

describe('death while re-rating', () => {
  it.each(DEATHS)(
    '[L27] at %s (%i): the next run leaves the books as if nothing had happened',
    async (step, count) => {
      const { room, path, state } = await filledRoom()
      try {
        expect(await child(path, state, step, String(count))).toBe('SIGKILL')
        expect(await child(path, state)).toBe('done')
        await expectRerated(room)
      } finally {
        await room.close()
        rmSync(state, { recursive: true })
      }
    },
    100_000,
  )

  it('[L27] between two parts of a month, or before the rollups: the month is completed by the next start', async () => {
    const { room, path, state } = await filledRoom()
    try {
      expect(await child(path, state, 'remembered', '1')).toBe('SIGKILL')
      const database = openDatabase(room.target())
      await database.use('heavy', async (session) => {
        const columns = await session.select<{ name: string }>(
          "SELECT name FROM system.columns WHERE database = 'ledgerock' AND table = 'calls' AND default_kind != 'MATERIALIZED'",
        )
        const names = columns.map(({ name }) => name).join(', ')
        // As if one part of several had been moved into the books, past the rollups.
        await session.command('CREATE TABLE ledgerock.some AS ledgerock.calls')
        await session.command(
          `INSERT INTO ledgerock.some (${names}) SELECT ${names} FROM ledgerock.calls_rerated WHERE cityHash64(call_id) % 2 = 0`,
          { insert_deduplicate: 0 },
        )
        for (const month of [202601, 202603]) {
          await session.command(
            `ALTER TABLE ledgerock.calls ATTACH PARTITION ${month} FROM ledgerock.some`,
          )
        }
        await session.command('DROP TABLE ledgerock.some SYNC')
      })
      await database.close()
      expect(await child(path, state)).toBe('done')
      await expectRerated(room)
    } finally {
      await room.close()
      rmSync(state, { recursive: true })
    }
  }, 100_000)
})
