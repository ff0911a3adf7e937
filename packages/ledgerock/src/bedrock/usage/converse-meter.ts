// Reads the usage of Converse (one JSON object) and ConverseStream (frames; usage comes only in the last one, `metadata`).

import type { Tier } from '@ledgerock/contract'
import { BodyMeter } from './body-meter.ts'
import { converseUsage } from './converse-usage.ts'
import type { EventFindings } from './findings.ts'
import { FrameMeter } from './frame-meter.ts'
import { compileJsonPaths } from '../json/json-paths.ts'
import { JsonScan } from '../json/json-scan.ts'
import { objectOf, stringOf } from '../json/json-value.ts'
import { ScanPool } from './scan-pool.ts'
import { shortWord } from '../json/short-word.ts'
import { readTier } from '../tier.ts'
import type { TokenCounts } from './token-counts.ts'
import type { MeterRequest, UsageMeter, UsageReading } from './usage-meter.ts'
import { usageReading } from './usage-reading.ts'

const PATHS = compileJsonPaths([
  'usage',
  'stopReason',
  'serviceTier.type',
  'performanceConfig.latency',
])
const EVENTS: ReadonlySet<string> = new Set(['contentBlockDelta', 'messageStop', 'metadata'])

/** What both forms find, in the answer itself or in one event of it. */
class ConverseFindings implements EventFindings {
  readonly problems = new Set<string>()
  readonly #request: MeterRequest
  readonly #isStream: boolean
  #counts: TokenCounts = {}
  #rawUsage: string | null = null
  #tierResolved: Tier | null = null
  #stopReason: string | null = null
  outputSeenBytes = 0
  final = false
  exception: { readonly type: string } | null = null

  constructor(request: MeterRequest, isStream: boolean) {
    this.#request = request
    this.#isStream = isStream
  }

  look(scan: JsonScan): void {
    const value = scan.value(0)
    const usage = objectOf(value)
    if (usage !== null && usage !== undefined) {
      const lifetime = this.#request.maker === 'openai' ? 'm30' : 'm5'
      this.#counts = converseUsage(usage, lifetime, this.problems)
      this.#rawUsage = (value as Buffer).toString()
    }
    this.#stopReason = shortWord(stringOf(scan.value(1))) ?? this.#stopReason
    const tier = readTier(stringOf(scan.value(2)), stringOf(scan.value(3)))
    if (tier.stated) {
      this.#tierResolved = tier.tier
      if (tier.tier === null) this.problems.add('unknown_tier')
    }
  }

  event(scan: JsonScan): void {
    this.outputSeenBytes += scan.textBytes
    if (scan.found) this.look(scan)
  }

  end(): void {
    // Usage comes in one frame, which is `final` by itself.
  }

  read(): UsageReading {
    return usageReading({
      counts: this.#counts,
      outputSoFar: undefined,
      isPartlyGuessed: false,
      units: null,
      inputEstimate: this.#request.inputEstimate,
      completeness: this.#isStream || !this.final ? 'partial' : 'whole',
      rawUsage: this.#rawUsage,
      tierResolved: this.#tierResolved,
      stopReason: this.#stopReason,
      outputSeenBytes: this.outputSeenBytes,
      final: this.final,
      exception: this.exception,
      problems: this.problems,
    })
  }
}

const bodyScans = new ScanPool(PATHS)
/** One scan reads the events of every stream: an event is read in one go, and nothing of it is kept. */
const eventScan = new JsonScan(PATHS)

export function createConverseMeter(request: MeterRequest): UsageMeter {
  return new BodyMeter(bodyScans, new ConverseFindings(request, false))
}

export function createConverseStreamMeter(request: MeterRequest): UsageMeter {
  return new FrameMeter(EVENTS, new ConverseFindings(request, true), readEvent)
}

function readEvent(findings: EventFindings, type: string, payload: Buffer): void {
  eventScan.reset()
  eventScan.write(payload)
  eventScan.end()
  if (eventScan.problem !== null) findings.problems.add(`event_${eventScan.problem}`)
  findings.event(eventScan)
  if (type === 'metadata') findings.final = true
}
