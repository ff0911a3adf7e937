// Patterns of the configuration in which `*` stands for any run of characters and everything else for itself. Matched by search
// from piece to piece, so that no pattern can be slow.

export type Glob = (text: string) => boolean

export function compileGlob(pattern: string): Glob {
  const pieces = pattern.split('*')
  if (pieces.length === 1) return (text) => text === pattern
  const first = pieces[0] as string
  const last = pieces.at(-1) as string
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '')
  return (text) => {
    if (text.length < first.length + last.length) return false
    if (!text.startsWith(first) || !text.endsWith(last)) return false
    const end = text.length - last.length
    let at = first.length
    for (const piece of middle) {
      const found = text.indexOf(piece, at)
      if (found < 0 || found + piece.length > end) return false
      at = found + piece.length
    }
    return true
  }
}
