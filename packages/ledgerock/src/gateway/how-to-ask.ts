// What somebody can do whose model is not open to them, or whose budget is spent: the command that asks for it, ready to be run by a
// lead, and the page.

import { UNKNOWN } from '@ledgerock/contract'
import type { Covering } from '../governance/budget-rules.ts'
import { KEY_FIELD, type Governed } from '../governance/rule-scope.ts'

export function howToAsk(call: Governed, dashboardUrl: string | null): string {
  const model = word(call.modelId ?? call.modelRequested)
  const command = `ledgerock access request --model ${model} --scope ${scopeOf(call)} --until … --reason …`
  return `To ask for it: ${command}${page(dashboardUrl)}`
}

export function toAskForBudget({ budget, counter }: Covering, dashboardUrl: string | null): string {
  const whose = counter === null ? '' : ` --counter ${word(counter)}`
  const command = `ledgerock budgets request ${word(budget.name)}${whose} --amount … --until … --reason …`
  return `To ask for more: ${command}${page(dashboardUrl)}`
}

function page(dashboardUrl: string | null): string {
  return dashboardUrl === null ? '' : `, or at ${dashboardUrl}`
}

/** The team, which is what a lead has; else whatever tells the caller from others. */
function scopeOf({ dimensions, keyName }: Governed): string {
  const team = dimensions['team'] ?? UNKNOWN
  if (team === UNKNOWN && keyName !== null) return word(`${KEY_FIELD}=${keyName}`)
  return word(`team=${team}`)
}

/** As one word of a shell. */
function word(text: string): string {
  return /^[\w.,:=@%+/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
