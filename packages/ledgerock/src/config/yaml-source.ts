// A YAML file with the place of everything in it: plain data for the schema, and for each path the line, the column and the
// text as it stands in the file. Variables (`${NAME}`) are filled in here, so that only this file knows both texts.

import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml'
import { fillIn } from './interpolate.ts'

export type Path = readonly (string | number)[]

export type SourceFault = {
  readonly path: Path
  readonly message: string
  readonly line: number
  readonly column: number
}

export type YamlSource = {
  readonly data: unknown
  readonly faults: readonly SourceFault[]
  /** Where a path is written: its value, or with `key` its name; a path that is not there is placed at its parent. */
  readonly place: (path: Path, part: 'key' | 'value') => { line: number; column: number }
  /** The scalar at a path as the file has it, shortened; null where there is none. */
  readonly written: (path: Path) => string | null
  /** Whether the value at a path holds something from the environment. */
  readonly hasVariable: (path: Path) => boolean
}

export type Variables = Readonly<Record<string, string | undefined>>

const WRITTEN_LENGTH_MAX = 60

export function readYaml(text: string, variables: Variables): YamlSource {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })
  const document = Array.isArray(documents) ? documents[0] : undefined
  const faults: SourceFault[] = []
  const fault = (path: Path, message: string, offset: number): void => {
    const { line, col } = lines.linePos(offset)
    faults.push({ path, message, line: Math.max(1, line), column: Math.max(1, col) })
  }
  for (const { message, pos } of [...(document?.errors ?? []), ...(document?.warnings ?? [])]) {
    fault([], sentence(message), pos[0])
  }
  const second = documents[1] as Document | undefined
  if (second !== undefined) {
    fault([], 'a second document (after ---): the file must hold one', second.range?.[0] ?? 0)
  }
  const originals = new Map<Scalar, string>()
  walk(document?.contents ?? null, [], (node, path) => {
    if (typeof node.value !== 'string' || !node.value.includes('${')) return
    originals.set(node, node.value)
    const filled = fillIn(node.value, variables)
    for (const message of filled.problems) fault(path, message, node.range?.[0] ?? 0)
    node.value = filled.text
  })
  const root = (document?.contents ?? null) as Node | null
  return {
    data: dataOf(document, faults),
    faults,
    place: (path, part) => {
      const { line, col } = lines.linePos(offsetOf(document, root, path, part))
      return { line: Math.max(1, line), column: Math.max(1, col) }
    },
    written: (path) => {
      const node = find(document, root, path)?.value
      if (!isScalar(node)) return null
      const shown = originals.get(node) ?? node.source ?? String(node.value)
      return shown.length > WRITTEN_LENGTH_MAX ? `${shown.slice(0, WRITTEN_LENGTH_MAX)}…` : shown
    },
    hasVariable: (path) => {
      const node = find(document, root, path)?.value
      return isScalar(node) && originals.has(node)
    },
  }
}

function dataOf(document: Document | undefined, faults: SourceFault[]): unknown {
  try {
    return document?.toJS({ maxAliasCount: 100 }) ?? {}
  } catch {
    faults.push({
      path: [],
      message: 'too many aliases, or one that is not defined',
      line: 1,
      column: 1,
    })
    return {}
  }
}

function sentence(message: string): string {
  const [first = ''] = message.split('\n')
  return first === 'Map keys must be unique' ? 'this key is there twice' : first
}

type Found = { readonly pair: Pair | null; readonly value: unknown }

function find(document: Document | undefined, root: Node | null, path: Path): Found | null {
  let found: Found = { pair: null, value: root }
  for (const segment of path) {
    const node = isAlias(found.value) && document ? found.value.resolve(document) : found.value
    if (isSeq(node) && typeof segment === 'number' && segment < node.items.length) {
      found = { pair: null, value: node.items[segment] }
    } else if (isMap(node)) {
      const pair = node.items.find((item) => keyOf(item) === String(segment))
      if (pair === undefined) return null
      found = { pair, value: pair.value }
    } else return null
  }
  return found
}

function offsetOf(
  document: Document | undefined,
  root: Node | null,
  path: Path,
  part: 'key' | 'value',
): number {
  const found = find(document, root, path)
  if (found === null) {
    return path.length === 0 ? 0 : offsetOf(document, root, path.slice(0, -1), 'key')
  }
  const keyOffset = startOf(found.pair?.key)
  const valueOffset = startOf(found.value)
  return (part === 'key' ? (keyOffset ?? valueOffset) : (valueOffset ?? keyOffset)) ?? 0
}

function startOf(node: unknown): number | null {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)
    ? (node.range?.[0] ?? null)
    : null
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

function walk(node: unknown, path: Path, visit: (node: Scalar, path: Path) => void): void {
  if (isScalar(node)) visit(node, path)
  else if (isSeq(node)) node.items.forEach((item, index) => walk(item, [...path, index], visit))
  else if (isMap(node)) {
    for (const item of node.items) {
      if (isPair(item)) walk(item.value, [...path, keyOf(item)], visit)
    }
  }
}
