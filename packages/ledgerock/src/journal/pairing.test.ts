import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JournalLine } from './line.ts'
import { createPairing } from './pairing.ts'
import type { JournalRecord } from './reader.ts'
import { openedLine, settledLine } from './testing/sample-lines.ts'

function record(seq: number, line: JournalLine, segment = 1): JournalRecord {
  return { seq, line, segment, offset: 0 }
}

describe('pairing', () => {
  it('[J13] gives a call when its settled line comes, with its opened line', () => {
    const pairing = createPairing()
    const [first, second] = [openedLine(1), openedLine(2)]
    expect(pairing.feed(record(1, first))).toEqual({ kind: 'opened' })
    expect(pairing.feed(record(2, second))).toEqual({ kind: 'opened' })
    const settled = settledLine(1)
    expect(pairing.feed(record(3, settled))).toEqual({
      kind: 'settled',
      call: { opened: first, openedSeq: 1, settled, seq: 3 },
    })
    expect(pairing.open()).toEqual([{ opened: second, openedSeq: 2 }])
  })

  it('[J13] reports a settled line whose opened line was lost', () => {
    const settled = settledLine(1)
    expect(createPairing().feed(record(2, settled))).toEqual({ kind: 'orphan', settled, seq: 2 })
  })

  it('[J13] passes over what is in the store already, also where its opened line is gone', () => {
    const pairing = createPairing(4)
    pairing.feed(record(3, openedLine(1)))
    expect(pairing.feed(record(4, settledLine(3)))).toEqual({ kind: 'shipped' })
    expect(pairing.feed(record(4, settledLine(1)))).toEqual({ kind: 'shipped' })
    expect(pairing.open()).toEqual([])
  })

  it('[J13] needs every segment with a call that is open or not shipped, and no other', () => {
    const calls = fc.array(
      fc.record({
        opened: fc.integer({ min: 1, max: 9 }),
        stays: fc.nat(4),
        settles: fc.boolean(),
      }),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(calls, fc.nat(40), (plan, shippedSeq) => {
        const pairing = createPairing()
        const events = plan.flatMap(({ opened, stays, settles }, call) => [
          { segment: opened, call, kind: 'opened' as const },
          ...(settles ? [{ segment: opened + stays, call, kind: 'settled' as const }] : []),
        ])
        const seqOf = new Map<number, number>()
        const settledSeqOf = new Map<number, number>()
        let last = 0
        for (const [index, event] of events.toSorted((a, b) => a.segment - b.segment).entries()) {
          const seq = index + 1
          last = event.segment
          if (event.kind === 'opened') seqOf.set(event.call, seq)
          else settledSeqOf.set(event.call, seq)
          const line =
            event.kind === 'opened' ? openedLine(seq) : settledLine(seqOf.get(event.call) ?? 0)
          pairing.feed(record(seq, line, event.segment))
        }
        pairing.shipped(shippedSeq)
        const needed = plan
          .filter((_, call) => (settledSeqOf.get(call) ?? Number.POSITIVE_INFINITY) > shippedSeq)
          .map(({ opened }) => opened)
        expect(pairing.neededFromSegment()).toBe(Math.min(last, ...needed))
      }),
    )
  })
})
