// The repository as a test of itself: what a compiler and a linter cannot see. Each check is a function from files to
// complaints, and each is shown to complain before it is believed.

import { describe, expect, it } from 'vitest'
import { checkCircles } from './tidy/circles.ts'
import {
  checkDocuments,
  checkLeftovers,
  checkMachine,
  checkNames,
  checkRules,
} from './tidy/documents.ts'
import { readTree, ROOT, SRC, type Check, type File } from './tidy/file.ts'
import {
  AWAITED,
  checkDependencies,
  checkImports,
  checkReachable,
  unreachable,
} from './tidy/imports.ts'
import {
  checkBanned,
  checkFunctions,
  checkHeaders,
  checkLengths,
  FUNCTION_LINES_MAX,
  functionLengths,
  LINES_MAX,
  LONG_FILES,
  LONG_FUNCTIONS,
} from './tidy/style.ts'

const at = (file: string, text: string): File => ({ path: file, text })
const code = (file: string, text: string): File => at(`${SRC}${file}`, `// What it is.\n${text}`)
const wide = 'x'.repeat(200)
const long = (lines: number): string => 'x()\n'.repeat(lines)

/** Each check, and files it must complain about: as many complaints as there are files. */
const CHECKS: Readonly<Record<string, readonly [Check, readonly File[]]>> = {
  'imports go one way': [
    checkImports,
    [
      code('kernel/a.ts', "import { b } from '../pricing/b.ts'"),
      code('ledger/a.ts', "import {\n  type A,\n  b,\n} from '../pricing/b.ts'"),
      code('control/a.ts', "import { b } from '../ledger/clickhouse/b.ts'"),
      code('gateway/a.ts', "import { b } from '../../../contract/src/b.ts'"),
      code('gateway/b.ts', "import { b } from '@ledgerock/contract/src/b.ts'"),
      code('gateway/c.ts', "const b = await import('../control/b.ts')"),
      code('gateway/d.ts', "import { b } from '@ledgerock/bedrock-simulator'"),
      code('pricing/a.ts', "import { readFileSync } from 'node:fs'"),
      code('governance/budget/a.ts', "import { readFileSync } from 'node:fs'"),
    ],
  ],
  'no files import each other in a circle': [
    checkCircles,
    [
      code('kernel/a.ts', "import type { B } from './b.ts'"),
      code('kernel/b.ts', "import { a } from './a.ts'"),
    ],
  ],
  'what is imported is declared': [
    checkDependencies,
    [
      code('kernel/a.ts', "import x from 'left-pad'"),
      code('a.test.ts', "import x from '@left/pad/y'"),
    ],
  ],
  'effects come in through composition roots': [
    checkBanned,
    [
      code('ledger/a.ts', 'const now = Date.now()'),
      code('ledger/b.ts', 'const at = new Date()'),
      code('ledger/c.ts', 'const dice = Math.random()'),
      code('ledger/d.ts', 'const name = process.env.NAME'),
      code('ledger/e.ts', 'console.log(1)'),
      code('ledger/f.ts', 'const x: any = 1'),
      code('ledger/g.ts', 'export default 1'),
      code('ledger/h.ts', 'export enum A { B }'),
    ],
  ],
  'every file says what it is': [
    checkHeaders,
    [
      at(`${SRC}a.ts`, 'export const a = 1'),
      at(`${SRC}b.ts`, '// nothing much\n'),
      at(`${SRC}c.ts`, '// Aha. Aha.\n'.repeat(3)),
    ],
  ],
  'files and lines have an end': [
    checkLengths,
    [code('a.ts', long(400)), code('b.ts', wide), code('c.ts', `// ${wide}`)],
  ],
  'functions have an end': [
    checkFunctions,
    [
      code('a.ts', `function a(): void {\n${long(69)}}`),
      code('b.ts', `const a = (b: { c: 1 }) => {\n${long(69)}}`),
      code('c.ts', `export async function a(\n  b: string,\n): Promise<void> {\n${long(67)}}`),
      code('d.ts', `class A {\n#a(\nb: string,\n): void {\n${long(67)}}\n}`),
      code('e.ts', `const a = async (\n  b: string,\n): Promise<void> => {\n${long(67)}}`),
    ],
  ],
  'names say something': [
    checkNames,
    [code('camelCase.ts', ''), code('utils.ts', ''), code('ledger/index.ts', '')],
  ],
  'rules and tests cite each other': [
    checkRules,
    [
      at(`${SRC}ledger/README.md`, '- **L1** One.\n'),
      at(`${SRC}ledger/a.test.ts`, "it('[L2] does')"),
      code('pricing/a.ts', ''),
    ],
  ],
  'nothing is left for later': [
    checkLeftovers,
    [at('a.md', `${['TO', 'DO'].join('')}: this`), at('b.ts', `// ${['FIX', 'ME'].join('')}`)],
  ],
  'documents have one heading and live links': [
    checkDocuments,
    [at('a.md', '# A\n[b](b.md)'), at('docs/c.md', '## C\n')],
  ],
  'every source file is used': [
    checkReachable,
    [code('ledger/dead.ts', ''), code('ledger/testing/dead.ts', '')],
  ],
  'no file knows the machine it was written on': [
    checkMachine,
    [at('a.md', `${ROOT}/x`), at('b.md', ` ${['', 'home', 'me'].join('/')}/x`)],
  ],
}

describe.each(Object.entries(CHECKS))('%s', (_name, [check, wrong]) => {
  it('is checked: what is wrong is complained about', () => {
    expect(check(wrong)).toHaveLength(wrong.length)
  })

  it('holds', () => {
    expect(check(readTree())).toEqual([])
  })
})

describe('functionLengths', () => {
  it('measures each function from its own head', () => {
    const methods = 'a(): void {\nx()\n}\n#b(\nc: { d: 1 },\n): void {\nx()\n}\n'
    const arrow = 'const e = (\nf: string,\n): void => {\nx()\n}\n'
    expect(functionLengths(`class A {\n${methods}}\n${arrow}`)).toEqual([
      { line: 2, lines: 3 },
      { line: 5, lines: 5 },
      { line: 11, lines: 5 },
    ])
  })
})

describe('the ratchets', () => {
  const textOf = new Map(readTree().map((file) => [file.path, file.text]))

  it('hold what nothing leads to yet, and only that', () => {
    const waiting = unreachable(readTree())
    expect(Object.keys(AWAITED).filter((file) => !waiting.includes(file))).toEqual([])
  })

  it('hold what is over the limit, at its length of today', () => {
    const files = Object.keys(LONG_FILES).map((file) => {
      return [file, textOf.get(file)?.trimEnd().split('\n').length ?? 0] as const
    })
    expect(Object.fromEntries(files)).toEqual(LONG_FILES)
    expect(files.filter(([, lines]) => lines <= LINES_MAX)).toEqual([])
    const functions = Object.keys(LONG_FUNCTIONS).map((file) => {
      const lengths = functionLengths(textOf.get(file) ?? '').map(({ lines }) => lines)
      return [file, Math.max(0, ...lengths)] as const
    })
    expect(Object.fromEntries(functions)).toEqual(LONG_FUNCTIONS)
    expect(functions.filter(([, lines]) => lines <= FUNCTION_LINES_MAX)).toEqual([])
  })
})
