// Starts a simulated Bedrock on one port. Options are checked here, once; whatever varies in a test (clock, seed, faults,
// credentials) comes in through them.

import { createAuthenticate, type SimulatorCredential } from './authenticate.ts'
import { createCallLog } from './call-log.ts'
import type { SimulatedCall } from './call-record.ts'
import { Exchange } from './exchange.ts'
import { TIMEOUT_MS_DEFAULT, type FaultPlan, type LatencyDistribution } from './fault.ts'
import type { OutputRange } from './generate.ts'
import { listen, type AnyRequest, type AnyResponse } from './listener.ts'
import { probabilitySum } from './parse-faults.ts'
import { createPromptCache } from './prompt-cache.ts'
import { errorTypeHeader, refuse, refusalBody, ERROR_STATUS, type Refusal } from './refusal.ts'
import { requestIds } from './request-id.ts'
import { matchRoute } from './route.ts'
import { serveCall } from './serve-call.ts'
import { GROUND_TRUTH_PREFIX, serveGroundTruth } from './serve-ground-truth.ts'
import type { Simulation, SimulatorClock } from './simulation.ts'

export type SimulatorOptions = {
  readonly host?: string
  /** 0 picks a free one. */
  readonly port?: number
  readonly seed?: number
  /** With neither credentials nor bearer keys, any well-formed credential is accepted. */
  readonly credentials?: readonly SimulatorCredential[]
  readonly bearerKeys?: readonly string[]
  /** Of every answer; `faults.latencyMs` outranks it. */
  readonly latencyMs?: number | LatencyDistribution
  readonly faults?: FaultPlan
  /** How long the fault `timeout` leaves a call unanswered before its 408. */
  readonly timeoutMs?: number
  readonly clock?: SimulatorClock
  /** How many calls are kept; older ones are forgotten. */
  readonly recordLimit?: number
  readonly accountId?: string
  /** Regions served; the first is where bearer calls belong. */
  readonly regions?: readonly string[]
  /** Application inference profile ARN → model id, profile id or ARN. */
  readonly inferenceProfiles?: Readonly<Record<string, string>>
  /** How much models write, before the request's limit; both ends included. */
  readonly outputTokens?: OutputRange
  /** Smallest cacheable prefix, instead of each model's own. */
  readonly cachePrefixTokensMin?: number
}

export type Simulator = {
  readonly url: string
  readonly port: number
  readonly close: () => Promise<void>
  readonly calls: () => readonly SimulatedCall[]
  /** Back to the start: no calls, empty prompt cache, ordinals from 1. */
  readonly reset: () => void
}

const BODY_BYTES_MAX = 32 * 1_024 * 1_024
const SYSTEM_CLOCK: SimulatorClock = { now: () => Date.now() }

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  checkOptions(options)
  const simulation = simulationOf(options)
  const { log, cache } = simulation
  const listener = await listen(
    options.host ?? '127.0.0.1',
    options.port ?? 0,
    (request: AnyRequest, response: AnyResponse) => {
      serve(simulation, new Exchange(request, response))
    },
  )
  const host = listener.host.includes(':') ? `[${listener.host}]` : listener.host
  return {
    url: `http://${host}:${listener.port}`,
    port: listener.port,
    close: listener.close,
    calls: log.calls,
    reset: () => {
      log.reset()
      cache.clear()
    },
  }
}

function simulationOf(options: SimulatorOptions): Simulation {
  const { seed = 1, clock = SYSTEM_CLOCK, faults = {}, recordLimit = Infinity } = options
  return {
    seed,
    clock,
    accountId: options.accountId ?? '123456789012',
    inferenceProfiles: new Map(Object.entries(options.inferenceProfiles ?? {})),
    authenticate: createAuthenticate({
      credentials: options.credentials ?? [],
      bearerKeys: options.bearerKeys ?? [],
      regions: options.regions ?? null,
    }),
    plan: probabilitySum(faults) > 0 ? faults : null,
    latency: faults.latencyMs ?? options.latencyMs ?? 0,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS_DEFAULT,
    outputTokens: options.outputTokens ?? null,
    cachePrefixTokensMin: options.cachePrefixTokensMin ?? null,
    cache: createPromptCache(),
    log: createCallLog(recordLimit),
    nextRequestId: requestIds(seed, clock.now()),
  }
}

function serve(simulation: Simulation, exchange: Exchange): void {
  if (exchange.path.startsWith(GROUND_TRUTH_PREFIX)) {
    serveGroundTruth(simulation, exchange)
    return
  }
  const route = matchRoute(exchange.path)
  if (route === null || exchange.method !== 'POST') {
    sendUnrecorded(simulation, exchange, refuse('UnknownOperationException', 'Unknown operation'))
    return
  }
  exchange.readBody(BODY_BYTES_MAX, (body) => {
    if (body === null) {
      const tooLarge = refuse('ValidationException', 'Input is too long for requested model.')
      sendUnrecorded(simulation, exchange, tooLarge, 413)
      return
    }
    serveCall(simulation, exchange, route, body)
  })
}

/** For requests that are no call of a model. */
function sendUnrecorded(
  simulation: Simulation,
  exchange: Exchange,
  refusal: Refusal,
  status: number = ERROR_STATUS[refusal.type],
): void {
  const body = Buffer.from(refusalBody(refusal, null))
  exchange.head(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-amzn-requestid': simulation.nextRequestId(),
    'x-amzn-errortype': errorTypeHeader(refusal.type),
  })
  exchange.end(body)
}

/** A wrong option is a mistake of the program that starts the simulator. */
function checkOptions(options: SimulatorOptions): void {
  const { faults = {}, outputTokens, recordLimit = 0, regions, inferenceProfiles = {} } = options
  if (probabilitySum(faults) > 1 + 1e-9) throw new RangeError('fault probabilities exceed 1')
  if (
    outputTokens !== undefined &&
    !(0 < outputTokens.min && outputTokens.min <= outputTokens.max)
  ) {
    throw new RangeError('outputTokens needs 0 < min <= max')
  }
  if (recordLimit < 0 || Number.isNaN(recordLimit)) throw new RangeError('recordLimit is negative')
  if (regions?.length === 0) throw new RangeError('regions must not be empty')
  for (const arn of Object.keys(inferenceProfiles)) {
    if (!arn.includes(':application-inference-profile/')) {
      throw new RangeError(`not an application inference profile ARN: ${arn}`)
    }
  }
}
