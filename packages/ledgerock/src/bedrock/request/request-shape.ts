// The bodies of requests by API: at which places of each the gateway looks, and what it makes of what stands there. One scan per
// shape serves all requests of the process, because reading is synchronous and keeps nothing.

import { exhaustive } from '../../kernel/assert.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { spanOf } from '../edit/body-place.ts'
import { guardrailOfHeaders, readConverseGuardrail } from '../edit/guardrail-edit.ts'
import {
  CONVERSE_INPUT,
  INVOKE_INPUT,
  inputPaths,
  inputReader,
  NAMES_MODEL_INPUT,
  TEXT_INPUT,
} from './input-places.ts'
import { compileJsonPaths } from '../json/json-paths.ts'
import { JsonScan } from '../json/json-scan.ts'
import { numberOf, stringOf, type JsonObject } from '../json/json-value.ts'
import { converseMaxTokensPlace, openAiMaxTokensPlace } from '../edit/max-tokens-edit.ts'
import type { EditPlaces, MaxTokensPlace } from '../edit/edit-places.ts'
import {
  ASYNC_MEDIA_PATHS,
  INVOKE_MEDIA_PATHS,
  readAsyncMedia,
  readInvokeMedia,
} from './media-ask.ts'
import { NATIVE_LIMITS, type StatedLimit } from './native-limits.ts'
import { streamOf, type Operation } from '../operation.ts'
import { ID_CHARACTERS_MAX, isPrintable } from '../path-id.ts'
import type { HeaderRecord, RequestFacts } from './request-facts.ts'
import { readConverseMetadata } from '../edit/request-metadata.ts'
import { duplicateKey, malformed, noModel, type RequestProblem } from './request-problem.ts'
import { readStreamUsage } from '../edit/stream-usage-edit.ts'
import { LATENCY_HEADER, readTier, TIER_HEADER } from '../tier.ts'

/** What a body says besides how large it is. */
export type BodyFacts = Omit<
  RequestFacts,
  'bodyBytes' | 'textBytes' | 'mediaBytes' | 'mediaParts' | 'inputEstimate'
>
type Read = Result<BodyFacts, RequestProblem>

export type Shape = {
  readonly scan: JsonScan
  readonly read: (scan: JsonScan, body: Buffer, headers: HeaderRecord, operation: Operation) => Read
}

const CHOICES_MAX = 128
export const NO_PLACES: EditPlaces = {
  model: null,
  metadata: null,
  streamUsage: null,
  guardrail: null,
  maxTokens: null,
}

/** Null: nothing in the body is accounted for, or there is none; it is only forwarded. */
export function shapeOf(operation: Operation): Shape | null {
  switch (operation) {
    case 'converse':
    case 'converse-stream':
      return CONVERSE
    case 'invoke':
    case 'invoke-with-response-stream':
      return INVOKE
    case 'chat-completions':
    case 'responses':
    case 'messages':
    case 'count-message-tokens':
    case 'compact-response':
    case 'embeddings':
    case 'fine-tuning':
      return NAMES_MODEL
    case 'start-async-invoke':
      return START_ASYNC
    case 'apply-guardrail':
    case 'invoke-guardrail-checks':
      return TEXT_ONLY
    case 'invoke-with-bidirectional-stream':
    case 'count-tokens':
    case 'get-async-invoke':
    case 'list-async-invokes':
    case 'get-response':
    case 'delete-response':
    case 'cancel-response':
    case 'list-models':
    case 'get-model':
    case 'files':
    case 'fine-tuning-jobs':
      return null
    default:
      return exhaustive(operation)
  }
}

const CONVERSE_PATHS = [
  'inferenceConfig.maxTokens',
  'requestMetadata',
  'serviceTier.type',
  'performanceConfig.latency',
  'guardrailConfig',
]
/** What goes on to the model in its own words; it may say what `inferenceConfig` says, or more. */
const CONVERSE_EXTRA_MAX_TOKENS = [...NATIVE_LIMITS, 'max_new_tokens', 'max_output_tokens'].map(
  (key) => `additionalModelRequestFields.${key}`,
)
const CONVERSE_EXTRA = CONVERSE_PATHS.length
const CONVERSE_CHOICES = CONVERSE_EXTRA + CONVERSE_EXTRA_MAX_TOKENS.length
const CONVERSE_CONFIG_AT = CONVERSE_CHOICES + 1
const readConverseInput = inputReader(CONVERSE_INPUT, CONVERSE_CONFIG_AT + 1, CONVERSE_CONFIG_AT)

const CONVERSE: Shape = {
  scan: scanFor([
    ...CONVERSE_PATHS,
    ...CONVERSE_EXTRA_MAX_TOKENS,
    'additionalModelRequestFields.n',
    'inferenceConfig#',
    ...inputPaths(CONVERSE_INPUT),
  ]),
  read: readConverse,
}

