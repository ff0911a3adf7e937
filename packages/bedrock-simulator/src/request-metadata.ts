// Checks request metadata as Bedrock does: at most 16 entries, keys of 1 to 256 and values of up to 256 characters from one
// charset, as a Converse body field or an InvokeModel header.

import { isJsonObject } from './json-value.ts'
import { invalid, type Refusal } from './refusal.ts'

export type RequestMetadata = { readonly [key: string]: string }

/** Wrapped, because a caller may use any key, also those that mark a refusal. */
export type ReadMetadata = { readonly metadata: RequestMetadata }

const ENTRIES_MAX = 16
const LENGTH_MAX = 256
const HEADER_LENGTH_MAX = 8_500
const CHARSET = /^[a-zA-Z0-9\s:_@$#=/+,\-.]*$/

export function readRequestMetadata(value: unknown): ReadMetadata | Refusal {
  if (!isJsonObject(value)) return invalid('requestMetadata must be a map of strings to strings.')
  const entries = Object.entries(value)
  if (entries.length < 1 || entries.length > ENTRIES_MAX) {
    return invalid(
      `1 validation error detected: Value at 'requestMetadata' failed to satisfy constraint: ` +
        `Member must have between 1 and ${ENTRIES_MAX} entries`,
    )
  }
  const metadata: { [key: string]: string } = Object.create(null)
  for (const [key, text] of entries) {
    if (key.length < 1 || key.length > LENGTH_MAX || !CHARSET.test(key)) return badEntry('key')
    if (typeof text !== 'string' || text.length > LENGTH_MAX || !CHARSET.test(text)) {
      return badEntry('value')
    }
    metadata[key] = text
  }
  return { metadata }
}

export function readRequestMetadataHeader(header: string): ReadMetadata | Refusal {
  if (header.length > HEADER_LENGTH_MAX) {
    return invalid(`The request metadata header is longer than ${HEADER_LENGTH_MAX} characters.`)
  }
  let value: unknown
  try {
    value = JSON.parse(header)
  } catch {
    return invalid('The request metadata header is not a valid JSON object.')
  }
  return readRequestMetadata(value)
}

function badEntry(part: 'key' | 'value'): Refusal {
  return invalid(
    `1 validation error detected: a ${part} of 'requestMetadata' failed to satisfy constraint: ` +
      `Member must have length between ${part === 'key' ? 1 : 0} and ${LENGTH_MAX} ` +
      `and satisfy regular expression pattern: [a-zA-Z0-9\\s:_@$#=/+,-.]*`,
  )
}
