// The words in which Bedrock's schema check refuses a native body, and the checks themselves: a member that is required, one
// that nobody knows, a number out of its range.

import { isString, type JsonObject } from './json-value.ts'
import { invalid, type Refusal } from './refusal.ts'

const TRY_AGAIN = 'please reformat your input and try again.'

export function malformed(problem: string): Refusal {
  return invalid(`Malformed input request: ${problem}, ${TRY_AGAIN}`)
}

export function missingKey(key: string, path = '#'): Refusal {
  return malformed(`${path}: required key [${key}] not found`)
}

/** Null when the body has no member but these. */
export function extraneousKey(
  body: JsonObject,
  known: readonly string[],
  path = '#',
): Refusal | null {
  const extra = Object.keys(body).find((key) => !known.includes(key))
  return extra === undefined
    ? null
    : malformed(`${path}: extraneous key [${extra}] is not permitted`)
}

export type NumberRange = { readonly min: number; readonly max: number; readonly default: number }

export function wholeNumber(value: unknown, path: string, range: NumberRange): number | Refusal {
  if (value === undefined || value === null) return range.default
  if (typeof value !== 'number')
    return malformed(`${path}: expected type: Integer, found: ${typeName(value)}`)
  if (!Number.isInteger(value)) return malformed(`${path}: expected type: Integer, found: Number`)
  if (value < range.min)
    return malformed(`${path}: ${value} is not greater or equal to ${range.min}`)
  if (value > range.max) return malformed(`${path}: ${value} is not less or equal to ${range.max}`)
  return value
}

export function oneOf<Choice extends number | string>(
  value: unknown,
  path: string,
  choices: readonly Choice[],
): Choice | Refusal {
  const found = choices.find((choice) => choice === value)
  return found ?? malformed(`${path}: ${JSON.stringify(value)} is not a valid enum value`)
}

export function texts(value: unknown, path: string): readonly string[] | Refusal {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value))
    return malformed(`${path}: expected type: JSONArray, found: ${typeName(value)}`)
  const wrong = value.findIndex((item) => !isString(item))
  if (wrong === -1) return value
  return malformed(`${path}/${wrong}: expected type: String, found: ${typeName(value[wrong])}`)
}

export function typeName(value: unknown): string {
  if (value === null) return 'Null'
  if (Array.isArray(value)) return 'JSONArray'
  const name = typeof value
  return name === 'object' ? 'JSONObject' : `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}
