// What a question may name, as SQL over a row of `calls`. Every field reads as text and is never null: a missing value is
// `unknown`, so it is a group of its own and can be asked for.

import { CALL_FIELDS, UNKNOWN, type CallField } from '@ledgerock/contract'
import type { Condition } from '../question.ts'
import { dimensionColumn } from './call-columns.ts'
import { identifier, inList, literal } from './literal.ts'

const isCallField = (name: string): name is CallField =>
  (CALL_FIELDS as readonly string[]).includes(name)

/** `kind` is not a field of a row but of its charge lines; see `spend-sql.ts`. */
export function fieldExpression(name: string): string {
  if (name === 'stream') return "if(stream, 'true', 'false')"
  if (isCallField(name)) return `ifNull(toString(${identifier(name)}), ${literal(UNKNOWN)})`
  return `toString(${identifier(dimensionColumn(name))})`
}

/** A condition on a call; one on `kind` holds where any of its charge lines is of such a kind. */
export function conditionOnCall(condition: Condition): string {
  const values = inList(condition.values)
  if (condition.field === 'kind') {
    const some = `arrayExists(k -> toString(k) IN ${values}, charge_kinds)`
    return condition.values.includes(UNKNOWN) ? `(${some} OR empty(charge_kinds))` : some
  }
  return `${fieldExpression(condition.field)} IN ${values}`
}

/** A condition on a row of a rollup, whose keys are text already. */
export function conditionOnRollup(condition: Condition): string {
  return `${identifier(condition.field)} IN ${inList(condition.values)}`
}
