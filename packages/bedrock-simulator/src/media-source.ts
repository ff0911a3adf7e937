// Where a request says a picture, a sound or a film is: inside the body as base64, or in S3. What lies in S3 is never fetched;
// how long a recording runs follows a rule of the simulator's own, the same in every shape.

import { isJsonObject, isString } from './json-value.ts'
import { malformed, missingKey } from './malformed.ts'
import type { Refusal } from './refusal.ts'

const BASE64_CHARACTERS_PER_SECOND = 100_000
const STORED_SECONDS = 60

export type MediaSource = {
  readonly base64Characters: number
  /** What it would run if it is a recording. */
  readonly seconds: number
}

/** `inline` names the member that holds base64 in this shape. */
export function readMediaSource(
  value: unknown,
  path: string,
  inline: string,
): MediaSource | Refusal {
  if (!isJsonObject(value)) return missingKey(path.slice(path.lastIndexOf('/') + 1))
  const data = value[inline]
  if (data !== undefined && value['s3Location'] !== undefined) {
    return malformed(`${path}: exactly one of [${inline}] and [s3Location] is permitted`)
  }
  if (isString(data)) return sourceOf(data.length)
  const stored = value['s3Location']
  if (!isJsonObject(stored) || !isString(stored['uri'])) return missingKey(inline, path)
  if (!/^s3:\/\/[a-z0-9.-]{3,63}\/./.test(stored['uri'])) {
    return malformed(`${path}/s3Location/uri: string [${stored['uri']}] is not an S3 URI`)
  }
  return { base64Characters: 0, seconds: STORED_SECONDS }
}

export function sourceOf(base64Characters: number): MediaSource {
  return {
    base64Characters,
    seconds: 1 + Math.floor(base64Characters / BASE64_CHARACTERS_PER_SECOND),
  }
}
