// Watches an answer of AWS's frames. What is in a frame the reader of the API's shape knows; an exception ends any stream.

import { errorTypeOf } from '../error.ts'
import type { EventFindings } from './findings.ts'
import { FrameTap, type Frame } from './frame-tap.ts'
import type { UsageMeter, UsageReading } from './usage-meter.ts'

/** Reads one frame into the findings. The payload is valid only during the call. */
export type ReadFrame = (findings: EventFindings, type: string, payload: Buffer) => void

export class FrameMeter implements UsageMeter {
  readonly #findings: EventFindings
  readonly #readFrame: ReadFrame
  readonly #tap: FrameTap

  constructor(wanted: ReadonlySet<string>, findings: EventFindings, readFrame: ReadFrame) {
    this.#findings = findings
    this.#readFrame = readFrame
    this.#tap = new FrameTap(wanted, (frame) => {
      this.#onFrame(frame)
    })
  }

  write(chunk: Buffer): boolean {
    if (this.#findings.final) return false
    this.#tap.write(chunk)
    return this.#findings.final
  }

  end(): void {
    this.#tap.end()
    const { problem } = this.#tap
    if (problem !== null) this.#findings.problems.add(`stream_${problem}`)
    this.#findings.end()
  }

  read(): UsageReading {
    return this.#findings.read()
  }

  #onFrame({ kind, type, payload }: Frame): void {
    const findings = this.#findings
    if (findings.final) return
    if (kind === 'event') {
      this.#readFrame(findings, type, payload)
      return
    }
    findings.exception = { type: errorTypeOf(type) ?? 'unknown' }
    findings.final = true
  }
}
