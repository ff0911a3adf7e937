import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyEdits, type BodyEdit } from './body-edit.ts'

describe('applyEdits', () => {
  it('[B34] gives back the body itself where nothing changes', () => {
    const body = Buffer.from('{}')
    expect(applyEdits(body, [])).toBe(body)
  })

  it('[B34] changes what the edits name and no other byte, in whatever order they come', () => {
    const body = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes))
    const cut = fc.record({
      gap: fc.nat(6),
      length: fc.nat(6),
      text: fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => text.isWellFormed()),
      rank: fc.nat(),
    })
    fc.assert(
      fc.property(body, fc.array(cut, { maxLength: 6 }), (bytes, cuts) => {
        const edits: (BodyEdit & { rank: number })[] = []
        const expected: Buffer[] = []
        let at = 0
        for (const { gap, length, text, rank } of cuts) {
          const start = at + gap + (edits.length > 0 ? 1 : 0)
          if (start + length > bytes.length) break
          expected.push(bytes.subarray(at, start), Buffer.from(text))
          at = start + length
          edits.push({ start, end: at, text, rank })
        }
        expected.push(bytes.subarray(at))
        const before = Buffer.from(bytes)
        const shuffled = edits.toSorted((left, right) => left.rank - right.rank)
        expect(applyEdits(bytes, shuffled).equals(Buffer.concat(expected))).toBe(true)
        expect(bytes.equals(before)).toBe(true)
      }),
    )
  })

  it('[B34] refuses edits that overlap or lie outside of the body', () => {
    const body = Buffer.from('0123456789')
    const edit = (start: number, end: number): BodyEdit => ({ start, end, text: '' })
    expect(() => applyEdits(body, [edit(0, 5), edit(4, 6)])).toThrow('edits lie in the body')
    expect(() => applyEdits(body, [edit(9, 11)])).toThrow('edits lie in the body')
    expect(() => applyEdits(body, [edit(5, 4)])).toThrow('edits lie in the body')
  })
})
