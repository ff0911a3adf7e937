import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { CallRecord } from '@ledgerock/contract'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../platform/clock.ts'
import { nodeFiles } from '../platform/node-files.ts'
import { openLedger, type Ledger, type LedgerOptions } from './ledger.ts'
import { SHIP_STEPS, type ShipStep } from './shipper.ts'
import {
  MISHAPS,
  startClickHouseServer,
  type TestServer,
} from './testing/clickhouse-http-server.ts'
import { sampleJournal, type SampleJournal } from './testing/sample-journal.ts'
import { TEST_DIMENSIONS } from './testing/store-rooms.ts'

const MONTH_END = Date.parse('2026-10-31T23:59:30Z')
const CHILD = fileURLToPath(new URL('./testing/ship-child.ts', import.meta.url))

let room: string
let journals: SampleJournal[]

beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'ledger-ship-'))
  journals = []
})
afterEach(async () => {
  for (const journal of journals) await journal.close()
  rmSync(room, { recursive: true })
})

const store = () => join(room, 'store')
const journalDirectory = () => join(room, 'journal')
const stateDirectory = () => join(room, 'state')

async function newJournal(segmentBytes?: number): Promise<SampleJournal> {
  const options = segmentBytes === undefined ? {} : { segmentBytes }
  const journal = await sampleJournal(nodeFiles, journalDirectory(), options)
  journals.push(journal)
  return journal
}

async function calls(
  journal: SampleJournal,
  count: number,
  from = MONTH_END,
): Promise<CallRecord[]> {
  const records: CallRecord[] = []
  for (let index = 0; index < count; index += 1) {
    records.push(await journal.call(from + index * 1_000))
  }
  return records
}

function open(target: LedgerOptions['store'], log: unknown[] = []): Promise<Ledger> {
  return openLedger(
    {
      clock: systemClock,
      files: nodeFiles,
      log: (event, fields) => log.push({ event, ...fields }),
    },
    {
      store: target,
      journalDirectory: journalDirectory(),
      stateDirectory: stateDirectory(),
      dimensions: TEST_DIMENSIONS,
      retention: { callsDays: null, rawUsageDays: null },
      nodeId: 'node-1',
    },
  )
}

const byId = (records: readonly CallRecord[]) =>
  records.toSorted((a, b) => (a.call_id < b.call_id ? -1 : 1))
/** Declared dimensions nobody set are there as `unknown`. */
const canonical = (records: readonly CallRecord[]) =>
  byId(records).map((record) => ({
    ...record,
    dimensions: { squad: 'unknown', ...record.dimensions },
  }))

async function inLedger(ledger: Ledger): Promise<readonly CallRecord[]> {
  const items: CallRecord[] = []
  let cursor: string | null = null
  do {
    const page = await ledger.calls({
      from: '2026-01-01T00:00:00Z',
      to: '2027-01-01T00:00:00Z',
      where: [],
      cursor,
      limit: 1_000,
    })
    if (!page.ok) throw new Error(page.problem.detail)
    items.push(...page.value.items)
    cursor = page.value.next_cursor
  } while (cursor !== null)
  return byId(items)
}

async function expectExactly(ledger: Ledger, written: readonly CallRecord[]): Promise<void> {
  expect(await inLedger(ledger)).toEqual(canonical(written))
  const report = await ledger.verify({ repair: false })
  expect(report.findings).toEqual([])
  expect(report.checked.calls).toBe(written.length)
}

type Died = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

