// One journal as the shipper sees it: reads ahead a little, pairs settled lines with their opened lines, and holds the calls
// that are safe on disk until the store has confirmed them.

import type { CallRecord } from '@ledgerock/contract'
import { callRecordOf } from '../journal/call-record-of.ts'
import type { FileLayer } from '../journal/file-layer.ts'
import { createPairing } from '../journal/pairing.ts'
import { openReader, type Finding as JournalFinding } from '../journal/reader.ts'

export type TailedCall = { readonly seq: number; readonly record: CallRecord }

export type Orphan = { readonly journalId: string; readonly seq: number }

export type JournalTail = {
  readonly journalId: string
  /** Reads until `max` calls wait or there is nothing more now, and makes them survive power loss. */
  readonly fill: (max: number) => Promise<void>
  /** Calls that are safe and not confirmed, in order. */
  readonly ready: () => readonly TailedCall[]
  readonly confirm: (throughSeq: number) => void
  /** Segments below this number are not needed any more. */
  readonly neededFromSegment: () => number
  /** Everything this journal has, or will ever have, is confirmed. */
  readonly drained: () => 'now' | 'for_ever' | null
  /** Calls of it were never settled, as far as it has been read. */
  readonly hasOpenCalls: () => boolean
  readonly close: () => void
}

export type TailDeps = {
  readonly files: FileLayer
  readonly onFinding: (journalId: string, finding: JournalFinding) => Promise<void>
  readonly onOrphan: (orphan: Orphan) => Promise<void>
}

export type TailOptions = {
  readonly dir: string
  readonly journalId: string
  readonly nodeId: string
  /** The store has every settled line up to here. */
  readonly shippedSeq: number
}

const READ_LIMIT = 2_048

export function openTail(deps: TailDeps, options: TailOptions): JournalTail {
  const { dir, journalId, nodeId } = options
  const reader = openReader({ files: deps.files }, { dir, journalId })
  const pairing = createPairing(options.shippedSeq)
  const waiting: TailedCall[] = []
  /** Still to be made, in order. */
  const reports: (() => Promise<void>)[] = []
  let syncedSeq = 0
  let state: 'more' | 'waiting' | 'complete' = 'more'

  async function readOn(): Promise<boolean> {
    const { records, findings, state: next } = await reader.read(READ_LIMIT)
    state = next
    for (const record of records) {
      const fed = pairing.feed(record)
      if (fed.kind === 'settled') {
        const call = callRecordOf(fed.call, { nodeId, journalId })
        waiting.push({ seq: fed.call.seq, record: call })
      } else if (fed.kind === 'orphan') {
        reports.push(() => deps.onOrphan({ journalId, seq: fed.seq }))
      }
    }
    for (const finding of findings) reports.push(() => deps.onFinding(journalId, finding))
    await report()
    return records.length > 0
  }

  /** What was read is kept first: a report that cannot be made now must not cost a call. */
  async function report(): Promise<void> {
    for (let next = reports[0]; next !== undefined; next = reports[0]) {
      await next()
      reports.shift()
    }
  }

  async function fill(max: number): Promise<void> {
    await report()
    let news = false
    while (waiting.length < max) {
      news = (await readOn()) || news
      if (state !== 'more') break
    }
    const last = waiting.at(-1)
    if (news || (last !== undefined && last.seq > syncedSeq)) syncedSeq = await reader.sync()
  }

  return {
    journalId,
    fill,
    ready: () => {
      const unsafe = waiting.findIndex((call) => call.seq > syncedSeq)
      return unsafe === -1 ? waiting : waiting.slice(0, unsafe)
    },
    confirm: (throughSeq) => {
      const open = waiting.findIndex((call) => call.seq > throughSeq)
      waiting.splice(0, open === -1 ? waiting.length : open)
      pairing.shipped(throughSeq)
    },
    neededFromSegment: () => pairing.neededFromSegment(),
    drained: () => {
      if (waiting.length > 0 || reports.length > 0 || state === 'more') return null
      return state === 'complete' ? 'for_ever' : 'now'
    },
    hasOpenCalls: () => pairing.open().length > 0,
    close: () => reader.close(),
  }
}
