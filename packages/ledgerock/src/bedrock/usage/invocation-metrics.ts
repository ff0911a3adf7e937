// AWS's own counts beside a model's native answer: `amazon-bedrock-invocationMetrics` in the last event of a stream, and the
// token-count headers of a unary answer. Neither is in the API's model and neither splits cache writes by lifetime, so they
// fill what the native usage leaves open. Their input count excludes cached tokens.

import type { JsonObject } from '../json/json-value.ts'
import { headerOf, type ResponseHeaders } from './response-headers.ts'
import { countOf, splitWrites, type DefaultLifetime, type TokenCounts } from './token-counts.ts'

export function invocationMetrics(
  raw: JsonObject,
  lifetime: DefaultLifetime,
  problems: Set<string>,
): TokenCounts {
  const read = (name: string): number | undefined => countOf(raw, name, problems)
  const written = read('cacheWriteInputTokenCount')
  return {
    ...counted(read('inputTokenCount'), read('outputTokenCount'), read('cacheReadInputTokenCount')),
    ...writes(written, lifetime, problems),
  }
}

const HEADER_PREFIX = 'x-amzn-bedrock-'

export function tokenCountHeaders(
  headers: ResponseHeaders,
  lifetime: DefaultLifetime,
  problems: Set<string>,
): TokenCounts {
  const read = (name: string): number | undefined => {
    const text = headerOf(headers, `${HEADER_PREFIX}${name}`)
    if (text === undefined) return undefined
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
    return countOf({ [name]: value }, name, problems)
  }
  const written = read('cache-write-input-token-count')
  return {
    ...counted(
      read('input-token-count'),
      read('output-token-count'),
      read('cache-read-input-token-count'),
    ),
    ...writes(written, lifetime, problems),
  }
}

function counted(
  input: number | undefined,
  output: number | undefined,
  read: number | undefined,
): TokenCounts {
  const counts: TokenCounts = {}
  if (input !== undefined) counts.input = input
  if (output !== undefined) counts.output = output
  if (read !== undefined) counts.cacheRead = read
  return counts
}

function writes(
  written: number | undefined,
  lifetime: DefaultLifetime,
  problems: Set<string>,
): TokenCounts {
  const cacheWrite = splitWrites(written, undefined, lifetime, problems)
  return cacheWrite === undefined ? {} : { cacheWrite }
}
