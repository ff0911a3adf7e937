// Reads the usage of Converse (one JSON object) and ConverseStream (frames; usage comes only in the last one, `metadata`).

import type { Tier } from '@ledgerock/contract'
import { converseUsage } from './converse-usage.ts'
import { errorTypeOf } from './error.ts'
import { FrameTap, type Frame } from './frame-tap.ts'
import { compileJsonPaths } from './json-paths.ts'
import { JsonScan } from './json-scan.ts'
import { objectOf, stringOf } from './json-value.ts'
import { shortWord } from './short-word.ts'
import { readTier } from './tier.ts'
import type { TokenCounts } from './token-counts.ts'
import type { MeterRequest, UsageMeter } from './usage-meter.ts'
import { usageReading } from './usage-reading.ts'

const PATHS = compileJsonPaths([
  'usage',
  'stopReason',
  'serviceTier.type',
  'performanceConfig.latency',
])
const EVENTS: ReadonlySet<string> = new Set(['contentBlockDelta', 'messageStop', 'metadata'])

/** What both forms find, in the answer itself or in one event of it. */
function createFindings(request: MeterRequest, isStream: boolean) {
  const lifetime = request.maker === 'openai' ? 'm30' : 'm5'
  const problems = new Set<string>()
  const found = {
    counts: {} as TokenCounts,
    rawUsage: null as string | null,
    tierResolved: null as Tier | null,
    stopReason: null as string | null,
    outputSeenBytes: 0,
    final: false,
    exception: null as { readonly type: string } | null,
  }
  return {
    found,
    problems,
    look(scan: JsonScan): void {
      const value = scan.value(0)
      const usage = objectOf(value)
      if (usage !== null && usage !== undefined) {
        found.counts = converseUsage(usage, lifetime, problems)
        found.rawUsage = (value as Buffer).toString()
      }
      found.stopReason = shortWord(stringOf(scan.value(1))) ?? found.stopReason
      const tier = readTier(stringOf(scan.value(2)), stringOf(scan.value(3)))
      if (tier.stated) {
        found.tierResolved = tier.tier
        if (tier.tier === null) problems.add('unknown_tier')
      }
    },
    read: () =>
      usageReading({
        ...found,
        problems,
        outputSoFar: undefined,
        isPartlyGuessed: false,
        inputEstimate: request.inputEstimate,
        completeness: isStream || !found.final ? 'partial' : 'whole',
      }),
  }
}

export function createConverseMeter(request: MeterRequest): UsageMeter {
  const scan = new JsonScan(PATHS)
  const findings = createFindings(request, false)
  const { found, problems } = findings
  return {
    write(chunk) {
      if (found.final) return false
      scan.write(chunk)
      found.outputSeenBytes = scan.textBytes
      if (!scan.done) return false
      findings.look(scan)
      found.final = true
      return true
    },
    end() {
      if (found.final) return
      scan.end()
      problems.add(`body_${scan.problem ?? 'malformed'}`)
      findings.look(scan)
    },
    read: () => findings.read(),
  }
}

export function createConverseStreamMeter(request: MeterRequest): UsageMeter {
  const scan = new JsonScan(PATHS)
  const findings = createFindings(request, true)
  const { found, problems } = findings
  const onFrame = (frame: Frame): void => {
    if (frame.kind !== 'event') {
      found.exception = { type: errorTypeOf(frame.type) ?? 'unknown' }
      found.final = true
      return
    }
    scan.reset()
    scan.write(frame.payload)
    scan.end()
    if (scan.problem !== null) problems.add(`event_${scan.problem}`)
    found.outputSeenBytes += scan.textBytes
    if (frame.type === 'contentBlockDelta') return
    findings.look(scan)
    if (frame.type === 'metadata') found.final = true
  }
  const tap = new FrameTap(EVENTS, onFrame)
  return {
    write(chunk) {
      if (found.final) return false
      tap.write(chunk)
      return found.final
    },
    end() {
      tap.end()
      const problem = tap.problem
      if (problem !== null) problems.add(`stream_${problem}`)
    },
    read: () => findings.read(),
  }
}
