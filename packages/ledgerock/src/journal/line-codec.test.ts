import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DROPPED_MARK } from './fit-line.ts'
import { decodeLine, encodeLine, OPENED_BYTES_MAX, SETTLED_BYTES_MAX } from './line-codec.ts'
import type { JournalLine } from './line.ts'
import { OPENED_KEYS, shortenOpened } from './opened-codec.ts'
import { PAYLOAD_BYTES_MAX, RECORD_HEADER_BYTES } from './record.ts'
import { SETTLED_KEYS, shortenSettled } from './settled-codec.ts'
import { arbitraryLine, arbitraryOpened, arbitrarySettled } from './testing/arbitrary-lines.ts'
import { REALISTIC_OPENED, REALISTIC_SETTLED } from './testing/sample-lines.ts'

const buffer = Buffer.alloc(PAYLOAD_BYTES_MAX + 8)

function encoded(line: JournalLine): Buffer {
  const length = encodeLine(line, buffer, 8)
  return Buffer.from(buffer.subarray(8, 8 + length))
}

function decoded(payload: Buffer): JournalLine {
  const result = decodeLine(payload)
  if (!result.ok) throw new Error(result.problem)
  return result.value
}

function sizeOf(line: JournalLine): number {
  return RECORD_HEADER_BYTES + encoded(line).length
}

describe('line codec', () => {
  it('[J2] gives any line back exactly', () => {
    fc.assert(
      fc.property(arbitraryLine, (line) => {
        expect(decoded(encoded(line))).toEqual(line)
      }),
      { numRuns: 400 },
    )
  })

  it('[J2] gives the realistic lines back exactly', () => {
    expect(decoded(encoded(REALISTIC_OPENED))).toStrictEqual(REALISTIC_OPENED)
    expect(decoded(encoded(REALISTIC_SETTLED))).toStrictEqual(REALISTIC_SETTLED)
  })

  it('[J2] keeps names that JSON.parse of V8 misreads as keys', () => {
    // What each of these was read as depended on the shapes of objects seen before: see `flatten` in `opened-codec.ts`.
    for (const name of ['\\', '\n', '"', '\u0000', '\\', '"', '\n']) {
      const line = { ...REALISTIC_OPENED, attributes: { a: 'first', [name]: 'second' } }
      expect(decoded(encoded(line))).toStrictEqual(line)
    }
  })

  it('[J2] has every key it writes in the table of keys', () => {
    fc.assert(
      fc.property(arbitraryOpened, arbitrarySettled, (opened, settled) => {
        for (const key in shortenOpened(opened)) expect(OPENED_KEYS).toContain(key)
        for (const key in shortenSettled(settled)) expect(SETTLED_KEYS).toContain(key)
      }),
    )
  })

  it('[J2] needs at most 400 bytes for an opened line and 920 for a call, records included', () => {
    const opened = sizeOf(REALISTIC_OPENED)
    const settled = sizeOf(REALISTIC_SETTLED)
    expect(opened).toBeLessThanOrEqual(400)
    expect(opened + settled).toBeLessThanOrEqual(920)
  })

  it.each(['{"o":1,"future":1}', '{"s":1,"t":1,"l":1,"pb":"","zz":2}', '{"r":7}'])(
    '[J3] refuses %s as the work of a newer version',
    (payload) => {
      expect(decodeLine(Buffer.from(payload))).toStrictEqual({ ok: false, problem: 'newer' })
    },
  )

  it.each(['', '{', '[]', 'null', '7', '{"o":1}', '{"o":null}', '{"s":1}', '{"s":"1"}'])(
    '[J3] calls %j malformed',
    (payload) => {
      expect(decodeLine(Buffer.from(payload))).toStrictEqual({ ok: false, problem: 'malformed' })
    },
  )

  it('[J3] never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(() => decodeLine(Buffer.from(bytes))).not.toThrow()
      }),
    )
  })

  it('[J4] drops raw usage, never numbers, from a settled line over its cap', () => {
    const line = { ...REALISTIC_SETTLED, rawUsage: 'x'.repeat(SETTLED_BYTES_MAX) }
    const payload = encoded(line)
    expect(payload.length).toBeLessThanOrEqual(SETTLED_BYTES_MAX)
    expect(decoded(payload)).toStrictEqual({
      ...line,
      rawUsage: null,
      changes: ['request_metadata', `${DROPPED_MARK}:raw_usage`],
    })
  })

  it('[J4] keeps usage, cost and amounts however long everything else is', () => {
    const long = '語'.repeat(3_000)
    const line = {
      ...REALISTIC_SETTLED,
      rawUsage: long,
      errorType: long,
      awsRequestId: long,
      changes: Array.from({ length: 100 }, () => long),
      charges: REALISTIC_SETTLED.charges.map((charge) => ({ ...charge, rateId: long })),
    }
    const read = decoded(encoded(line))
    expect(read).toMatchObject({
      usage: line.usage,
      cost: line.cost,
      charges: line.charges.map(({ kind, quantity, rate, amount }) => ({
        kind,
        quantity,
        rate,
        amount,
      })),
    })
    expect(read.kind === 'settled' && read.changes).toContain(`${DROPPED_MARK}:rate_ids`)
  })

  it('[J4] drops attributes first from an opened line over its cap, and says so', () => {
    const line = { ...REALISTIC_OPENED, attributes: { note: 'é'.repeat(OPENED_BYTES_MAX / 2) } }
    expect(decoded(encoded(line))).toStrictEqual({
      ...line,
      attributes: { [DROPPED_MARK]: 'attributes' },
    })
  })

  it('[J4] keeps who made the call when everything else is too long', () => {
    const long = 'm'.repeat(9_000)
    const line = { ...REALISTIC_OPENED, modelRequested: long, traceId: long, logicalId: long }
    const read = decoded(encoded(line))
    expect(read).toMatchObject({
      dimensions: line.dimensions,
      callId: line.callId,
      keyName: line.keyName,
      attributes: { [DROPPED_MARK]: 'attributes,conflicts,provenance,long_texts' },
    })
  })

  it('[J4] refuses an opened line whose dimensions alone are over the cap', () => {
    const dimensions = { team: 't'.repeat(OPENED_BYTES_MAX) }
    expect(() => encoded({ ...REALISTIC_OPENED, dimensions })).toThrow(
      expect.objectContaining({ code: 'line_too_large' }),
    )
  })
})
