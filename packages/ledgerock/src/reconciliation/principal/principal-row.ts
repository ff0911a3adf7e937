// Every caller as finance sees it: what it is, whose, how it comes to Bedrock, what it costs, and what about it somebody should mend.

import { UNKNOWN } from '@ledgerock/contract'
import { classifyPrincipal, type PrincipalKind } from '../../attribution/principal.ts'
import type { Picodollars } from '../../kernel/money.ts'
import type { EvidenceRules, Rule } from '../evidence.ts'
import { exactOfPicodollars, NO_EXACT, roundToPicodollars, type Exact } from '../exact.ts'
import { findingsOfCaller, sharedRoles, type Finding, type SharedRoles } from '../finding.ts'
import { isNobody, NOBODY, type Owner } from '../owner.ts'
import type { PrincipalSums } from './principal-book.ts'
import type { PrincipalFindingCode } from './principal-finding.ts'

export const WAYS = ['direct', 'gateway', 'both', 'unknown'] as const
export type Way = (typeof WAYS)[number]

export type PrincipalFinding = {
  readonly code: PrincipalFindingCode
  readonly usd: Picodollars
  readonly sinceMs: number
  /** Of a shared role: who, with which part of what the ledger counted, in millionths. */
  readonly owners: Finding['owners']
}

export type PrincipalRow = {
  readonly principal: string
  readonly kind: PrincipalKind
  readonly accountId: string | null
  readonly name: string | null
  readonly session: string | null
  /** More than one: the role's sessions are so many that they are one row, `…/*`. */
  readonly sessions: number
  /** Nobody's where nothing tells it, or several share it. */
  readonly owner: Owner
  readonly rule: Rule | null
  readonly tags: Readonly<Record<string, string>>
  readonly environments: readonly string[]
  readonly billed: Picodollars
  readonly metered: Picodollars
  readonly calls: number
  readonly firstMs: number
  readonly lastMs: number
  readonly way: Way
  readonly keyNames: readonly string[]
  readonly findings: readonly PrincipalFinding[]
}

/** What environments of production are called. */
const PRODUCTION = /^(?:prod|production|prd|live)$/i
/** So many people of one permission set are no team any more. */
const PEOPLE_MAX = 10
/** AWS's own permission sets that open everything, or nearly. */
const BROAD_SETS = /^AWSReservedSSO_(?:AWS)?(?:Administrator|PowerUser|SystemAdministrator)/i

/** The dearest first; by name where that says nothing. */
export function principalRows(
  all: readonly PrincipalSums[],
  rules: EvidenceRules,
): readonly PrincipalRow[] {
  const shared = sharedRoles(
    all.flatMap(({ principal, teams }) =>
      [...teams].map(([team, tokens]) => ({ principal, owner: { team }, tokens, usd: null })),
    ),
    rules,
    'team',
  )
  const broad = broadRoles(all)
  return all
    .map((sums) => rowOf(sums, rules, shared, broad))
    .toSorted((left, right) => {
      const [one, two] = [weightOf(left), weightOf(right)]
      if (one !== two) return one > two ? -1 : 1
      return left.principal < right.principal ? -1 : 1
    })
}

function rowOf(
  sums: PrincipalSums,
  rules: EvidenceRules,
  shared: SharedRoles,
  broad: ReadonlySet<string>,
): PrincipalRow {
  const { principal, accountId, tags, sessions, calls, firstMs, lastMs, metered } = sums
  const isGateway = principal !== '' && rules.isGateway(principal)
  const isSession = sums.isOurs
  const what = classifyPrincipal(principal, () => isSession)
  const { owner, rule } = ownerOf(sums, rules, shared.has(principal))
  const environments = [
    ...new Set([...sums.environments, ...Object.values(pick(owner, 'environment'))]),
  ].filter((each) => each !== UNKNOWN && each !== '')
  const row = {
    principal,
    kind: what.kind,
    accountId: accountId ?? what.accountId,
    name: what.name,
    session: what.session,
    sessions,
    owner,
    rule,
    tags,
    environments: environments.toSorted(),
    billed: roundToPicodollars(sums.billed),
    metered,
    calls,
    firstMs,
    lastMs,
    way: wayOf(sums, isGateway || isSession),
    keyNames: [...sums.keyNames].toSorted(),
  }
  const facts = { isGateway, isSession, isBroad: broad.has(what.name ?? ''), shared }
  return { ...row, findings: findingsOf(sums, row, facts) }
}

