// What a model's native answer says of its usage, gathered from one JSON object or from the events of a stream. All native shapes
// are looked for at once, because the model id does not always say which one it is. The native usage object wins, since only it
// splits cache writes by lifetime; AWS's own metrics fill what it leaves open and replace what was given before the end.

import { answerTier } from './answer-tier.ts'
import type { EventFindings } from './findings.ts'
import { invocationMetrics, tokenCountHeaders } from './invocation-metrics.ts'
import { compileJsonPaths } from '../json/json-paths.ts'
import type { JsonScan } from '../json/json-scan.ts'
import { objectOf, stringOf, type JsonObject } from '../json/json-value.ts'
import { embeddedImages } from './media-units.ts'
import { COUNT_PATHS, gatherCounts, nativeCounts } from './native-counts.ts'
import { nativeUsage } from './native-usage.ts'
import type { ResponseHeaders } from './response-headers.ts'
import { shortWord } from '../json/short-word.ts'
import { fillHoles, type TokenCounts } from './token-counts.ts'
import type { MeterRequest, UsageReading } from './usage-meter.ts'
import { usageReading, type Completeness } from './usage-reading.ts'

const USAGE = 0
const MESSAGE_USAGE = 1
const METADATA_USAGE = 2
const METRICS = 3
const SERVICE_TIER = 4
const TYPE = 5
const ERROR_TYPE = 6
const ERROR_CODE = 7
const FIRST_COUNT = 8
const FIRST_STOP_REASON = FIRST_COUNT + COUNT_PATHS.length
export const NATIVE_PATHS = compileJsonPaths([
  'usage',
  'message.usage',
  'metadata.usage',
  'amazon-bedrock-invocationMetrics',
  'service_tier',
  'type',
  'error.type',
  'error.code',
  ...COUNT_PATHS,
  'stop_reason',
  'delta.stop_reason',
  'stopReason',
  'messageStop.stopReason',
  'finish_reason',
  'completionReason',
  'choices.*.finish_reason',
  'choices.*.stop_reason',
  'outputs.*.stop_reason',
  'results.*.completionReason',
  'generations.*.finish_reason',
  'completions.*.finishReason.reason',
])
const MESSAGE_STOP = Buffer.from('"message_stop"')
const ERROR_EVENT = Buffer.from('"error"')

export class NativeFindings implements EventFindings {
  readonly problems = new Set<string>()
  readonly #request: MeterRequest
  readonly #headers: ResponseHeaders
  readonly #isStream: boolean
  /** The native usage so far, later events over earlier ones. */
  #native: JsonObject | null = null
  /** As it was written, where one object is all there was. */
  #rawUsage: string | null = null
  /** Counts that stand beside the usage object, or instead of one; later over earlier. */
  #counts: Record<string, unknown> | null = null
  /** The native output count is the last one: it came with or after a reason to stop, or with the whole answer. */
  #isOutputFinal = false
  #metrics: JsonObject | null = null
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

  /** One native event of a stream. AWS's metrics, Anthropic's last word or an error end it. */
  event(scan: JsonScan): void {
    this.outputSeenBytes += scan.textBytes
    if (!scan.found) return
    this.look(scan)
    const type = scan.value(TYPE)
    const isError = type?.equals(ERROR_EVENT) === true
    const error = stringOf(scan.value(ERROR_TYPE)) ?? stringOf(scan.value(ERROR_CODE))
    if (isError || typeof error === 'string') {
      this.exception = { type: shortWord(error) ?? 'unknown' }
      this.final = true
    } else if (this.#metrics !== null || type?.equals(MESSAGE_STOP) === true) {
      this.final = true
    }
  }

  look(scan: JsonScan): void {
    if (!scan.found) return
    for (let path = FIRST_STOP_REASON; path < NATIVE_PATHS.paths.length; path += 1) {
      const value = scan.value(path)
      if (value !== null) this.#stopReason = shortWord(stringOf(value)) ?? this.#stopReason
    }
    this.#counts = gatherCounts(scan, FIRST_COUNT, this.#counts)
    // OpenAI sends usage once, in a chunk of its own after the one that says why it stopped.
    const isOver = this.#stopReason !== null || !this.#isStream
    if (this.#counts !== null) this.#isOutputFinal ||= isOver
    this.#merge(scan.value(MESSAGE_USAGE), false)
    this.#merge(scan.value(USAGE), isOver)
    this.#merge(scan.value(METADATA_USAGE), true)
    this.#serviceTier = shortWord(stringOf(scan.value(SERVICE_TIER))) ?? this.#serviceTier
    this.#metrics = objectOf(scan.value(METRICS)) ?? this.#metrics
  }

  /** The stream ended without AWS's metrics: the native usage may have been complete all the same. */
  end(): void {
    this.final ||= this.#isOutputFinal
  }

  #merge(value: Buffer | null, isFinal: boolean): void {
    const usage = objectOf(value)
    if (usage === null || usage === undefined) return
    this.#isOutputFinal ||= isFinal
    if (this.#native === null) {
      this.#native = usage
      this.#rawUsage = (value as Buffer).toString()
      return
    }
    const merged: Record<string, unknown> = { ...this.#native }
    for (const key in usage) if (usage[key] !== null) merged[key] = usage[key]
    this.#native = merged
    this.#rawUsage = null
  }

  read(): UsageReading {
    const problems = new Set(this.problems)
    const counts: TokenCounts = {}
    const request = this.#request
    const lifetime = request.maker === 'openai' ? 'm30' : 'm5'
    const native = this.#native === null ? {} : nativeUsage(this.#native, lifetime, problems)
    const beside = this.#counts === null ? {} : nativeCounts(this.#counts, problems)
    fillHoles(counts, this.#isOutputFinal ? native : inputSide(native))
    if (this.#metrics !== null) {
      const metrics = invocationMetrics(this.#metrics, lifetime, problems)
      if (counts.output !== undefined && (metrics.output ?? counts.output) !== counts.output) {
        problems.add('usage_disagrees')
      }
      fillHoles(counts, metrics)
    }
    if (!this.#isStream) fillHoles(counts, tokenCountHeaders(this.#headers, lifetime, problems))
    fillHoles(counts, this.#isOutputFinal ? beside : inputSide(beside))
    const isLifetimeGuessed = native.cacheWrite === undefined && this.#mayBeKeptLonger(counts)
    if (isLifetimeGuessed) problems.add('cache_lifetime_guessed')
    const images = embeddedImages(request)
    const raw = this.#native ?? this.#metrics ?? this.#counts
    return usageReading({
      counts,
      outputSoFar: native.output ?? beside.output,
      isPartlyGuessed: isLifetimeGuessed,
      // What streams at TwelveLabs is text about a video, and the video is paid by the second.
      units:
        request.maker === 'twelvelabs' ? 'unknown' : images === 0 ? null : { image_input: images },
      inputEstimate: request.inputEstimate,
      completeness: this.#completeness(),
      rawUsage: this.#rawUsage ?? (raw === null ? null : JSON.stringify(raw)),
      tierResolved: answerTier(this.#headers, this.#serviceTier, problems),
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
}

function inputSide(counts: TokenCounts): TokenCounts {
  const { output: _, ...rest } = counts
  return rest
}
