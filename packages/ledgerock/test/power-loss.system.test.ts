// The power goes at every single step of journal, recovery and shipping, or all processes are killed and then the power goes while
// the next ones pick up the pieces. Nothing that
// was answered as safe is lost, nothing is in the books twice, and what the window of `interval` mode may lose is never lost
// in silence in the middle. The parts have such tests of their own; here they meet.

import { describe, expect, it } from 'vitest'
import type { CallRecord } from '@ledgerock/contract'
import { callRecordOf } from '../src/journal/call-record-of.ts'
import { isJournalId, originalIdOf } from '../src/journal/journal-id.ts'
import type { OpenedLine, SettledLine } from '../src/journal/line.ts'
import { openedLine, settledLine } from '../src/journal/testing/sample-lines.ts'
import { OPERATIONS, type PlannedFailure } from '../src/journal/testing/forgetful-files.ts'
import { seededRandom } from '../src/journal/testing/seeded-random.ts'
import type { JournalWriter, Reservation } from '../src/journal/journal-writer.ts'
import {
  createMachine,
  JOURNALS,
  SHIP_PAUSE_MS,
  SYNC_MS,
  type Boot,
  type Ending,
  type Machine,
} from './support/powered-machine.ts'
import { testSeed } from './support/test-seed.ts'

const seed = testSeed()
const CALLS_PER_BOOT = 40
const STEPS_PER_BOOT = 600
/** More operations than a life has. */
const FAR = 1_000_000

const DISK_FAILED = new Set(['EIO', 'journal_unavailable'])

type Line<Kind> = {
  readonly line: Kind
  seq: number
  /** Its writer was told so. */
  safe: boolean
  /** Its process was killed, and the kernel still has it. */
  left: boolean
  synced: boolean
}

type WrittenCall = {
  readonly journalId: string
  readonly reservation: Reservation
  readonly opened: Line<OpenedLine>
  settled: Line<SettledLine> | null
}

/** One life of the machine: until the end that was planned, or until its time is up and its power goes. */
async function live(
  machine: Machine,
  sync: 'each' | 'interval',
  written: WrittenCall[],
  random: () => number,
  ending: Ending,
): Promise<void> {
  const boot = await machine.boot(sync).catch(unlessTheDiskFailed)
  const own: WrittenCall[] = []
  if (boot !== null) {
    // Recovery has decided by what was left; from now on that must hold.
    for (const line of written.flatMap(linesOf)) line.synced ||= line.left
    await work(machine, boot, written, own, random)
  }
  if (machine.isAlive()) machine.end(ending)
  for (const line of written.flatMap(linesOf)) line.left &&= ending === 'kill'
  for (const line of own.flatMap(linesOf)) line.left = line.safe && ending === 'kill'
}

/** A process that cannot start for a bad disk ends, and is started again. */
function unlessTheDiskFailed(error: unknown): null {
  if (error instanceof Error && 'code' in error && DISK_FAILED.has(String(error.code))) return null
  throw error
}

function linesOf({ opened, settled }: WrittenCall): Line<unknown>[] {
  return settled === null ? [opened] : [opened, settled]
}

async function work(
  machine: Machine,
  boot: Boot,
  written: WrittenCall[],
  own: WrittenCall[],
  random: () => number,
): Promise<void> {
  for (let step = 0; step < STEPS_PER_BOOT && machine.isAlive(); step += 1) {
    const draw = random()
    if (draw < 0.15 && own.length < CALLS_PER_BOOT) {
      const call = open(boot.writer, written.length)
      if (call !== null) {
        own.push(call)
        written.push(call)
      }
    } else if (draw < 0.3) settleOne(boot.writer, own, random)
    else if (draw < 0.45) await machine.endTurn()
    else if (draw < 0.9) await machine.endOperation()
    else await machine.passTime(random() < 0.5 ? SYNC_MS : SHIP_PAUSE_MS)
    if (machine.isAlive()) noteSynced(boot, own)
  }
}

