import type { CallRecord } from '@ledgerock/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callsInOrder, HELD_MAX } from './calls-in-order.ts'
import { createTimedLedger } from '../testing/timed-ledger.ts'

const BEGIN = Date.parse('2026-10-01T00:00:00Z')
const DAY_MS = 86_400_000

function callAt(atMs: number, index: number): CallRecord {
  const call_id = `call-${String(index).padStart(6, '0')}`
  return { call_id, started_at: new Date(atMs).toISOString() } as CallRecord
}

async function read(records: readonly CallRecord[], fromMs: number, toMs: number) {
  const ledger = createTimedLedger(records)
  const found: string[] = []
  let most = 0
  for await (const stretch of callsInOrder(ledger, { fromMs, toMs }, ({ call_id: id }) => id)) {
    most = Math.max(most, stretch.length)
    found.push(...stretch)
  }
  return { found, most, questions: ledger.questions() }
}

describe('calls in order', () => {
  it('[C110] gives every call of the time once, the earliest first', async () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 30 * DAY_MS }), { maxLength: 40 })
    const stretch = fc.integer({ min: 1, max: 400 * DAY_MS })
    await fc.assert(
      fc.asyncProperty(gaps, stretch, async (drawn, lengthMs) => {
        let atMs = BEGIN - DAY_MS
        const records = drawn.map((gap, index) => callAt((atMs += gap), index))
        const { found } = await read(records, BEGIN, BEGIN + lengthMs)
        const within = records.filter(({ started_at: at }) => {
          return Date.parse(at) >= BEGIN && Date.parse(at) < BEGIN + lengthMs
        })
        expect(found).toEqual(within.map(({ call_id: id }) => id))
      }),
    )
  })

  it('[C110] holds few at a time, however many came at once', async () => {
    const records = Array.from({ length: 3 * HELD_MAX }, (_, index) =>
      callAt(BEGIN + DAY_MS + index * 2, index),
    )
    const { found, most, questions } = await read(records, BEGIN, BEGIN + 2 * DAY_MS)
    expect(found).toEqual(records.map(({ call_id: id }) => id))
    expect(most).toBeLessThanOrEqual(HELD_MAX)
    // Not much more than what there is to read.
    expect(questions).toBeLessThan(150)
  })

  it('[C110] goes on where more began in one millisecond than are held', async () => {
    const records = Array.from({ length: HELD_MAX + 1_500 }, (_, index) => callAt(BEGIN, index))
    const { found } = await read(records, BEGIN, BEGIN + DAY_MS)
    expect(found).toEqual(records.map(({ call_id: id }) => id))
  })
})
