// Token counts that stand outside a usage object in the answers of the older makers. They fill what the usage object, AWS's
// metrics and AWS's headers leave open: AWS bills by its own counts, and Cohere's own bill leaves some tokens out.
//
//   Llama   prompt_token_count, generation_token_count (in a stream: so far)
//   Titan   inputTextTokenCount; results[].tokenCount, in a stream totalOutputTextTokenCount
//   Cohere  meta.billed_units {input_tokens, output_tokens}, token_count {prompt_tokens, response_tokens}
//
// Sources: Amazon Bedrock user guide, "Inference request parameters and response fields" of each maker; docs.cohere.com, Chat v1.

import type { JsonScan } from '../json/json-scan.ts'
import { numberOf, objectOf, type JsonObject } from '../json/json-value.ts'
import { countOf, type TokenCounts } from './token-counts.ts'

export const COUNT_PATHS = [
  'prompt_token_count',
  'inputTextTokenCount',
  'generation_token_count',
  'totalOutputTextTokenCount',
  'results.*.tokenCount',
  'meta.billed_units',
  'response.meta.billed_units',
  'token_count',
] as const
/** The first ones count input, the next output, the last are objects. */
const OUTPUT_FROM = 2
const OBJECTS_FROM = 5

/** Reads what stands at `COUNT_PATHS`, the first of which is the scan's path number `first`, into `raw` by the path's last word. */
export function gatherCounts(
  scan: JsonScan,
  first: number,
  raw: Record<string, unknown> | null,
): Record<string, unknown> | null {
  let gathered = raw
  for (let index = 0; index < COUNT_PATHS.length; index += 1) {
    const value = scan.value(first + index)
    if (value === null) continue
    const read = index < OBJECTS_FROM ? numberOf(value) : objectOf(value)
    if (read === null || read === undefined) continue
    gathered ??= {}
    gathered[NAMES[index] as string] = read
  }
  return gathered
}

const NAMES = COUNT_PATHS.map((path) => path.slice(path.lastIndexOf('.') + 1))
const INPUTS = NAMES.slice(0, OUTPUT_FROM)
const OUTPUTS = NAMES.slice(OUTPUT_FROM, OBJECTS_FROM)

export function nativeCounts(raw: JsonObject, problems: Set<string>): TokenCounts {
  const billed = (raw['billed_units'] ?? {}) as JsonObject
  const counted = (raw['token_count'] ?? {}) as JsonObject
  const input =
    firstOf(raw, INPUTS, problems) ??
    countOf(billed, 'input_tokens', problems) ??
    countOf(counted, 'prompt_tokens', problems)
  const output =
    firstOf(raw, OUTPUTS, problems) ??
    countOf(billed, 'output_tokens', problems) ??
    countOf(counted, 'response_tokens', problems)
  const counts: TokenCounts = {}
  if (input !== undefined) counts.input = input
  if (output !== undefined) counts.output = output
  return counts
}

function firstOf(
  raw: JsonObject,
  names: readonly string[],
  problems: Set<string>,
): number | undefined {
  for (const name of names) {
    const count = countOf(raw, name, problems)
    if (count !== undefined) return count
  }
  return undefined
}
