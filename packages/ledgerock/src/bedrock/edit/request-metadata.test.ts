import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { readRequestFacts } from '../request/read-request-facts.ts'
import { metadataEdits, metadataHeader, takesMetadata } from './request-metadata.ts'
import type { MetadataEntry } from './edit-places.ts'
import { OPERATIONS } from '../route.ts'
import { edited, looseBody } from '../testing/loose-body.ts'

const ALLOWED = /^[a-zA-Z0-9\s:_@$#=/+,\-.]*$/
const CALL: MetadataEntry = ['ledgerock_call_id', '0198c0de-0000-7000-8000-000000000001']

const read = (body: Buffer | string) =>
  mustOk(readRequestFacts({ operation: 'converse' }, {}, Buffer.from(body)))

/** What the rule says, worked out the slow way. */
function expected(
  own: Readonly<Record<string, unknown>>,
  entries: readonly MetadataEntry[],
): { merged: Record<string, unknown>; dropped: string[] } {
  const merged = new Map(Object.entries(own))
  const dropped: string[] = []
  for (const [key, value] of entries) {
    const fits =
      merged.size < 16 &&
      !merged.has(key) &&
      /^.{1,256}$/s.test(key) &&
      value.length <= 256 &&
      ALLOWED.test(key) &&
      ALLOWED.test(value)
    if (fits) merged.set(key, value)
    else dropped.push(key)
  }
  return { merged: Object.fromEntries(merged), dropped }
}

const key = fc.oneof(
  fc.constantFrom('team', 'feature', 'a b', 'x:y', '', 'é', 'a&b', '__proto__', 'k'.repeat(257)),
  fc.string({
    unit: fc.constantFrom('a', 'B', '7', '_', '-', '.', ','),
    minLength: 1,
    maxLength: 9,
  }),
)
const value = fc.oneof(
  fc.constantFrom('', 'search', 'a/b@c', '100%', '"', '\n', 'v'.repeat(256), 'v'.repeat(257)),
  fc.string({ maxLength: 8 }),
)
const entries = fc.array(fc.tuple(key, value), { maxLength: 20 })
const own = fc.dictionary(key, fc.oneof(value, fc.integer()), { maxKeys: 18 })

describe('metadataEdits', () => {
  it('[B34] [B35] adds our entries to any body, whatever the client wrote there', () => {
    const present = own.map((metadata) => ({ requestMetadata: metadata }))
    const body = looseBody(
      fc.oneof(present, fc.constant({}), fc.constant({ requestMetadata: null })),
    )
    fc.assert(
      fc.property(body, entries, ({ object, bytes }, ours) => {
        const { edits, dropped } = metadataEdits(read(bytes), ours)
        const clients = (object['requestMetadata'] ?? {}) as Record<string, unknown>
        const wanted = expected(clients, ours)
        expect(dropped).toEqual(wanted.dropped)
        const added = wanted.dropped.length < ours.length
        expect(edits.length).toBe(added ? 1 : 0)
        expect(edited(bytes, edits)).toEqual(
          added ? { ...object, requestMetadata: wanted.merged } : object,
        )
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['{}', '{"requestMetadata":{"k":"v"}}'],
    [' { } ', ' {"requestMetadata":{"k":"v"} } '],
    ['{"a":1}', '{"requestMetadata":{"k":"v"},"a":1}'],
    ['{"requestMetadata":{}}', '{"requestMetadata":{"k":"v"}}'],
    ['{"requestMetadata": {\n}}', '{"requestMetadata": {"k":"v"\n}}'],
    ['{"requestMetadata":{"a":"b"}}', '{"requestMetadata":{"k":"v","a":"b"}}'],
    ['{"request\\u004detadata":{"a":"b"}}', '{"request\\u004detadata":{"k":"v","a":"b"}}'],
    ['{"requestMetadata":null,"a":1}', '{"requestMetadata":{"k":"v"},"a":1}'],
    ['{"a":{"requestMetadata":{}}}', '{"requestMetadata":{"k":"v"},"a":{"requestMetadata":{}}}'],
  ])('[B34] turns %s into %s', (before, after) => {
    const bytes = Buffer.from(before)
    const { edits, dropped } = metadataEdits(read(bytes), [['k', 'v']])
    expect(dropped).toEqual([])
    expect(edited(bytes, edits)).toEqual(JSON.parse(after))
    expect(before.slice(0, edits[0]?.start) + edits[0]?.text + before.slice(edits[0]?.end)).toBe(
      after,
    )
  })

  it.each(['[]', '"requestMetadata"', '{"requestMetadata":[]}', '{"requestMetadata":"{}"}', '7'])(
    '[B35] leaves %s for Bedrock to refuse',
    (body) => {
      expect(metadataEdits(read(body), [CALL])).toEqual({
        edits: [],
        dropped: ['ledgerock_call_id'],
      })
    },
  )

  it('[B35] does not read metadata larger than sixteen entries can be', () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [`k${index}`, 'v'.repeat(256)]),
    )
    const facts = read(JSON.stringify({ requestMetadata: metadata }))
    expect(facts.requestMetadata).toBe(null)
    expect(metadataEdits(facts, [CALL]).edits).toEqual([])
  })

  it('[B35] gives nothing up for ours: sixteen entries of the client leave no slot', () => {
    const metadata = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`k${index}`, '']))
    const bytes = Buffer.from(JSON.stringify({ requestMetadata: metadata }))
    const { edits, dropped } = metadataEdits(read(bytes), [CALL, ['team', 'search']])
    expect(dropped).toEqual(['team'])
    expect(edited(bytes, edits)).toEqual({
      requestMetadata: { ...metadata, [CALL[0]]: CALL[1] },
    })
  })
})

