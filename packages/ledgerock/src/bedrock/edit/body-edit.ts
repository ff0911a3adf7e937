// Changes to a request's body as plain data: each replaces a range of the client's bytes by a few of ours. Several changes
// compose, and what they do not name stays byte for byte what the client sent, because nothing is ever serialised again.

import { assert } from '../../kernel/assert.ts'

export type BodyEdit = {
  /** First byte replaced. */
  readonly start: number
  /** The byte after the last one replaced; equal to `start`, nothing is replaced and the text is put in between. */
  readonly end: number
  readonly text: string
}

/** In any order; edits may touch but not overlap. Without edits the body itself comes back. */
export function applyEdits(body: Buffer, edits: readonly BodyEdit[]): Buffer {
  if (edits.length === 0) return body
  const sorted =
    edits.length === 1 ? edits : edits.toSorted((left, right) => left.start - right.start)
  let length = body.length
  for (const { start, end, text } of sorted) length += Buffer.byteLength(text) - (end - start)
  const edited = Buffer.allocUnsafe(length)
  let from = 0
  let to = 0
  for (const { start, end, text } of sorted) {
    assert(from <= start && start <= end && end <= body.length, 'edits lie in the body, apart')
    to += body.copy(edited, to, from, start)
    to += edited.write(text, to)
    from = end
  }
  body.copy(edited, to, from)
  return edited
}