function open(writer: JournalWriter, number: number): WrittenCall | null {
  const reservation = writer.reserve()
  if (reservation === null) return null
  // Bulky, so that a boot fills several segments.
  const attributes = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [`note-${index}`, 'n'.repeat(200)]),
  )
  const line = openedLine(number + 1, { attributes })
  const opened = newLine(line)
  opened.seq = writer.append(reservation, line, (error) => (opened.safe = error === null))
  return { journalId: writer.journalId, reservation, opened, settled: null }
}

function newLine<Kind>(line: Kind): Line<Kind> {
  return { line, seq: 0, safe: false, left: false, synced: false }
}

/** Not always the oldest: calls end in an order of their own. */
function settleOne(writer: JournalWriter, own: readonly WrittenCall[], random: () => number): void {
  const unsettled = own.filter((call) => call.settled === null)
  const call = unsettled[Math.floor(random() * Math.min(3, unsettled.length))]
  if (call === undefined) return
  const line = settledLine(call.opened.seq)
  const settled = newLine(line)
  call.settled = settled
  settled.seq = writer.append(call.reservation, line, (error) => (settled.safe = error === null))
}

/** The lines that a sync, ended before the power went, has covered. */
function noteSynced({ writer }: Boot, own: readonly WrittenCall[]): void {
  const { syncedSeq } = writer.status()
  for (const line of own.flatMap(linesOf)) line.synced ||= line.seq <= syncedSeq
}

/** Starts once more, in peace, and lets everything be recovered and shipped. */
async function pickUpThePieces(machine: Machine): Promise<void> {
  const boot = await machine.boot('each')
  if (boot === null) throw new Error('the power is on')
  await machine.calmDown(boot.shipper)
  // All that is left is the journal of this boot.
  expect(machine.disk.names(JOURNALS).filter(isJournalId)).toEqual([boot.writer.journalId])
}

function fullRecord({ journalId, opened, settled }: WrittenCall): CallRecord | null {
  if (settled === null) return null
  const lines = { opened: opened.line, openedSeq: opened.seq, settled: settled.line }
  return callRecordOf({ ...lines, seq: settled.seq }, { nodeId: 'node-1', journalId })
}

/** What the books must say, given what was promised; every broken promise in words. */
function brokenPromises(
  machine: Machine,
  written: readonly WrittenCall[],
  promised: (line: Line<unknown>) => boolean,
): string[] {
  const broken: string[] = []
  const rows = Map.groupBy(machine.store.rows(), (row) => row.call_id)
  for (const call of written) {
    const name = `${call.journalId} ${call.opened.seq}`
    const [row, ...doubles] = rows.get(call.opened.line.callId) ?? []
    rows.delete(call.opened.line.callId)
    if (doubles.length > 0) broken.push(`${name} is there ${doubles.length + 1} times`)
    const full = fullRecord(call)
    if (row === undefined) {
      if (promised(call.opened)) broken.push(`${name} is lost`)
      if (full !== null && call.settled !== null && promised(call.settled)) {
        broken.push(`${name} was settled and is lost`)
      }
    } else if (row.journal_id === call.journalId) {
      expect(row).toEqual(full)
    } else {
      if (originalIdOf(row.journal_id) !== call.journalId) broken.push(`${name}: a foreign row`)
      if (row.status !== 'interrupted') broken.push(`${name} is ${row.status}, recovered`)
      if (call.settled !== null && promised(call.settled)) broken.push(`${name} lost its end`)
    }
  }
  for (const callId of rows.keys()) broken.push(`${callId} was never written`)
  return broken
}

