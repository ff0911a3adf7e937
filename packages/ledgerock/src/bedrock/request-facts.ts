// What the gateway must know of a request's body before it may go on: the tier asked for, the most it can generate, the metadata,
// and how much text it holds. Found by one scan; the body is never parsed and never changed. A body that is not JSON, or names
// an accounting key twice (which of the two counts would be the upstream's choice, not ours), is refused.

import { isUtf8 } from 'node:buffer'
import type { Tier } from '@ledgerock/contract'
import { exhaustive } from '../kernel/assert.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { compileJsonPaths } from './json-paths.ts'
import { JsonScan, type JsonProblem } from './json-scan.ts'
import { numberOf, objectOf, stringOf, type JsonObject } from './json-value.ts'
import { LATENCY_HEADER, readTier, TIER_HEADER } from './tier.ts'
import type { Route } from './route.ts'

/** Lower-case names; a repeated header joined by `, ` as HTTP has it. */
export type HeaderRecord = Readonly<Record<string, string | undefined>>

export type RequestFacts = {
  readonly tierAsked: Tier
  /** Null: not stated, or not a whole number; the model's own maximum applies. */
  readonly maxTokens: number | null
  /** How many answers are asked for (`n` of OpenAI's shape); each may have `maxTokens`. */
  readonly choices: number
  /** Converse only. Values that are not strings are left to Bedrock to refuse. */
  readonly requestMetadata: Readonly<Record<string, string>> | null
  readonly bodyBytes: number
  /** Bytes inside JSON strings, as written, base64 media left out. No text has more tokens than bytes. */
  readonly textBytes: number
  /** Base64 images, documents, audio and video inside the body. */
  readonly mediaBytes: number
  readonly mediaParts: number
  /** Tokens the input probably has; for calls that end without AWS's own count. */
  readonly inputEstimate: number
}

/** A 400 `ValidationException`; the message says what to change and quotes nothing of the body but key names. */
export type RequestProblem = {
  readonly code: 'malformed_json' | 'duplicate_key'
  readonly message: string
}

const TEXT_BYTES_PER_TOKEN = 4
/** What Claude counts for an image of the largest size it does not shrink; other media are guessed alike. */
const TOKENS_PER_MEDIA_PART = 1_600
const CHOICES_MAX = 128

const CONVERSE = compileJsonPaths([
  'inferenceConfig.maxTokens',
  'requestMetadata',
  'serviceTier.type',
  'performanceConfig.latency',
])
/** Every native shape at once: which one a profile's or imported model's body has cannot be told from its id. */
const INVOKE = compileJsonPaths([
  'max_tokens',
  'inferenceConfig.maxTokens',
  'max_completion_tokens',
  'textGenerationConfig.maxTokenCount',
  'inferenceConfig.max_new_tokens',
  'max_gen_len',
  'max_tokens_to_sample',
  'service_tier',
  'n',
])
const INVOKE_MAX_TOKENS_PATHS = 7
const INVOKE_SERVICE_TIER = 7
const INVOKE_CHOICES = 8

/** One scan each serves all requests of the process: reading is synchronous and keeps nothing. */
const converseScan = new JsonScan(CONVERSE)
const invokeScan = new JsonScan(INVOKE)

export function readRequestFacts(
  route: Pick<Route, 'operation'>,
  headers: HeaderRecord,
  body: Buffer,
): Result<RequestFacts, RequestProblem> {
  const isConverse = route.operation === 'converse' || route.operation === 'converse-stream'
  const scan = isConverse ? converseScan : invokeScan
  scan.reset()
  scan.write(body)
  scan.end()
  if (scan.problem !== null) return err(malformed(scan.problem))
  if (!isUtf8(body)) return err({ code: 'malformed_json', message: 'The body is not UTF-8.' })
  if (scan.duplicate !== null) {
    const message = `The key ${scan.duplicate} stands twice in the body; send it once.`
    return err({ code: 'duplicate_key', message })
  }
  const facts = isConverse ? converseFacts(scan) : invokeFacts(scan, headers)
  if (facts === null) return err(malformed('malformed'))
  const textBytes = scan.stringBytes - scan.mediaBytes
  return ok({
    ...facts,
    bodyBytes: body.length,
    textBytes,
    mediaBytes: scan.mediaBytes,
    mediaParts: scan.mediaParts,
    inputEstimate:
      Math.ceil(textBytes / TEXT_BYTES_PER_TOKEN) + scan.mediaParts * TOKENS_PER_MEDIA_PART,
  })
}

type ShapeFacts = Pick<RequestFacts, 'tierAsked' | 'maxTokens' | 'choices' | 'requestMetadata'>

function converseFacts(scan: JsonScan): ShapeFacts | null {
  const requestMetadata = objectOf(scan.value(1))
  const serviceTier = stringOf(scan.value(2))
  const latency = stringOf(scan.value(3))
  if (requestMetadata === undefined || serviceTier === undefined || latency === undefined) {
    return null
  }
  return {
    tierAsked: readTier(serviceTier, latency).tier ?? 'standard',
    maxTokens: tokenCount(numberOf(scan.value(0))),
    choices: 1,
    requestMetadata: requestMetadata === null ? null : stringsOf(requestMetadata),
  }
}

function invokeFacts(scan: JsonScan, headers: HeaderRecord): ShapeFacts | null {
  const inBody = stringOf(scan.value(INVOKE_SERVICE_TIER))
  if (inBody === undefined) return null
  let maxTokens: number | null = null
  // Several limits in one body: which of them the model obeys is its own affair, so the largest is believed.
  for (let path = 0; path < INVOKE_MAX_TOKENS_PATHS; path += 1) {
    const stated = tokenCount(numberOf(scan.value(path)))
    if (stated !== null) maxTokens = Math.max(maxTokens ?? 0, stated)
  }
  const choices = tokenCount(numberOf(scan.value(INVOKE_CHOICES)))
  return {
    tierAsked: readTier(headers[TIER_HEADER] ?? inBody, headers[LATENCY_HEADER]).tier ?? 'standard',
    maxTokens,
    choices: choices === null ? 1 : Math.min(Math.max(choices, 1), CHOICES_MAX),
    requestMetadata: null,
  }
}

function tokenCount(value: number | null): number | null {
  return value !== null && Number.isSafeInteger(value) && value >= 0 ? value : null
}

function stringsOf(object: JsonObject): Record<string, string> {
  const isText = (entry: readonly [string, unknown]): entry is [string, string] =>
    typeof entry[1] === 'string'
  // Built from entries, so that a key `__proto__` is a key like any other.
  return Object.fromEntries(Object.entries(object).filter(isText))
}

function malformed(problem: JsonProblem): RequestProblem {
  switch (problem) {
    case 'malformed':
      return { code: 'malformed_json', message: 'The body is not well-formed JSON.' }
    case 'too_deep':
      return { code: 'malformed_json', message: 'The body is nested more than 128 levels deep.' }
    case 'too_large':
      return { code: 'malformed_json', message: 'A value in the body is too large.' }
    default:
      return exhaustive(problem)
  }
}
