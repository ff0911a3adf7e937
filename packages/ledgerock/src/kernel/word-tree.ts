// One value for one row of words (a cell's, an owner's and a day's), found word by word. To put a text together for every one of a
// million rows, only to look something up by it, costs more than all the arithmetic.

export type Word = string | number | null | object

export type WordTree<Value extends object> = {
  readonly get: (words: readonly Word[]) => Value | undefined
  readonly set: (words: readonly Word[], value: Value) => void
  /** In the order in which they were set; each row of words is set once. */
  readonly values: () => readonly Value[]
}

type Branch = Map<Word, object>

/** All rows have as many words. */
export function wordTree<Value extends object>(): WordTree<Value> {
  const root: Branch = new Map()
  const values: Value[] = []
  return {
    get(words) {
      let at: object | undefined = root
      for (const word of words) {
        at = (at as Branch).get(word)
        if (at === undefined) return undefined
      }
      return at as Value
    },
    set(words, value) {
      let at = root
      for (const word of words.slice(0, -1)) {
        const next = (at.get(word) as Branch | undefined) ?? new Map<Word, object>()
        at.set(word, next)
        at = next
      }
      at.set(words.at(-1) as Word, value)
      values.push(value)
    },
    values: () => values,
  }
}
