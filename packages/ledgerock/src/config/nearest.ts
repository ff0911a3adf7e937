// The known word a mistyped one was probably meant to be: the smallest edit distance, if it is small for the word's length.

/** Edits (insert, delete, replace, swap of neighbours) between two words. */
export function editDistance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i]
    const above = rows[i - 1] as number[]
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1]
      const replaced = (above[j - 1] as number) + (same ? 0 : 1)
      let best = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, replaced)
      const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]
      if (swapped) best = Math.min(best, (rows[i - 2]?.[j - 2] as number) + 1)
      row.push(best)
    }
    rows.push(row)
  }
  return rows[left.length]?.[right.length] as number
}

export function nearest(word: string, known: readonly string[]): string | null {
  const longest = 64
  if (word.length > longest) return null
  let best: string | null = null
  // Of a short word one letter is half of it: x is not meant by y.
  let bestDistance = word.length < 3 ? 0 : Math.max(1, Math.floor(word.length / 4)) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}
