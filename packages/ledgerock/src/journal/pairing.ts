// Puts each settled line together with its opened line, and knows from which segment on the journal is still needed. Pure:
// it is fed records in order and told what has been shipped.

import type { OpenedLine, SettledLine } from './line.ts'
import type { JournalRecord } from './reader.ts'

export type SettledCall = {
  readonly opened: OpenedLine
  readonly openedSeq: number
  readonly settled: SettledLine
  /** Of the settled line: the call's place in the order of shipping. */
  readonly seq: number
}

export type OpenCall = { readonly opened: OpenedLine; readonly openedSeq: number }

export type Fed =
  | { readonly kind: 'opened' }
  | { readonly kind: 'settled'; readonly call: SettledCall }
  /** Settled at or before the checkpoint: in the store already. */
  | { readonly kind: 'shipped' }
  /** A settled line whose opened line was lost. To be reported and alarmed: its dollars have no owner. */
  | { readonly kind: 'orphan'; readonly settled: SettledLine; readonly seq: number }

export type Pairing = {
  readonly feed: (record: JournalRecord) => Fed
  /** Everything settled up to here is confirmed in the store. */
  readonly shipped: (throughSeq: number) => void
  /** Calls opened and not settled, in order of sequence. */
  readonly open: () => readonly OpenCall[]
  /** Segments below this number hold nothing that is still needed. */
  readonly neededFromSegment: () => number
}

type Open = { readonly line: OpenedLine; readonly segment: number }
type Unshipped = { readonly seq: number; readonly segment: number }

/** `shippedSeq`: the checkpoint, re-derived from the store: the highest settled sequence number of this journal in it. */
export function createPairing(shippedSeq = 0): Pairing {
  const open = new Map<number, Open>()
  /** Settled calls in order, each with the lowest segment it needs. */
  const unshipped: Unshipped[] = []
  /** How many open or unshipped calls need each segment. */
  const needs = new Map<number, number>()
  let shippedThrough = shippedSeq
  let readingSegment = 0

  function need(segment: number, change: 1 | -1): void {
    const count = (needs.get(segment) ?? 0) + change
    if (count === 0) needs.delete(segment)
    else needs.set(segment, count)
  }

  function settle(settled: SettledLine, record: JournalRecord): Fed {
    const opening = open.get(settled.opened)
    open.delete(settled.opened)
    if (record.seq <= shippedThrough) {
      if (opening !== undefined) need(opening.segment, -1)
      return { kind: 'shipped' }
    }
    if (opening === undefined) return { kind: 'orphan', settled, seq: record.seq }
    unshipped.push({ seq: record.seq, segment: opening.segment })
    const call = {
      opened: opening.line,
      openedSeq: settled.opened,
      settled,
      seq: record.seq,
    }
    return { kind: 'settled', call }
  }

  return {
    feed: (record) => {
      readingSegment = record.segment
      if (record.line.kind === 'settled') return settle(record.line, record)
      open.set(record.seq, { line: record.line, segment: record.segment })
      need(record.segment, 1)
      return { kind: 'opened' }
    },
    shipped: (throughSeq) => {
      shippedThrough = Math.max(shippedThrough, throughSeq)
      const pending = unshipped.findIndex(({ seq }) => seq > shippedThrough)
      const confirmed = unshipped.splice(0, pending === -1 ? unshipped.length : pending)
      for (const { segment } of confirmed) need(segment, -1)
    },
    open: () => [...open].map(([openedSeq, { line }]) => ({ opened: line, openedSeq })),
    neededFromSegment: () => Math.min(readingSegment, ...needs.keys()),
  }
}
