// Reads the part of JavaScript's regular expressions that an automaton can run: characters, escapes, classes, groups, choices and
// repeats. JavaScript itself has the first word on whether the source is valid and on what one character or class takes.

import { err, ok, type Result } from '../kernel/result.ts'

export type PatternNode =
  | { readonly kind: 'atom'; readonly takes: (character: string) => boolean }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly parts: readonly PatternNode[] }
  | {
      readonly kind: 'repeat'
      readonly part: PatternNode
      readonly min: number
      /** Null: without end. */
      readonly max: number | null
    }

const REPEATS_MAX = 1_000
const DEPTH_MAX = 50
/** `\x41`, `\u0041`, `\u{41}`, `\p{L}`, or one escaped character. */
const ESCAPE = /\\(?:x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]+\}|u[0-9A-Fa-f]{4}|[pP]\{[^}]+\}|[^])/uy
const CLASS = /\[(?:\\[^]|[^\]\\])*\]/uy
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/uy
const GROUP = /\((?:\?:|\?<[A-Za-z_$][A-Za-z0-9_$]*>)?(?!\?)/uy

/** The problem is a sentence about the source. */
export function parsePattern(source: string): Result<PatternNode, string> {
  try {
    void new RegExp(source, 'u')
  } catch {
    return err(`the pattern ${source} is not a regular expression`)
  }
  const parser = new Parser(withoutAnchors(source))
  const node = parser.choice(0)
  if (parser.unsupported !== null) {
    return err(`the pattern ${source} uses ${parser.unsupported}, which is not supported`)
  }
  return ok(node)
}

/** The whole value has to match anyway, so the outermost anchors say nothing new. */
function withoutAnchors(source: string): string {
  const inner = source.replace(/^\^/, '')
  return /(?:^|[^\\])(?:\\\\)*\$$/.test(inner) ? inner.slice(0, -1) : inner
}

class Parser {
  readonly #source: string
  #at = 0
  unsupported: string | null = null

  constructor(source: string) {
    this.#source = source
  }

  choice(depth: number): PatternNode {
    const parts = [this.#sequence(depth)]
    while (this.#source[this.#at] === '|') {
      this.#at += 1
      parts.push(this.#sequence(depth))
    }
    return parts.length === 1 ? (parts[0] as PatternNode) : { kind: 'choice', parts }
  }

  #sequence(depth: number): PatternNode {
    const parts: PatternNode[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] as string)) {
      const part = this.#term(depth)
      if (this.unsupported !== null) return { kind: 'sequence', parts }
      parts.push(this.#repeated(part))
    }
    return { kind: 'sequence', parts }
  }

  #term(depth: number): PatternNode {
    const character = this.#source[this.#at] as string
    if (character === '(') return this.#group(depth)
    if (character === '^' || character === '$') return this.#refuse('an anchor inside')
    if (character === '[') return this.#atom(CLASS)
    if (character !== '\\') return this.#atom(/[^]/uy)
    const next = this.#source[this.#at + 1] as string
    if (/[1-9k]/.test(next)) return this.#refuse('a back-reference')
    if (/[bB]/.test(next)) return this.#refuse('a word boundary')
    return this.#atom(ESCAPE)
  }

  #group(depth: number): PatternNode {
    if (this.#take(GROUP) === null) return this.#refuse('look-around or flags')
    if (depth >= DEPTH_MAX) return this.#refuse('too many nested groups')
    const inner = this.choice(depth + 1)
    this.#at += 1
    return inner
  }

  #atom(shape: RegExp): PatternNode {
    const text = this.#take(shape) as RegExpExecArray
    const one = new RegExp(`^(?:${text[0]})$`, 'u')
    const ascii = Array.from({ length: 128 }, (_, code) => one.test(String.fromCharCode(code)))
    const takes = (character: string): boolean => {
      const code = character.codePointAt(0) as number
      return code < 128 ? (ascii[code] as boolean) : one.test(character)
    }
    return { kind: 'atom', takes }
  }

  #repeated(part: PatternNode): PatternNode {
    const match = this.#take(QUANTIFIER)
    if (match === null) return part
    const [text, least, rest, most] = match
    const bounds = { min: 0, max: null as number | null }
    if (least !== undefined) {
      bounds.min = Number(least)
      bounds.max = rest === undefined ? bounds.min : most === '' ? null : Number(most)
    } else {
      bounds.min = text.startsWith('+') ? 1 : 0
      bounds.max = text.startsWith('?') ? 1 : null
    }
    if (Math.max(bounds.min, bounds.max ?? 0) > REPEATS_MAX) {
      return this.#refuse(`more than ${REPEATS_MAX} repeats`)
    }
    return { kind: 'repeat', part, ...bounds }
  }

  #take(shape: RegExp): RegExpExecArray | null {
    shape.lastIndex = this.#at
    const match = shape.exec(this.#source)
    if (match !== null) this.#at = shape.lastIndex
    return match
  }

  #refuse(what: string): PatternNode {
    this.unsupported ??= what
    this.#at = this.#source.length
    return { kind: 'sequence', parts: [] }
  }
}