describe('metadataHeader', () => {
  it('[B35] adds our entries to whatever object the client sends, and keeps its bytes', () => {
    const clientValue = fc.oneof(
      own.map((metadata) => JSON.stringify(metadata)),
      own.map((metadata) => ` ${JSON.stringify(metadata, null, ' ')} `),
      fc.constant(undefined),
    )
    fc.assert(
      fc.property(clientValue, entries, (sent, ours) => {
        const clients = JSON.parse(sent ?? '{}') as Record<string, unknown>
        const wanted = expected(clients, ours)
        const header = metadataHeader(sent, ours)
        if (sent === undefined && wanted.dropped.length === ours.length) {
          expect(header).toBe(null)
          return
        }
        expect(header?.dropped).toEqual(wanted.dropped)
        expect(JSON.parse(header?.value ?? '')).toEqual(wanted.merged)
        const kept = sent?.trimEnd() ?? '}'
        expect(header?.value.trimEnd().endsWith(kept.slice(kept.indexOf('{') + 1))).toBe(true)
      }),
    )
  })

  it.each(['', 'x', '[]', 'null', '[object Object]', '"{}"', '{"a":"b"}, {"c":"d"}'])(
    '[B35] leaves %j as it is',
    (sent) => {
      expect(metadataHeader(sent, [CALL])).toBe(null)
    },
  )

  it('[B35] stays within the header Bedrock takes', () => {
    const padding = ' '.repeat(8_440)
    const sent = `{${padding}"a":"b"}`
    expect(
      metadataHeader(sent, [
        ['k', 'v'.repeat(50)],
        ['l', 'w'],
      ]),
    ).toEqual({
      value: `{"l":"w",${padding}"a":"b"}`,
      dropped: ['k'],
    })
    const long = Array.from({ length: 16 }, (_, index): MetadataEntry => [
      `${index}${'k'.repeat(254)}`,
      'v'.repeat(256),
    ])
    const full = metadataHeader(undefined, long)
    expect(full?.dropped).toEqual([])
    expect(full?.value.length).toBeLessThanOrEqual(8_500)
  })

  it('[B35] only Converse and InvokeModel take metadata', () => {
    const places = OPERATIONS.flatMap((operation) => {
      const place = takesMetadata(operation)
      return place === null ? [] : [[operation, place]]
    })
    expect(places).toEqual([
      ['converse', 'body'],
      ['converse-stream', 'body'],
      ['invoke', 'header'],
      ['invoke-with-response-stream', 'header'],
    ])
  })
})
