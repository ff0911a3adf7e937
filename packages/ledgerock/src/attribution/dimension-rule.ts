// The declared dimensions, compiled once per policy: which names and headers lead to which dimension, who may say its value, and
// which values are allowed. The eight defaults are always there; a declaration of the same name replaces a default's rule.

import { DEFAULT_DIMENSIONS, OVERFLOW, UNKNOWN } from '@ledgerock/contract'
import { err, ok, type Result } from '../kernel/result.ts'
import { compileValuePattern, type ValuePattern } from './value-pattern.ts'

/** Who may say what a dimension's value is, strongest first. */
export const ASSERTERS = ['credential', 'identity', 'request'] as const
export type Asserter = (typeof ASSERTERS)[number]

export type DimensionRule = {
  readonly name: string
  /** `true`: a call without it is refused. `report`: it goes on as `unknown` and is counted. */
  readonly required: false | 'report' | true
  readonly values: readonly string[] | null
  /** Source of a regular expression the whole value must match. */
  readonly pattern: string | null
  readonly maxValues: number
  /** Other names under which metadata, baggage and `x-ledgerock-<name>` may carry it. */
  readonly aliases: readonly string[]
  /** Request headers of the user's own that carry it. */
  readonly headers: readonly string[]
  readonly awsTags: readonly string[]
  readonly assert: readonly Asserter[]
  readonly default: string | null
}

export type CompiledDimension = {
  readonly name: string
  readonly rule: DimensionRule
  readonly values: ReadonlySet<string> | null
  readonly pattern: ValuePattern | null
  /** Lower-case. */
  readonly headers: readonly string[]
  readonly credentialMay: boolean
  readonly identityMay: boolean
  readonly requestMay: boolean
}

export type DimensionRules = {
  readonly dimensions: readonly CompiledDimension[]
  /** Names and aliases, lower-case with `_`, to the index of the dimension. */
  readonly indexOf: ReadonlyMap<string, number>
  /** Lower-case names of the declared headers of all dimensions. */
  readonly headers: ReadonlySet<string>
}

export type RuleProblem = { readonly dimension: string; readonly message: string }

export const MAX_VALUES_DEFAULT = 10_000
export const VALUE_CHARACTERS_MAX = 256
const NAME = /^[a-z][a-z0-9_]{0,39}$/
const HEADER = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/
/** `x-ledgerock-<name>` headers that say something else than a dimension. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'request_id',
  'trace_id',
  'region',
  'aws_identity',
  'gateway',
])
/** These decide who calls or carry every dimension at once; they cannot be one dimension's own. */
const RESERVED_HEADER = /^(?:authorization|x-api-key|cookie|host|baggage)$/
const RESERVED_FAMILY = /^(?:content-|x-amz|x-ledgerock-|x-litellm-|x-portkey-)/

export function defaultRule(name: string): DimensionRule {
  return {
    name,
    required: false,
    values: null,
    pattern: null,
    maxValues: MAX_VALUES_DEFAULT,
    aliases: [],
    headers: [],
    awsTags: [],
    assert: ASSERTERS,
    default: null,
  }
}

export const DEFAULT_DIMENSION_RULES: readonly DimensionRule[] = DEFAULT_DIMENSIONS.map(defaultRule)

/** The word a name is looked up by: `Cost-Center` and `cost_center` are one. */
export function dimensionWord(name: string): string {
  return name.toLowerCase().replaceAll('-', '_')
}

export function compileDimensionRules(
  declared: readonly DimensionRule[],
): Result<DimensionRules, readonly RuleProblem[]> {
  const problems: RuleProblem[] = []
  const merged = new Map(DEFAULT_DIMENSION_RULES.map((rule) => [rule.name, rule]))
  const names = new Set<string>()
  for (const rule of declared) {
    if (names.has(rule.name)) problems.push({ dimension: rule.name, message: 'declared twice' })
    names.add(rule.name)
    merged.set(rule.name, rule)
  }
  const indexOf = new Map<string, number>()
  const headers = new Set<string>()
  const dimensions = [...merged.values()].map((rule, index) => {
    const say = (message: string): void => void problems.push({ dimension: rule.name, message })
    for (const name of new Set([rule.name, ...rule.aliases])) {
      if (!NAME.test(name)) say(`the name ${name} must be a-z, 0-9 and _, at most 40 long`)
      if (RESERVED_NAMES.has(name)) say(`the name ${name} is reserved`)
      const other = indexOf.get(name)
      if (other !== undefined) say(`the name ${name} already leads to another dimension`)
      else indexOf.set(name, index)
    }
    const own = rule.headers.map((header) => header.toLowerCase())
    for (const header of new Set(own)) {
      if (!HEADER.test(header)) say(`${header} is not a header name`)
      if (isReserved(header)) say(`the header ${header} is reserved`)
      if (headers.has(header)) say(`the header ${header} already leads to another dimension`)
      headers.add(header)
    }
    return compiled(rule, own, say)
  })
  return problems.length > 0 ? err(problems) : ok({ dimensions, indexOf, headers })
}

function compiled(
  rule: DimensionRule,
  headers: readonly string[],
  say: (message: string) => void,
): CompiledDimension {
  const pattern = rule.pattern === null ? null : compileValuePattern(rule.pattern)
  if (pattern !== null && !pattern.ok) say(pattern.problem)
  const dimension: CompiledDimension = {
    name: rule.name,
    rule,
    values: rule.values === null ? null : new Set(rule.values),
    pattern: pattern?.ok === true ? pattern.value : null,
    headers,
    credentialMay: rule.assert.includes('credential'),
    identityMay: rule.assert.includes('identity'),
    requestMay: rule.assert.includes('request'),
  }
  if (rule.default !== null && rule.default !== UNKNOWN) {
    const problem = valueProblem(dimension, rule.default)
    if (problem !== null) say(`the default ${problem}`)
  }
  return dimension
}

/** Why a value is not allowed, or null. Also for what a key is about to be bound to. */
export function valueProblem(dimension: CompiledDimension, value: string): string | null {
  if (value.length > VALUE_CHARACTERS_MAX) {
    return `must be at most ${VALUE_CHARACTERS_MAX} characters long`
  }
  if (!isPlainText(value)) return 'must not contain control characters'
  if (value === OVERFLOW) return `must not be the reserved ${OVERFLOW}`
  if (dimension.values !== null && !dimension.values.has(value)) {
    return 'must be one of the declared values'
  }
  if (dimension.pattern !== null && !dimension.pattern(value)) {
    return `must match ${dimension.rule.pattern}`
  }
  return null
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

export function isPlainText(value: string): boolean {
  return !CONTROL.test(value) && value.isWellFormed()
}

function isReserved(header: string): boolean {
  return RESERVED_HEADER.test(header) || RESERVED_FAMILY.test(header)
}
