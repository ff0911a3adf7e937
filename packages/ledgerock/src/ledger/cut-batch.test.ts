import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CallRecord } from '@ledgerock/contract'
import { cutBatch } from './cut-batch.ts'
import type { TailedCall } from './journal-tail.ts'

const MONTH_END = Date.parse('2026-11-01T00:00:00Z')

const call = (seq: number, startedMs: number): TailedCall => ({
  seq,
  record: { started_at: new Date(startedMs).toISOString(), call_id: `${seq}` } as CallRecord,
})

/** Journals whose calls began around the end of a month, in any order. */
const waiting = fc
  .array(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 12 }), { maxLength: 4 })
  .map((journals) =>
    journals.map((offsets, index) => ({
      journalId: `j${index}`,
      calls: offsets.map((offset, place) => call(place * 2 + 2, MONTH_END + offset * 1_000)),
    })),
  )

describe('cutBatch', () => {
  it('[L13] a batch is one month, a range from the front of each journal, bounded', () => {
    fc.assert(
      fc.property(waiting, fc.integer({ min: 1, max: 20 }), (journals, rowsMax) => {
        const cut = cutBatch(journals, rowsMax)
        const total = journals.reduce((sum, { calls }) => sum + calls.length, 0)
        if (cut === null) {
          expect(total).toBe(0)
          return
        }
        expect(cut.calls.length).toBeGreaterThan(0)
        expect(cut.calls.length).toBeLessThanOrEqual(rowsMax)
        expect(new Set(cut.calls.map(({ record }) => record.started_at.slice(0, 7))).size).toBe(1)
        expect(cut.more).toBe(total > cut.calls.length)
        const expected = cut.batch.ranges.flatMap(({ journal_id, first, last }) => {
          const calls = journals.find(({ journalId }) => journalId === journal_id)?.calls ?? []
          expect(calls[0]?.seq).toBe(first)
          return calls.filter(({ seq }) => seq <= last)
        })
        expect(cut.calls).toEqual(expected)
      }),
    )
  })

  it('[L13] cutting on takes every call once, in order, and the token says which', () => {
    fc.assert(
      fc.property(waiting, fc.integer({ min: 1, max: 5 }), (journals, rowsMax) => {
        const taken = new Map<string, number[]>(journals.map(({ journalId }) => [journalId, []]))
        const tokens = new Set<string>()
        let left = journals
        for (;;) {
          const cut = cutBatch(left, rowsMax)
          if (cut === null) break
          expect(tokens.has(cut.batch.token)).toBe(false)
          tokens.add(cut.batch.token)
          left = left.map(({ journalId, calls }) => {
            const range = cut.batch.ranges.find((one) => one.journal_id === journalId)
            if (range === undefined) return { journalId, calls }
            const gone = calls.filter(({ seq }) => seq <= range.last)
            taken.get(journalId)?.push(...gone.map(({ seq }) => seq))
            return { journalId, calls: calls.filter(({ seq }) => seq > range.last) }
          })
        }
        for (const { journalId, calls } of journals) {
          expect(taken.get(journalId)).toEqual(calls.map(({ seq }) => seq))
        }
      }),
    )
  })
})
