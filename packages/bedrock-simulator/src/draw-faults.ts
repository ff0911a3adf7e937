// Draws the faults of one call from a plan. The seed, the call's ordinal and its content decide, so a run of calls in the
// same order meets the same faults, while a retry of the same request gets a draw of its own.

import { NO_FAULTS, type FaultPlan, type FaultSet, type LatencyDistribution } from './fault.ts'
import { seededRandom, type Random } from './random.ts'

const DRAWN_FRAME_MAX = 8
/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.326_347_9

export function drawFaults(plan: FaultPlan, callSeed: number): FaultSet {
  const random = seededRandom(callSeed)
  let left = random.unit()
  /** True for exactly one probability of a plan whose sum is at most 1, or for none. */
  const happens = (probability: number | undefined): boolean => {
    if (probability === undefined || left < 0) return false
    left -= probability
    return left < 0
  }
  if (happens(plan.throttle)) return one('throttle', { error: 'ThrottlingException' })
  if (happens(plan.error5xx)) {
    return random.below(2) === 0
      ? one('error500', { error: 'InternalServerException' })
      : one('error503', { error: 'ServiceUnavailableException' })
  }
  if (happens(plan.model_error)) return one('model_error', { error: 'ModelErrorException' })
  if (happens(plan.timeout)) return one('timeout', { timeoutMs: 'default' })
  if (happens(plan.no_metadata)) return one('no_metadata', { noMetadata: true })
  if (happens(plan.midstream?.probability)) {
    const frame = frameOf(plan.midstream?.frame, random)
    const exception = { frame, type: 'modelStreamErrorException' } as const
    return one(`mid_stream_exception@${frame}`, { exception })
  }
  if (happens(plan.cut?.probability)) {
    const frame = frameOf(plan.cut?.frame, random)
    return one(`cut@${frame}`, { cutFrame: frame })
  }
  if (happens(plan.bad_crc?.probability)) {
    const frame = frameOf(plan.bad_crc?.frame, random)
    return one(`bad_crc@${frame}`, { badCrcFrame: frame })
  }
  if (plan.slow !== undefined && happens(plan.slow.probability)) {
    const { delayMs } = plan.slow
    return one(`slow_chunks:${delayMs}`, { chunkDelayMs: delayMs })
  }
  return NO_FAULTS
}

/** Log-normal through its median and 99th percentile: most calls near the median, a long tail. */
export function drawLatencyMs(latency: number | LatencyDistribution, callSeed: number): number {
  if (typeof latency === 'number') return latency
  const { p50, p99 } = latency
  if (p50 <= 0) return 0
  const random = seededRandom(callSeed)
  const radius = Math.sqrt(-2 * Math.log(1 - random.unit()))
  const normal = radius * Math.cos(2 * Math.PI * random.unit())
  return Math.round(p50 * Math.exp((Math.log(p99 / p50) / Z99) * normal))
}

function one(label: string, faults: Partial<FaultSet>): FaultSet {
  return { ...NO_FAULTS, label, ...faults }
}

function frameOf(frame: number | null | undefined, random: Random): number {
  return frame ?? 1 + random.below(DRAWN_FRAME_MAX)
}