function readConverse(scan: JsonScan, body: Buffer, _: HeaderRecord, operation: Operation): Read {
  const metadata = readConverseMetadata(body, scan.value(1))
  const serviceTier = stringOf(scan.value(2))
  const latency = stringOf(scan.value(3))
  const guardrail = readConverseGuardrail(body, scan.value(4))
  if (metadata === undefined || serviceTier === undefined || latency === undefined) {
    return err(malformed('malformed'))
  }
  if (guardrail === undefined) return err(malformed('malformed'))
  if (guardrail.duplicate !== null) return err(duplicateKey(guardrail.duplicate))
  const maxTokens = tokenCount(scan, 0)
  const extra = largest(scan, CONVERSE_EXTRA, CONVERSE_CHOICES)
  return ok({
    model: null,
    stream: streamOf(operation) === true,
    streamUsageAsked: false,
    tierAsked: readTier(serviceTier, latency).tier ?? 'standard',
    // A model that does not know the other key has its own maximum.
    maxTokens: maxTokens === null ? null : Math.max(maxTokens, extra ?? 0),
    nativeLimits: null,
    choices: choicesOf(tokenCount(scan, CONVERSE_CHOICES)),
    ...readConverseInput(scan),
    requestMetadata: metadata.own === null ? null : stringsOf(metadata.own),
    guardrail: guardrail.named,
    media: null,
    places: {
      model: null,
      metadata: metadata.place,
      streamUsage: null,
      guardrail: guardrail.place,
      maxTokens:
        maxTokens === null && extra === null
          ? converseMaxTokensPlace(body, scan.start(CONVERSE_CONFIG_AT), scan.value(0))
          : null,
    },
  })
}

/** Every native shape at once: which one a profile's or imported model's body has cannot be told from its id. */
const INVOKE_CHOICES = ['n', 'num_generations', 'numResults']
const FIRST_CHOICES = NATIVE_LIMITS.length
const INVOKE_TIER = FIRST_CHOICES + INVOKE_CHOICES.length
const FIRST_MEDIA = INVOKE_TIER + 1
const readInvokeInput = inputReader(INVOKE_INPUT, FIRST_MEDIA + INVOKE_MEDIA_PATHS.length)

const INVOKE: Shape = {
  scan: scanFor([
    ...NATIVE_LIMITS,
    ...INVOKE_CHOICES,
    'service_tier',
    ...INVOKE_MEDIA_PATHS,
    ...inputPaths(INVOKE_INPUT),
  ]),
  read: readInvoke,
}

function readInvoke(scan: JsonScan, _: Buffer, headers: HeaderRecord, operation: Operation): Read {
  const inBody = stringOf(scan.value(INVOKE_TIER))
  if (inBody === undefined) return err(malformed('malformed'))
  return ok({
    model: null,
    stream: streamOf(operation) === true,
    streamUsageAsked: false,
    tierAsked: readTier(headers[TIER_HEADER] ?? inBody, headers[LATENCY_HEADER]).tier ?? 'standard',
    maxTokens: largest(scan, 0, FIRST_CHOICES),
    nativeLimits: nativeLimits(scan),
    choices: choicesOf(largest(scan, FIRST_CHOICES, INVOKE_TIER)),
    ...readInvokeInput(scan),
    requestMetadata: null,
    guardrail: guardrailOfHeaders(headers),
    media: readInvokeMedia(scan, FIRST_MEDIA),
    places: NO_PLACES,
  })
}

/** OpenAI's and Anthropic's own APIs: the body names the model, and says whether the answer is to be a stream. */
const FIRST_LIMIT = 5
const COMPLETION_LIMIT = 6
const OUTPUT_LIMIT = 7
const AFTER_LIMITS = 8
const readNamedInput = inputReader(NAMES_MODEL_INPUT, AFTER_LIMITS)

const NAMES_MODEL: Shape = {
  scan: scanFor([
    'model',
    'stream',
    'stream_options',
    'service_tier',
    'n',
    'max_tokens',
    'max_completion_tokens',
    'max_output_tokens',
    ...inputPaths(NAMES_MODEL_INPUT),
  ]),
  read: readNamesModel,
}

function readNamesModel(
  scan: JsonScan,
  body: Buffer,
  headers: HeaderRecord,
  operation: Operation,
): Read {
  const named = scan.value(0)
  const model = modelOf(named)
  if (named === null || model === null) return err(noModel('model'))
  const inBody = stringOf(scan.value(3))
  if (inBody === undefined) return err(malformed('malformed'))
  const stream = streamOf(operation) === 'body' && isTrue(scan.value(1))
  const usage =
    stream && operation === 'chat-completions' ? readStreamUsage(body, scan.value(2)) : null
  if (usage !== null && usage.duplicate !== null) return err(duplicateKey(usage.duplicate))
  const maxTokens = namedLimit(scan, operation)
  return ok({
    model,
    stream,
    streamUsageAsked: usage?.asked ?? false,
    tierAsked: readTier(inBody ?? headers[TIER_HEADER], headers[LATENCY_HEADER]).tier ?? 'standard',
    maxTokens,
    nativeLimits: null,
    choices: choicesOf(tokenCount(scan, 4)),
    ...readNamedInput(scan),
    requestMetadata: null,
    guardrail: null,
    media: null,
    places: {
      ...NO_PLACES,
      model: spanOf(body, named),
      streamUsage: usage?.edit ?? null,
      maxTokens: maxTokens === null ? maxTokensPlace(scan, body, operation) : null,
    },
  })
}

