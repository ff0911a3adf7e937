// What reconciling shows about callers that somebody should mend: one role behind which several owners call, a gateway without
// sessions of its own, calls past the gateway, tags that contradict the time line. Each with its dollars.

import { classifyPrincipal } from '../attribution/principal.ts'
import { wordTree } from '../kernel/word-tree.ts'
import type { MeteredUse } from './cell.ts'
import { NO_EXACT, type Exact } from './exact.ts'
import type { Evidence, EvidenceRules, Verdict } from './evidence.ts'
import { ownerKey, type Owner } from './owner.ts'

export const FINDINGS = [
  'shared_role',
  'gateway_without_sessions',
  'bypass',
  'long_term_api_key',
  'unowned',
  'contradiction',
  'tag_lag',
] as const
export type FindingCode = (typeof FINDINGS)[number]

export type Finding = {
  readonly code: FindingCode
  /** Empty: lines that name nobody. */
  readonly principal: string
  /** Several owners with the share of each, in millionths of what the ledger counted; of a contradiction those who are named. */
  readonly owners: readonly { readonly owner: Owner; readonly millionths: number | null }[]
  /** Billed. */
  readonly usd: Exact
  readonly tokens: bigint
  /** First seen. */
  readonly sinceMs: number
}

/** Who hides several owners, and with which share each. */
export type SharedRoles = ReadonlyMap<
  string,
  readonly { readonly owner: Owner; readonly millionths: number }[]
>

const MILLION = 1_000_000n

export function sharedRoles(
  metered: readonly Pick<MeteredUse, 'principal' | 'owner' | 'tokens' | 'usd'>[],
  { isGateway, sessionOwner }: EvidenceRules,
  dimension: string,
): SharedRoles {
  const seen = new Map<string, Map<string, bigint>>()
  for (const { principal, owner, tokens, usd } of metered) {
    const value = owner[dimension]
    if (principal === '' || value === undefined) continue
    if (isGateway(principal) || sessionOwner(principal) !== null) continue
    const values = seen.get(principal) ?? new Map<string, bigint>()
    seen.set(principal, values)
    // Unpriced calls weigh by their tokens, beside nothing better.
    values.set(value, (values.get(value) ?? 0n) + (usd ?? tokens))
  }
  return new Map(
    [...seen]
      .filter(([, values]) => values.size > 1)
      .map(([principal, values]) => {
        const all = [...values.values()].reduce((sum, each) => sum + each, 0n)
        const owners = [...values]
          .toSorted(([left], [right]) => (left < right ? -1 : 1))
          .map(([value, weight]) => ({
            owner: { [dimension]: value },
            millionths: all === 0n ? 0 : Number((weight * MILLION) / all),
          }))
        return [principal, owners] as const
      }),
  )
}

export type FindingBook = {
  /** A part of a line: how it was told, and how much of it nobody metered. */
  readonly see: (part: SeenPart) => void
  readonly findings: () => readonly Finding[]
}

export type SeenPart = {
  readonly principal: string
  readonly atMs: number
  readonly usd: Exact
  readonly tokens: bigint
  readonly verdict: Verdict
  readonly isMetered: boolean
  readonly isGateway: boolean
  readonly isSession: boolean
}

/** What is to be mended about a caller, whoever its dollars belong to. */
export function findingsOfCaller({
  principal,
  isGateway,
  isSession,
}: Pick<SeenPart, 'principal' | 'isGateway' | 'isSession'>): readonly (
  'gateway_without_sessions' | 'long_term_api_key'
)[] {
  if (isGateway && !isSession) return ['gateway_without_sessions']
  return classifyPrincipal(principal).kind === 'bedrock_api_key_user' ? ['long_term_api_key'] : []
}

export function findingBook(shared: SharedRoles): FindingBook {
  const found = wordTree<{ -readonly [Field in keyof Finding]: Finding[Field] }>()
  const ofCallers = new Map<string, readonly FindingCode[]>()
  const codesOf = (part: SeenPart): readonly FindingCode[] => {
    const codes = ofCallers.get(part.principal) ?? findingsOfCaller(part)
    ofCallers.set(part.principal, codes)
    return codes
  }
  const add = (code: FindingCode, part: SeenPart, owners: Finding['owners'] = []): void => {
    const { principal, atMs } = part
    const words = [code, principal, keyOfAll(owners)]
    let finding = found.get(words)
    if (finding === undefined) {
      finding = { code, principal, owners, usd: NO_EXACT, tokens: 0n, sinceMs: atMs }
      found.set(words, finding)
    }
    finding.usd = (finding.usd + part.usd) as Exact
    finding.tokens += part.tokens
    finding.sinceMs = Math.min(finding.sinceMs, atMs)
  }
  return {
    see(part) {
      const { principal, verdict, isMetered, isGateway, isSession } = part
      const owners = shared.get(principal)
      if (owners !== undefined) add('shared_role', part, owners)
      for (const code of codesOf(part)) add(code, part)
      if (!isMetered && (isGateway || isSession)) add('bypass', part)
      if (verdict.rule === null) add('unowned', part)
      if (verdict.isLagging) add('tag_lag', part)
      // Where the ledger counted, an account's tag that says another is no contradiction but coarser.
      else if (!isMetered && verdict.contradicts.length > 0) {
        add('contradiction', part, named(verdict.owner, verdict.contradicts))
      }
    },
    findings: () => {
      const keyed = found.values().map((finding) => {
        const { code, principal, owners } = finding
        return { finding, key: JSON.stringify([code, principal, keyOfAll(owners)]) }
      })
      return keyed
        .toSorted((left, right) => (left.key < right.key ? -1 : 1))
        .map(({ finding }) => finding)
    },
  }
}

/** One text, empty for nobody: most findings name no owners. */
function keyOfAll(owners: Finding['owners']): string {
  return owners.length === 0 ? '' : JSON.stringify(owners.map(({ owner }) => ownerKey(owner)))
}

function named(owner: Owner, others: readonly Evidence[]): Finding['owners'] {
  return [owner, ...others.map((each) => each.owner)].map((each) => ({
    owner: each,
    millionths: null,
  }))
}
