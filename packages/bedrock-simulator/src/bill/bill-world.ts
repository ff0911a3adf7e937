// What is known in the customer's house beside the bill: accounts and their tags, whose principal was whose and when, which
// sessions a gateway makes, tags of profiles and projects, and when AWS began to show a tag that was set earlier.

import { NO_WORDS, type Words } from './bill-row.ts'
import type { Owner } from './bill-truth.ts'

export type BillAccount = {
  readonly id: string
  readonly name: string
  readonly tags: Words
  readonly costCategories: Words
}

/** As `owners` of the configuration: a glob over ARNs, in force from (inclusive) to (exclusive). */
export type OwnerRule = {
  readonly match: string
  readonly set: Owner
  readonly fromMs: number | null
  readonly toMs: number | null
}

/** A tag of a user or role. The bill shows it from `shownFromMs`, hours or days after it was set. */
export type PrincipalTag = {
  readonly principal: string
  readonly tags: Words
  readonly setAtMs: number
  readonly shownFromMs: number
}

export type BillWorld = {
  readonly payerAccountId: string
  readonly payerAccountName: string
  readonly accounts: readonly BillAccount[]
  /** Sessions that serve one owner each. */
  readonly gatewaySessions: ReadonlyMap<string, Owner>
  /** Principals as which a gateway calls for everybody. */
  readonly gatewayPrincipals: ReadonlySet<string>
  /** Principals behind which several owners call by themselves. */
  readonly sharedPrincipals: ReadonlySet<string>
  readonly ownerRules: readonly OwnerRule[]
  /** Oldest first. */
  readonly principalTags: readonly PrincipalTag[]
  readonly resourceTags: ReadonlyMap<string, Words>
  /** When session and principal tags were activated: earlier lines carry none. */
  readonly tagsActiveFromMs: number
}

export const EMPTY_WORLD: BillWorld = {
  payerAccountId: '111122223333',
  payerAccountName: 'Example payer',
  accounts: [],
  gatewaySessions: new Map(),
  gatewayPrincipals: new Set(),
  sharedPrincipals: new Set(),
  ownerRules: [],
  principalTags: [],
  resourceTags: new Map(),
  tagsActiveFromMs: 0,
}

/** The owner whose rule holds through the whole time; null where none does or it changes within. */
export function ruledOwner(
  { ownerRules }: BillWorld,
  principal: string,
  startMs: number,
  endMs: number,
): Owner | null {
  const at = (ms: number): OwnerRule | undefined =>
    ownerRules.find(
      ({ match, fromMs, toMs }) =>
        (fromMs ?? -Infinity) <= ms && ms < (toMs ?? Infinity) && matches(match, principal),
    )
  const rule = at(startMs)
  return rule !== undefined && rule === at(endMs - 1) ? rule.set : null
}

/** What the bill shows of a principal's own tags at that time. */
export function shownTags({ principalTags }: BillWorld, principal: string, atMs: number): Words {
  let shown = NO_WORDS
  for (const tag of principalTags) {
    if (tag.principal === principal && tag.shownFromMs <= atMs) shown = tag.tags
  }
  return shown
}

/** What was set by then, shown or not. */
export function setTags({ principalTags }: BillWorld, principal: string, atMs: number): Words {
  let set = NO_WORDS
  for (const tag of principalTags) {
    if (tag.principal === principal && tag.setAtMs <= atMs) set = tag.tags
  }
  return set
}

const patterns = new Map<string, RegExp>()

function matches(glob: string, text: string): boolean {
  const known = patterns.get(glob)
  const pattern = known ?? new RegExp(`^${glob.split('*').map(escaped).join('.*')}$`)
  if (known === undefined) patterns.set(glob, pattern)
  return pattern.test(text)
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
