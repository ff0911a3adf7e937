// What tells the owner of billed dollars: the gateway's session, the ledger, and then the time line, tags and cost categories in the
// configured order. AWS shows a tag hours after it was set: a tag that still says the former owner while the time line has moved on,
// or that is not there yet, is lagging, and the time line is believed. Any other contradiction is listed, and the first of the order wins.

import type { Ownable } from '../attribution/owner-rule.ts'
import type { BilledLine } from './cell.ts'
import { agree, completed, isNobody, ownerKey, type Owner } from './owner.ts'

export const PRECEDENCE = [
  'principal_tag',
  'owner_rule',
  'resource_tag',
  'account_tag',
  'cost_category',
] as const
export type Told = (typeof PRECEDENCE)[number]

/** Strongest first; those of `Told` in the configured order. */
export type Rule = 'gateway_session' | 'metered' | Told

export const UNTOLD = [
  'unmetered',
  'shared_role',
  'empty_principal',
  'root',
  'owner_changed',
  'no_owner',
  'estimate',
  'unmapped_usage_type',
] as const
/** Why nothing tells an owner. */
export type Untold = (typeof UNTOLD)[number]

export type EvidenceRules = {
  /** The owners' time line. */
  readonly ownerOf: (what: Ownable, atMs: number) => Owner | null
  /** Of a session that a gateway of ours made for one owner; null for any other principal. */
  readonly sessionOwner: (principal: string) => Owner | null
  /** Calls for everybody, under one role. */
  readonly isGateway: (principal: string) => boolean
  readonly precedence: readonly Told[]
  /** Key of a tag, in lower case → dimension. */
  readonly tagDimensions: ReadonlyMap<string, string>
  /** As long as AWS may take to show a tag. */
  readonly tagLagMs: number
  /** Whether the bill shows the principal's own tags on any line; left out: on none, as far as is known. */
  readonly isTagged?: (principal: string) => boolean
}

export const TAG_LAG_MS = 48 * 3_600_000

export type Evidence = { readonly rule: Rule; readonly owner: Owner }

export type Verdict = {
  /** Nobody's where no rule tells it. */
  readonly owner: Owner
  readonly rule: Rule | null
  /** The tag was late, and the time line decided. */
  readonly isLagging: boolean
  readonly contradicts: readonly Evidence[]
}

/** What the bill and the configuration say of a line, without the ledger. */
export type LineEvidence = {
  readonly session: Owner | null
  readonly others: readonly Evidence[]
  readonly isLagging: boolean
  /** The line spans a change of owner: no instant speaks for it. */
  readonly isChanged: boolean
}

const PREFIXES: Readonly<Record<Exclude<Told, 'owner_rule'>, string>> = {
  principal_tag: 'iamPrincipal/',
  resource_tag: 'resourceTags/',
  account_tag: 'accountTag/',
  cost_category: 'costCategory/',
}

export function evidenceOf(line: BilledLine, rules: EvidenceRules): LineEvidence {
  return evidenceFrom(line, ownersAround(line, ownableOf(line), rules), rules)
}

/** By the time line. */
export type OwnersAround = {
  /** At the line's beginning and at its end. */
  readonly first: Owner | null
  readonly last: Owner | null
  /** When a tag may have been set that AWS still shows. */
  readonly former: Owner | null
}

export function ownersAround(
  { fromMs, toMs }: BilledLine,
  what: Ownable,
  { ownerOf, tagLagMs }: EvidenceRules,
): OwnersAround {
  return {
    first: ownerOf(what, fromMs),
    last: ownerOf(what, toMs - 1),
    former: ownerOf(what, fromMs - tagLagMs),
  }
}

