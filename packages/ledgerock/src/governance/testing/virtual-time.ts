// Time of a simulation: nothing passes but what is played. Of two things due at once the one planned first comes first.

type Planned = { readonly atMs: number; readonly order: number; run: (() => void) | null }

export class VirtualTime {
  #nowMs = 0
  #planned = 0
  /** A binary heap, the next on top. */
  readonly #heap: Planned[] = []

  readonly now = (): number => this.#nowMs

  readonly after = (ms: number, run: () => void): (() => void) => {
    this.#planned += 1
    const planned: Planned = { atMs: this.#nowMs + Math.max(0, ms), order: this.#planned, run }
    this.#heap.push(planned)
    this.#rise(this.#heap.length - 1)
    return () => {
      planned.run = null
    }
  }

  /** Plays everything that is due until then. */
  play(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (let top = this.#heap[0]; top !== undefined && top.atMs <= untilMs; top = this.#heap[0]) {
      this.#pop()
      this.#nowMs = top.atMs
      top.run?.()
    }
    this.#nowMs = untilMs
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    let at = 0
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      let first = at
      if (this.#isBefore(left, first)) first = left
      if (this.#isBefore(right, first)) first = right
      if (first === at) return
      this.#swap(at, first)
      at = first
    }
  }

  #rise(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (a === undefined || b === undefined) return false
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (a !== undefined && b !== undefined) [this.#heap[one], this.#heap[other]] = [b, a]
  }
}
