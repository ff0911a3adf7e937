// What a reader of one API shape gathers, whole bodies and single events alike. The meters bring it scans; it knows the keys.

import type { JsonScan } from '../json/json-scan.ts'
import type { UsageReading } from './usage-meter.ts'

export type Findings = {
  /** The answer has said all it has to say. */
  final: boolean
  /** Bytes of generated text so far. */
  outputSeenBytes: number
  readonly problems: Set<string>
  /** Looks at a whole body. */
  look: (scan: JsonScan) => void
  read: () => UsageReading
}

/** Findings of a stream of native events. */
export type EventFindings = Findings & {
  exception: { readonly type: string } | null
  /** Looks at one event; sets `final` where it is the last that counts. */
  event: (scan: JsonScan) => void
  /** The stream is over, with or without a word that says so. */
  end: () => void
}
