// What may stand in a path, and the ids inside of one (a model's, an ARN, a response's): decoded exactly once, and refused where another
// reader of the same path could see another path in it.

export const ID_CHARACTERS_MAX = 2_048

/** Printable ASCII without the space: no control (so no CR or LF can reach a header) and nothing a parser might have let through. */
export function isPrintable(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code < 0x21 || code > 0x7e) return false
  }
  return text.length > 0
}

const URI_PATH = (() => {
  const allowed = new Uint8Array(128)
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const others = "0123456789-._~!$&'()*+,;=:@%/"
  for (const character of letters + letters.toUpperCase() + others) {
    allowed[character.charCodeAt(0)] = 1
  }
  return allowed
})()

/**
 * Only what a path may hold (RFC 3986, 3.3), up to `end`. Anything else some URL library on the way would encode, cut off (`#`) or take
 * for a slash (`\\`), and the call would reach another resource than it was signed for.
 */
export function isUriPath(path: string, end: number): boolean {
  for (let at = 0; at < end; at += 1) if (URI_PATH[path.charCodeAt(at)] !== 1) return false
  return true
}

/**
 * Null for what is no id. `%2525` is `%25`. A segment that is empty, `.` or `..` is refused, because a URL library on the way would
 * take it for a path of its own and the call would be signed for another resource than it reaches.
 */
export function decodePathId(encoded: string): string | null {
  let decoded = encoded
  if (encoded.includes('%')) {
    try {
      decoded = decodeURIComponent(encoded)
    } catch {
      return null
    }
  }
  if (decoded.length > ID_CHARACTERS_MAX || !isPrintable(decoded)) return null
  return hasOddSegment(decoded) ? null : decoded
}

function hasOddSegment(path: string): boolean {
  let start = 0
  for (;;) {
    const slash = path.indexOf('/', start)
    const end = slash < 0 ? path.length : slash
    const length = end - start
    if (length === 0) return true
    if (length <= 2 && path.charCodeAt(start) === 0x2e && path.charCodeAt(end - 1) === 0x2e) {
      return true
    }
    if (slash < 0) return false
    start = slash + 1
  }
}
