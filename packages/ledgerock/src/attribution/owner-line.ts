// Owner rules that people assign one by one, as a time line: which of two that fit a call is believed, and what a new one does to those
// that are there. What lies before a new rule is never touched; where it cannot be told which of two was meant, nothing is.

import { OWNER_MATCH_KEYS, type OwnerMatchKey, type OwnerRule } from './owner-rule.ts'

/** The narrowest thing first: one caller, one key, one resource, and a whole account last. */
const NARROWEST_FIRST: Readonly<Record<OwnerMatchKey, number>> = {
  principal: 0,
  key_name: 1,
  profile: 2,
  project: 3,
  account: 4,
}

type Matched = Pick<OwnerRule, 'match'>

/** What a rule looks at, and for which text. */
export function matchedBy({ match }: Matched): { key: OwnerMatchKey; pattern: string } {
  const key = OWNER_MATCH_KEYS.find((name) => match[name] !== undefined) ?? 'principal'
  return { key, pattern: match[key] ?? '' }
}

export function isSameMatch(left: Matched, right: Matched): boolean {
  const [one, two] = [matchedBy(left), matchedBy(right)]
  return one.key === two.key && one.pattern === two.pattern
}

/**
 * The rule that says more about whom it means comes first: the narrower key, a text before a pattern, more letters before fewer.
 * So it does not matter in which order people assigned them.
 */
export function compareRank(left: Matched, right: Matched): number {
  const [one, two] = [matchedBy(left), matchedBy(right)]
  return (
    NARROWEST_FIRST[one.key] - NARROWEST_FIRST[two.key] ||
    Number(one.pattern.includes('*')) - Number(two.pattern.includes('*')) ||
    letters(two.pattern) - letters(one.pattern) ||
    compareText(one.pattern, two.pattern)
  )
}

export type Placing<Rule> =
  /** It is there already. */
  | { readonly kind: 'there'; readonly rule: Rule }
  /** `ends`: what had no end until now ends where the new one begins. */
  | { readonly kind: 'new'; readonly ends: Rule | null }
  /** At one instant, both would hold. */
  | { readonly kind: 'overlaps'; readonly rule: Rule }

/** What becomes of `rules`, of which no two of one match overlap, when `wanted` joins them. */
export function placeOwner<Rule extends OwnerRule>(
  rules: readonly Rule[],
  wanted: OwnerRule,
): Placing<Rule> {
  const same = rules.filter((rule) => isSameMatch(rule, wanted))
  const there = same.find((rule) => isSameRule(rule, wanted))
  if (there !== undefined) return { kind: 'there', rule: there }
  let ends: Rule | null = null
  for (const rule of same) {
    if (!overlap(rule, wanted)) continue
    const isFollowed = rule.to === null && wanted.to === null && startOf(rule) < startOf(wanted)
    if (!isFollowed) return { kind: 'overlaps', rule }
    ends = rule
  }
  return { kind: 'new', ends }
}

/** Both hold at some instant. */
export function overlap(
  left: Pick<OwnerRule, 'from' | 'to'>,
  right: Pick<OwnerRule, 'from' | 'to'>,
): boolean {
  return startOf(left) < endOf(right) && startOf(right) < endOf(left)
}

/** A dimension to which both give a value, and not the same; null where there is none. */
export function contradictedDimension(
  left: Pick<OwnerRule, 'set'>,
  right: Pick<OwnerRule, 'set'>,
): string | null {
  const names = Object.keys(left.set)
  return names.find((name) => (right.set[name] ?? left.set[name]) !== left.set[name]) ?? null
}

export function startOf({ from }: Pick<OwnerRule, 'from'>): number {
  return from === null ? Number.NEGATIVE_INFINITY : Date.parse(from)
}

export function endOf({ to }: Pick<OwnerRule, 'to'>): number {
  return to === null ? Number.POSITIVE_INFINITY : Date.parse(to)
}

function isSameRule(left: OwnerRule, right: OwnerRule): boolean {
  return (
    startOf(left) === startOf(right) &&
    endOf(left) === endOf(right) &&
    contradictedDimension(left, right) === null &&
    Object.keys(left.set).length === Object.keys(right.set).length &&
    Object.keys(left.set).every((name) => right.set[name] !== undefined)
  )
}

function letters(pattern: string): number {
  return pattern.replaceAll('*', '').length
}

function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
