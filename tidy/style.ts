// How code is written here, as far as it can be counted: lengths, opening comments, and calls that only composition roots make.

import { codeOf } from './code-of.ts'
import { isSource, isTest, lineOf, type Check } from './file.ts'

export const LINES_MAX = 400
export const FUNCTION_LINES_MAX = 70
const CODE_WIDTH_MAX = 110
const COMMENT_WIDTH_MAX = 140

/** Ratchets: files over a limit, with their length (of their longest function). An entry only gets smaller or goes away. */
export const LONG_FILES: Readonly<Record<string, number>> = {}
export const LONG_FUNCTIONS: Readonly<Record<string, number>> = {}

const BANNED: readonly (readonly [pattern: RegExp, instead: string, allowed: RegExp])[] = [
  [/\bDate\.now\b/, 'take a Clock', /src\/(platform|cli|processes)\/|src\/simulator\.ts$/],
  [/\bnew Date\(\s*\)/, 'take a Clock', /^$/],
  [/\bMath\.random\b/, 'take a source of random bytes', /src\/(platform|processes)\//],
  [
    /\bprocess\.env\b/,
    'take it from the configuration',
    /src\/(config\.ts|main\.ts|(platform|cli)\/)|^tidy\//,
  ],
  [/\bconsole\./, 'log, or print through CliIo', /^bench\/|\/bin\/|src\/pricing\/snapshot\/write/],
  [/(?<![.\w'-])any\b(?!\s*[(:.])/, 'say the type, or unknown', /^$/],
  [/^\s*export default\b/m, 'export by name', /^vitest\.config\.ts$/],
  [/^\s*(export\s+)?(const\s+)?enum\s/m, 'a union from an `as const` array', /^$/],
  [/^\s*(export\s+)?namespace\s/m, 'a module', /^$/],
]

export const checkBanned: Check = (files) =>
  files
    .filter(({ path: file }) => file.endsWith('.ts') && !isTest(file))
    .flatMap((file) => {
      const code = codeOf(file.text)
      return BANNED.flatMap(([pattern, instead, allowed]) => {
        const found = pattern.exec(code)
        if (found === null || allowed.test(file.path)) return []
        return [`${file.path}:${lineOf(code, found.index)}: ${found[0].trim()}: ${instead}`]
      })
    })

/** One to five sentences; what is drawn below them is not counted. */
export const checkHeaders: Check = (files) =>
  files
    .filter(({ path: file }) => isSource(file) && !file.endsWith('.test.ts'))
    .flatMap((file) => {
      const body = file.text.replace(/^#![^\n]*\n/, '')
      const [header = ''] = /^(?:\/\/[^\n]*\n)+|^\/\*[\s\S]*?\*\//.exec(body) ?? []
      const [prose = ''] = header.replaceAll(/^\/\/ ?|^\/?\*+\/?/gm, '').split(/\n\s*\n|\n {3}/)
      const sentences = prose.trim().match(/[.!?][`'")\]]*(?=\s+[A-Z`'"{<([]|\s*$)/g)?.length ?? 0
      if (sentences === 0) return [`${file.path}: opens without a sentence that says what it is`]
      return sentences <= 5 ? [] : [`${file.path}: opens with ${sentences} sentences`]
    })

export const checkLengths: Check = (files) =>
  files
    .filter(({ path: file }) => file.endsWith('.ts'))
    .flatMap((file) => {
      const lines = file.text.trimEnd().split('\n')
      const isLong = lines.length > (LONG_FILES[file.path] ?? LINES_MAX)
      const wide = lines.flatMap((line, index) => {
        const limit = /^\s*(\/\/|\/?\*)/.test(line) ? COMMENT_WIDTH_MAX : CODE_WIDTH_MAX
        // A text or a URL cannot be broken without harm; what stands around it can.
        const breakable = line.replaceAll(/(['"`])(?:(?!\1).){40,}\1/g, "''").length
        return breakable > limit
          ? [`${file.path}:${index + 1}: ${line.length} characters wide`]
          : []
      })
      return [...(isLong ? [`${file.path}: ${lines.length} lines`] : []), ...wide]
    })

/** A declaration, a method (private ones too), or an arrow function whose parameters begin on this line. */
const OPENS_FUNCTION = new RegExp(
  [
    /^\s*(export\s+)?(async\s+)?function\b/,
    /^\s*((static|async|get|set)\s+)*#?\w+(<.*>)?\(/,
    /=>?\s*(async\s+)?(<.*>)?\($/,
  ]
    .map(({ source }) => source)
    .join('|'),
)
const IS_CONTROL = /\b(if|for|while|switch|catch|else|do|try|class|type|interface)\b/

export type Measured = { readonly line: number; readonly lines: number }

/** By braces: from the line that opens a function's body (or its parameters) to the one where that brace is closed. */
export function functionLengths(text: string): readonly Measured[] {
  const open: { isFunction: boolean; from: number }[] = []
  const measured: Measured[] = []
  let head = 0
  for (const [index, line] of codeOf(text).split('\n').entries()) {
    if (OPENS_FUNCTION.test(line)) head = index
    for (const [at, brace] of line.split('').entries()) {
      if (brace === '{') {
        const before = line.slice(0, at)
        const isFunction = /=>\s*$|\)\s*(:[^=]*)?$/.test(before) && !IS_CONTROL.test(before)
        open.push({ isFunction, from: /^\s*\)/.test(line) ? head : index })
      } else if (brace === '}') {
        const block = open.pop()
        if (block?.isFunction === true) {
          measured.push({ line: block.from + 1, lines: index - block.from + 1 })
        }
      }
    }
  }
  return measured
}

export const checkFunctions: Check = (files) =>
  files
    .filter(({ path: file }) => isSource(file) && !isTest(file))
    .flatMap((file) =>
      functionLengths(file.text)
        .filter(({ lines }) => lines > (LONG_FUNCTIONS[file.path] ?? FUNCTION_LINES_MAX))
        .map(({ line, lines }) => `${file.path}:${line}: a function of ${lines} lines`),
    )
