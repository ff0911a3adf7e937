// The rules of dimensions among each other, and whether what the rest of the file says about dimensions keeps to them: keys that
// are bound, owners, and everything that holds `when` dimensions have certain values.

import { DEFAULT_DIMENSIONS, UNKNOWN } from '@ledgerock/contract'
import type { Asserter } from '../../attribution/dimension-rule.ts'
import { compileValuePattern } from '../../attribution/value-pattern.ts'
import { nearest } from '../nearest.ts'
import { strings, tree, type Path, type PathFault, type Tree } from '../raw.ts'
import { RESERVED_NAMES } from '../reserved-names.ts'

const DIMENSIONS_MAX = 64

/** Headers that mean something else already; what they carry must not become a report's value. */
const RESERVED_HEADERS = new Set(
  'authorization cookie set-cookie host connection transfer-encoding te upgrade x-api-key baggage'.split(
    ' ',
  ),
)
const RESERVED_PREFIX = /^(proxy-|content-|x-amz|x-ledgerock-|x-litellm-|x-portkey-)/

export function checkDimensions(dimensions: Tree): readonly PathFault[] {
  const faults: PathFault[] = []
  const names = new Set(dimensionNames(dimensions))
  if (names.size > DIMENSIONS_MAX) {
    faults.push({ path: ['dimensions'], message: `must be at most ${DIMENSIONS_MAX} in all` })
  }
  const aliasOf = new Map<string, string>()
  const headerOf = new Map<string, string>()
  const tagOf = new Map<string, string>()
  for (const [name, value] of Object.entries(dimensions)) {
    const at = ['dimensions', name]
    const rules = tree(value)
    if (RESERVED_NAMES.has(name)) {
      faults.push({ path: at, message: 'is the name of a field every call has' })
    }
    for (const [index, alias] of strings(rules['aliases']).entries()) {
      const path = [...at, 'aliases', index]
      const other = aliasOf.get(alias)
      if (names.has(alias)) faults.push({ path, message: 'is itself the name of a dimension' })
      else if (other !== undefined) faults.push({ path, message: `already stands for ${other}` })
      else aliasOf.set(alias, name)
    }
    for (const [index, written] of strings(rules['headers']).entries()) {
      const header = written.toLowerCase()
      const path = [...at, 'headers', index]
      const other = headerOf.get(header)
      if (isReservedHeader(header)) faults.push({ path, message: 'is a reserved header' })
      else if (other !== undefined) faults.push({ path, message: `already carries ${other}` })
      else headerOf.set(header, name)
    }
    for (const [index, written] of strings(rules['aws_tags']).entries()) {
      const tag = written.toLowerCase()
      const path = [...at, 'aws_tags', index]
      const other = tagOf.get(tag)
      if (other !== undefined) faults.push({ path, message: `already carries ${other}` })
      else tagOf.set(tag, name)
    }
    for (const [index, allowed] of strings(rules['values']).entries()) {
      const problem = valueProblem({ ...rules, values: null }, allowed)
      if (problem !== null) faults.push({ path: [...at, 'values', index], message: problem })
    }
    const problem = valueProblem(rules, rules['default'])
    if (problem !== null) faults.push({ path: [...at, 'default'], message: problem })
  }
  return faults
}

/** What a key or an owner rule fixes: dimensions there are, with values they may have, said by one who may. */
export function checkBound(
  path: Path,
  bound: unknown,
  dimensions: Tree,
  by: Asserter,
): readonly PathFault[] {
  return Object.entries(tree(bound)).flatMap(([name, value]) => {
    const message =
      unknownDimension(dimensions, name) ??
      (mayAssert(dimensions, name, by) ? null : `may not be said by ${ARTICLE[by]} (assert)`) ??
      valueProblem(tree(dimensions[name]), value)
    return message === null ? [] : [{ path: [...path, name], message }]
  })
}

const ARTICLE: Readonly<Record<Asserter, string>> = {
  credential: 'a credential',
  identity: 'an identity',
  request: 'a request',
}

/** What a rule holds for: dimensions there are, with values they may have, or `unknown` for calls that have none. */
export function checkWhen(path: Path, when: unknown, dimensions: Tree): readonly PathFault[] {
  return Object.entries(tree(when)).flatMap(([name, value]) => {
    const message =
      unknownDimension(dimensions, name) ??
      (value === UNKNOWN ? null : valueProblem(tree(dimensions[name]), value))
    return message === null ? [] : [{ path: [...path, name], message }]
  })
}

/** Whether everything that `narrow` holds for is already taken by `wide`, which stands before it. */
export function covers(wide: unknown, narrow: unknown): boolean {
  const inner = tree(narrow)
  return Object.entries(tree(wide)).every(([name, value]) => inner[name] === value)
}

export function unknownDimension(dimensions: Tree, name: string): string | null {
  const known = dimensionNames(dimensions)
  if (known.includes(name)) return null
  const meant = nearest(name, known)
  return `there is no such dimension${meant === null ? '' : `; did you mean ${meant}?`}`
}

export function mayAssert(dimensions: Tree, name: string, by: Asserter): boolean {
  const { assert } = tree(dimensions[name])
  return !Array.isArray(assert) || assert.includes(by)
}

function dimensionNames(dimensions: Tree): readonly string[] {
  return [...new Set<string>([...DEFAULT_DIMENSIONS, ...Object.keys(dimensions)])]
}

function isReservedHeader(header: string): boolean {
  return RESERVED_HEADERS.has(header) || RESERVED_PREFIX.test(header)
}

function valueProblem(rules: Tree, value: unknown): string | null {
  if (typeof value !== 'string') return null
  const { values, pattern } = rules
  if (Array.isArray(values) && !values.includes(value)) return 'is not one of the allowed values'
  if (typeof pattern !== 'string') return null
  return matches(pattern, value) ? null : 'does not match the pattern'
}

/** A pattern that does not compile is the schema's fault to report, not this one's. */
function matches(pattern: string, value: string): boolean {
  const compiled = compileValuePattern(pattern)
  return !compiled.ok || compiled.value(value)
}