/** As the month is told, and for who stands on no line of it: the one team of all its calls, then the time line, then of some. */
function ownerOf(
  { principal, accountId, teams, hasUnknown, owner, rule, lastMs }: PrincipalSums,
  rules: EvidenceRules,
  isShared: boolean,
): { readonly owner: Owner; readonly rule: Rule | null } {
  const nobody = { owner: NOBODY, rule: null }
  if (principal === '') return nobody
  const session = rules.sessionOwner(principal)
  if (session !== null) return { owner: { ...owner, ...session }, rule: 'gateway_session' }
  if (isShared || rules.isGateway(principal)) return nobody
  if (rule !== null && !isNobody(owner)) return { owner, rule }
  const [team, ...others] = teams.keys()
  const metered = { owner: { team: team ?? '' }, rule: 'metered' } as const
  const isOne = team !== undefined && others.length === 0
  if (isOne && !hasUnknown) return metered
  const nothing = { profile: null, project: null, keyName: null }
  const account = accountId ?? classifyPrincipal(principal).accountId
  const what = { ...nothing, principalArn: principal, accountId: account }
  const ruled = rules.ownerOf(what, lastMs - 1)
  if (ruled !== null) return { owner: ruled, rule: 'owner_rule' }
  return isOne ? metered : nobody
}

/** Dollars the ledger knows nothing of came past it. */
function wayOf({ vias, billed, calls }: PrincipalSums, isOurs: boolean): Way {
  const isThrough = isOurs || vias.has('gateway')
  const isDirect =
    [...vias].some((via) => via !== 'gateway') || (billed !== NO_EXACT && calls === 0 && !isOurs)
  if (isThrough && isDirect) return 'both'
  if (isThrough) return 'gateway'
  return isDirect ? 'direct' : 'unknown'
}

type Facts = {
  readonly isGateway: boolean
  readonly isSession: boolean
  readonly isBroad: boolean
  readonly shared: SharedRoles
}

function findingsOf(
  sums: PrincipalSums,
  row: Omit<PrincipalRow, 'findings'>,
  { isGateway, isSession, isBroad, shared }: Facts,
): readonly PrincipalFinding[] {
  const { principal, kind, environments, firstMs } = row
  const all = { usd: dollarsOf(sums), sinceMs: firstMs }
  const found: PrincipalFinding[] = []
  const add = (code: PrincipalFindingCode, of = all, owners: Finding['owners'] = []): void =>
    void found.push({ code, ...of, owners })
  const isUser = kind === 'iam_user' || kind === 'bedrock_api_key_user'
  if (isUser && environments.some((each) => PRODUCTION.test(each))) add('iam_user_in_production')
  const owners = shared.get(principal)
  if (owners !== undefined) add('shared_role', all, owners)
  if (isBroad && kind === 'identity_center_session') add('broad_sso_role')
  const { untagged, unowned } = sums
  if (untagged !== null && mayBeTagged(kind) && !isGateway) add('untagged', rounded(untagged))
  // What the gateway or the ledger tells is nobody's only as far as the bill alone goes.
  if (unowned !== null && !isGateway && row.rule !== 'metered' && owners === undefined) {
    add('unowned', rounded(unowned))
  } else if (sums.billed === NO_EXACT && row.rule === null && owners === undefined && !isGateway) {
    add('unowned')
  }
  for (const code of findingsOfCaller({ principal, isGateway, isSession })) add(code)
  if (row.sessions > 1) add('session_cardinality')
  return found
}

function mayBeTagged(kind: PrincipalKind): boolean {
  return kind !== 'root' && kind !== 'service' && kind !== 'empty' && kind !== 'unknown'
}

function rounded({ usd, sinceMs }: { readonly usd: Exact; readonly sinceMs: number }) {
  return { usd: roundToPicodollars(usd), sinceMs }
}

/** Billed; metered where the bill has not come yet. */
function dollarsOf({ billed, metered }: PrincipalSums): Picodollars {
  return billed === NO_EXACT ? metered : roundToPicodollars(billed)
}

function weightOf({ billed, metered }: PrincipalRow): bigint {
  const [one, two] = [exactOfPicodollars(billed), exactOfPicodollars(metered)]
  return one > two ? one : two
}

function pick(owner: Owner, dimension: string): Owner {
  const value = owner[dimension]
  return value === undefined ? NOBODY : { [dimension]: value }
}

/** Permission sets that open everything, or that more people call with than one team has. */
function broadRoles(all: readonly PrincipalSums[]): ReadonlySet<string> {
  const people = new Map<string, number>()
  for (const { principal } of all) {
    const { kind, name } = classifyPrincipal(principal)
    if (kind === 'identity_center_session' && name !== null) {
      people.set(name, (people.get(name) ?? 0) + 1)
    }
  }
  const names = [...people].filter(([name, count]) => count > PEOPLE_MAX || BROAD_SETS.test(name))
  return new Set(names.map(([name]) => name))
}
