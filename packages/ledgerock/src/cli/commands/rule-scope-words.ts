// Whom a pause or a request is for, as words of a command line: `team=search,support environment=prod`, or `everybody`. The form
// is checked here; which names and values exist, the API knows.

import { InvalidArgumentError } from 'commander'
import { collectScope } from './users.ts'
import { visible } from '../table.ts'

export type RuleScopeWords = Readonly<Record<string, readonly string[]>>

export const EVERYBODY = 'everybody'

/** One word more. Everybody is everybody: no further word can narrow it. */
export function collectRuleScope(text: string, earlier?: RuleScopeWords): RuleScopeWords {
  if (text !== EVERYBODY && (earlier === undefined || Object.keys(earlier).length > 0)) {
    return collectScope(text, earlier)
  }
  if (text === EVERYBODY && earlier === undefined) return {}
  throw new InvalidArgumentError(`${EVERYBODY} stands alone.`)
}

/** The same words back, for people; a comma inside a value is written as it was given. */
export function ruleScopeText(scope: RuleScopeWords): string {
  const parts = Object.entries(scope).map(([name, values]) => {
    const list = values.map((value) => value.replaceAll(',', '\\,')).join(',')
    return `${name}=${list}`
  })
  return visible(parts.length === 0 ? EVERYBODY : parts.join(' '))
}

/** Whether two scopes name the same, in whatever order. */
export function isSameRuleScope(left: RuleScopeWords, right: RuleScopeWords): boolean {
  return orderedText(left) === orderedText(right)
}

function orderedText(scope: RuleScopeWords): string {
  const parts = Object.entries(scope).map(([name, values]) => {
    return [name, [...new Set(values)].toSorted()] as const
  })
  return JSON.stringify(parts.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
