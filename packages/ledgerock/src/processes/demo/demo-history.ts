// The demo's past enters the ledger by the front door: as lines of a journal, written by the journal's own writer and closed, which
// the ledger ships like any worker's.

import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Month } from '@ledgerock/bedrock-simulator'
import { Fault } from '../../kernel/fault.ts'
import type { JournalLine } from '../../journal/line.ts'
import { openJournal } from '../../journal/writer.ts'
import type { JournalWriter, Reservation } from '../../journal/journal-writer.ts'
import { systemClock } from '../../platform/clock.ts'
import { nodeFiles } from '../../platform/node-files.ts'
import { currentProcess } from '../../platform/process-identity.ts'
import type { PriceBook } from '../../pricing/price-book.ts'
import { journalDirectory } from '../data-layout.ts'
import { pastCall, type PastCall } from './demo-lines.ts'
import { nodeIdOf } from '../node-id.ts'

export const DEMO_WRITER = 'demo'
/** The next segment may still be in the making. */
const ROOM_PAUSE_MS = 5
/** Written before anybody looks whether they are safe. */
const CALLS_AT_ONCE = 200

/** How many calls the gateway had seen. */
export async function writeHistory(
  dataDir: string,
  book: PriceBook,
  { calls }: Pick<Month, 'calls'>,
): Promise<number> {
  const dir = journalDirectory(dataDir)
  await nodeFiles.makeDirectory(dir)
  const writer = await openJournal(
    {
      files: nodeFiles,
      clock: systemClock,
      random: (bytes) => randomBytes(bytes),
      process: currentProcess(),
    },
    { dir, nodeId: nodeIdOf(dataDir), role: DEMO_WRITER },
  )
  const past = calls.flatMap((call) => pastCall(book, call) ?? [])
  for (let from = 0; from < past.length; from += CALLS_AT_ONCE) {
    const some = past.slice(from, from + CALLS_AT_ONCE)
    await Promise.all(some.map((call) => write(writer, call)))
  }
  await writer.close()
  return past.length
}

async function write(writer: JournalWriter, { opened, settle }: PastCall): Promise<void> {
  const reservation = await room(writer)
  const seq = await append(writer, reservation, opened)
  await append(writer, reservation, settle(seq))
}

async function room(writer: JournalWriter): Promise<Reservation> {
  for (;;) {
    const reservation = writer.reserve()
    if (reservation !== null) return reservation
    const { lastError } = writer.status()
    if (lastError !== null) {
      throw new Fault('journal_unavailable', `the journal cannot be written: ${lastError}`)
    }
    await pause(ROOM_PAUSE_MS)
  }
}

function append(
  writer: JournalWriter,
  reservation: Reservation,
  line: JournalLine,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const seq = writer.append(reservation, line, (fault) => {
      if (fault === null) resolve(seq)
      else reject(fault)
    })
  })
}
