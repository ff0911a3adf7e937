// Made-up arguments for a tool call that satisfy the tool's JSON schema in its common parts: types, enums, required
// properties, nesting. Deterministic from the seed.

import { isJsonObject, isString, itemsOf, type JsonObject } from './json-value.ts'
import type { Random } from './random.ts'
import { wordAt } from './words.ts'

const DEPTH_MAX = 6

export function toolInput(schema: unknown, random: Random): JsonObject {
  const value = isJsonObject(schema) ? valueOf({ type: 'object', ...schema }, random, 0) : {}
  return isJsonObject(value) ? value : {}
}

function valueOf(schema: unknown, random: Random, depth: number): unknown {
  if (!isJsonObject(schema) || depth > DEPTH_MAX) return wordAt(random.below(1_000))
  const choices = itemsOf(schema['enum'])
  if (choices.length > 0) return choices[random.below(choices.length)]
  if ('const' in schema) return schema['const']
  const alternative = itemsOf(schema['anyOf'])[0] ?? itemsOf(schema['oneOf'])[0]
  if (alternative !== undefined) return valueOf(alternative, random, depth + 1)
  const type: unknown = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  switch (type) {
    case 'object':
      return objectOf(schema, random, depth)
    case 'array':
      return 'items' in schema ? [valueOf(schema['items'], random, depth + 1)] : []
    case 'integer':
    case 'number':
      return numberOf(schema, random)
    case 'boolean':
      return random.below(2) === 1
    case 'null':
      return null
    default:
      return `${wordAt(random.below(1_000))} ${wordAt(random.below(1_000))}`
  }
}

/** Required properties, or all of them when none is required. */
function objectOf(schema: JsonObject, random: Random, depth: number): JsonObject {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {}
  const required = itemsOf(schema['required']).filter(isString)
  const names = required.length > 0 ? required : Object.keys(properties)
  return Object.fromEntries(
    names.map((name) => [name, valueOf(properties[name], random, depth + 1)]),
  )
}

function numberOf(schema: JsonObject, random: Random): number {
  const low = typeof schema['minimum'] === 'number' ? Math.ceil(schema['minimum']) : 1
  const high = typeof schema['maximum'] === 'number' ? Math.floor(schema['maximum']) : low + 99
  return low + random.below(Math.max(1, high - low + 1))
}
