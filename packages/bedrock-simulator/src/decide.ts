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
import { isJsonObject, isString, type JsonObject } from './json-value.ts'
import { FAULT_HEADER, parseFaultHeader } from './parse-fault-header.ts'
import { mix } from './random.ts'
import { readAsk } from './read-ask.ts'
import type { Continued } from './read-responses.ts'
import { readWire, type Wire } from './read-wire.ts'
import { invalid, isRefusal, refuse, serviceRefusal, type Refusal } from './refusal.ts'
import { resolveModel, type ResolvedModel } from './resolve-model.ts'
import { decodeModelPath } from './route.ts'
import type { Simulation } from './simulation.ts'
import type { Usage } from './usage.ts'

export type Decision = {
  readonly kind: 'answer'
  readonly answer: Answer
  /** Null on routes whose answers repeat nothing of the request. */
  readonly wire: Wire | null
  readonly faults: FaultSet
  readonly latencyMs: number
}

/** A call of a model that the path names. */
export function decide(
  simulation: Simulation,
  draft: CallDraft,
  exchange: Exchange,
  body: Buffer,
): Decision | Refusal {
  const refused = identify(simulation, draft, exchange)
  if (refused !== null) return refused
  const resolved = resolvePath(simulation, draft)
  if (isRefusal(resolved)) return resolved
  const ask = readAsk(draft.operation, resolved.model, exchange.headers, body)
  if (isRefusal(ask)) return ask
  return conclude(simulation, draft, exchange, { resolved, ask, wire: null })
}

/** A call of a model that the body names. */
export function decideWire(
  simulation: Simulation,
  draft: CallDraft,
  exchange: Exchange,
  bytes: Buffer,
): Decision | Refusal {
  const refused = identify(simulation, draft, exchange)
  if (refused !== null) return refused
  const body = readJson(bytes)
  if (isRefusal(body)) return body
  draft.stream = body['stream'] === true && draft.operation !== 'CompactResponse'
  const resolved = resolveNamed(simulation, draft, body['model'])
  if (isRefusal(resolved)) return resolved
  const continued = continuedBy(simulation, draft, body)
  if (continued !== null && isRefusal(continued)) return continued
  const { operation, endpoint } = draft
  const { headers } = exchange
  const { model } = resolved
  const read = readWire({ operation, endpoint, headers, body, model, continued })
  if (isRefusal(read)) return read
  return conclude(simulation, draft, exchange, { resolved, ...read })
}

type Valid = { readonly resolved: ResolvedModel; readonly ask: Ask; readonly wire: Wire | null }

function conclude(
  simulation: Simulation,
  draft: CallDraft,
  exchange: Exchange,
  { resolved, ask, wire }: Valid,
): Decision | Refusal {
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
  draft.variant = ask.variant
  return {
    kind: 'answer',
    answer: answerOf(simulation, draft, resolved, ask, tier),
    wire,
    faults,
    latencyMs: faults.latencyMs + latencyOf(simulation, draft),
  }
}

/** Says on the record who calls; a refusal if nobody does. */
export function identify(
  simulation: Simulation,
  draft: CallDraft,
  exchange: Exchange,
): Refusal | null {
  const { method, path, query, headers } = exchange
  const key = headers['x-api-key']
  // Anthropic's clients send the key in a header of their own.
  const signed =
    draft.family === 'anthropic' && isString(key) && headers.authorization === undefined
      ? { ...headers, authorization: `Bearer ${key}` }
      : headers
  const request = { method, path, query, headers: signed, bodySha256: draft.requestSha256 }
  const service = draft.endpoint === 'mantle' ? 'bedrock-mantle' : 'bedrock'
  const caller = simulation.authenticate(request, service, draft.atMs)
  if (isRefusal(caller)) {
    draft.region = claimedRegion(headers.authorization)
    const identifier = decodeModelPath(draft.modelPath)
    if (isString(identifier) && identifier !== '') draft.modelRequested = identifier
    return caller
  }
  draft.auth = caller.auth
  draft.accessKeyId = caller.accessKeyId
  draft.keyFingerprint = caller.keyFingerprint
  draft.principalArn = caller.principalArn
  draft.sessionTags = caller.sessionTags
  draft.accountId = caller.accountId
  draft.region = caller.region
  return null
}

