// Turns what a meter has gathered into its reading: numbers of AWS's where there are any, an estimate marked as such where a call
// was cut or kept silent. An estimate is never zero for want of knowledge: the input is what the request's text suggests, the
// output what was seen.

import type { Tier } from '@ledgerock/contract'
import { isEmpty, usageOf, type TokenCounts } from './token-counts.ts'
import type { MeteredUsage, UsageReading } from './usage-meter.ts'

export const RAW_USAGE_BYTES_MAX = 4_096
const OUTPUT_BYTES_PER_TOKEN = 4

/**
 * How an answer came. `partial`: cut, or not over yet, or a stream (whose usage is only complete when it says so).
 * `whole`: a complete unary answer. `whole-unknown`: one of a model that may as well answer with an image.
 */
export type Completeness = 'partial' | 'whole' | 'whole-unknown'

export type Gathered = {
  readonly counts: TokenCounts
  /** An output count that was given before the output was complete; it is a floor. */
  readonly outputSoFar: number | undefined
  /** The counts are whole, but how they divide by kind is not AWS's word. */
  readonly isPartlyGuessed: boolean
  /** What is sold beside tokens: images of an embedding. `unknown`: something is, and nobody says how much of it. */
  readonly units: MeteredUsage | 'unknown' | null
  readonly inputEstimate: number
  readonly completeness: Completeness
  readonly rawUsage: string | null
  readonly tierResolved: Tier | null
  readonly stopReason: string | null
  readonly outputSeenBytes: number
  readonly final: boolean
  readonly exception: { readonly type: string } | null
  readonly problems: ReadonlySet<string>
}

export function usageReading(gathered: Gathered): UsageReading {
  const { outputSeenBytes, exception, final, stopReason, tierResolved, rawUsage, units } = gathered
  const isSilent = isEmpty(gathered.counts) && gathered.completeness === 'whole-unknown'
  const missing = isSilent || units === 'unknown'
  const { counts, isEstimate } = missing
    ? { counts: {}, isEstimate: true }
    : withEstimates(gathered)
  const usage = usageOf(counts)
  return {
    usage: units === null || units === 'unknown' ? usage : { ...usage, ...units },
    usageSource: isEstimate || gathered.isPartlyGuessed ? 'estimated' : 'response',
    missing,
    variant: null,
    free: false,
    rawUsage: keptRaw(rawUsage),
    tierResolved,
    stopReason,
    outputSeenBytes,
    final,
    exception,
    problems: isEstimate ? [...gathered.problems, 'usage_missing'] : [...gathered.problems],
  }
}

/** The provider's own words, unless there are too many of them to keep. */
export function keptRaw(rawUsage: string | null): string | null {
  if (rawUsage === null || rawUsage.length > RAW_USAGE_BYTES_MAX) return null
  return Buffer.byteLength(rawUsage) <= RAW_USAGE_BYTES_MAX ? rawUsage : null
}

function withEstimates(gathered: Gathered): {
  readonly counts: TokenCounts
  readonly isEstimate: boolean
} {
  const counts = { ...gathered.counts }
  let isEstimate = false
  const seen = Math.ceil(gathered.outputSeenBytes / OUTPUT_BYTES_PER_TOKEN)
  // Refused before the model wrote a word: Bedrock bills nothing for it.
  const neverBegan = gathered.exception !== null && isEmpty(counts) && seen === 0
  if (counts.input === undefined) {
    counts.input = neverBegan ? 0 : gathered.inputEstimate
    isEstimate = true
  }
  if (counts.output === undefined) {
    const output = Math.max(seen, gathered.outputSoFar ?? 0)
    // An embedding has input and no output: nothing is missing there.
    const hasNone = output === 0 && gathered.completeness !== 'partial' && !isEstimate
    if (!hasNone) {
      counts.output = output
      isEstimate = true
    }
  }
  return { counts, isEstimate }
}
