// A path has more than one spelling: `:` may stand as it is or as `%3A`, and what a client signs is the spelling it had in hand
// before its HTTP library, or a proxy on the way, chose another. A signature over any of them is taken. They all decode to the
// same path, so this never makes a signature good for another one.

/**
 * The spellings of `path` other than its own: nothing escaped that need not be, and everything. An escaped slash stays one, as it
 * is no separator. Empty where only one spelling is possible, and for a path with an escaped `%`, which has been encoded
 * twice: its decoded form would be mistaken for another path.
 */
export function otherSpellings(path: string): readonly string[] {
  const plain = decode(path)
  if (plain === null) return []
  const full = plain
    .split('/')
    .map((segment) => encodeStrictly(segment.replaceAll('%2F', '/')))
    .join('/')
  const spellings = plain === full ? [plain] : [plain, full]
  return spellings.filter((spelling) => spelling !== path)
}

function decode(path: string): string | null {
  if (/%25/.test(path)) return null
  try {
    return decodeURIComponent(path.replaceAll(/%2f/gi, '%252F'))
  } catch {
    return null
  }
}

/** RFC 3986: only letters, digits and `-._~` stay. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
