// Who owns what AWS knows callers by, and since when: rules asked with the instant of a call, so that a re-organisation on the 14th
// does not repaint the 13th. Compiled once per policy; asking allocates nothing unless several rules speak.

import { assert } from '../kernel/assert.ts'
import { compileGlob, type Glob } from '../kernel/glob.ts'
import { wordTree } from '../kernel/word-tree.ts'

export const OWNER_MATCH_KEYS = ['principal', 'account', 'profile', 'project', 'key_name'] as const
export type OwnerMatchKey = (typeof OWNER_MATCH_KEYS)[number]

export type OwnerRule = {
  /** Exactly one of the keys, with a pattern in which `*` stands for anything. */
  readonly match: Readonly<Partial<Record<OwnerMatchKey, string>>>
  readonly set: Readonly<Record<string, string>>
  /** ISO instants; the first is inside, the last outside. Null: since ever, for good. */
  readonly from: string | null
  readonly to: string | null
  /** False: it names an owner and opens no door. Left out: who is known by it may call, from whatever account. */
  readonly letsIn?: false
}

/** What is known of a call; null where it has no such thing. */
export type Ownable = {
  readonly principalArn: string | null
  readonly accountId: string | null
  /** Of the application inference profile called: its ARN. */
  readonly profile: string | null
  /** The mantle project's id. */
  readonly project: string | null
  readonly keyName: string | null
}

export type OwnerRules = {
  /** Dimension → value, or null where no rule applies. */
  readonly ownerOf: (what: Ownable, atMs: number) => Readonly<Record<string, string>> | null
}

type Compiled = {
  readonly field: keyof Ownable
  readonly matches: Glob
  readonly set: Readonly<Record<string, string>>
  readonly fromMs: number
  readonly toMs: number
}

/** Where a call has what a rule looks at. */
export const OWNABLE_FIELD: Readonly<Record<OwnerMatchKey, keyof Ownable>> = {
  principal: 'principalArn',
  account: 'accountId',
  profile: 'profile',
  project: 'project',
  key_name: 'keyName',
}

/** A date is midnight UTC; a time of day without a zone would be the machine's own, and is not taken. */
const INSTANT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/

/** What is wrong with a rule; empty for one that can be compiled. */
export function ownerRuleProblems(rule: OwnerRule): readonly string[] {
  const problems: string[] = []
  const keys = OWNER_MATCH_KEYS.filter((key) => rule.match[key] !== undefined)
  if (keys.length !== 1)
    problems.push(`match must name exactly one of ${OWNER_MATCH_KEYS.join(', ')}`)
  if (keys.some((key) => rule.match[key] === '')) problems.push('match must not be empty')
  if (Object.keys(rule.set).length === 0) problems.push('set must name a dimension')
  const fromMs = instant(rule.from, Number.NEGATIVE_INFINITY)
  const toMs = instant(rule.to, Number.POSITIVE_INFINITY)
  if (Number.isNaN(fromMs)) problems.push('from must be a date or an instant with its zone')
  if (Number.isNaN(toMs)) problems.push('to must be a date or an instant with its zone')
  if (fromMs >= toMs) problems.push('from must be before to')
  return problems
}

/** The rules must be without problems. */
export function compileOwnerRules(rules: readonly OwnerRule[]): OwnerRules {
  const compiled = rules.map(compile)
  return {
    ownerOf(what, atMs) {
      let owner: Readonly<Record<string, string>> | null = null
      for (let index = 0; index < compiled.length; index += 1) {
        const rule = compiled[index] as Compiled
        if (atMs < rule.fromMs || atMs >= rule.toMs) continue
        const text = what[rule.field]
        if (text === null || !rule.matches(text)) continue
        owner = owner === null ? rule.set : withMore(owner, rule.set)
      }
      return owner
    },
  }
}

/** For who asks of the same few callers again and again: between two changes of any rule each is looked up once. */
export function rememberedOwnerRules(rules: readonly OwnerRule[]): OwnerRules {
  const { ownerOf } = compileOwnerRules(rules)
  const changesMs = rules.map(compile).flatMap(({ fromMs, toMs }) => [fromMs, toMs])
  const sortedMs = [...new Set(changesMs)].toSorted((left, right) => left - right)
  const callers = wordTree<Map<number, ReturnType<typeof ownerOf>>>()
  return {
    ownerOf(what, atMs) {
      const { principalArn, accountId, profile, project, keyName } = what
      const words = [principalArn, accountId, profile, project, keyName]
      let known = callers.get(words)
      if (known === undefined) {
        known = new Map()
        callers.set(words, known)
      }
      const stretch = sortedMs.findLastIndex((changeMs) => changeMs <= atMs)
      let owner = known.get(stretch)
      if (owner === undefined) {
        owner = ownerOf(what, atMs)
        known.set(stretch, owner)
      }
      return owner
    },
  }
}

/** The rule that stands first has said it: a later one adds what is still open. */
function withMore(
  said: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  for (const dimension in more) {
    if (said[dimension] === undefined) return { ...more, ...said }
  }
  return said
}

function compile(rule: OwnerRule): Compiled {
  const problems = ownerRuleProblems(rule)
  assert(problems.length === 0, `an owner rule that was not checked: ${problems.join('; ')}`)
  const key = OWNER_MATCH_KEYS.find((name) => rule.match[name] !== undefined) as OwnerMatchKey
  return {
    field: OWNABLE_FIELD[key],
    matches: compileGlob(rule.match[key] as string),
    set: rule.set,
    fromMs: instant(rule.from, Number.NEGATIVE_INFINITY),
    toMs: instant(rule.to, Number.POSITIVE_INFINITY),
  }
}

function instant(iso: string | null, open: number): number {
  if (iso === null) return open
  return INSTANT.test(iso) ? Date.parse(iso) : Number.NaN
}
