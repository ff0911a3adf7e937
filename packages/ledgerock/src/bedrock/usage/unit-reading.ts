// The reading of an answer that is not counted in tokens. What nobody can say stays unknown: usage that is missing, never zero.

import { answerTier } from './answer-tier.ts'
import type { ResponseHeaders } from './response-headers.ts'
import type { MeteredUsage, UsageReading } from './usage-meter.ts'
import { keptRaw } from './usage-reading.ts'

export type CountedUnits = {
  /** Null: something was served, and how much of it cannot be told. */
  readonly usage: MeteredUsage | null
  /** A number is ours, from the request, and not the answer's. */
  readonly isEstimate: boolean
  readonly variant: string | null
  readonly rawUsage: string | null
  readonly final: boolean
  readonly outputSeenBytes: number
}

export function unitReading(
  counted: CountedUnits,
  headers: ResponseHeaders,
  found: ReadonlySet<string>,
): UsageReading {
  const problems = new Set(found)
  const tierResolved = answerTier(headers, null, problems)
  const missing = counted.usage === null
  if (missing) problems.add('usage_missing')
  return {
    usage: counted.usage ?? {},
    usageSource: missing || counted.isEstimate ? 'estimated' : 'response',
    missing,
    variant: counted.variant,
    free: false,
    rawUsage: keptRaw(counted.rawUsage),
    tierResolved,
    stopReason: null,
    outputSeenBytes: counted.outputSeenBytes,
    final: counted.final,
    exception: null,
    problems: [...problems],
  }
}
