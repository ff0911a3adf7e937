// Scans that serve one answer after another. A scan is a few kilobytes of state; most answers are over in one chunk, so a handful
// of scans does for a busy process. One that is never given back (its answer was cut) is simply forgotten.

import type { JsonPaths } from '../json/json-paths.ts'
import { JsonScan } from '../json/json-scan.ts'

const KEPT_MAX = 64

export class ScanPool {
  readonly #paths: JsonPaths
  readonly #free: JsonScan[] = []

  constructor(paths: JsonPaths) {
    this.#paths = paths
  }

  take(): JsonScan {
    return this.#free.pop() ?? new JsonScan(this.#paths)
  }

  /** The scan is nobody's any more, and forgets what it saw: its values share memory with the answer. */
  give(scan: JsonScan): void {
    if (this.#free.length === KEPT_MAX) return
    scan.reset()
    this.#free.push(scan)
  }
}
