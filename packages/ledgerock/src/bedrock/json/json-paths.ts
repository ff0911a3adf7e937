// The places of a JSON document a scan looks for, compiled once into a small tree that is walked while the bytes go by, and the
// key names by which it tells text from base64 media when it counts bytes.

export type PathNode = {
  readonly name: string
  readonly keys: Buffer[]
  readonly children: number[]
  /** The node of an array's elements, or -1. */
  element: number
  /** Which wanted path ends here, or -1. */
  leaf: number
  /** Its values are counted, not kept. */
  counted: boolean
  /** Its values are all kept, not only the last. */
  gathered: boolean
  /** Beneath an array a key may stand many times. */
  readonly repeats: boolean
}

export type JsonPaths = { readonly paths: readonly string[]; readonly nodes: readonly PathNode[] }

const ALL = '[]'

/**
 * `usage`, `inferenceConfig.maxTokens`, `choices.*.finish_reason` (`*`: every element of an array; the last value is kept),
 * `tools.*.type[]` (all values are kept), `documents.#` (how many elements; an array's elements are either counted or kept),
 * `messages.*.image#` (how often the key stands there).
 */
export function compileJsonPaths(paths: readonly string[]): JsonPaths {
  const nodes: PathNode[] = [node('', false)]
  for (const [leaf, path] of paths.entries()) {
    let at = 0
    for (const word of placeOf(path).split('.')) at = childOf(nodes, at, word)
    const last = nodes[at] as PathNode
    last.leaf = leaf
    last.counted = path.endsWith('#')
    last.gathered = path.endsWith(ALL)
  }
  return { paths, nodes }
}

/** The path without what it says of the values there. */
function placeOf(path: string): string {
  if (path.endsWith(ALL)) return path.slice(0, -ALL.length)
  return path.endsWith('#') && !path.endsWith('.#') ? path.slice(0, -1) : path
}

function node(name: string, repeats: boolean): PathNode {
  return {
    name,
    keys: [],
    children: [],
    element: -1,
    leaf: -1,
    counted: false,
    gathered: false,
    repeats,
  }
}

function childOf(nodes: PathNode[], parent: number, word: string): number {
  const from = nodes[parent] as PathNode
  const name = from.name === '' ? word : `${from.name}.${word}`
  if (word === '*' || word === '#') {
    if (from.element < 0) from.element = nodes.push(node(name, true)) - 1
    return from.element
  }
  const key = Buffer.from(word)
  const known = from.keys.findIndex((other) => other.equals(key))
  if (known >= 0) return from.children[known] as number
  const made = nodes.push(node(name, from.repeats)) - 1
  from.keys.push(key)
  from.children.push(made)
  return made
}

export const KEY_OTHER = 0
export const KEY_TEXT = 1
export const KEY_MEDIA = 2

/** Under these names models put what they write, in any of their native shapes. */
const TEXT_KEYS = [
  'text',
  'thinking',
  'partial_json',
  'input',
  'content',
  'reasoning',
  'reasoning_content',
  'arguments',
  'outputText',
  'generation',
  'completion',
]
/** Under these names stand base64 images, documents, audio and video (or `data:` URLs of them). */
const MEDIA_KEYS = [
  'bytes',
  'data',
  'url',
  'image',
  'images',
  'image_url',
  'inputImage',
  'maskImage',
  'conditionImage',
  'referenceImage',
  'init_image',
  'mask',
  'mask_image',
  'style_image',
  'base64',
  'base64String',
  'file_data',
]

type Named = { readonly key: Buffer; readonly kind: number }

/** By length, so that most keys are told apart without reading them. */
const KINDS_BY_LENGTH: readonly (readonly Named[])[] = (() => {
  const table: Named[][] = []
  const add = (name: string, kind: number): void => {
    const key = Buffer.from(name)
    while (table.length <= key.length) table.push([])
    table[key.length]?.push({ key, kind })
  }
  for (const name of TEXT_KEYS) add(name, KEY_TEXT)
  for (const name of MEDIA_KEYS) add(name, KEY_MEDIA)
  return table
})()

export function kindOfKey(bytes: Uint8Array, start: number, end: number): number {
  const candidates = KINDS_BY_LENGTH[end - start]
  if (candidates === undefined) return KEY_OTHER
  for (const { key, kind } of candidates) if (sameBytes(key, bytes, start)) return kind
  return KEY_OTHER
}

/** The child of `from` whose key is these bytes, or -1. */
export function childNode(from: PathNode, bytes: Uint8Array, start: number, end: number): number {
  const { keys, children } = from
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as Buffer
    if (key.length === end - start && sameBytes(key, bytes, start)) {
      return children[index] as number
    }
  }
  return -1
}

function sameBytes(key: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < key.length; index += 1) {
    if (bytes[start + index] !== key[index]) return false
  }
  return true
}
