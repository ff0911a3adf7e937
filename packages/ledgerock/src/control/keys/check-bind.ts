// A key may be bound only to declared dimensions that a credential may assert, with values they allow: a binding outranks
// everything, so a typo in it would misattribute every call.

import type { ProblemError } from '@ledgerock/contract'
import { valueProblem, type DimensionRules } from '../../attribution/dimension-rule.ts'

export function checkBind(
  rules: DimensionRules,
  bind: Readonly<Record<string, string>>,
): readonly ProblemError[] {
  return Object.entries(bind).flatMap(([name, value]) => {
    const message = bindProblem(rules, name, value)
    return message === null ? [] : [{ path: `bind.${name}`, message }]
  })
}

function bindProblem(rules: DimensionRules, name: string, value: string): string | null {
  const dimension = rules.dimensions.find((one) => one.name === name)
  if (dimension === undefined) {
    const known = rules.dimensions.map((one) => one.name).join(', ')
    return `is not a declared dimension; declared are ${known}`
  }
  if (!dimension.credentialMay) return 'may not be asserted by a credential'
  if (value === '') return 'must not be empty'
  return valueProblem(dimension, value)
}
