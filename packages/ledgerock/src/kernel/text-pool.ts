// One text for each that a million rows say: what was parsed or sent over comes as a copy each time.

type Words = Readonly<Record<string, string>>

export type TextPool = {
  readonly text: (said: string) => string
  /** Owners, tags: whatever has names with values. */
  readonly words: (said: Words) => Words
}

export function createTextPool(): TextPool {
  const texts = new Map<string, string>()
  const words = new Map<string, Words>()
  return {
    text(said) {
      const known = texts.get(said)
      if (known === undefined) texts.set(said, said)
      return known ?? said
    },
    words(said) {
      const key = JSON.stringify(said)
      const known = words.get(key)
      if (known === undefined) words.set(key, said)
      return known ?? said
    },
  }
}
