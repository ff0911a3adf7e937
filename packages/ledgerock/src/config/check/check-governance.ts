// Rules of access, limits and guardrails: what they name is there, every name is one rule's, and none is impossible: a rule that
// nobody can pass, or two that contradict each other, are faults here and not riddles for those who call.

import { isWithin, KEY_FIELD, MODEL_FIELD } from '../../governance/rule-scope.ts'
import { compileGlob } from '../../kernel/glob.ts'
import { checkWhen, unknownDimension } from './check-dimensions.ts'
import { defaultRuleName, RULE_KINDS, type RuleKind } from '../settings/governance-settings.ts'
import { isWritten, list, strings, tree, type Path, type PathFault, type Tree } from '../raw.ts'

type Scope = Readonly<Record<string, readonly string[]>>

export function checkGovernance(root: Tree, dimensions: Tree): readonly PathFault[] {
  return RULE_KINDS.flatMap((kind) => {
    const rules = list(root[kind]).map(tree)
    return [
      ...checkNames(kind, rules),
      ...rules.flatMap((rule, index) => {
        const path = [kind, index]
        const earlier = rules.slice(0, index)
        return [
          ...checkScope([...path, 'scope'], rule['scope'], dimensions),
          ...CHECKS[kind](path, rule, earlier, dimensions),
        ]
      }),
    ]
  })
}

type Check = (
  path: Path,
  rule: Tree,
  earlier: readonly Tree[],
  dimensions: Tree,
) => readonly PathFault[]

const CHECKS: Readonly<Record<RuleKind, Check>> = {
  access: checkAccess,
  limits: checkLimit,
  guardrails: checkGuardrail,
}

function checkNames(kind: RuleKind, rules: readonly Tree[]): readonly PathFault[] {
  const places = new Map<unknown, number>()
  return rules.flatMap((rule, index) => {
    const written = isWritten(rule['name'])
    const name = written ? rule['name'] : defaultRuleName(kind, index)
    const other = places.get(name)
    if (other === undefined) {
      places.set(name, index)
      return []
    }
    const path = written ? [kind, index, 'name'] : [kind, index]
    return [{ path, message: `${String(name)} is already the name of ${kind}[${other}]` }]
  })
}

export function checkScope(path: Path, written: unknown, dimensions: Tree): readonly PathFault[] {
  return Object.entries(tree(written)).flatMap(([field, values]) => {
    if (field === KEY_FIELD || field === MODEL_FIELD) return []
    const unknown = unknownDimension(dimensions, field)
    if (unknown !== null) {
      const message = `${unknown} (or ${KEY_FIELD}, ${MODEL_FIELD})`
      return [{ path: [...path, field], message }]
    }
    if (!Array.isArray(values)) return checkWhen(path, { [field]: values }, dimensions)
    return values.flatMap((value: unknown, index) =>
      checkWhen([...path, field], { [field]: value }, dimensions).map(({ message }) => ({
        path: [...path, field, index],
        message,
      })),
    )
  })
}

const RESTRICTIONS = ['allow', 'deny', 'scopes', 'tiers', 'max_output_tokens'] as const
/** Keys whose `false` is a restriction. */
const FORBIDDEN = ['streaming', 'rerouting'] as const

