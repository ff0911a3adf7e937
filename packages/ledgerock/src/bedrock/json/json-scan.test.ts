import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileJsonPaths } from './json-paths.ts'
import { JsonScan } from './json-scan.ts'
import { chooser, writeLoosely } from '../testing/loose-json.ts'

function feed(scan: JsonScan, bytes: Buffer, sizes: readonly number[]): void {
  scan.reset()
  const next = chooser(sizes)
  for (let at = 0; at < bytes.length;) {
    const size = next()
    // A copy of its own, wiped after the call: the scan may not rely on a chunk afterwards but for whole values.
    scan.write(Buffer.from(bytes.subarray(at, at + size)))
    at += size
  }
  scan.end()
}

/** None ends in a backslash: V8's `JSON.parse` would take later, escaped keys for it. */
const names = fc.constantFrom(
  'usage',
  'a',
  'b',
  'maxTokens',
  'äöü',
  'key"quote',
  'back\\slash',
  '😀',
  '__proto__',
)
const anyJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 5 },
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    fc.constantFrom('', '\\', '"', '\\"', '\\\\', '{"usage":1}', '"}],'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(names, tie('value')), { maxLength: 5 })
    .map((entries) => Object.fromEntries(entries) as Record<string, unknown>),
}))
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })
const choices = fc.array(fc.nat(1_000), { minLength: 8, maxLength: 64 })

const PATHS = ['usage', 'a.usage', 'a.b.maxTokens', 'b.*.usage', 'äöü']

function lookUp(value: unknown, path: readonly string[]): unknown {
  const [word, ...rest] = path
  if (word === undefined) return value
  if (word === '*') {
    if (!Array.isArray(value)) return undefined
    return value.map((element) => lookUp(element, rest)).findLast((found) => found !== undefined)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, word) ? lookUp(Reflect.get(value, word), rest) : undefined
}

