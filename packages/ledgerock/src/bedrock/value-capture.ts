// Keeps the bytes of the wanted values a scan comes across: in place where a value lies in one chunk, copied where it is cut,
// because a chunk's memory belongs to others once it has been looked at.

export class ValueCapture {
  readonly #values: (Buffer | null)[]
  readonly #counts: Uint32Array
  readonly #bytesMax: number
  /** The wanted path being captured, or -1. */
  leaf = -1
  /** How many values were captured so far. */
  found = 0
  #depth = 0
  #start = 0
  #parts: Buffer[] = []
  #partsBytes = 0

  constructor(paths: number, bytesMax: number) {
    this.#values = Array.from({ length: paths }, () => null)
    this.#counts = new Uint32Array(paths)
    this.#bytesMax = bytesMax
  }

  reset(): void {
    if (this.found > 0) this.#values.fill(null)
    this.#counts.fill(0)
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

  /** One more value at a place whose values are only counted. */
  tally(leaf: number): void {
    this.#counts[leaf] = (this.#counts[leaf] as number) + 1
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
    this.#values[this.leaf] =
      this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last])
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
