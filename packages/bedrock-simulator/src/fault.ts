// The ways this Bedrock can misbehave, as plain data: a set for one call, and a plan of probabilities for all calls.

import type { ServiceErrorType } from './refusal.ts'

export const STREAM_EXCEPTIONS = {
  internalServerException: 'InternalServerException',
  modelStreamErrorException: 'ModelStreamErrorException',
  modelTimeoutException: 'ModelTimeoutException',
  serviceUnavailableException: 'ServiceUnavailableException',
  throttlingException: 'ThrottlingException',
  validationException: 'ValidationException',
} as const
export type StreamException = keyof typeof STREAM_EXCEPTIONS

export type FaultSet = {
  /** How the call's record names what was done to it; null when nothing was. */
  readonly label: string | null
  readonly error: ServiceErrorType | null
  /** Held unanswered this long, then a 408; `default` is the simulator's own limit. */
  readonly timeoutMs: number | 'default' | null
  readonly exception: { readonly frame: number; readonly type: StreamException } | null
  readonly cutFrame: number | null
  readonly noMetadata: boolean
  readonly badCrcFrame: number | null
  readonly chunkDelayMs: number
  /** On top of the plan's latency. */
  readonly latencyMs: number
}

export const NO_FAULTS: FaultSet = {
  label: null,
  error: null,
  timeoutMs: null,
  exception: null,
  cutFrame: null,
  noMetadata: false,
  badCrcFrame: null,
  chunkDelayMs: 0,
  latencyMs: 0,
}

/** How long an unanswered call is held unless the simulator is told otherwise. */
export const TIMEOUT_MS_DEFAULT = 60_000

/** A null frame is drawn from the seed for each call. */
export type FrameFault = { readonly probability: number; readonly frame: number | null }

export type LatencyDistribution = { readonly p50: number; readonly p99: number }

/** Probabilities from 0 to 1. A call gets at most one of them; latency comes on top. */
export type FaultPlan = {
  readonly throttle?: number
  readonly error5xx?: number
  readonly model_error?: number
  readonly timeout?: number
  readonly no_metadata?: number
  readonly midstream?: FrameFault
  readonly cut?: FrameFault
  readonly bad_crc?: FrameFault
  readonly slow?: { readonly probability: number; readonly delayMs: number }
  readonly latencyMs?: number | LatencyDistribution
}