/** Lines of a journal that are gone though a later one is not, and that nothing in the log accounts for. */
function silentlyLost(machine: Machine, written: readonly WrittenCall[]): string[] {
  const lost: string[] = []
  const rows = new Set(machine.store.rows().map((row) => `${row.journal_id} ${row.seq}`))
  for (const [journalId, calls] of Map.groupBy(written, (call) => call.journalId)) {
    const settled = calls.flatMap((call) => call.settled ?? [])
    const kept = settled.filter(({ seq }) => rows.has(`${journalId} ${seq}`))
    const last = Math.max(0, ...kept.map(({ seq }) => seq))
    const gone = settled.filter(({ seq }) => seq < last && !rows.has(`${journalId} ${seq}`))
    for (const { seq } of gone) {
      if (!isTold(machine, journalId, seq)) lost.push(`${journalId} ${seq}`)
    }
  }
  return lost
}

function isTold({ told }: Machine, journalId: string, seq: number): boolean {
  return told.some(({ event, fields }) => {
    if (fields['journal_id'] !== journalId) return false
    if (event === 'call_quarantined') return fields['seq'] === seq
    return (
      fields['kind'] === 'gap' && Number(fields['fromSeq']) <= seq && seq <= Number(fields['toSeq'])
    )
  })
}

const PROMISES = {
  each: ({ safe }: Line<unknown>) => safe,
  interval: ({ synced }: Line<unknown>) => synced,
} as const

describe.each(['each', 'interval'] as const)(`R2: power loss, sync: %s (seed ${seed})`, (sync) => {
  it('at every step of one life, and at any step of the next', async () => {
    const steps = await operationsOfOneLife(sync)
    expect(steps).toBeGreaterThan(100)
    let interrupted = 0
    for (let endAt = 0; endAt <= steps; endAt += 1) {
      const rows = await livesAndEnds(sync, endAt, 'power_loss', steps)
      if (rows.some(({ status }) => status === 'interrupted')) interrupted += 1
    }
    expect(interrupted).toBeGreaterThan(10)
  })

  it('after any one operation of the disk has failed, each in turn', async () => {
    const FAILURES_MAX = 15
    const machine = createMachine(seed)
    await live(machine, sync, [], seededRandom(seed), 'power_loss')
    for (const operation of OPERATIONS) {
      const count = machine.disk.counts[operation]
      for (let from = 1; from <= count; from += Math.ceil(count / FAILURES_MAX)) {
        const failure = { operation, from, times: 1, code: 'EIO' } as const
        await livesAndEnds(sync, FAR, 'power_loss', FAR, failure)
      }
    }
  })

  it('while what killed processes have left behind is picked up', async () => {
    const RECOVERY_STEPS_MAX = 60
    const steps = await operationsOfOneLife(sync)
    for (let endAt = 20; endAt <= steps; endAt += 3) {
      await livesAndEnds(sync, endAt, 'kill', RECOVERY_STEPS_MAX)
    }
  })
})

/** Two lives and their ends, then peace; what the books then say. */
async function livesAndEnds(
  sync: 'each' | 'interval',
  endAt: number,
  ending: Ending,
  secondLifeMax: number,
  failure?: PlannedFailure,
): Promise<readonly CallRecord[]> {
  const machine = createMachine(seed + endAt)
  const random = seededRandom(seed)
  const written: WrittenCall[] = []
  machine.endAfter(endAt, ending)
  if (failure !== undefined) machine.disk.failures.push(failure)
  await live(machine, sync, written, random, ending)
  const second = Math.floor(seededRandom(seed + endAt)() * secondLifeMax)
  machine.endAfter(machine.operations() + second, 'power_loss')
  await live(machine, sync, written, random, 'power_loss')
  await pickUpThePieces(machine)
  const broken = brokenPromises(machine, written, PROMISES[sync])
  const lost = silentlyLost(machine, written)
  expect({ endAt, failure, broken, lost }).toEqual({ endAt, failure, broken: [], lost: [] })
  return machine.store.rows()
}

async function operationsOfOneLife(sync: 'each' | 'interval'): Promise<number> {
  const machine = createMachine(seed)
  await live(machine, sync, [], seededRandom(seed), 'power_loss')
  return machine.operations()
}
