// Who stands in the bill and in the ledger, added up caller by caller: dollars, first and last use, tags, and which dollars no evidence
// gives to anybody. Fed line by line, so that a bill of any length needs room for its callers only.

import type { Picodollars } from '../../kernel/money.ts'
import type { BilledLine } from '../cell.ts'
import { evidenceOf, taggedOwner, tellOwner, type EvidenceRules, type Rule } from '../evidence.ts'
import { NO_EXACT, type Exact } from '../exact.ts'
import { isNobody, NOBODY, type Owner } from '../owner.ts'
import { sessionCounter, type SessionCounter } from './session-role.ts'

/** A caller as the ledger saw it in the time asked about. */
export type SeenUse = {
  /** ARN of who called; empty: a gateway's key, or not known. */
  readonly principal: string
  /** ARN that is billed; empty: not known. */
  readonly billedPrincipal: string
  readonly via: string
  readonly accountId: string | null
  readonly keyNames: readonly string[]
  readonly environments: readonly string[]
  readonly calls: number
  readonly usd: Picodollars
  readonly firstMs: number
  readonly lastMs: number
  /** Only those that are known. */
  readonly teams: readonly { readonly team: string; readonly tokens: bigint }[]
  /** Of some calls no team is known. */
  readonly hasUnknown: boolean
}

/** Dollars of which something is wrong, and since when. */
export type Marked = { readonly usd: Exact; readonly sinceMs: number }

export type PrincipalSums = {
  readonly principal: string
  readonly sessions: number
  /** A session that a gateway of ours made for an owner, or of such sessions. */
  readonly isOurs: boolean
  readonly accountId: string | null
  readonly billed: Exact
  readonly metered: Picodollars
  readonly calls: number
  readonly firstMs: number
  readonly lastMs: number
  /** Of the newest line that has any. */
  readonly tags: Readonly<Record<string, string>>
  /** What told the newest line that has an owner. */
  readonly owner: Owner
  readonly rule: Rule | null
  readonly untagged: Marked | null
  readonly unowned: Marked | null
  readonly keyNames: ReadonlySet<string>
  readonly environments: ReadonlySet<string>
  readonly vias: ReadonlySet<string>
  readonly teams: ReadonlyMap<string, bigint>
  readonly hasUnknown: boolean
}

type Sums = { -readonly [Field in keyof PrincipalSums]: PrincipalSums[Field] } & {
  keyNames: Set<string>
  environments: Set<string>
  vias: Set<string>
  teams: Map<string, bigint>
  taggedMs: number
  ownedMs: number
}

export type PrincipalBook = {
  readonly seeLine: (line: BilledLine, usd: Exact) => void
  readonly seeUse: (use: SeenUse) => void
  readonly principals: () => readonly PrincipalSums[]
}

const PRINCIPAL_TAG = 'iamPrincipal/'

export function principalBook(rules: EvidenceRules, sessionsMax?: number): PrincipalBook {
  const all = new Map<string, Sums>()
  const of = (arn: string): Sums => {
    const name = counter.nameOf(arn)
    const known = all.get(name) ?? nothingOf(name)
    all.set(name, known)
    known.isOurs ||= arn !== '' && rules.sessionOwner(arn) !== null
    return known
  }
  const counter: SessionCounter = sessionCounter((role, sessions) => {
    const folded = nothingOf(role)
    for (const session of sessions) {
      const sums = all.get(session)
      if (sums !== undefined) join(folded, sums)
      all.delete(session)
    }
    all.set(role, folded)
  }, sessionsMax)
  return {
    seeLine(line, usd) {
      addLine(of(line.principal), line, usd, rules)
    },
    seeUse(use) {
      // Who called and who is billed may be two: the gateway's caller, and the session it calls with.
      for (const arn of new Set([use.principal, use.billedPrincipal])) {
        if (arn !== '') addUse(of(arn), use, arn === use.billedPrincipal)
      }
    },
    principals: () =>
      [...all.values()].map((sums) => ({ ...sums, sessions: counter.countOf(sums.principal) })),
  }
}

