// Any interleaving of appends, turns, disk operations and timers, with and without failing operations, ended by the death
// of the process or of the machine: what was answered as safe is there.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openReader } from './reader.ts'
import type { Operation } from './testing/forgetful-files.ts'
import {
  createWorld,
  DIR,
  promisesToRun,
  readAll,
  RETRY_MS,
  SYNC_MS,
  type Appended,
  type Read,
  type World,
} from './testing/journal-world.ts'
import { seededRandom } from './testing/seeded-random.ts'
import type { JournalWriter } from './journal-writer.ts'

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant('call' as const) },
  { weight: 2, arbitrary: fc.constant('opened' as const) },
  { weight: 4, arbitrary: fc.constant('turn' as const) },
  { weight: 6, arbitrary: fc.constant('disk' as const) },
  { weight: 2, arbitrary: fc.constant('sync_time' as const) },
  { weight: 1, arbitrary: fc.constant('retry_time' as const) },
  { weight: 1, arbitrary: fc.constant('burst' as const) },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const failure = fc.record({
  operation: fc.constantFrom<Operation>('write', 'sync', 'create', 'syncDirectory'),
  from: fc.integer({ min: 3, max: 12 }),
  times: fc.integer({ min: 1, max: 3 }),
  code: fc.constantFrom('EIO' as const, 'ENOSPC' as const),
})

async function take(world: World, writer: JournalWriter, next: Step): Promise<void> {
  if (next === 'call') world.call(writer)
  else if (next === 'opened') world.call(writer, { settle: false })
  else if (next === 'burst') for (let count = 0; count < 60; count += 1) world.call(writer)
  else if (next === 'turn') world.endTurn()
  else if (next === 'disk') await world.endDiskOperation()
  else world.passTime(next === 'sync_time' ? SYNC_MS : RETRY_MS)
  await promisesToRun()
}

function expectWithoutInvention(read: Read, appended: readonly Appended[]): void {
  const seqs = read.records.map(({ seq }) => seq)
  expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b))
  for (const record of read.records) expect(record.line).toEqual(appended[record.seq - 1]?.line)
  for (const { answers } of appended) expect(answers).toBeLessThanOrEqual(1)
}

/** Missing records that have a record behind them, and no gap that says so. */
function silentlyMissing(read: Read): number[] {
  const present = new Set(read.records.map(({ seq }) => seq))
  const last = Math.max(0, ...present)
  const missing: number[] = []
  for (let seq = 1; seq < last; seq += 1) {
    const told = read.findings.some(
      (finding) => finding.kind === 'gap' && finding.fromSeq <= seq && finding.toSeq >= seq,
    )
    if (!present.has(seq) && !told) missing.push(seq)
  }
  return missing
}

function missingOf(read: Read, lines: readonly Appended[]): number[] {
  const present = new Set(read.records.map(({ seq }) => seq))
  return lines.map(({ seq }) => seq).filter((seq) => !present.has(seq))
}

const safe = ({ answer }: Appended): boolean => answer === 'safe'

const runs = {
  steps: fc.array(step, { maxLength: 60 }),
  failures: fc.array(failure, { maxLength: 2 }),
  sync: fc.constantFrom('interval' as const, 'each' as const),
}

const RUNS = 100

