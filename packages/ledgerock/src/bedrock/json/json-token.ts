// The insides of JSON's strings, literals and numbers, for the scan: where a string ends, and which characters may follow in a number.

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** Strings this short are searched byte by byte: a native call costs more. */
const NEAR_BYTES = 24
const PLAIN_KEY_BYTES = 48

export const OPEN = -1
export const OPEN_ESCAPED = -2

/**
 * The index of the quote that ends a string whose unread part begins at `from`; `OPEN` where it lies in a later chunk, and
 * `OPEN_ESCAPED` where besides the chunk ends in a backslash that escapes the first byte of the next one.
 */
export function closingQuote(chunk: Buffer, from: number): number {
  let search = from
  for (;;) {
    const quote = nextQuote(chunk, search)
    const stop = quote < 0 ? chunk.length : quote
    let run = stop
    while (run > from && chunk[run - 1] === BACKSLASH) run -= 1
    const isEscaped = (stop - run) % 2 === 1
    if (quote < 0) return isEscaped ? OPEN_ESCAPED : OPEN
    if (!isEscaped) return quote
    search = quote + 1
  }
}

function nextQuote(chunk: Buffer, from: number): number {
  const near = Math.min(chunk.length, from + NEAR_BYTES)
  for (let at = from; at < near; at += 1) if (chunk[at] === QUOTE) return at
  return near === chunk.length ? -1 : chunk.indexOf(QUOTE, near)
}

export function hasBackslash(chunk: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1) if (chunk[at] === BACKSLASH) return true
  return false
}

/** The closing quote of a short key that is written without escapes, or -1 where it is not that simple. */
export function plainKeyEnd(chunk: Buffer, from: number): number {
  const near = Math.min(chunk.length, from + PLAIN_KEY_BYTES)
  for (let at = from; at < near; at += 1) {
    const byte = chunk[at]
    if (byte === QUOTE) return at
    if (byte === BACKSLASH) return -1
  }
  return -1
}

/** A key from its parts as written; null where its escapes are not JSON's. */
export function keyOf(parts: readonly Buffer[], isEscaped: boolean): Buffer | null {
  const written = Buffer.concat(parts)
  if (!isEscaped) return written
  try {
    return Buffer.from(String(JSON.parse(`"${written.toString()}"`)))
  } catch {
    return null
  }
}

export const NO_BYTES: Buffer = Buffer.alloc(0)
const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
const NULL = Buffer.from('null')

/** The literal that begins with this character. */
export function literalOf(byte: number): Buffer | null {
  return byte === 0x74 ? TRUE : byte === 0x66 ? FALSE : byte === 0x6e ? NULL : null
}

export const MEDIA_BYTES_MIN = 64

/** Base64 or a `data:` URL; plain text under the same key has a space or a stop in its first words. */
export function looksLikeMedia(chunk: Buffer, start: number): boolean {
  if (chunk[start] === 0x64 && chunk.toString('latin1', start, start + 5) === 'data:') return true
  for (let at = start; at < start + MEDIA_BYTES_MIN; at += 1) {
    const byte = chunk[at] as number
    const isLetter = (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
    const isOther = (byte >= 0x2f && byte <= 0x39) || byte === 0x2b || byte === 0x3d
    if (!isLetter && !isOther && byte !== BACKSLASH) return false
  }
  return true
}

/** PNG, JPEG (its slashes escaped or not), GIF, as their first bytes are in base64; WebP has its name after the size of the file. */
const IMAGE_STARTS = /^(?:iVBORw|\\?\/9j\\?\/|R0lGOD|UklGR.{7}RUJQ)/
const IMAGE_URL = 'data:image/'

/** Of media: whether it begins as a picture does that a model looks at. */
export function looksLikeImage(chunk: Buffer, start: number): boolean {
  const first = chunk.toString('latin1', start, start + MEDIA_BYTES_MIN)
  return IMAGE_STARTS.test(first) || first.startsWith(IMAGE_URL)
}

/** Where in a number the scan is. A number may end at an even one. */
const NUMBER_ZERO = 0
const NUMBER_MINUS = 1
const NUMBER_WHOLE = 2
const NUMBER_POINT = 3
const NUMBER_FRACTION = 4
const NUMBER_E = 5
const NUMBER_EXPONENT = 6
const NUMBER_E_SIGN = 7

/** The place after a number's first character, or -1 where no number begins with it. */
export function numberStart(byte: number): number {
  if (byte === 0x2d) return NUMBER_MINUS
  if (byte === 0x30) return NUMBER_ZERO
  return byte > 0x30 && byte <= 0x39 ? NUMBER_WHOLE : -1
}

/** The place after one more character of a number, or -1 where the character is not part of it. */
export function afterNumber(place: number, byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) {
    switch (place) {
      case NUMBER_ZERO:
        return -1
      case NUMBER_MINUS:
        return byte === 0x30 ? NUMBER_ZERO : NUMBER_WHOLE
      case NUMBER_POINT:
        return NUMBER_FRACTION
      case NUMBER_E:
      case NUMBER_E_SIGN:
        return NUMBER_EXPONENT
      default:
        return place
    }
  }
  if (byte === 0x2e) return place === NUMBER_ZERO || place === NUMBER_WHOLE ? NUMBER_POINT : -1
  if (byte === 0x65 || byte === 0x45) {
    return place <= NUMBER_FRACTION && place % 2 === 0 ? NUMBER_E : -1
  }
  return (byte === 0x2b || byte === 0x2d) && place === NUMBER_E ? NUMBER_E_SIGN : -1
}
