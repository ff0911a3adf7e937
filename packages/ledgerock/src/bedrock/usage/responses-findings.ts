// Usage in OpenAI's Responses API, whole or as events. Only the last event of a stream carries usage, inside the whole response;
// the `.done` events before it repeat text that has already passed, so generated text is counted from the deltas alone.
//
// Source: OpenAI API reference, streaming events of Responses.

import { answerTier } from './answer-tier.ts'
import type { EventFindings } from './findings.ts'
import { compileJsonPaths } from '../json/json-paths.ts'
import type { JsonScan } from '../json/json-scan.ts'
import { objectOf, stringOf, type JsonObject } from '../json/json-value.ts'
import { openaiUsage } from './openai-usage.ts'
import type { ResponseHeaders } from './response-headers.ts'
import { shortWord } from '../json/short-word.ts'
import type { MeterRequest, UsageReading } from './usage-meter.ts'
import { usageReading } from './usage-reading.ts'

/** Each of these stands at the root of a unary answer, and under `response` in an event. */
const WHOLE = [
  'usage',
  'service_tier',
  'status',
  'incomplete_details.reason',
  'error.code',
] as const
const USAGE = 0
const SERVICE_TIER = 1
const STATUS = 2
const INCOMPLETE_REASON = 3
const ERROR_CODE = 4
const IN_EVENT = WHOLE.length
const TYPE = 2 * IN_EVENT
const DELTA = TYPE + 1
const EVENT_CODE = DELTA + 1
export const RESPONSES_PATHS = compileJsonPaths([
  ...WHOLE,
  ...WHOLE.map((path) => `response.${path}`),
  'type',
  'delta',
  'code',
])

export class ResponsesFindings implements EventFindings {
  readonly problems = new Set<string>()
  readonly #request: MeterRequest
  readonly #headers: ResponseHeaders
  readonly #isStream: boolean
  #usage: JsonObject | null = null
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

  look(scan: JsonScan): void {
    this.#look(scan, 0)
  }

  event(scan: JsonScan): void {
    const delta = scan.value(DELTA)
    // Without its quotes.
    if (delta !== null && delta[0] === 0x22) this.outputSeenBytes += delta.length - 2
    switch (stringOf(scan.value(TYPE))) {
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        this.#look(scan, IN_EVENT)
        this.final = true
        break
      case 'error':
        this.#fail(scan.value(EVENT_CODE) ?? scan.value(ERROR_CODE))
        this.final = true
        break
      default:
    }
  }

  #look(scan: JsonScan, first: number): void {
    this.#usage = objectOf(scan.value(first + USAGE)) ?? this.#usage
    this.#serviceTier = shortWord(stringOf(scan.value(first + SERVICE_TIER)))
    const status = shortWord(stringOf(scan.value(first + STATUS)))
    this.#stopReason = shortWord(stringOf(scan.value(first + INCOMPLETE_REASON))) ?? status
    if (status === 'failed') this.#fail(scan.value(first + ERROR_CODE))
  }

  #fail(code: Buffer | null): void {
    this.exception = { type: shortWord(stringOf(code)) ?? 'unknown' }
  }

  end(): void {
    // The last event is the only one with usage, and it is `final` by itself.
  }

  read(): UsageReading {
    const problems = new Set(this.problems)
    const usage = this.#usage
    return usageReading({
      counts: usage === null ? {} : openaiUsage(usage, problems),
      outputSoFar: undefined,
      isPartlyGuessed: false,
      units: null,
      inputEstimate: this.#request.inputEstimate,
      completeness: this.#isStream || !this.final ? 'partial' : 'whole',
      rawUsage: usage === null ? null : JSON.stringify(usage),
      tierResolved: answerTier(this.#headers, this.#serviceTier, problems),
      stopReason: this.#stopReason,
      outputSeenBytes: this.outputSeenBytes,
      final: this.final,
      exception: this.exception,
      problems,
    })
  }
}
