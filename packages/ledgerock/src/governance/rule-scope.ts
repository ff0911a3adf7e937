// Whom a rule is for: any set of dimension values, keys or models. Every field named must fit, one of its values is enough;
// a scope that names nothing is everybody. Compiled once per policy; asking allocates nothing.

import { UNKNOWN } from '@ledgerock/contract'
import { compileGlob, type Glob } from '../kernel/glob.ts'

/**
 * Field → its values, one or more. A field is a dimension, `key_name`, or `model` (the base id or the id as asked for). In keys'
 * and models' names `*` stands for anything; a dimension's value is meant as it stands.
 */
export type RuleScope = Readonly<Record<string, readonly string[]>>

/** What a scope asks of a call. */
export type Governed = {
  readonly dimensions: Readonly<Record<string, string>>
  readonly keyName: string | null
  readonly modelRequested: string
  /** Null where nobody knows what the id stands for. */
  readonly modelId: string | null
}

export type Covers = (call: Governed) => boolean

export const KEY_FIELD = 'key_name'
export const MODEL_FIELD = 'model'

export function compileScope(scope: RuleScope): Covers {
  const parts = Object.entries(scope).map(([field, values]) => compilePart(field, values))
  const [only] = parts
  if (only === undefined) return everybody
  if (parts.length === 1) return only
  return (call) => {
    for (let index = 0; index < parts.length; index += 1) {
      if (!(parts[index] as Covers)(call)) return false
    }
    return true
  }
}

const everybody: Covers = () => true

function compilePart(field: string, values: readonly string[]): Covers {
  if (field === KEY_FIELD) {
    const globs = values.map(compileGlob)
    return ({ keyName }) => keyName !== null && some(globs, keyName)
  }
  if (field === MODEL_FIELD) {
    const globs = values.map(compileGlob)
    return ({ modelRequested, modelId }) =>
      some(globs, modelRequested) || (modelId !== null && some(globs, modelId))
  }
  const wanted = new Set(values)
  return ({ dimensions }) => wanted.has(dimensions[field] ?? UNKNOWN)
}

function some(globs: readonly Glob[], text: string): boolean {
  for (let index = 0; index < globs.length; index += 1) {
    if ((globs[index] as Glob)(text)) return true
  }
  return false
}

/** As people write it: `team=search,support application=api`. */
export function scopeText(scope: RuleScope): string {
  const parts = Object.entries(scope).map(([field, values]) => `${field}=${values.join(',')}`)
  return parts.length === 0 ? 'everybody' : parts.toSorted().join(' ')
}

/** Whether every call of `inner` is one of `outer`, as far as the texts say it: patterns are compared as they stand. */
export function isWithin(inner: RuleScope, outer: RuleScope): boolean {
  return Object.entries(outer).every(([field, allowed]) => {
    const values = Object.hasOwn(inner, field) ? inner[field] : undefined
    return values !== undefined && values.every((value) => allowed.includes(value))
  })
}