describe('JsonScan', () => {
  it('[B5] finds what JSON.parse finds, for any white space, escapes and chunks', () => {
    const scan = new JsonScan(compileJsonPaths(PATHS))
    fc.assert(
      fc.property(anyJson.value, choices, sizes, (value, numbers, chunks) => {
        const text = writeLoosely(value, chooser(numbers))
        feed(scan, Buffer.from(text), chunks)
        const parsed: unknown = JSON.parse(text)
        expect(scan.problem).toBe(null)
        expect(scan.duplicate).toBe(null)
        for (const [index, path] of PATHS.entries()) {
          const found = scan.value(index)
          const wanted = lookUp(parsed, path.split('.'))
          expect(found === null ? undefined : JSON.parse(found.toString())).toEqual(wanted)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('[B5] calls malformed what JSON.parse refuses outside of strings, in any chunks', () => {
    const scan = new JsonScan(compileJsonPaths(PATHS))
    const pieces = fc.constantFrom(
      ...'{}[]:,"0123.-+eE truefalsn'.split(''),
      '"a"',
      '"usage":1',
      'true',
      'null',
      '1.5e3',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), sizes, (parts, chunks) => {
        const text = parts.join('')
        feed(scan, Buffer.from(text), chunks)
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        expect(scan.problem === null).toBe(isJson)
      }),
      { numRuns: 3_000 },
    )
  })

  it('[B5] takes any bytes without throwing and keeps little of them', () => {
    const scan = new JsonScan(compileJsonPaths(PATHS), 1_024)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), sizes, (bytes, chunks) => {
        feed(scan, Buffer.from(bytes), chunks)
      }),
    )
    scan.reset()
    scan.write(Buffer.from('{"usage":"'))
    for (let at = 0; at < 100; at += 1) scan.write(Buffer.alloc(100, 0x61))
    expect(scan.problem).toBe('too_large')
  })

  it('[B6] reports a wanted key that stands twice, however it is written', () => {
    const scan = new JsonScan(compileJsonPaths(['inferenceConfig.maxTokens']))
    const told = (text: string): string | null => {
      feed(scan, Buffer.from(text), [7])
      return scan.duplicate
    }
    expect(told('{"inferenceConfig":{"maxTokens":1,"maxTokens":9}}')).toBe(
      'inferenceConfig.maxTokens',
    )
    expect(told('{"inferenceConfig":{"maxTokens":1,"max\\u0054okens":9}}')).toBe(
      'inferenceConfig.maxTokens',
    )
    // The second object would undo the first: the upstream sees no limit at all.
    expect(told('{"inferenceConfig":{"maxTokens":1},"inferenceConfig":{}}')).toBe('inferenceConfig')
    expect(told('{"a":{"maxTokens":1},"b":{"maxTokens":1},"maxTokens":2}')).toBe(null)
  })

  it('[B5] refuses nesting past its bound, and no less', () => {
    const scan = new JsonScan(compileJsonPaths(['usage']))
    feed(scan, Buffer.from('['.repeat(128) + ']'.repeat(128)), [10])
    expect(scan.problem).toBe(null)
    feed(scan, Buffer.from('['.repeat(129) + ']'.repeat(129)), [10])
    expect(scan.problem).toBe('too_deep')
  })

  it('[B7] counts the bytes of text and of media apart', () => {
    const scan = new JsonScan(compileJsonPaths(['usage']))
    const image = Buffer.alloc(900, 7).toString('base64')
    const prose = 'A document may be plain text. '.repeat(10)
    const body = {
      text: 'four',
      source: { bytes: image },
      other: { data: prose },
      url: `data:image/png;base64,${image}`,
    }
    scan.write(Buffer.from(JSON.stringify(body)))
    scan.end()
    expect(scan.mediaParts).toBe(2)
    expect(scan.mediaBytes).toBe(image.length + image.length + 'data:image/png;base64,'.length)
    expect(scan.textBytes).toBe(4)
    expect(scan.stringBytes - scan.mediaBytes).toBe(
      'textsourcebytesotherdataurl'.length + 'four'.length + prose.length,
    )
  })

  it('[B33] counts the elements of an array without keeping them, in any chunks', () => {
    const scan = new JsonScan(compileJsonPaths(['documents.#', 'a.shots.#', 'a.shots.*.text']))
    const element = fc.oneof(fc.string(), fc.integer(), fc.array(fc.integer()), fc.constant({}))
    fc.assert(
      fc.property(fc.array(element), choices, sizes, (documents, numbers, chunks) => {
        const value = { nested: { documents: [1] }, documents, after: [1, 2] }
        feed(scan, Buffer.from(writeLoosely(value, chooser(numbers))), chunks)
        expect(scan.problem).toBe(null)
        expect(scan.count(0)).toBe(documents.length)
        expect(scan.value(0)).toBe(null)
      }),
    )
    feed(scan, Buffer.from('{"documents":{"a":1},"a":{"shots":[{"text":1},{"text":2}]}}'), [99])
    expect([scan.count(0), scan.count(1)]).toEqual([0, 2])
  })

  it('[B5] keeps every value of a place that asks for all, and counts keys, in any chunks', () => {
    const scan = new JsonScan(compileJsonPaths(['a.*.type[]', 'a.#', 'a.*.deep.mark#']))
    const element = fc.record(
      { type: fc.string(), deep: fc.record({ mark: fc.integer() }), x: fc.integer() },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(element), choices, sizes, (a, numbers, chunks) => {
        feed(scan, Buffer.from(writeLoosely({ a, type: 'no' }, chooser(numbers))), chunks)
        expect(scan.problem).toBe(null)
        const types = a.flatMap(({ type }) => (type === undefined ? [] : [type]))
        expect(scan.all(0).map((value) => JSON.parse(value.toString()) as unknown)).toEqual(types)
        const marks = a.filter(({ deep }) => deep !== undefined)
        expect([scan.count(0), scan.count(1), scan.count(2)]).toEqual([
          types.length,
          a.length,
          marks.length,
        ])
      }),
    )
  })
})
