// Takes single fields out of an untrusted object and collects what is wrong with them. A field that is absent or null is null.

import type { ProblemError } from '@ledgerock/contract'

export type TermsReader = {
  readonly has: (key: string) => boolean
  readonly fault: (key: string, message: string) => void
  readonly text: (key: string, shape: RegExp) => string | null
  readonly required: (key: string, shape: RegExp) => string | null
  readonly word: <Word extends string>(
    key: string,
    isWord: (text: string) => text is Word,
    wanted: string,
  ) => Word | null
  readonly oneOf: <Word extends string>(key: string, words: readonly Word[]) => Word | null
  readonly count: (key: string, max: number) => number | null
}

export function createTermsReader(
  fields: Readonly<Record<string, unknown>>,
  faults: ProblemError[],
): TermsReader {
  const fault = (path: string, message: string): void => {
    faults.push({ path, message })
  }
  const valueOf = (key: string): unknown =>
    (Object.hasOwn(fields, key) ? fields[key] : null) ?? null
  const text = (key: string, shape: RegExp): string | null => {
    const value = valueOf(key)
    if (value === null) return null
    if (typeof value === 'string' && shape.test(value)) return value
    fault(key, `must be a text like ${shape.source}, not ${JSON.stringify(value)}`)
    return null
  }
  const word = <Word extends string>(
    key: string,
    isWord: (text: string) => text is Word,
    wanted: string,
  ): Word | null => {
    const value = valueOf(key)
    if (value === null) return null
    if (typeof value === 'string' && isWord(value)) return value
    fault(key, `unknown ${key} ${JSON.stringify(value)}; it is one of ${wanted}`)
    return null
  }
  return {
    has: (key) => valueOf(key) !== null,
    fault,
    text,
    required: (key, shape) => {
      if (valueOf(key) === null) fault(key, 'is needed')
      return text(key, shape)
    },
    word,
    oneOf: (key, words) =>
      word(
        key,
        (value): value is (typeof words)[number] => (words as readonly string[]).includes(value),
        words.join(', '),
      ),
    count: (key, max) => {
      const value = valueOf(key)
      if (value === null) return null
      if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max) {
        return value as number
      }
      fault(key, `must be a whole number from 0 to ${max}`)
      return null
    },
  }
}
