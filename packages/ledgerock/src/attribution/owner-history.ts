// Whose something was, and is: the time line of one caller as people read it, from all rules that speak of it.

import { compileGlob } from '../kernel/glob.ts'
import { isoTime } from '../kernel/time.ts'
import { endOf, matchedBy, startOf } from './owner-line.ts'
import { compileOwnerRules, OWNABLE_FIELD, type Ownable, type OwnerRule } from './owner-rule.ts'

export type OwnerSpan = {
  readonly owner: Readonly<Record<string, string>>
  /** ISO; null: since ever, for good. */
  readonly from: string | null
  readonly to: string | null
}

/** Compiled once, asked for each caller. Spans come in order; where nobody owned it there is none. */
export function ownerHistory(rules: readonly OwnerRule[]): (what: Ownable) => readonly OwnerSpan[] {
  const compiled = rules.map((rule) => {
    const { key, pattern } = matchedBy(rule)
    return { rule, field: OWNABLE_FIELD[key], matches: compileGlob(pattern) }
  })
  return (what) => {
    const own = compiled
      .filter(({ field, matches }) => {
        const text = what[field]
        return text !== null && matches(text)
      })
      .map(({ rule }) => rule)
    return own.length === 0 ? [] : spansOf(own, what)
  }
}

function spansOf(own: readonly OwnerRule[], what: Ownable): readonly OwnerSpan[] {
  const { ownerOf } = compileOwnerRules(own)
  const starts = [Number.NEGATIVE_INFINITY, ...own.flatMap((rule) => [startOf(rule), endOf(rule)])]
  const instants = [...new Set(starts)]
    .filter((ms) => ms < Number.POSITIVE_INFINITY)
    .toSorted((left, right) => left - right)
  const spans: { owner: OwnerSpan['owner']; fromMs: number; toMs: number }[] = []
  for (const [index, fromMs] of instants.entries()) {
    const toMs = instants[index + 1] ?? Number.POSITIVE_INFINITY
    const owner = ownerOf(what, fromMs)
    if (owner === null) continue
    const last = spans.at(-1)
    if (last?.toMs === fromMs && isSame(last.owner, owner)) last.toMs = toMs
    else spans.push({ owner, fromMs, toMs })
  }
  return spans.map(({ owner, fromMs, toMs }) => ({ owner, from: iso(fromMs), to: iso(toMs) }))
}

function isSame(left: OwnerSpan['owner'], right: OwnerSpan['owner']): boolean {
  const names = Object.keys(left)
  return (
    names.length === Object.keys(right).length && names.every((name) => left[name] === right[name])
  )
}

function iso(ms: number): string | null {
  return Number.isFinite(ms) ? isoTime(ms) : null
}