describe(
  'journal, any interleaving of work, kill and power loss (R1, R2)',
  { timeout: 60_000 },
  () => {
    it('[J5] keeps every line answered as safe when the process dies, whatever fails', async () => {
      await fc.assert(
        fc.asyncProperty(runs.steps, runs.failures, runs.sync, async (steps, failures, sync) => {
          const world = createWorld()
          const writer = await world.open({ sync })
          world.disk.failures.push(...failures)
          for (const next of steps) await take(world, writer, next)
          world.kill()
          world.disk.failures.length = 0
          const read = await readAll(world, writer.journalId)
          expectWithoutInvention(read, world.appended)
          expect(missingOf(read, world.appended.filter(safe))).toEqual([])
          expect(silentlyMissing(read)).toEqual([])
          expect(world.disk.syncsAfterFailure).toBe(0)
        }),
        { numRuns: RUNS },
      )
    })

    it('[J6] keeps every line answered as safe through power loss in `each` mode', async () => {
      await fc.assert(
        fc.asyncProperty(runs.steps, runs.failures, fc.nat(), async (steps, failures, seed) => {
          const world = createWorld()
          const writer = await world.open({ sync: 'each' })
          world.disk.failures.push(...failures)
          for (const next of steps) await take(world, writer, next)
          world.disk.losePower(seededRandom(seed))
          world.disk.failures.length = 0
          const read = await readAll(world, writer.journalId)
          expectWithoutInvention(read, world.appended)
          expect(missingOf(read, world.appended.filter(safe))).toEqual([])
          expect(silentlyMissing(read)).toEqual([])
        }),
        { numRuns: RUNS },
      )
    })

    it('[J6] loses at most the unsynced window to power loss, and no middle line in silence', async () => {
      await fc.assert(
        fc.asyncProperty(runs.steps, runs.failures, fc.nat(), async (steps, failures, seed) => {
          const world = createWorld()
          const writer = await world.open()
          world.disk.failures.push(...failures)
          for (const next of steps) await take(world, writer, next)
          const { syncedSeq } = writer.status()
          world.disk.losePower(seededRandom(seed))
          world.disk.failures.length = 0
          const read = await readAll(world, writer.journalId)
          expectWithoutInvention(read, world.appended)
          expect(missingOf(read, world.appended.slice(0, syncedSeq))).toEqual([])
          expect(silentlyMissing(read)).toEqual([])
        }),
        { numRuns: RUNS },
      )
    })

    it('[J6] has everything synced one `syncMs` after it was written', async () => {
      await fc.assert(
        fc.asyncProperty(runs.steps, runs.failures, async (steps, failures) => {
          const world = createWorld()
          const writer = await world.open()
          world.disk.failures.push(...failures)
          for (const next of steps) await take(world, writer, next)
          await world.calm()
          // Time for the failures to pass, then one window.
          for (let count = 0; count < 8; count += 1) {
            world.passTime(RETRY_MS)
            await world.calm()
          }
          const { syncedSeq, appendedSeq, state } = writer.status()
          expect({ syncedSeq, state }).toEqual({ syncedSeq: appendedSeq, state: 'open' })
          expect(world.appended.every(({ answers }) => answers === 1)).toBe(true)
        }),
        { numRuns: RUNS },
      )
    })

    it('[J8] is read in order, each record once, while it is written; what `sync` answers stays', async () => {
      const reading = fc.array(
        fc.oneof(step, fc.constantFrom('read' as const, 'reader_sync' as const)),
        {
          maxLength: 80,
        },
      )
      await fc.assert(
        fc.asyncProperty(reading, fc.nat(), async (steps, seed) => {
          const world = createWorld()
          const writer = await world.open()
          const { files } = world.disk.process()
          const reader = openReader({ files }, { dir: DIR, journalId: writer.journalId })
          const seqs: number[] = []
          let durableSeq = 0
          for (const next of steps) {
            if (next === 'read') {
              const read = await world.until(reader.read(9))
              seqs.push(...read.records.map(({ seq }) => seq))
              expect(read.findings).toEqual([])
            } else if (next === 'reader_sync') {
              durableSeq = await world.until(reader.sync())
            } else {
              await take(world, writer, next)
            }
          }
          reader.close()
          expect(seqs).toEqual(seqs.map((_, index) => index + 1))
          expect(durableSeq).toBeLessThanOrEqual(seqs.length)
          world.disk.losePower(seededRandom(seed))
          const left = await readAll(world, writer.journalId)
          expect(missingOf(left, world.appended.slice(0, durableSeq))).toEqual([])
        }),
        { numRuns: RUNS },
      )
    })

    it('[J8] is read in order, each record once, while disks fail', async () => {
      const reading = fc.array(fc.oneof(step, fc.constant('read' as const)), { maxLength: 80 })
      await fc.assert(
        fc.asyncProperty(reading, runs.failures, async (steps, failures) => {
          const world = createWorld()
          const writer = await world.open()
          const { files } = world.disk.process()
          const reader = openReader({ files }, { dir: DIR, journalId: writer.journalId })
          world.disk.failures.push(...failures)
          const seqs: number[] = []
          const readOn = async (): Promise<void> => {
            const read = await world.until(reader.read(1_000))
            seqs.push(...read.records.map(({ seq }) => seq))
            expect(read.findings.filter(({ kind }) => kind === 'gap')).toEqual([])
          }
          for (const next of steps) await (next === 'read' ? readOn() : take(world, writer, next))
          for (let count = 0; count < 8; count += 1) {
            world.passTime(RETRY_MS)
            await world.calm()
          }
          for (let count = 0; count < 6; count += 1) await readOn()
          reader.close()
          expect(seqs).toEqual(world.appended.map(({ seq }) => seq))
        }),
        { numRuns: RUNS },
      )
    })
  },
)
