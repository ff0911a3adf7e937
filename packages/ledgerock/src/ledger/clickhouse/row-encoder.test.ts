import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryOf } from '../entry.ts'
import { arbitraryRecord } from '../testing/arbitrary-record.ts'
import { createRowEncoder } from './row-encoder.ts'

const DIMENSIONS = ['team', 'squad']
const records = arbitraryRecord({ fromMs: 0, toMs: 4e12, dimensions: DIMENSIONS })

describe('the line of a row', () => {
  it('[L1] has one field for every column and ends where it says, whatever the record holds', () => {
    const { columns, lineOf } = createRowEncoder(DIMENSIONS)
    fc.assert(
      fc.property(records, (record) => {
        const line = lineOf(entryOf(record))
        expect(line.split('\t')).toHaveLength(columns.length)
        expect(line.indexOf('\n')).toBe(line.length - 1)
      }),
    )
  })

  it('[L12] a number that its column cannot hold is refused, and by name', () => {
    const { lineOf } = createRowEncoder(DIMENSIONS)
    const [record] = fc.sample(records, { numRuns: 1, seed: 1 })
    if (record === undefined) throw new Error('no record')
    const wrong = {
      http_status: [65_536, -1, 200.5],
      input_tokens: [2 ** 53, -1, 0.5],
      attempt: [2 ** 32, Number.NaN],
      latency_ms: [Number.NaN, Number.POSITIVE_INFINITY],
    }
    for (const [field, numbers] of Object.entries(wrong)) {
      for (const number of numbers) {
        expect(() => lineOf(entryOf({ ...record, [field]: number }))).toThrow(
          expect.objectContaining({
            code: 'row_invalid',
            retryable: false,
            message: expect.stringContaining(field) as string,
          }) as Error,
        )
      }
    }
  })
})
