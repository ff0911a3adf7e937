// Request bodies for the tests of edits: random members around one that matters, at any place, written with any white space and
// escapes, and the proof that an edit changed nothing else.

import fc from 'fast-check'
import { applyEdits, type BodyEdit } from '../edit/body-edit.ts'
import { chooser, writeLoosely } from './loose-json.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }).filter((string) => string.isWellFormed()),
  fc.constantFrom('', '"', '\\', '{', '}', '"requestMetadata":{', '😀', 'model', 'stream'),
)
/**
 * V8 takes an escaped key for the key of an earlier document that ends in a backslash where the text is alike up to it, so
 * `JSON.parse`, which the tests compare with, cannot be trusted with such keys.
 */
const key = text.filter((name) => !name.endsWith('\\'))

export const looseValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(key, tie('any'), { maxKeys: 3 }),
  ),
})).any

export type LooseBody = {
  readonly object: Readonly<Record<string, unknown>>
  readonly bytes: Buffer
}

/** A body with these members, in this order, among others: before, between and after them, or none. */
export function looseBody(members: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<LooseBody> {
  const names = fc.constantFrom(
    'messages',
    'a',
    'äöü',
    '😀',
    'k"q',
    'b\\s',
    'system',
    'x y',
    '{',
    '}',
  )
  const others = fc.uniqueArray(fc.tuple(names, looseValue), {
    maxLength: 4,
    selector: ([name]) => name,
  })
  const places = fc.array(fc.nat(4), { minLength: 8, maxLength: 8 })
  const choices = fc.array(fc.nat(1_000), { minLength: 8, maxLength: 64 })
  return fc.tuple(members, others, places, choices).map(([wanted, more, at, numbers]) => {
    const entries: [string, unknown][] = [...more]
    for (const [index, member] of Object.entries(wanted).entries()) {
      entries.splice(Math.min(at[index] ?? 0, entries.length), 0, member)
    }
    const object = Object.fromEntries(entries)
    return { object, bytes: Buffer.from(writeLoosely(object, chooser(numbers))) }
  })
}

/** The edited body as an object, after proof that all bytes outside of the edits are the client's. */
export function edited(bytes: Buffer, edits: readonly BodyEdit[]): unknown {
  const after = applyEdits(bytes, edits)
  let from = 0
  let at = 0
  for (const { start, end, text: inserted } of edits.toSorted((l, r) => l.start - r.start)) {
    const kept = bytes.subarray(from, start)
    if (!after.subarray(at, at + kept.length).equals(kept)) throw new Error('a byte changed')
    at += kept.length + Buffer.byteLength(inserted)
    from = end
  }
  if (!after.subarray(at).equals(bytes.subarray(from))) throw new Error('a byte changed')
  return JSON.parse(after.toString())
}
