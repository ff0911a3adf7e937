// What somebody can do whose model is not open to them, or whose budget is spent: the command that asks for it, ready to be run, who may
// run it, and the page with the same filled in. People ask within their own scope, and nobody leads a user or a key alone.

import { UNKNOWN } from '@ledgerock/contract'
import type { Covering } from '../../governance/budget/budget-rules.ts'
import {
  KEY_FIELD,
  MODEL_FIELD,
  type Governed,
  type RuleScope,
} from '../../governance/rule-scope.ts'

export function howToAsk(call: Governed, dashboardUrl: string | null): string {
  const model = word(call.modelId ?? call.modelRequested)
  const command = `ledgerock access request --model ${model} --scope ${word(scopeOf(call))} --until … --reason …`
  const scope = scopeOf(call)
  const link = { ask: 'access', model: call.modelId ?? call.modelRequested, scope }
  return `To ask for it: ${command}${page(dashboardUrl, link)}`
}

export function toAskForBudget({ budget, counter }: Covering, dashboardUrl: string | null): string {
  const whose = counter === null ? '' : ` --counter ${word(counter)}`
  const command = `ledgerock budgets request ${word(budget.name)}${whose} --amount … --until … --reason …`
  const which = counter === null ? {} : { counter }
  const link = { ask: 'budget', name: budget.name, unit: budget.unit, ...which }
  return `To ask for more, as ${askerOf(budget, counter)}: ${command}${page(dashboardUrl, link)}`
}

const LED_BY_NOBODY: ReadonlySet<string> = new Set(['user_id', KEY_FIELD, MODEL_FIELD])

/** Whose own scope can hold all that is asked for. */
function askerOf({ scope, per }: Covering['budget'], counter: string | null): string {
  const asked: RuleScope = per === null || counter === null ? scope : { ...scope, [per]: [counter] }
  const led = Object.entries(asked).filter(([field]) => !LED_BY_NOBODY.has(field))
  if (led.length === 0) return 'an admin'
  const words = led.map(([field, values]) => `${field}=${values.join(',')}`)
  return `a lead of ${words.join(' ')} or an admin`
}

function page(dashboardUrl: string | null, link: Readonly<Record<string, string>>): string {
  if (dashboardUrl === null) return ''
  return `, or at ${dashboardUrl.replace(/\/$/, '')}/#${new URLSearchParams(link).toString()}`
}

/** The team, which is what a lead has; else whatever tells the caller from others. */
function scopeOf({ dimensions, keyName }: Governed): string {
  const team = dimensions['team'] ?? UNKNOWN
  if (team === UNKNOWN && keyName !== null) return `${KEY_FIELD}=${keyName}`
  return `team=${team}`
}

/** As one word of a shell. */
function word(text: string): string {
  return /^[\w.,:=@%+/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
