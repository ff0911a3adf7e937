// What each rule would have done: how many calls, what they cost, whose they were, from when to when, and a few to look at.

import { DEFAULT_DIMENSIONS, UNKNOWN } from '@ledgerock/contract'
import { picodollars, type Picodollars } from '../../kernel/money.ts'
import type { PastCall } from './past-call.ts'

export const TRIED_KINDS = ['access', 'guardrail', 'limit', 'budget', 'route'] as const
export type TriedKind = (typeof TRIED_KINDS)[number]

/** `notified`: people would have been told; `warned`: the caller too. */
export const TRIED_EFFECTS = ['refused', 'warned', 'notified', 'routed'] as const
export type TriedEffect = (typeof TRIED_EFFECTS)[number]

export type RuleDeed = {
  readonly kind: TriedKind
  readonly rule: string
  readonly effect: TriedEffect
  /** The rule is in shadow: it would only have reported it. */
  readonly shadow: boolean
}

export type RuleEffect = RuleDeed & {
  readonly calls: number
  /** What those of them cost whose price is known. */
  readonly usd: Picodollars
  readonly unpriced: number
  readonly teams: readonly string[]
  /** There are more teams than are named. */
  readonly moreTeams: boolean
  readonly firstMs: number
  readonly lastMs: number
  /** Ids of the first calls. */
  readonly examples: readonly string[]
}

export type RuleTally = {
  readonly note: (deed: RuleDeed, call: PastCall) => void
  /** In the order in which rules are asked, and there in the order in which they first did something. */
  readonly effects: () => readonly RuleEffect[]
}

const TEAM = DEFAULT_DIMENSIONS[0]
const TEAMS_MAX = 100
const EXAMPLES_MAX = 5

type Count = {
  -readonly [Field in keyof Omit<RuleEffect, 'teams' | 'examples'>]: RuleEffect[Field]
} & {
  readonly named: Set<string>
  readonly examples: string[]
}

export function createRuleTally(): RuleTally {
  const counts = new Map<string, Count>()
  return {
    note(deed, call) {
      const key = JSON.stringify([deed.kind, deed.rule, deed.effect, deed.shadow])
      let count = counts.get(key)
      if (count === undefined) {
        count = newCount(deed, call.startedMs)
        counts.set(key, count)
      }
      add(count, call)
    },
    effects: () =>
      [...counts.values()]
        .toSorted((one, other) => rank(one) - rank(other))
        .map(({ named, ...count }) => ({ ...count, teams: [...named].toSorted() })),
  }
}

function newCount(deed: RuleDeed, atMs: number): Count {
  const nothing = { calls: 0, usd: picodollars(0n), unpriced: 0, moreTeams: false }
  return { ...deed, ...nothing, firstMs: atMs, lastMs: atMs, named: new Set(), examples: [] }
}

function add(count: Count, { callId, startedMs, cost, dimensions }: PastCall): void {
  count.calls += 1
  if (cost === null) count.unpriced += 1
  else count.usd = picodollars(count.usd + cost)
  count.lastMs = startedMs
  const team = dimensions[TEAM] ?? UNKNOWN
  if (count.named.size < TEAMS_MAX) count.named.add(team)
  else if (!count.named.has(team)) count.moreTeams = true
  if (count.examples.length < EXAMPLES_MAX) count.examples.push(callId)
}

function rank({ kind }: RuleDeed): number {
  return TRIED_KINDS.indexOf(kind)
}
