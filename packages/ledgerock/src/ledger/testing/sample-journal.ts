// Journals with calls in them, written by the real writer, and the records the ledger must hold for them afterwards.

import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { CallRecord } from '@ledgerock/contract'
import { uuidV7 } from '../../kernel/ids.ts'
import { callRecordOf } from '../../journal/call-record-of.ts'
import type { FileLayer } from '../../journal/file-layer.ts'
import type { OpenedLine, SettledLine } from '../../journal/line.ts'
import { openedLine, settledLine } from '../../journal/testing/sample-lines.ts'
import { openJournal } from '../../journal/writer.ts'
import type { JournalWriter, Reservation } from '../../journal/journal-writer.ts'

export type SampleJournal = {
  readonly journalId: string
  /** Writes one call, safe in the kernel when it resolves; answers its record. */
  readonly call: (startedAt: number, more?: SampleCall) => Promise<CallRecord>
  /** The second time it does nothing. */
  readonly close: () => Promise<void>
}

export type SampleCall = {
  readonly opened?: Partial<OpenedLine>
  readonly settled?: Partial<SettledLine>
}

const NODE_ID = 'node-1'
const TRIES_MAX = 500
const PAUSE_MS = 10

export async function sampleJournal(
  files: FileLayer,
  dir: string,
  options: { readonly segmentBytes?: number } = {},
): Promise<SampleJournal> {
  const writer = await openJournal(
    {
      files,
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      random: randomBytes,
      process: { bootId: null, pid: process.pid, startTime: null },
    },
    { dir, nodeId: NODE_ID, role: 'gateway', ...options },
  )
  let closed: Promise<void> | null = null
  return {
    journalId: writer.journalId,
    call: (startedAt, more = {}) => writeCall(writer, startedAt, more),
    close: () => (closed ??= writer.close()),
  }
}

async function writeCall(
  writer: JournalWriter,
  startedAt: number,
  more: SampleCall,
): Promise<CallRecord> {
  const reservation = await room(writer)
  const callId = uuidV7(startedAt, randomBytes(10))
  const opened = openedLine(0, { callId, logicalId: callId, startedAt, ...more.opened })
  const append = (line: OpenedLine | SettledLine): Promise<number> =>
    new Promise((resolve, reject) => {
      const seq = writer.append(reservation, line, (error) => {
        if (error === null) resolve(seq)
        else reject(error)
      })
    })
  const openedSeq = await append(opened)
  const settled = settledLine(openedSeq, { endedAt: startedAt + 900, ...more.settled })
  const seq = await append(settled)
  const place = { nodeId: NODE_ID, journalId: writer.journalId }
  return callRecordOf({ opened, openedSeq, settled, seq }, place)
}

/** The next segment may still be in the making. */
async function room(writer: JournalWriter): Promise<Reservation> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const reservation = writer.reserve()
    if (reservation !== null) return reservation
    await setTimeout(PAUSE_MS)
  }
  throw new Error('the journal takes no calls')
}
