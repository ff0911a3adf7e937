// Watches a unary answer: one JSON document in any number of chunks, looked at once, when its last brace has come.

import type { Findings } from './findings.ts'
import type { JsonScan } from '../json/json-scan.ts'
import type { ScanPool } from './scan-pool.ts'
import type { UsageMeter, UsageReading } from './usage-meter.ts'

export class BodyMeter implements UsageMeter {
  readonly #pool: ScanPool
  readonly #findings: Findings
  /** Null before the first byte, and again once the body is over. */
  #scan: JsonScan | null = null
  #isOver = false

  constructor(pool: ScanPool, findings: Findings) {
    this.#pool = pool
    this.#findings = findings
  }

  write(chunk: Buffer): boolean {
    if (this.#isOver) return false
    const scan = (this.#scan ??= this.#pool.take())
    scan.write(chunk)
    this.#findings.outputSeenBytes = scan.textBytes
    if (!scan.done) return false
    this.#findings.final = true
    this.#close(scan)
    return true
  }

  end(): void {
    if (this.#isOver) return
    const scan = this.#scan ?? this.#pool.take()
    scan.end()
    // A document that is one bare number is only complete now.
    if (scan.problem === null) this.#findings.final = true
    else this.#findings.problems.add(`body_${scan.problem}`)
    this.#close(scan)
  }

  read(): UsageReading {
    return this.#findings.read()
  }

  #close(scan: JsonScan): void {
    this.#isOver = true
    this.#findings.look(scan)
    this.#scan = null
    this.#pool.give(scan)
  }
}
