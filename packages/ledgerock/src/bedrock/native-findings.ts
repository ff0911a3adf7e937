// What a model's native answer says of its usage, gathered from one JSON object or from the events of a stream. All native shapes
// are looked for at once, because the model id does not always say which one it is. The native numbers win, since only they split
// cache writes by lifetime; AWS's own metrics fill what they leave open and replace what was given before the end.

import { invocationMetrics, tokenCountHeaders } from './invocation-metrics.ts'
import { compileJsonPaths } from './json-paths.ts'
import type { JsonScan } from './json-scan.ts'
import { numberOf, objectOf, stringOf, type JsonObject } from './json-value.ts'
import { nativeUsage } from './native-usage.ts'
import { headerOf, type ResponseHeaders } from './response-headers.ts'
import { shortWord } from './short-word.ts'
import { LATENCY_HEADER, readTier, TIER_HEADER } from './tier.ts'
import { countOf, fillHoles, type TokenCounts } from './token-counts.ts'
import type { MeterRequest, UsageReading } from './usage-meter.ts'
import { usageReading, type Completeness } from './usage-reading.ts'

const USAGE = 0
const MESSAGE_USAGE = 1
const METADATA_USAGE = 2
const METRICS = 3
const TITAN_INPUT = 4
const SERVICE_TIER = 5
const FIRST_STOP_REASON = 6
export const NATIVE_PATHS = compileJsonPaths([
  'usage',
  'message.usage',
  'metadata.usage',
  'amazon-bedrock-invocationMetrics',
  'inputTextTokenCount',
  'service_tier',
  'stop_reason',
  'delta.stop_reason',
  'stopReason',
  'messageStop.stopReason',
  'choices.*.finish_reason',
])

export class NativeFindings {
  readonly problems = new Set<string>()
  readonly #request: MeterRequest
  readonly #headers: ResponseHeaders
  readonly #isStream: boolean
  /** The native usage so far, later events over earlier ones. */
  #native: JsonObject | null = null
  /** The native output count is the last one: it came with a reason to stop, or with the whole answer. */
  #isOutputFinal = false
  #metrics: JsonObject | null = null
  #titanInput: number | undefined
  #serviceTier: string | null = null
  #stopReason: string | null = null
  outputSeenBytes = 0
  final = false
  exception: { readonly type: string } | null = null

  constructor(request: MeterRequest, headers: ResponseHeaders, isStream: boolean) {
    this.#request = request
    this.#headers = headers
    this.#isStream = isStream
  }

  /** Looks at one native event, or at a whole unary answer. True if it carried AWS's closing metrics. */
  look(scan: JsonScan): boolean {
    if (!scan.found) return false
    let stopped = false
    for (let path = FIRST_STOP_REASON; path < NATIVE_PATHS.paths.length; path += 1) {
      const reason = shortWord(stringOf(scan.value(path)))
      if (reason !== null) {
        this.#stopReason = reason
        stopped = true
      }
    }
    this.#merge(scan.value(MESSAGE_USAGE), false)
    this.#merge(scan.value(USAGE), stopped || !this.#isStream)
    this.#merge(scan.value(METADATA_USAGE), true)
    const titan = numberOf(scan.value(TITAN_INPUT))
    if (titan !== null) {
      this.#titanInput = countOf(
        { inputTextTokenCount: titan },
        'inputTextTokenCount',
        this.problems,
      )
    }
    this.#serviceTier = shortWord(stringOf(scan.value(SERVICE_TIER))) ?? this.#serviceTier
    const metrics = objectOf(scan.value(METRICS))
    if (metrics === null || metrics === undefined) return false
    this.#metrics = metrics
    return true
  }

  /** The stream ended without AWS's metrics: the native usage may have been complete all the same. */
  end(): void {
    this.final ||= this.#isOutputFinal
  }

  #merge(value: Buffer | null, isFinal: boolean): void {
    const usage = objectOf(value)
    if (usage === null || usage === undefined) return
    const merged: Record<string, unknown> = { ...this.#native }
    for (const [key, entry] of Object.entries(usage)) {
      if (entry !== null) merged[key] = entry
    }
    this.#native = merged
    // OpenAI sends usage once, in a chunk of its own after the one that says why it stopped.
    this.#isOutputFinal ||= isFinal || 'completion_tokens' in usage
  }

  read(): UsageReading {
    const problems = new Set(this.problems)
    const counts: TokenCounts = {}
    const lifetime = this.#request.maker === 'openai' ? 'm30' : 'm5'
    const native = this.#native === null ? {} : nativeUsage(this.#native, lifetime, problems)
    const { output, ...inputSide } = native
    fillHoles(counts, this.#isOutputFinal ? native : inputSide)
    if (this.#metrics !== null) {
      const metrics = invocationMetrics(this.#metrics, lifetime, problems)
      if (counts.output !== undefined && (metrics.output ?? counts.output) !== counts.output) {
        problems.add('usage_disagrees')
      }
      fillHoles(counts, metrics)
    }
    if (!this.#isStream) fillHoles(counts, tokenCountHeaders(this.#headers, lifetime, problems))
    if (this.#titanInput !== undefined) fillHoles(counts, { input: this.#titanInput })
    const isLifetimeGuessed = native.cacheWrite === undefined && this.#mayBeKeptLonger(counts)
    if (isLifetimeGuessed) problems.add('cache_lifetime_guessed')
    const tier = readTier(
      headerOf(this.#headers, TIER_HEADER) ?? this.#serviceTier,
      headerOf(this.#headers, LATENCY_HEADER),
    )
    if (tier.tier === null) problems.add('unknown_tier')
    const raw = this.#native ?? this.#metrics
    return usageReading({
      counts,
      outputSoFar: output,
      isPartlyGuessed: isLifetimeGuessed,
      inputEstimate: this.#request.inputEstimate,
      completeness: this.#completeness(),
      rawUsage: raw === null ? this.#titanRaw() : JSON.stringify(raw),
      tierResolved: tier.stated ? tier.tier : null,
      stopReason: this.#stopReason,
      outputSeenBytes: this.outputSeenBytes,
      final: this.final,
      exception: this.exception,
      problems,
    })
  }

  /** AWS's own metrics count what was written to a cache, and do not say for how long. */
  #mayBeKeptLonger({ cacheWrite }: TokenCounts): boolean {
    if (cacheWrite === undefined || cacheWrite.m5 + cacheWrite.m30 === 0) return false
    const { maker } = this.#request
    return maker === 'anthropic' || maker === null
  }

  #completeness(): Completeness {
    if (this.#isStream || !this.final) return 'partial'
    return this.#request.maker === null ? 'whole-unknown' : 'whole'
  }

  #titanRaw(): string | null {
    if (this.#titanInput === undefined) return null
    return JSON.stringify({ inputTextTokenCount: this.#titanInput })
  }
}