function shipInChild(
  how: { readonly step?: ShipStep; readonly count?: number; readonly killAfterMs?: number } = {},
): Promise<Died> {
  const die = how.step === undefined ? [] : [how.step, String(how.count ?? 1)]
  const child = spawn(
    process.execPath,
    [CHILD, store(), journalDirectory(), stateDirectory(), ...die],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  child.stdout.on('data', (text: Buffer) => {
    if (how.killAfterMs === undefined || !text.includes('open')) return
    setTimeout(() => child.kill('SIGKILL'), how.killAfterMs)
  })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
}

describe('the shipper and kill -9 (R1)', () => {
  it('[L13][L14] dying at any step loses nothing and doubles nothing', async () => {
    const written: CallRecord[] = []
    const one = await newJournal(48 * 1024)
    const two = await newJournal()
    for (const [round, step] of SHIP_STEPS.entries()) {
      // Each round crosses the end of the month: two batches, so the second time a step is passed is another one.
      const from = MONTH_END + round * 100
      written.push(...(await calls(one, 40, from)), ...(await calls(two, 25, from + 7)))
      for (const count of [1, 2]) {
        const died = await shipInChild({ step, count })
        expect({ step, ...died }).toEqual({ step, code: null, signal: 'SIGKILL' })
      }
    }
    expect(await shipInChild()).toEqual({ code: 0, signal: null })
    const ledger = await open({ kind: 'embedded', path: store() })
    await expectExactly(ledger, written)
    await ledger.close()
  })

  it('[L14] dying at any moment, inside the engine too, loses and doubles nothing', async () => {
    const written: CallRecord[] = []
    const journal = await newJournal()
    const seed = Date.now() % 100_000
    const moments = fc.sample(fc.integer({ min: 0, max: 400 }), { numRuns: 8, seed })
    for (const [round, killAfterMs] of moments.entries()) {
      written.push(...(await calls(journal, 30, MONTH_END + round * 50)))
      await shipInChild({ killAfterMs })
    }
    expect({ seed, ...(await shipInChild()) }).toEqual({ seed, code: 0, signal: null })
    const ledger = await open({ kind: 'embedded', path: store() })
    await expectExactly(ledger, written)
    await ledger.close()
  })

  it('[L13] without its memory it goes on from what the store has (R8)', async () => {
    const journal = await newJournal()
    const written = await calls(journal, 50)
    const kept = join(room, 'kept')
    cpSync(journalDirectory(), kept, { recursive: true })
    expect(await shipInChild()).toEqual({ code: 0, signal: null })
    for (let delivery = 0; delivery < 2; delivery += 1) {
      rmSync(stateDirectory(), { recursive: true })
      cpSync(kept, journalDirectory(), { recursive: true })
      expect(await shipInChild()).toEqual({ code: 0, signal: null })
    }
    const ledger = await open({ kind: 'embedded', path: store() })
    await expectExactly(ledger, written)
    await ledger.close()
  })
})

describe('the shipper and its store (R6, R7)', () => {
  it('[L15] segments and journals go only after the store has confirmed them', async () => {
    const journal = await newJournal(48 * 1024)
    const written = await calls(journal, 200)
    const before = await nodeFiles.list(join(journalDirectory(), journal.journalId))
    const ledger = await open({ kind: 'embedded', path: store() })
    expect(await nodeFiles.list(join(journalDirectory(), journal.journalId))).toEqual(before)
    await ledger.shipNow()
    const after = await nodeFiles.list(join(journalDirectory(), journal.journalId))
    expect(after.length).toBeLessThan(before.length)
    expect((await ledger.status()).shipping).toMatchObject({
      lag_bytes: 0,
      lag_seconds: 0,
      shipped_calls: 200,
    })
    await journal.close()
    await ledger.shipNow()
    expect(await nodeFiles.list(journalDirectory())).toEqual([])
    await expectExactly(ledger, written)
    await ledger.close()
  })

  it('[L12] one call that cannot be held is set aside, all around it is shipped', async () => {
    const journal = await newJournal()
    const first = await calls(journal, 9)
    const bad = await journal.call(MONTH_END, { opened: { callId: 'not-a-uuid' } })
    const second = await calls(journal, 9)
    const log: unknown[] = []
    let ledger = await open({ kind: 'embedded', path: store() }, log)
    await ledger.shipNow()
    expect(log).toContainEqual(expect.objectContaining({ event: 'call_quarantined', seq: bad.seq }))
    expect((await ledger.status()).shipping.quarantined).toBe(1)
    await ledger.close()
    // And stays aside.
    ledger = await open({ kind: 'embedded', path: store() })
    const third = await calls(journal, 3)
    await ledger.shipNow()
    expect((await ledger.status()).shipping.quarantined).toBe(1)
    await expectExactly(ledger, [...first, ...second, ...third])
    await ledger.close()
  })

  it('[L16] ships by itself, at most once a pause', async () => {
    const journal = await newJournal()
    const ledger = await open({ kind: 'embedded', path: store() })
    ledger.start()
    const written = await calls(journal, 5)
    while ((await ledger.status()).shipping.shipped_calls < 5) await sleep(20)
    await expectExactly(ledger, written)
    await ledger.close()
  })
})

describe('the shipper and a bad server (R7, R8)', () => {
  let server: TestServer

  beforeEach(async () => {
    server = await startClickHouseServer(join(room, 'server'))
  })
  afterEach(async () => {
    await server.close()
  })

  it('[L14] whatever the server does to an insert, it is entered once (R7, R8)', async () => {
    const ledger = await open({ kind: 'server', url: server.url })
    const journal = await newJournal()
    const written: CallRecord[] = []
    for (const mishap of MISHAPS) {
      written.push(...(await calls(journal, 20)))
      let hits = 0
      server.setMishaps((statement) => {
        if (!/^\s*INSERT INTO ledgerock\.calls/.test(statement)) return null
        hits += 1
        return hits <= 2 ? mishap : null
      })
      for (let tries = 0; ; tries += 1) {
        expect(tries).toBeLessThan(10)
        try {
          await ledger.shipNow()
          break
        } catch (error) {
          expect(error).toMatchObject({ retryable: true })
          expect((await ledger.status()).shipping.state).toBe('retrying')
        }
      }
      // The answer to an insert is empty: cut off in the middle it is still an answer.
      expect(hits).toBeGreaterThanOrEqual(mishap === 'half_response' ? 1 : 3)
    }
    server.setMishaps(null)
    await expectExactly(ledger, written)
    await ledger.close()
  })

  it('[L14] mishaps of any statement in any order end in exact books', async () => {
    const ledger = await open({ kind: 'server', url: server.url })
    const journal = await newJournal()
    const written: CallRecord[] = []
    const seed = Date.now() % 100_000
    const draws = fc.sample(fc.option(fc.constantFrom(...MISHAPS), { freq: 2, nil: null }), {
      numRuns: 60,
      seed,
    })
    server.setMishaps(() => draws.pop() ?? null)
    for (let round = 0; round < 6; round += 1) {
      written.push(...(await calls(journal, 10)))
      await ledger.shipNow().catch(() => undefined)
    }
    server.setMishaps(null)
    await ledger.shipNow()
    await expectExactly(ledger, written)
    await ledger.close()
  })

  it('[L17] a server that is away costs disk, not memory, and is caught up with (R6)', async () => {
    const ledger = await open({ kind: 'server', url: server.url })
    const journal = await newJournal(256 * 1024)
    const written = await calls(journal, 10)
    await ledger.shipNow()
    await server.goAway()
    for (let round = 0; round < 3; round += 1) {
      written.push(...(await calls(journal, 300)))
      await expect(ledger.shipNow()).rejects.toMatchObject({ retryable: true })
    }
    const { store: storeStatus, shipping } = await ledger.status()
    expect(storeStatus.state).toBe('unreachable')
    expect(shipping).toMatchObject({ state: 'retrying', shipped_calls: 10 })
    expect(shipping.lag_bytes).toBeGreaterThan(256 * 1024)
    expect(shipping.lag_seconds).toBeGreaterThan(0)
    expect(shipping.last_error).toMatchObject({ code: 'ledger_unreachable', retryable: true })
    await server.comeBack()
    ledger.start()
    await ledger.shipNow()
    expect((await ledger.status()).shipping).toMatchObject({ lag_bytes: 0, last_error: null })
    await expectExactly(ledger, written)
    await ledger.close()
  })
})