export function readJson(bytes: Buffer): JsonObject | Refusal {
  let body: unknown
  try {
    body = JSON.parse(bytes.toString('utf8'))
  } catch {
    return invalid('Malformed input request, please reformat your input and try again.')
  }
  return isJsonObject(body)
    ? body
    : invalid('Malformed input request: expected a JSON object, please try again.')
}

export function resolvePath(simulation: Simulation, draft: CallDraft): ResolvedModel | Refusal {
  const identifier = decodeModelPath(draft.modelPath)
  return isString(identifier) ? resolve(simulation, draft, identifier) : identifier
}

/** Mantle's model ids leave a version out that the runtime's carry. */
export function resolveNamed(
  simulation: Simulation,
  draft: CallDraft,
  identifier: unknown,
): ResolvedModel | Refusal {
  if (!isString(identifier) || identifier === '') return invalid(`'model' is required`)
  const resolved = resolve(simulation, draft, identifier)
  if (!isRefusal(resolved) || draft.endpoint !== 'mantle') return resolved
  const versioned = resolve(simulation, draft, `${identifier}-1:0`)
  draft.modelRequested = identifier
  return isRefusal(versioned) ? resolved : versioned
}

function resolve(
  { inferenceProfiles }: Simulation,
  draft: CallDraft,
  identifier: string,
): ResolvedModel | Refusal {
  draft.modelRequested = identifier
  const { region, accountId } = draft
  const resolved = resolveModel(identifier, { region, accountId, inferenceProfiles })
  if (!isRefusal(resolved)) draft.resolved = resolved
  return resolved
}

/** The response this one goes on from, which counts as input again. */
function continuedBy(
  { responses }: Simulation,
  { accountId }: CallDraft,
  body: JsonObject,
): Continued | Refusal | null {
  const id = body['previous_response_id']
  if (!isString(id)) return null
  const stored = responses.find(id, accountId)
  if (stored === null) {
    return refuse('ResourceNotFoundException', `Previous response with id '${id}' not found.`)
  }
  return { id, tokens: stored.tokens }
}

export function faultsOf(
  simulation: Simulation,
  draft: CallDraft,
  exchange: Exchange,
): FaultSet | Refusal {
  const header = exchange.headers[FAULT_HEADER]
  if (typeof header === 'string') return parseFaultHeader(header)
  if (simulation.plan === null) return NO_FAULTS
  return drawFaults(simulation.plan, callSeed(simulation, draft, 1))
}

export function latencyOf(simulation: Simulation, draft: CallDraft): number {
  return drawLatencyMs(simulation.latency, callSeed(simulation, draft, 2))
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
  const output = ask.product.kind === 'text' ? generation.outputTokens : 0
  const caching = prompt.cachePoints.length > 0
  return {
    model,
    generation,
    usage: caching
      ? cachedUsage(simulation, draft, ask, output)
      : {
          input: prompt.tokens,
          output,
          cacheRead: 0,
          cacheWrite5m: 0,
          cacheWrite1h: 0,
          other: ask.other,
        },
    tier,
    performance: ask.performance,
    caching,
    includeUsage: ask.includeUsage,
    product: ask.product,
    variant: ask.variant,
    nowMs: draft.atMs,
  }
}

function cachedUsage(simulation: Simulation, draft: CallDraft, ask: Ask, output: number): Usage {
  const { prompt, other } = ask
  const model = draft.resolved?.model
  const { cacheWrite30m, input, ...cached } = simulation.cache.read({
    namespace: `${draft.accountId} ${draft.region} ${model?.id ?? ''}`,
    points: prompt.cachePoints,
    promptTokens: prompt.tokens,
    prefixTokensMin:
      simulation.cachePrefixTokensMin ??
      (model?.cache ?? model?.implicitCache)?.prefixTokensMin ??
      Infinity,
    nowMs: draft.atMs,
  })
  if (cacheWrite30m === 0) return { ...cached, input, output, other }
  // Where writing costs nothing, what is written is input like any other.
  return model?.implicitCache?.paidWrites === true
    ? { ...cached, input, output, other: { ...other, cache_write_30m: cacheWrite30m } }
    : { ...cached, input: input + cacheWrite30m, output, other }
}

/** Differs for every call of a run, the same in every replay; `purpose` keeps independent draws apart. */
function callSeed(simulation: Simulation, draft: CallDraft, purpose: number): number {
  const content = Number.parseInt(draft.requestSha256.slice(0, 8), 16)
  return mix(mix(mix(simulation.seed, draft.ordinal), content), purpose)
}
