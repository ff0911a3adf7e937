// Costs that no one call makes, and how each is shared out: by a pool's rule, dated, the first that fits. A pool is rounded once, and its
// picodollars divided from the top down: first among the groups (teams), then within each.

import { apportion } from '../kernel/apportion.ts'
import { assert, exhaustive } from '../kernel/assert.ts'
import { compileGlob } from '../kernel/glob.ts'
import type { Picodollars } from '../kernel/money.ts'
import type { BillThing } from '../billing/bill-word.ts'
import type { BilledLine } from './cell.ts'
import { ownerKey, type Owner } from './owner.ts'

export const SPLITS = ['proportional', 'even', 'fixed', 'owner', 'apart'] as const

export type Split =
  /** By what each owner's own use costs. */
  | { readonly kind: 'proportional' }
  /** As much to every group that used anything; within a group by use. */
  | { readonly kind: 'even' }
  | {
      readonly kind: 'fixed'
      readonly shares: readonly { readonly owner: Owner; readonly weight: bigint }[]
    }
  /** All to one owner; null: to whom each line's own evidence names. */
  | { readonly kind: 'owner'; readonly owner: Owner | null }
  /** To nobody: shown as a cost of its own. */
  | { readonly kind: 'apart' }

export type PoolRule = {
  readonly name: string
  readonly match: BillThing | { readonly usageType: string }
  readonly split: Split
  /** From (inside) and to (outside); null: always. */
  readonly fromMs: number | null
  readonly toMs: number | null
}

export type Pool = { readonly key: string; readonly name: string; readonly split: Split }

/** Null: not a shared cost, but somebody's use. */
export type PoolOf = (line: BilledLine) => Pool | null

export function poolOf(rules: readonly PoolRule[], defaultSplit: Split): PoolOf {
  const compiled = rules.map((rule, index) => ({
    rule,
    pool: { key: `${rule.name}#${index}`, name: rule.name, split: rule.split },
    matches: typeof rule.match === 'string' ? null : compileGlob(rule.match.usageType),
  }))
  const defaults = new Map<BillThing, Pool>()
  return (line) => {
    for (const { rule, pool, matches } of compiled) {
      if (line.fromMs < (rule.fromMs ?? -Infinity) || line.fromMs >= (rule.toMs ?? Infinity))
        continue
      if (matches === null ? rule.match === line.thing : matches(line.usageType)) return pool
    }
    if (line.thing === 'usage') return null
    const pool = defaults.get(line.thing) ?? {
      key: line.thing,
      name: line.thing,
      split: defaultSplit,
    }
    defaults.set(line.thing, pool)
    return pool
  }
}

/** What an owner's own use costs. */
export type OwnUse = { readonly owner: Owner; readonly usd: Picodollars }

export type PoolShare = { readonly owner: Owner; readonly usd: Picodollars }

export type PoolSplit = {
  readonly shares: readonly PoolShare[]
  readonly apart: Picodollars
  /** Nobody to give it to. */
  readonly unattributed: Picodollars
}

const NONE = 0n as Picodollars

/** `group` is the dimension of the upper level. The lines of `owner: null` are not divided here. */
export function splitPool(
  total: Picodollars,
  { key, split }: Pool,
  used: readonly OwnUse[],
  group: string,
  period: string,
): PoolSplit {
  const salt = `${period} ${key}`
  switch (split.kind) {
    case 'apart':
      return { shares: [], apart: total, unattributed: NONE }
    case 'owner': {
      assert(split.owner, 'a pool whose lines have owners is divided by line')
      return { shares: [{ owner: split.owner, usd: total }], apart: NONE, unattributed: NONE }
    }
    case 'fixed':
      return given(total, split.shares, asTheyAre, group, salt)
    case 'proportional':
      return given(total, weighed(used), asTheyAre, group, salt)
    case 'even':
      return given(total, weighed(used), oneEach, group, salt)
    default:
      return exhaustive(split)
  }
}

type Weighed = { readonly owner: Owner; readonly weight: bigint }

/** Who was given back more than was used has no weight, rather than a negative one. */
function weighed(used: readonly OwnUse[]): readonly Weighed[] {
  return used.map(({ owner, usd }) => ({ owner, weight: usd > 0n ? usd : 0n }))
}

const asTheyAre = (weight: bigint): bigint => weight
const oneEach = (weight: bigint): bigint => (weight > 0n ? 1n : 0n)

function given(
  total: Picodollars,
  owners: readonly Weighed[],
  weightOfGroup: (weight: bigint) => bigint,
  group: string,
  salt: string,
): PoolSplit {
  const groups = new Map<string, Weighed[]>()
  for (const each of owners) {
    const name = each.owner[group]
    const key = name === undefined ? ownerKey(each.owner) : `=${name}`
    const within = groups.get(key) ?? []
    groups.set(key, within)
    within.push(each)
  }
  const upper = [...groups].map(([key, within]) => {
    const weight = within.reduce((sum, each) => sum + each.weight, 0n)
    return { key, weight: weightOfGroup(weight) }
  })
  const amounts = apportion(total, upper, salt)
  if (amounts === null) return { shares: [], apart: NONE, unattributed: total }
  const shares = upper.flatMap(({ key }, index) => {
    const within = groups.get(key) ?? []
    const amount = amounts[index] as Picodollars
    const weights = within.map(({ owner, weight }) => ({ key: ownerKey(owner), weight }))
    const parts = apportion(amount, weights, `${salt} ${key}`)
    return within.map(({ owner }, place) => ({ owner, usd: parts?.[place] ?? NONE }))
  })
  return { shares: shares.filter(({ usd }) => usd !== 0n), apart: NONE, unattributed: NONE }
}