export function evidenceFrom(
  line: BilledLine,
  { first: ruled, last, former }: OwnersAround,
  rules: EvidenceRules,
): LineEvidence {
  const session = line.principal === '' ? null : rules.sessionOwner(line.principal)
  const isChanged = keyOf(ruled) !== keyOf(last)
  const tag = taggedOwner(line, 'principal_tag', rules)
  const isLagging =
    !isChanged &&
    ruled !== null &&
    keyOf(former) !== keyOf(ruled) &&
    (isNobody(tag)
      ? rules.isTagged?.(line.principal) === true
      : former !== null && !agree(ruled, tag) && agree(former, tag))
  const others: Evidence[] = []
  for (const rule of rules.precedence) {
    if (rule === 'owner_rule') {
      if (ruled !== null && !isChanged) others.push({ rule, owner: ruled })
      continue
    }
    if (rule === 'principal_tag' && (isLagging || isChanged)) continue
    const owner = rule === 'principal_tag' ? tag : taggedOwner(line, rule, rules)
    if (!isNobody(owner)) others.push({ rule, owner })
  }
  return { session, others, isLagging, isChanged }
}

/** A principal that has tags of its own on one line and none on another was waiting for AWS there. */
export function withTagged(rules: EvidenceRules, lines: readonly BilledLine[]): EvidenceRules {
  if (!rules.precedence.includes('principal_tag')) return rules
  const tagged = new Set<string>()
  for (const line of lines) {
    if (tagged.has(line.principal) || line.principal === '') continue
    if (!isNobody(taggedOwner(line, 'principal_tag', rules))) tagged.add(line.principal)
  }
  return { ...rules, isTagged: (principal) => tagged.has(principal) }
}

/** `metered`: whose the ledger says these tokens are; null for what it does not hold. */
export function tellOwner(evidence: LineEvidence, metered: Owner | null): Verdict {
  const { session, others, isLagging } = evidence
  const all: Evidence[] = []
  if (session !== null && !isNobody(session)) all.push({ rule: 'gateway_session', owner: session })
  if (metered !== null && !isNobody(metered)) all.push({ rule: 'metered', owner: metered })
  all.push(...others)
  const [strongest, ...weaker] = all
  if (strongest === undefined) return { owner: {}, rule: null, isLagging: false, contradicts: [] }
  const owner = weaker.reduce((said, each) => completed(said, each.owner), strongest.owner)
  const contradicts = weaker.filter((each) => !agree(strongest.owner, each.owner))
  return {
    owner,
    rule: strongest.rule,
    isLagging: isLagging && strongest.rule === 'owner_rule',
    contradicts,
  }
}

export function untoldReason(
  line: BilledLine,
  { isChanged }: LineEvidence,
  rules: EvidenceRules,
  shared: ReadonlySet<string>,
): Untold {
  if (line.unmappedReason !== '') return 'unmapped_usage_type'
  if (line.principal === '') return 'empty_principal'
  if (line.principal.endsWith(':root')) return 'root'
  if (rules.isGateway(line.principal)) return 'unmetered'
  if (shared.has(line.principal)) return 'shared_role'
  return isChanged ? 'owner_changed' : 'no_owner'
}

function keyOf(owner: Owner | null): string {
  return owner === null ? '' : ownerKey(owner)
}

export function ownableOf({ principal, accountId, resourceId }: BilledLine): Ownable {
  const [, project = null] = /:project\/([^/]+)$/.exec(resourceId) ?? []
  return {
    principalArn: principal === '' ? null : principal,
    accountId,
    profile: resourceId.includes(':application-inference-profile/') ? resourceId : null,
    project,
    keyName: null,
  }
}

export function taggedOwner(
  { tags }: BilledLine,
  rule: Exclude<Told, 'owner_rule'>,
  { tagDimensions }: EvidenceRules,
): Owner {
  const prefix = PREFIXES[rule]
  const owner: Record<string, string> = {}
  for (const [key, value] of Object.entries(tags)) {
    if (value === '' || !key.startsWith(prefix)) continue
    const dimension = tagDimensions.get(key.slice(prefix.length).toLowerCase())
    if (dimension !== undefined) owner[dimension] ??= value
  }
  return owner
}
