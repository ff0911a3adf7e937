// Keeps the bytes of the wanted values a scan comes across: in place where a value lies in one chunk, copied where it is cut,
// because a chunk's memory belongs to others once it has been looked at.

import type { JsonPaths } from './json-paths.ts'

/** Of a path all of whose values are kept; what comes after them is only counted. */
const GATHERED_MAX = 16_384
const NOTHING: readonly Buffer[] = []

export class ValueCapture {
  readonly #values: (Buffer | null)[]
  /** By path; null where only the last value is kept. */
  readonly #gathered: readonly (Buffer[] | null)[]
  readonly #lists: readonly Buffer[][]
  readonly #counts: Uint32Array
  /** Where the last value that was counted began, in its chunk. */
  readonly #starts: Uint32Array
  readonly #bytesMax: number
  /** The wanted path being captured, or -1. */
  leaf = -1
  /** How many values were captured so far. */
  found = 0
  /** How many values were counted so far, at all places together. */
  counted = 0
  #depth = 0
  #start = 0
  #parts: Buffer[] = []
  #partsBytes = 0

  constructor({ paths, nodes }: JsonPaths, bytesMax: number) {
    this.#values = paths.map(() => null)
    const gathers = new Set(nodes.filter(({ gathered }) => gathered).map(({ leaf }) => leaf))
    this.#gathered = paths.map((_, path) => (gathers.has(path) ? [] : null))
    this.#lists = this.#gathered.filter((list) => list !== null)
    this.#counts = new Uint32Array(paths.length)
    this.#starts = new Uint32Array(paths.length)
    this.#bytesMax = bytesMax
  }

  reset(): void {
    if (this.found > 0) {
      this.#values.fill(null)
      for (const list of this.#lists) list.length = 0
    }
    if (this.counted > 0) this.#counts.fill(0)
    this.counted = 0
    this.found = 0
    this.abandon()
  }

  abandon(): void {
    this.leaf = -1
    if (this.#partsBytes === 0) return
    this.#parts = []
    this.#partsBytes = 0
  }

  value(path: number): Buffer | null {
    return this.#values[path] ?? null
  }

  /** In the order they stand. */
  all(path: number): readonly Buffer[] {
    return this.#gathered[path] ?? NOTHING
  }

  /** One more value at a place whose values are counted. */
  tally(leaf: number, start: number): number {
    const count = (this.#counts[leaf] as number) + 1
    this.#counts[leaf] = count
    this.#starts[leaf] = start
    this.counted += 1
    return count
  }

  start(path: number): number {
    return this.count(path) === 0 ? -1 : (this.#starts[path] as number)
  }

  count(path: number): number {
    return this.#counts[path] ?? 0
  }

  begin(leaf: number, depth: number, start: number): void {
    this.leaf = leaf
    this.#depth = depth
    this.#start = start
  }

  /** A value ended just before `end`; it is ours if it began at this depth. */
  finish(depth: number, chunk: Buffer, end: number): void {
    if (depth !== this.#depth) return
    this.found += 1
    const last = chunk.subarray(this.#start, end)
    const whole = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last])
    const gathered = this.#gathered[this.leaf] ?? null
    if (gathered === null) this.#values[this.leaf] = whole
    else if (this.tally(this.leaf, this.#start) <= GATHERED_MAX) gathered.push(whole)
    this.abandon()
  }

  /** The chunk ends inside the value. False where the value is too large to keep. */
  keep(chunk: Buffer): boolean {
    const part = Buffer.from(chunk.subarray(this.#start))
    this.#partsBytes += part.length
    this.#parts.push(part)
    this.#start = 0
    return this.#partsBytes <= this.#bytesMax
  }
}
