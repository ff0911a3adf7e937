// Watches an answer of server-sent events: OpenAI's chunks and response events, Anthropic's messages. Each event's JSON is scanned
// as it comes and never held; `[DONE]` closes a stream of OpenAI's.

import type { EventFindings } from './findings.ts'
import { JsonScan } from '../json/json-scan.ts'
import type { JsonPaths } from '../json/json-paths.ts'
import { SseTap, type SseSink } from './sse-tap.ts'
import type { UsageMeter, UsageReading } from './usage-meter.ts'

const DONE = Buffer.from('[DONE]')
const OPENING_BRACKET = 0x5b

/** What the event's data has turned out to be. */
const NOTHING = 0
const JSON_EVENT = 1
const MARKER = 2

export class SseMeter implements UsageMeter, SseSink {
  readonly #findings: EventFindings
  readonly #scan: JsonScan
  readonly #tap: SseTap
  #kind = NOTHING
  /** Bytes of `[DONE]` that have come; -1 where it is something else. */
  #matched = 0

  constructor(paths: JsonPaths, findings: EventFindings) {
    this.#findings = findings
    this.#scan = new JsonScan(paths)
    this.#tap = new SseTap(this)
  }

  write(chunk: Buffer): boolean {
    if (this.#findings.final) return false
    this.#tap.write(chunk)
    return this.#findings.final
  }

  end(): void {
    if (this.#findings.final) return
    this.#tap.end()
    this.#findings.end()
  }

  read(): UsageReading {
    return this.#findings.read()
  }

  data(bytes: Buffer): void {
    if (this.#findings.final) return
    if (this.#kind === NOTHING) this.#kind = bytes[0] === OPENING_BRACKET ? MARKER : JSON_EVENT
    if (this.#kind === JSON_EVENT) this.#scan.write(bytes)
    else this.#match(bytes)
  }

  event(): void {
    const kind = this.#kind
    this.#kind = NOTHING
    if (this.#findings.final) return
    if (kind === JSON_EVENT) this.#look()
    else if (kind === MARKER && this.#matched === DONE.length) this.#findings.final = true
    this.#matched = 0
  }

  #look(): void {
    const scan = this.#scan
    scan.end()
    if (scan.problem !== null) this.#findings.problems.add(`event_${scan.problem}`)
    this.#findings.event(scan)
    scan.reset()
  }

  #match(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && this.#matched >= 0; at += 1) {
      this.#matched = bytes[at] === DONE[this.#matched] ? this.#matched + 1 : -1
    }
  }
}
