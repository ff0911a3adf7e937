// What a schema cannot say because it concerns several keys at once. The checks look at the raw data, so that they report
// their faults together with the schema's instead of only after those are mended.

import { DEFAULT_DIMENSIONS } from '@ledgerock/contract'
import { isIP } from 'node:net'
import { compileValuePattern } from '../attribution/value-pattern.ts'
import { parseKey } from '../governance/key-format.ts'
import { SECRET_CHARS_MAX, SECRET_CHARS_MIN } from '../governance/secret-digest.ts'
import { nearest } from './nearest.ts'
import { RESERVED_NAMES } from './reserved-names.ts'

export type PathFault = { readonly path: readonly (string | number)[]; readonly message: string }

type Tree = Readonly<Record<string, unknown>>

const DIMENSIONS_MAX = 64

/** Headers that mean something else already; what they carry must not become a report's value. */
const RESERVED_HEADERS = new Set(
  'authorization cookie set-cookie host connection transfer-encoding te upgrade x-api-key baggage'.split(
    ' ',
  ),
)
const RESERVED_PREFIX = /^(proxy-|content-|x-amz|x-ledgerock-|x-litellm-|x-portkey-)/

export function checkTogether(
  data: unknown,
  env: Readonly<Record<string, string | undefined>>,
  secrets: 'required' | 'optional',
): readonly PathFault[] {
  const root = tree(data)
  const dimensions = tree(root['dimensions'])
  return [
    ...checkExposure(root, 'gateway'),
    ...checkExposure(root, 'control'),
    ...checkDimensions(dimensions),
    ...checkKeys(root['keys'], dimensions, secrets === 'required' ? env : null),
  ]
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}

function checkExposure(root: Tree, part: 'gateway' | 'control'): readonly PathFault[] {
  const { host, insecure } = tree(root[part])
  if (typeof host !== 'string' || isLoopback(host) || insecure === true) return []
  const message = `is not a loopback address; without TLS this needs ${part}.insecure: true`
  return [{ path: [part, 'host'], message }]
}

function checkDimensions(dimensions: Tree): readonly PathFault[] {
  const faults: PathFault[] = []
  const names = new Set<string>([...DEFAULT_DIMENSIONS, ...Object.keys(dimensions)])
  if (names.size > DIMENSIONS_MAX) {
    faults.push({ path: ['dimensions'], message: `must be at most ${DIMENSIONS_MAX} in all` })
  }
  const aliasOf = new Map<string, string>()
  const headerOf = new Map<string, string>()
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
    for (const [index, allowed] of strings(rules['values']).entries()) {
      const problem = valueProblem({ ...rules, values: null }, allowed)
      if (problem !== null) faults.push({ path: [...at, 'values', index], message: problem })
    }
    const problem = valueProblem(rules, rules['default'])
    if (problem !== null) faults.push({ path: [...at, 'default'], message: problem })
  }
  return faults
}

function isReservedHeader(header: string): boolean {
  return RESERVED_HEADERS.has(header) || RESERVED_PREFIX.test(header)
}

function checkKeys(
  keys: unknown,
  dimensions: Tree,
  env: Readonly<Record<string, string | undefined>> | null,
): readonly PathFault[] {
  if (!Array.isArray(keys)) return []
  const faults: PathFault[] = []
  const names = new Set<unknown>()
  const keyOfSecret = new Map<string, number>()
  for (const [index, value] of keys.entries()) {
    const { name, bind, secret_env: variable } = tree(value)
    if (name !== undefined && names.has(name)) {
      faults.push({ path: ['keys', index, 'name'], message: 'is the name of an earlier key' })
    }
    names.add(name)
    for (const [dimension, bound] of Object.entries(tree(bind))) {
      const problem = bindProblem(dimensions, dimension, bound)
      if (problem !== null)
        faults.push({ path: ['keys', index, 'bind', dimension], message: problem })
    }
    if (env === null || typeof variable !== 'string') continue
    const secret = env[variable]
    const problem = secretProblem(variable, secret)
    const path = ['keys', index, 'secret_env']
    if (problem !== null) faults.push({ path, message: problem })
    else if (secret !== undefined) {
      const other = keyOfSecret.get(secret)
      if (other !== undefined) faults.push({ path, message: `the same secret as keys[${other}]` })
      keyOfSecret.set(secret, index)
    }
  }
  return faults
}

function secretProblem(variable: string, secret: string | undefined): string | null {
  if (secret === undefined) return `the environment variable ${variable} is not set`
  if (secret.length < SECRET_CHARS_MIN || secret.length > SECRET_CHARS_MAX) {
    return `the secret in ${variable} must have ${SECRET_CHARS_MIN} to ${SECRET_CHARS_MAX} characters`
  }
  if (!/^[\u0021-\u007e]+$/.test(secret)) {
    return `the secret in ${variable} must be ASCII without spaces: it travels in a header`
  }
  return secret.startsWith('lrk_') && parseKey(secret) === null
    ? `the secret in ${variable} looks like an lrk_ key, but its checksum is wrong`
    : null
}

function bindProblem(dimensions: Tree, name: string, value: unknown): string | null {
  const known = [...new Set([...DEFAULT_DIMENSIONS, ...Object.keys(dimensions)])]
  if (!known.includes(name)) {
    const meant = nearest(name, known)
    return `there is no such dimension${meant === null ? '' : `; did you mean ${meant}?`}`
  }
  const rules = tree(dimensions[name])
  const { assert } = rules
  if (Array.isArray(assert) && !assert.includes('credential')) {
    return 'may not be said by a credential (assert)'
  }
  return valueProblem(rules, value)
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

function tree(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {}
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
