// Where in a request's body one of our changes could go, found while its values are at hand: places are byte offsets, so that they
// outlive neither the scan nor the body.

export type Span = { readonly start: number; readonly end: number }

/** Where new members of an object can be put, as its first ones. */
export type MemberPlace = {
  readonly at: number
  /** The object is not empty: a comma must follow what is put in. */
  readonly more: boolean
}

/** `value` is a part of `body` that a scan has found. */
export function spanOf(body: Buffer, value: Buffer): Span {
  const start = value.byteOffset - body.byteOffset
  return { start, end: start + value.length }
}

/** The first place inside the object whose brace is the first character of `body` from `from` on; null where it is no object. */
export function memberPlace(body: Buffer, from: number): MemberPlace | null {
  const brace = skipSpace(body, from)
  if (body[brace] !== 0x7b) return null
  const at = brace + 1
  return { at, more: body[skipSpace(body, at)] !== 0x7d }
}

function skipSpace(body: Buffer, from: number): number {
  let at = from
  while (isSpace(body[at])) at += 1
  return at
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
