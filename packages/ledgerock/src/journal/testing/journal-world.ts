// One machine in a test: a forgetful disk, processes on it, and time, all of which move only when told to. A disk operation
// ends, a turn of the event loop passes, a timer fires: each is one step, so a test can put a crash between any two.

import type { FileLayer } from '../file-layer.ts'
import type { JournalLine } from '../line.ts'
import { openReader, type Finding, type JournalRecord } from '../reader.ts'
import type { Scheduler } from '../scheduler.ts'
import { openJournal, type JournalOptions } from '../writer.ts'
import type { JournalWriter } from '../journal-writer.ts'
import { createForgetfulDisk, type ForgetfulDisk } from './forgetful-files.ts'
import { openedLine, settledLine } from './sample-lines.ts'

export const DIR = '/data/journal'
export const WORLD_START_MS = 1_795_219_200_000
export const SMALL_SEGMENT_BYTES = 48 * 1024
export const SYNC_MS = 20
export const RETRY_MS = 1_000

export const WRITER_PROCESS = { bootId: 'boot-1', pid: 100, startTime: '1' } as const

/** What became of a line that was appended. */
export type Appended = {
  readonly seq: number
  readonly line: JournalLine
  /** How often `done` was called, and with what at first. */
  answers: number
  answer: 'none' | 'safe' | 'fault'
}

export type World = {
  readonly disk: ForgetfulDisk
  /** The writer's process and its event loop. */
  readonly files: FileLayer
  readonly scheduler: Scheduler
  readonly kill: () => void
  readonly open: (options?: Partial<JournalOptions>) => Promise<JournalWriter>
  /** Everything that was appended through `call`. */
  readonly appended: Appended[]
  /** Appends a whole call; answers false where it was not admitted. */
  readonly call: (writer: JournalWriter, more?: { readonly settle?: boolean }) => boolean
  readonly endTurn: () => void
  /** Lets the oldest pending disk operation end; false: there is none. */
  readonly endDiskOperation: () => Promise<boolean>
  readonly passTime: (ms: number) => void
  /** Turns and disk operations until there are no more; timers do not fire. */
  readonly calm: () => Promise<void>
  /** Awaits something that needs disk operations to end. */
  readonly until: <Value>(promise: Promise<Value>) => Promise<Value>
}

export function createWorld(): World {
  const operations: (() => void)[] = []
  const turns: (() => void)[] = []
  const timers = new Map<number, { readonly at: number; readonly run: () => void }>()
  let nowMs = WORLD_START_MS
  let timerCount = 0
  let callCount = 0
  let opened = 0
  const disk = createForgetfulDisk((run) => operations.push(run))
  const { files, kill } = disk.process()
  const appended: Appended[] = []

  const scheduler: Scheduler = {
    nextTurn: (run) => turns.push(run),
    atOnce: (run) => turns.push(run),
    after: (ms, run) => {
      timerCount += 1
      const id = timerCount
      timers.set(id, { at: nowMs + ms, run })
      return () => timers.delete(id)
    },
  }

  function append(
    writer: JournalWriter,
    reservation: Parameters<JournalWriter['append']>[0],
    line: JournalLine,
  ): number {
    let entry: Appended | null = null
    const seq = writer.append(reservation, line, (error) => {
      if (entry === null) throw new Error('answered before the line had a number')
      entry.answers += 1
      if (entry.answer === 'none') entry.answer = error === null ? 'safe' : 'fault'
    })
    entry = { seq, line, answers: 0, answer: 'none' }
    appended.push(entry)
    return seq
  }

  const endTurn = (): void => {
    for (const run of turns.splice(0)) run()
  }

  const endDiskOperation = async (): Promise<boolean> => {
    const run = operations.shift()
    if (run === undefined) return false
    run()
    await promisesToRun()
    return true
  }

  const calm = async (): Promise<void> => {
    for (;;) {
      await promisesToRun()
      if (turns.length > 0) endTurn()
      else if (!(await endDiskOperation())) return
    }
  }

  const until = async <Value>(promise: Promise<Value>): Promise<Value> => {
    const settled = { is: false }
    promise.then(
      () => (settled.is = true),
      () => (settled.is = true),
    )
    while (!settled.is) {
      await promisesToRun()
      if (!settled.is && !(await endDiskOperation())) endTurn()
    }
    return promise
  }

  return {
    disk,
    files,
    scheduler,
    kill,
    appended,
    open: (options = {}) => {
      opened += 1
      const clock = { now: () => nowMs, monotonic: () => nowMs }
      const random = (count: number): Uint8Array => new Uint8Array(count).fill(opened)
      return until(
        openJournal(
          { files, clock, random, process: WRITER_PROCESS, scheduler },
          {
            dir: DIR,
            nodeId: 'node-1',
            role: 'gateway',
            segmentBytes: SMALL_SEGMENT_BYTES,
            syncMs: SYNC_MS,
            retryMs: RETRY_MS,
            ...options,
          },
        ),
      )
    },
    call: (writer, { settle = true } = {}) => {
      const reservation = writer.reserve()
      if (reservation === null) return false
      callCount += 1
      const seq = append(writer, reservation, openedLine(callCount))
      if (settle) append(writer, reservation, settledLine(seq))
      return true
    },
    endTurn,
    endDiskOperation,
    passTime: (ms) => {
      nowMs += ms
      for (const [id, { at, run }] of timers) {
        if (at > nowMs || !timers.delete(id)) continue
        run()
      }
    },
    calm,
    until,
  }
}

/** Lets every promise that can go on do so. */
export function promisesToRun(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

export type Read = {
  readonly records: readonly JournalRecord[]
  readonly findings: readonly Finding[]
}

/** Reads a journal to its end from another process. */
export async function readAll(
  world: Pick<World, 'disk' | 'until'>,
  journalId: string,
  options: { readonly dead?: boolean; readonly limit?: number } = { dead: true },
): Promise<Read> {
  const { files } = world.disk.process()
  const reader = openReader({ files }, { dir: DIR, journalId, dead: options.dead ?? false })
  const records: JournalRecord[] = []
  const findings: Finding[] = []
  for (;;) {
    const read = await world.until(reader.read(options.limit ?? 7))
    records.push(...read.records)
    findings.push(...read.findings)
    if (read.state !== 'more') break
  }
  reader.close()
  return { records, findings }
}
