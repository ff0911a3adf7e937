// JSON as no serialiser writes it but any client may: random white space, random escapes, in keys too.

/** `choose` gives the next random number. */
export function writeLoosely(value: unknown, choose: () => number): string {
  const space = (): string => [' ', '\n', '\t', '\r', '', '', '', ''][choose() % 8] as string
  const text = (string: string): string => {
    let out = '"'
    for (const unit of string) {
      if (choose() % 5 === 0) {
        for (let at = 0; at < unit.length; at += 1) {
          out += `\\u${unit.charCodeAt(at).toString(16).padStart(4, '0')}`
        }
      } else out += JSON.stringify(unit).slice(1, -1)
    }
    return `${out}"`
  }
  const write = (inner: unknown): string => {
    if (typeof inner === 'string') return space() + text(inner) + space()
    if (Array.isArray(inner))
      return `${space()}[${inner.map(write).join(',') || space()}]${space()}`
    if (typeof inner === 'object' && inner !== null) {
      const members = Object.entries(inner).map(
        ([key, entry]) => `${space()}${text(key)}${space()}:${write(entry)}`,
      )
      return `${space()}{${members.join(',') || space()}}${space()}`
    }
    return space() + JSON.stringify(inner) + space()
  }
  return write(value)
}

export function chooser(numbers: readonly number[]): () => number {
  let at = 0
  return () => numbers[at++ % numbers.length] as number
}
