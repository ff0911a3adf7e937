// Whom a pause or a request for access is for, as people write it: checked against what is declared, and against the part of the
// whole that is the asker's own. Pure, and the only place that compares a rule's scope with a user's.

import { UNKNOWN, type ProblemError } from '@ledgerock/contract'
import { valueProblem, type DimensionRules } from '../../attribution/dimension-rule.ts'
import { isWithin, KEY_FIELD, MODEL_FIELD, type RuleScope } from '../../governance/rule-scope.ts'
import { SCOPE_VALUES_MAX, type UserScope } from '../people/scope.ts'

/** Names and patterns of keys and models: what they are made of, and `*`. */
const PATTERN = /^[\w.:/*-]{1,256}$/

/** Every fault of a rule's scope, as `scope.<field>`. A scope that names nothing is everybody. */
export function checkRuleScope(rules: DimensionRules, scope: RuleScope): readonly ProblemError[] {
  return Object.entries(scope).flatMap(([field, values]) => {
    const message = fieldProblem(rules, field, values)
    return message === null ? [] : [{ path: `scope.${field}`, message }]
  })
}

function fieldProblem(
  rules: DimensionRules,
  field: string,
  values: readonly string[],
): string | null {
  if (values.length === 0) return 'needs a value'
  if (values.length > SCOPE_VALUES_MAX) return `takes at most ${SCOPE_VALUES_MAX} values`
  if (field === KEY_FIELD || field === MODEL_FIELD) {
    const wrong = values.find((value) => !PATTERN.test(value))
    return wrong === undefined
      ? null
      : `${JSON.stringify(wrong)} is no name and no pattern of names`
  }
  const dimension = rules.dimensions.find(({ name }) => name === field)
  if (dimension === undefined) {
    const known = rules.dimensions.map(({ name }) => name).join(', ')
    return `is not known; known are ${known}, ${KEY_FIELD}, ${MODEL_FIELD}`
  }
  if (values.includes('')) return 'must not have an empty value'
  // Calls nobody is named for are `unknown`, and may be meant.
  const isWrong = (value: string): boolean =>
    value !== UNKNOWN && valueProblem(dimension, value) !== null
  const wrong = values.find(isWrong)
  return wrong === undefined
    ? null
    : `${JSON.stringify(wrong)} ${valueProblem(dimension, wrong) ?? ''}`
}

/** What of a rule's scope reaches beyond a user's own, as `scope.<dimension>`. */
export function scopeFaults(own: UserScope | null, scope: RuleScope): readonly ProblemError[] {
  return Object.entries(own ?? {}).flatMap(([name, values]) => {
    if (isWithin(scope, { [name]: values })) return []
    return [{ path: `scope.${name}`, message: `must be one of ${values.join(', ')}, your scope` }]
  })
}

export function isWithinOwn(own: UserScope | null, scope: RuleScope): boolean {
  return scopeFaults(own, scope).length === 0
}

/** Whether a rule concerns a user at all: it may be for more than the user's own, but not for others alone. */
export function concerns(own: UserScope | null, scope: RuleScope): boolean {
  return Object.entries(own ?? {}).every(([name, values]) => {
    const named = Object.hasOwn(scope, name) ? scope[name] : undefined
    return named === undefined || named.some((value) => values.includes(value))
  })
}

/** A rule's scope without the values that are others': who sees a part learns no names outside it. */
export function shownTo(own: UserScope | null, scope: RuleScope): RuleScope {
  if (own === null) return scope
  const shown = Object.entries(scope).map(([field, values]) => {
    const mine = Object.hasOwn(own, field) ? own[field] : undefined
    return [field, mine === undefined ? values : values.filter((one) => mine.includes(one))]
  })
  return Object.fromEntries(shown) as RuleScope
}