function checkAccess(path: Path, rule: Tree, earlier: readonly Tree[]): readonly PathFault[] {
  const faults: PathFault[] = []
  const rulesNothing =
    RESTRICTIONS.every((key) => !isWritten(rule[key]) || isEmptyList(rule[key])) &&
    FORBIDDEN.every((key) => rule[key] !== false)
  if (rulesNothing) {
    const falses = FORBIDDEN.map((key) => `${key}: false`).join(', ')
    const message = `must say one of ${RESTRICTIONS.join(', ')}, ${falses}`
    faults.push({ path, message })
  }
  const [allow, deny] = [strings(rule['allow']), strings(rule['deny'])]
  // A pattern that fits another pattern's text, stars and all, fits everything that one does.
  const isDenied = (model: string): boolean => deny.some((pattern) => compileGlob(pattern)(model))
  const wanted = allow.length === 0 ? ['*'] : allow
  if (deny.length > 0 && wanted.every(isDenied)) {
    const message =
      'denies every model that is allowed: nobody can pass (to stop a scope, pause it)'
    faults.push({ path: [...path, 'deny'], message })
  }
  const tiers = strings(rule['tiers'])
  if (tiers.length > 0 && tiers.every((tier) => tier === 'batch')) {
    const message = 'no call can ask for tier batch: nobody can pass'
    faults.push({ path: [...path, 'tiers'], message })
  }
  return [...faults, ...checkTogetherWith(path, rule, earlier)]
}

/** All of an inner scope's calls must pass both rules, so both must leave something. */
function checkTogetherWith(path: Path, rule: Tree, earlier: readonly Tree[]): readonly PathFault[] {
  if (rule['shadow'] === true) return []
  return earlier.flatMap((other, index) => {
    if (other['shadow'] === true) return []
    const [one, two] = [scopeOf(rule), scopeOf(other)]
    if (!isWithin(one, two) && !isWithin(two, one)) return []
    return (['allow', 'scopes', 'tiers'] as const)
      .filter((key) => neverMeet(strings(rule[key]), strings(other[key])))
      .map((key) => ({
        path: [...path, key],
        message: `contradicts access[${index}]: nobody can pass both`,
      }))
  })
}

/** Empty is everything. Two patterns with stars may always meet. */
function neverMeet(left: readonly string[], right: readonly string[]): boolean {
  if (left.length === 0 || right.length === 0) return false
  return !left.some((one) =>
    right.some(
      (other) =>
        (one.includes('*') && other.includes('*')) ||
        compileGlob(one)(other) ||
        compileGlob(other)(one),
    ),
  )
}

const FIGURES = ['requests_per_minute', 'tokens_per_minute', 'concurrent_calls'] as const

function checkLimit(
  path: Path,
  rule: Tree,
  _earlier: readonly Tree[],
  dimensions: Tree,
): readonly PathFault[] {
  const faults: PathFault[] = []
  if (!FIGURES.some((key) => isWritten(rule[key]))) {
    faults.push({ path, message: `must say one of ${FIGURES.join(', ')}` })
  }
  const { per } = rule
  const unknown = typeof per === 'string' ? unknownDimension(dimensions, per) : null
  if (unknown !== null) faults.push({ path: [...path, 'per'], message: unknown })
  return faults
}

/** A call has room for one guardrail. */
function checkGuardrail(path: Path, rule: Tree, earlier: readonly Tree[]): readonly PathFault[] {
  if (rule['shadow'] === true) return []
  return earlier.flatMap((other, index) => {
    if (other['shadow'] === true || !mayMeet(scopeOf(rule), scopeOf(other))) return []
    if (rule['id'] === other['id'] && rule['version'] === other['version']) return []
    const message = `contradicts guardrails[${index}]: a call that both cover can name only one`
    return [{ path, message }]
  })
}

/** Whether a call may be in both scopes: in every field that both name, some value of one fits the other. */
function mayMeet(left: Scope, right: Scope): boolean {
  return Object.entries(left).every(([field, values]) => {
    const others = right[field]
    if (others === undefined) return true
    const isPattern = field === KEY_FIELD || field === MODEL_FIELD
    return isPattern ? !neverMeet(values, others) : values.some((value) => others.includes(value))
  })
}

/** As the schema reads it, of what the file has. */
export function scopeOf(rule: Tree): Scope {
  return Object.fromEntries(
    Object.entries(tree(rule['scope'])).map(([field, values]) => [
      field,
      typeof values === 'string' ? [values] : strings(values),
    ]),
  )
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
