// The part of the whole that a lead or a viewer sees: for each named dimension the values that are theirs. Values of one dimension
// are alternatives, dimensions must all hold. Pure: how a scope becomes conditions of a question, and whether something lies
// within it, is decided here and nowhere else, so that the list, the sum and the single call agree.

import { UNKNOWN, type ProblemError } from '@ledgerock/contract'
import { valueProblem, type DimensionRules } from '../../attribution/dimension-rule.ts'
import type { Condition } from '../../ledger/question.ts'
import { hasScope, type Role } from './roles.ts'

export type UserScope = Readonly<Record<string, readonly string[]>>

/** As it is written in requests: one value may stand without a list. */
export type WrittenScope = Readonly<Record<string, string | readonly string[]>>

export const SCOPE_VALUES_MAX = 100

export function readScope(written: WrittenScope): UserScope {
  const entries = Object.entries(written).map(([name, values]) => {
    const list = typeof values === 'string' ? [values] : values
    return [name, [...new Set(list)].toSorted()] as const
  })
  return Object.fromEntries(entries.toSorted(([left], [right]) => (left < right ? -1 : 1)))
}

/** Every fault of a scope for a user of this role, as `scope.<dimension>`. `null`: the user is to have none. */
export function checkScope(
  rules: DimensionRules,
  role: Role,
  scope: UserScope | null,
): readonly ProblemError[] {
  const isEmpty = scope === null || Object.keys(scope).length === 0
  if (!hasScope(role)) {
    const message = `the role ${role} sees everything and takes no scope`
    return isEmpty ? [] : [{ path: 'scope', message }]
  }
  if (isEmpty) {
    const message = `the role ${role} needs a scope, such as {"team": ["search"]}`
    return [{ path: 'scope', message }]
  }
  return Object.entries(scope).flatMap(([name, values]) => {
    const message = dimensionProblem(rules, name, values)
    return message === null ? [] : [{ path: `scope.${name}`, message }]
  })
}

function dimensionProblem(
  rules: DimensionRules,
  name: string,
  values: readonly string[],
): string | null {
  const dimension = rules.dimensions.find((one) => one.name === name)
  if (dimension === undefined) {
    const known = rules.dimensions.map((one) => one.name).join(', ')
    return `is not a declared dimension; declared are ${known}`
  }
  if (values.length === 0) return 'needs a value'
  if (values.length > SCOPE_VALUES_MAX) return `takes at most ${SCOPE_VALUES_MAX} values`
  if (values.includes('')) return 'must not have an empty value'
  // Nobody's own: what has no owner is for those who see the whole.
  if (values.includes(UNKNOWN)) return `must not be ${UNKNOWN}, which is what nobody was named for`
  const wrong = values.find((value) => valueProblem(dimension, value) !== null)
  return wrong === undefined
    ? null
    : `${JSON.stringify(wrong)} ${valueProblem(dimension, wrong) ?? ''}`
}

/** What is added to every question of a reader who sees a part; nothing for one who sees the whole. */
export function conditionsOf(scope: UserScope | null): readonly Condition[] {
  return Object.entries(scope ?? {}).map(([field, values]) => ({ field, values }))
}

/** Whether something with these dimensions lies within the scope. What says nothing about a dimension lies outside. */
export function isWithin(
  scope: UserScope | null,
  dimensions: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(scope ?? {}).every(([name, values]) => {
    const value = Object.hasOwn(dimensions, name) ? dimensions[name] : undefined
    return value !== undefined && values.includes(value)
  })
}

/** Names of the scope that are declared no more: nothing can be asked by them. */
export function undeclared(
  scope: UserScope | null,
  declared: readonly string[],
): readonly string[] {
  return Object.keys(scope ?? {}).filter((name) => !declared.includes(name))
}

/** What of `bind` keeps a key from lying within the scope, as `bind.<dimension>`. */
export function bindFaults(
  scope: UserScope | null,
  bind: Readonly<Record<string, string>>,
): readonly ProblemError[] {
  return Object.entries(scope ?? {}).flatMap(([name, values]) => {
    if (isWithin({ [name]: values }, bind)) return []
    return [{ path: `bind.${name}`, message: `must be one of ${values.join(', ')}, your scope` }]
  })
}

export function sameScope(left: UserScope | null, right: UserScope | null): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}
