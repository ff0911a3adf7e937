// Starts a simulated Bedrock on one port. Options are checked here, once; whatever varies in a test (clock, seed, faults,
// credentials) comes in through them.

import { createAsyncInvokes } from './async-invokes.ts'
import {
  createAuthenticate,
  type SimulatorBearerKey,
  type SimulatorCredential,
} from './authenticate.ts'
import { createCallLog } from './call-log.ts'
import type { SimulatedCall } from './call-record.ts'
import { Exchange } from './exchange.ts'
import { TIMEOUT_MS_DEFAULT, type FaultPlan, type LatencyDistribution } from './fault.ts'
import type { OutputRange } from './generate.ts'
import type { GuardrailPolicy } from './guardrail.ts'
import { listen, type AnyRequest, type AnyResponse, type Certificate } from './listener.ts'
import { probabilitySum } from './parse-faults.ts'
import { createPromptCache } from './prompt-cache.ts'
import { requestIds } from './request-id.ts'
import { serve } from './serve.ts'
import { createSessions, type Session } from './sessions.ts'
import { createSideCalls, type SideCall, type SideService } from './side-calls.ts'
import type { Simulation, SimulatorClock } from './simulation.ts'
import { createStoredResponses } from './stored-responses.ts'

export type SimulatorOptions = {
  readonly host?: string
  /** 0 picks a free one. */
  readonly port?: number
  /** PEM texts; the port then speaks TLS, with HTTP/2 by ALPN. */
  readonly tls?: Certificate
  readonly seed?: number
  /** With neither credentials nor bearer keys, any well-formed credential is accepted. */
  readonly credentials?: readonly SimulatorCredential[]
  /** An object says to which region and account a key belongs. */
  readonly bearerKeys?: readonly (string | SimulatorBearerKey)[]
  /** Of every answer; `faults.latencyMs` outranks it. */
  readonly latencyMs?: number | LatencyDistribution
  readonly faults?: FaultPlan
  /** How long the fault `timeout` leaves a call unanswered before its 408. */
  readonly timeoutMs?: number
  readonly clock?: SimulatorClock
  /** How many calls are kept; older ones are forgotten. */
  readonly recordLimit?: number
  /** Of credentials that name none. */
  readonly accountId?: string
  /** Roles that AssumeRole hands out sessions of; any, if not said. */
  readonly roles?: readonly string[]
  /** Guardrail id → its policies; if not said, any id is a guardrail with policies that all have a price. */
  readonly guardrails?: Readonly<Record<string, readonly GuardrailPolicy[]>>
  /** How long a job of StartAsyncInvoke is under way. */
  readonly asyncInvokeMs?: number
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
  /** Requests to STS and to the control plane. */
  readonly sideCalls: () => readonly SideCall[]
  /** Sessions that AssumeRole has handed out. */
  readonly sessions: () => readonly Session[]
  /** A service that is down answers 503. */
  readonly setDown: (service: SideService, isDown: boolean) => void
  /** Back to the start: no calls, nothing stored or cached, ordinals from 1. Sessions stay valid. */
  readonly reset: () => void
}

const ASYNC_INVOKE_MS_DEFAULT = 90_000
const SYSTEM_CLOCK: SimulatorClock = { now: () => Date.now() }

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  checkOptions(options)
  const down = new Set<SideService>()
  const simulation = simulationOf(options, down)
  const { log, cache, responses, asyncInvokes, sessions, sideCalls } = simulation
  const listener = await listen(
    options.host ?? '127.0.0.1',
    options.port ?? 0,
    options.tls ?? null,
    (request: AnyRequest, response: AnyResponse) => {
      serve(simulation, new Exchange(request, response))
    },
  )
  const host = listener.host.includes(':') ? `[${listener.host}]` : listener.host
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${host}:${listener.port}`,
    port: listener.port,
    close: listener.close,
    calls: log.calls,
    sideCalls: sideCalls.list,
    sessions: sessions.issued,
    setDown: (service, isDown) => {
      if (isDown) down.add(service)
      else down.delete(service)
    },
    reset: () => {
      for (const store of [cache, responses, asyncInvokes, sideCalls]) store.clear()
      log.reset()
    },
  }
}

function simulationOf(options: SimulatorOptions, down: ReadonlySet<SideService>): Simulation {
  const { seed = 1, clock = SYSTEM_CLOCK, faults = {}, recordLimit = Infinity } = options
  const { accountId = '123456789012', roles, guardrails } = options
  const sessions = createSessions(seed, clock.now())
  return {
    seed,
    clock,
    accountId,
    inferenceProfiles: new Map(Object.entries(options.inferenceProfiles ?? {})),
    authenticate: createAuthenticate({
      credentials: options.credentials ?? [],
      bearerKeys: options.bearerKeys ?? [],
      sessions,
      accountId,
      regions: options.regions ?? null,
    }),
    sessions,
    roles: roles === undefined ? null : new Set(roles),
    guardrails: guardrails === undefined ? null : new Map(Object.entries(guardrails)),
    plan: probabilitySum(faults) > 0 ? faults : null,
    latency: faults.latencyMs ?? options.latencyMs ?? 0,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS_DEFAULT,
    outputTokens: options.outputTokens ?? null,
    cachePrefixTokensMin: options.cachePrefixTokensMin ?? null,
    cache: createPromptCache(),
    responses: createStoredResponses(),
    asyncInvokes: createAsyncInvokes(),
    asyncInvokeMs: options.asyncInvokeMs ?? ASYNC_INVOKE_MS_DEFAULT,
    log: createCallLog(recordLimit),
    sideCalls: createSideCalls(),
    isDown: (service) => down.has(service),
    nextRequestId: requestIds(seed, clock.now()),
  }
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
