// What a call gets, before a byte of it is written: who sends it, which model it names, whether it is valid, what goes wrong
// on purpose, what it reads from the prompt cache, what the model says. Fills the call's record on the way, so a refused
// call is on record as far as it came.

import type { Answer, ResolvedTier } from './answer.ts'
import type { Ask } from './ask.ts'
import { claimedRegion } from './authenticate.ts'
import type { CallDraft } from './call-record.ts'
import { drawFaults, drawLatencyMs } from './draw-faults.ts'
import type { Exchange } from './exchange.ts'
import { NO_FAULTS, type FaultSet } from './fault.ts'
import { generate } from './generate.ts'
import { FAULT_HEADER, parseFaultHeader } from './parse-fault-header.ts'
import { mix } from './random.ts'
import { readAsk } from './read-ask.ts'
import { isRefusal, serviceRefusal, type Refusal } from './refusal.ts'
import { resolveModel, type ResolvedModel } from './resolve-model.ts'
import { decodeModelPath } from './route.ts'
import type { Simulation } from './simulation.ts'

export type Decision = {
  readonly kind: 'answer'
  readonly answer: Answer
  readonly faults: FaultSet
  readonly latencyMs: number
}

export function decide(
  simulation: Simulation,
  draft: CallDraft,
  exchange: Exchange,
  body: Buffer,
): Decision | Refusal {
  const resolved = identify(simulation, draft, exchange)
  if (isRefusal(resolved)) return resolved
  const ask = readAsk(draft.operation, resolved.model, exchange.headers, body)
  if (isRefusal(ask)) return ask
  draft.tierAsked = ask.tier
  draft.requestMetadata = ask.requestMetadata

  const faults = faultsOf(simulation, draft, exchange)
  if (isRefusal(faults)) return faults
  draft.fault = faults.label
  if (faults.error !== null) return serviceRefusal(faults.error)

  // Nobody has reserved capacity here, so a reserved request overflows to the default tier, as on AWS.
  const tier: ResolvedTier = ask.tier === null || ask.tier === 'reserved' ? 'default' : ask.tier
  draft.tierResolved = tier
  draft.performance = ask.performance
  return {
    kind: 'answer',
    answer: answerOf(simulation, draft, resolved, ask, tier),
    faults,
    latencyMs: faults.latencyMs + drawLatencyMs(simulation.latency, callSeed(simulation, draft, 2)),
  }
}

function identify(
  simulation: Simulation,
  draft: CallDraft,
  exchange: Exchange,
): ResolvedModel | Refusal {
  const { method, path, query, headers } = exchange
  const request = { method, path, query, headers, bodySha256: draft.requestSha256 }
  const caller = simulation.authenticate(request, draft.atMs)
  const identifier = decodeModelPath(draft.modelPath)
  if (!isNotText(identifier)) draft.modelRequested = identifier
  if (isRefusal(caller)) {
    draft.region = claimedRegion(headers.authorization)
    return caller
  }
  draft.auth = caller.auth
  draft.accessKeyId = caller.accessKeyId
  draft.keyFingerprint = caller.keyFingerprint
  draft.region = caller.region
  if (isNotText(identifier)) return identifier
  const { accountId, inferenceProfiles } = simulation
  const resolved = resolveModel(identifier, { region: caller.region, accountId, inferenceProfiles })
  if (!isRefusal(resolved)) draft.resolved = resolved
  return resolved
}

function isNotText(value: string | Refusal): value is Refusal {
  return typeof value !== 'string'
}

function faultsOf(
  simulation: Simulation,
  draft: CallDraft,
  exchange: Exchange,
): FaultSet | Refusal {
  const header = exchange.headers[FAULT_HEADER]
  if (typeof header === 'string') return parseFaultHeader(header)
  if (simulation.plan === null) return NO_FAULTS
  return drawFaults(simulation.plan, callSeed(simulation, draft, 1))
}

function answerOf(
  simulation: Simulation,
  draft: CallDraft,
  { model }: ResolvedModel,
  ask: Ask,
  tier: ResolvedTier,
): Answer {
  const { prompt } = ask
  const generation = generate(simulation.seed, model.id, prompt, simulation.outputTokens)
  const cached =
    model.cache === null || prompt.cachePoints.length === 0
      ? { input: prompt.tokens, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }
      : simulation.cache.read({
          namespace: `${draft.region} ${model.id}`,
          points: prompt.cachePoints,
          promptTokens: prompt.tokens,
          prefixTokensMin: simulation.cachePrefixTokensMin ?? model.cache.prefixTokensMin,
          nowMs: draft.atMs,
        })
  const output = ask.embedding === null ? generation.outputTokens : 0
  return {
    model,
    generation,
    usage: { ...cached, output },
    tier,
    performance: ask.performance,
    caching: prompt.cachePoints.length > 0,
    includeUsage: ask.includeUsage,
    embedding: ask.embedding,
    nowMs: draft.atMs,
  }
}

/** Differs for every call of a run, the same in every replay; `purpose` keeps independent draws apart. */
function callSeed(simulation: Simulation, draft: CallDraft, purpose: number): number {
  const content = Number.parseInt(draft.requestSha256.slice(0, 8), 16)
  return mix(mix(mix(simulation.seed, draft.ordinal), content), purpose)
}