/** Only what the operation obeys limits anything: another's word for it is ignored there, or refused. */
function namedLimit(scan: JsonScan, operation: Operation): number | null {
  switch (operation) {
    case 'chat-completions':
      return largest(scan, FIRST_LIMIT, OUTPUT_LIMIT)
    case 'messages':
    case 'count-message-tokens':
      return tokenCount(scan, FIRST_LIMIT)
    case 'responses':
      return tokenCount(scan, OUTPUT_LIMIT)
    default:
      return null
  }
}

function maxTokensPlace(scan: JsonScan, body: Buffer, operation: Operation): MaxTokensPlace | null {
  switch (operation) {
    case 'chat-completions':
      return openAiMaxTokensPlace(body, scan.value(COMPLETION_LIMIT))
    case 'responses':
      return openAiMaxTokensPlace(body, scan.value(OUTPUT_LIMIT))
    default:
      return null
  }
}

const START_ASYNC: Shape = {
  scan: scanFor(['modelId', ...ASYNC_MEDIA_PATHS]),
  read: readStartAsync,
}

function readStartAsync(scan: JsonScan, body: Buffer): Read {
  const named = scan.value(0)
  const model = modelOf(named)
  if (named === null || model === null) return err(noModel('modelId'))
  return ok({
    ...NOTHING_SAID,
    model,
    media: readAsyncMedia(scan, 1),
    // What is worked on lies in a bucket.
    outsideBody: true,
    places: { ...NO_PLACES, model: spanOf(body, named) },
  })
}

/** Guardrails are paid by the text they look at. */
const TEXT_ONLY: Shape = { scan: scanFor(inputPaths(TEXT_INPUT)), read: readText }
const readTextInput = inputReader(TEXT_INPUT, 0)

function readText(scan: JsonScan): Read {
  return ok({ ...NOTHING_SAID, ...readTextInput(scan) })
}

const NOTHING_SAID: BodyFacts = {
  model: null,
  stream: false,
  streamUsageAsked: false,
  tierAsked: 'standard',
  maxTokens: null,
  nativeLimits: null,
  choices: 1,
  messages: 0,
  tools: 0,
  outsideBody: false,
  requestMetadata: null,
  guardrail: null,
  media: null,
  places: NO_PLACES,
}

function scanFor(paths: readonly string[]): JsonScan {
  return new JsonScan(compileJsonPaths(paths))
}

/** What a path could not name, a body cannot either. */
function modelOf(value: Buffer | null): string | null {
  const text = stringOf(value)
  if (typeof text !== 'string' || text.length > ID_CHARACTERS_MAX) return null
  return isPrintable(text) ? text : null
}

function isTrue(value: Buffer | null): boolean {
  return value !== null && value[0] === 0x74
}

const NONE_STATED: readonly StatedLimit[] = []

function nativeLimits(scan: JsonScan): readonly StatedLimit[] {
  let stated = NONE_STATED
  for (const [path, key] of NATIVE_LIMITS.entries()) {
    const tokens = tokenCount(scan, path)
    if (tokens !== null) stated = [...stated, { key, tokens }]
  }
  return stated
}

/** Several limits in one body: which of them the model obeys is its own affair, so the largest is believed. */
function largest(scan: JsonScan, first: number, end: number): number | null {
  let most: number | null = null
  for (let path = first; path < end; path += 1) {
    const stated = tokenCount(scan, path)
    if (stated !== null) most = Math.max(most ?? 0, stated)
  }
  return most
}

/** Zero is none: nobody is asked for nothing. */
function tokenCount(scan: JsonScan, path: number): number | null {
  const value = numberOf(scan.value(path))
  return value !== null && Number.isSafeInteger(value) && value > 0 ? value : null
}

function choicesOf(stated: number | null): number {
  return stated === null ? 1 : Math.min(Math.max(stated, 1), CHOICES_MAX)
}

function stringsOf(object: JsonObject): Record<string, string> {
  const isText = (entry: readonly [string, unknown]): entry is [string, string] =>
    typeof entry[1] === 'string'
  // Built from entries, so that a key `__proto__` is a key like any other.
  return Object.fromEntries(Object.entries(object).filter(isText))
}