function addLine(sums: Sums, line: BilledLine, usd: Exact, rules: EvidenceRules): void {
  sums.billed = (sums.billed + usd) as Exact
  sums.accountId ??= line.accountId
  addTime(sums, line.fromMs, line.toMs)
  const tags = Object.entries(line.tags).filter(([key]) => key.startsWith(PRINCIPAL_TAG))
  if (tags.length > 0 && line.fromMs >= sums.taggedMs) {
    sums.tags = Object.fromEntries(tags)
    sums.taggedMs = line.fromMs
  }
  if (isNobody(taggedOwner(line, 'principal_tag', rules))) {
    sums.untagged = marked(sums.untagged, usd, line.fromMs)
  }
  const { owner, rule } = tellOwner(evidenceOf(line, rules), null)
  if (rule === null) sums.unowned = marked(sums.unowned, usd, line.fromMs)
  else if (line.fromMs >= sums.ownedMs) {
    sums.owner = owner
    sums.rule = rule
    sums.ownedMs = line.fromMs
  }
}

function addUse(sums: Sums, use: SeenUse, isBilled: boolean): void {
  sums.metered = (sums.metered + use.usd) as Picodollars
  sums.calls += use.calls
  if (isBilled) sums.accountId ??= use.accountId
  addTime(sums, use.firstMs, use.lastMs)
  sums.vias.add(use.via)
  sums.hasUnknown ||= use.hasUnknown
  for (const name of use.keyNames) sums.keyNames.add(name)
  for (const environment of use.environments) sums.environments.add(environment)
  for (const { team, tokens } of use.teams) {
    sums.teams.set(team, (sums.teams.get(team) ?? 0n) + tokens)
  }
}

function addTime(sums: Sums, fromMs: number, toMs: number): void {
  sums.firstMs = Math.min(sums.firstMs, fromMs)
  sums.lastMs = Math.max(sums.lastMs, toMs)
}

function marked(before: Marked | null, usd: Exact, atMs: number): Marked {
  if (before === null) return { usd, sinceMs: atMs }
  return { usd: (before.usd + usd) as Exact, sinceMs: Math.min(before.sinceMs, atMs) }
}

function join(into: Sums, from: Sums): void {
  into.billed = (into.billed + from.billed) as Exact
  into.metered = (into.metered + from.metered) as Picodollars
  into.calls += from.calls
  into.isOurs ||= from.isOurs
  into.hasUnknown ||= from.hasUnknown
  into.accountId ??= from.accountId
  addTime(into, from.firstMs, from.lastMs)
  if (from.taggedMs >= into.taggedMs) Object.assign(into, pick(from, ['tags', 'taggedMs']))
  if (from.ownedMs >= into.ownedMs) Object.assign(into, pick(from, ['owner', 'rule', 'ownedMs']))
  for (const mark of ['untagged', 'unowned'] as const) {
    const said = from[mark]
    if (said !== null) into[mark] = marked(into[mark], said.usd, said.sinceMs)
  }
  for (const set of ['keyNames', 'environments', 'vias'] as const) {
    for (const word of from[set]) into[set].add(word)
  }
  for (const [team, tokens] of from.teams) {
    into.teams.set(team, (into.teams.get(team) ?? 0n) + tokens)
  }
}

function pick(from: Sums, names: readonly (keyof Sums)[]): Partial<Sums> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Partial<Sums>
}

function nothingOf(principal: string): Sums {
  return {
    principal,
    sessions: 1,
    isOurs: false,
    accountId: null,
    billed: NO_EXACT,
    metered: 0n as Picodollars,
    calls: 0,
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: Number.NEGATIVE_INFINITY,
    tags: {},
    owner: NOBODY,
    rule: null,
    untagged: null,
    unowned: null,
    keyNames: new Set(),
    environments: new Set(),
    vias: new Set(),
    teams: new Map(),
    hasUnknown: false,
    taggedMs: Number.NEGATIVE_INFINITY,
    ownedMs: Number.NEGATIVE_INFINITY,
  }
}
