// Gives the dollars of use to owners. Within a cell the weight is tokens: of each line, every owner the ledger knows there has the
// part of its tokens, and the rest goes to whom the line's own evidence names, or to nobody with a reason. What bill and ledger say
// differently is written down on the way.

import { apportion } from '../kernel/apportion.ts'
import { assert } from '../kernel/assert.ts'
import type { Picodollars } from '../kernel/money.ts'
import { MS_PER_DAY, MS_PER_HOUR } from '../kernel/time.ts'
import type { Basis, ShareBook } from './allocation.ts'
import { costOf, type BilledLine, type Cell, type Cost } from './cell.ts'
import { exactOfPicodollars, NO_EXACT, sumExact, type Exact } from './exact.ts'
import { untoldReason, type EvidenceRules, type Rule, type Untold } from './evidence.ts'
import type { EvidenceBook, KnownEvidence } from './evidence-book.ts'
import type { FindingBook } from './finding.ts'
import type { MatchedCell, Taken } from './match.ts'
import { differenceBetween } from './match-keys.ts'
import { ownerKey, type Owner } from './owner.ts'
import type { Pool, PoolOf } from './pool.ts'
import { isOtherPrice, type Cause, type VarianceBook } from './variance.ts'

export type ShareContext = {
  readonly cost: Cost
  readonly rules: EvidenceRules
  readonly shared: ReadonlySet<string>
  readonly poolOf: PoolOf
  readonly addToPool: (pool: Pool, line: BilledLine) => void
  readonly shares: ShareBook
  readonly variance: VarianceBook
  readonly findings: FindingBook
  readonly salt: string
}

/** With what is known of the lines' evidence. */
export type TellingContext = ShareContext & { readonly evidence: EvidenceBook }

/** Tokens of a cell that have one owner in the ledger, or none: then `owner` is null. */
type Part = {
  readonly key: string
  readonly owner: Owner | null
  tokens: bigint
  metered: Picodollars
  isPriced: boolean
  /** Why it differs from the ledger, as far as the match tells. */
  readonly cause: Cause | null
}

const NO_DOLLARS = 0n as Picodollars

/** `explained`: tokens of the rest that the ledger's estimates explain. */
export function shareCell(cell: MatchedCell, explained: bigint, context: TellingContext): void {
  const parts = partsOf(cell, explained)
  for (const [place, line] of cell.lines.entries()) {
    const usd = spread(costOf(line, context.cost), parts, `${context.salt} ${cell.key}`)
    const list = spread(costOf(line, 'list'), parts, `${context.salt} ${cell.key}`)
    const pool = context.poolOf(line)
    if (pool !== null) {
      context.addToPool(pool, line)
      continue
    }
    const evidence = context.evidence.evidenceOf(line)
    for (const [index, part] of parts.entries()) {
      addShare(context, line, evidence, {
        owner: part.owner,
        untold: part.cause === 'estimate' ? 'estimate' : null,
        usd: usd[index] as Exact,
        list: list[index] as Exact,
        // What the ledger said belongs to the cell, not to one of its lines.
        metered: place === 0 ? part.metered : NO_DOLLARS,
        tokens: place === 0 ? part.tokens : 0n,
        weight: parts.length === 1 ? 1n : part.tokens,
        isBypass: part.owner === null && part.cause === 'unmetered',
      })
    }
  }
  explainCell(cell, parts, context)
}

/** A line that the grammar cannot read, or that counts nothing: its own evidence alone speaks. */
export function shareUncounted(line: BilledLine, context: TellingContext): void {
  const { cost, variance } = context
  const usd = costOf(line, cost)
  const cause = line.unmappedReason === '' ? 'unmetered' : 'unmapped_usage_type'
  variance.add({
    cell: line,
    atMs: line.fromMs,
    cause,
    billTokens: 0n,
    meteredTokens: 0n,
    bill: usd,
    metered: NO_DOLLARS,
  })
  const pool = context.poolOf(line)
  if (pool !== null) {
    context.addToPool(pool, line)
    return
  }
  addShare(context, line, context.evidence.evidenceOf(line), {
    owner: null,
    untold: null,
    usd,
    list: costOf(line, 'list'),
    metered: NO_DOLLARS,
    tokens: 0n,
    weight: 1n,
    isBypass: cause === 'unmetered',
  })
}

type PartOfLine = {
  /** By the ledger. */
  readonly owner: Owner | null
  /** Why nobody is told, where the line itself does not say. */
  readonly untold: Untold | null
  readonly usd: Exact
  readonly list: Exact
  readonly metered: Picodollars
  readonly tokens: bigint
  /** Its part of the line. */
  readonly weight: bigint
  readonly isBypass: boolean
}

function addShare(
  { shares, findings, rules, shared, evidence: book }: TellingContext,
  line: BilledLine,
  evidence: KnownEvidence,
  { owner, untold, usd, list, metered, tokens, weight, isBypass }: PartOfLine,
): void {
  const verdict = book.tellOwner(evidence, owner)
  const told = verdict.isLagging ? 'tag_lag' : verdict.rule
  const share = {
    owner: verdict.owner,
    basis: basisOf(verdict.rule, owner !== null),
    reason: told ?? untold ?? untoldReason(line, evidence, rules, shared),
    modelId: line.modelId,
    atMs: line.fromMs,
    usd,
    list,
    metered,
    tokens,
  }
  shares.add(share, { line, weight })
  findings.see({
    principal: line.principal,
    atMs: line.fromMs,
    usd,
    tokens,
    verdict,
    isMetered: !isBypass,
    isGateway: line.principal !== '' && rules.isGateway(line.principal),
    isSession: line.principal !== '' && rules.sessionOwner(line.principal) !== null,
  })
}

/** Tokens that the ledger holds are metered, whoever's word outranks its own. */
export function basisOf(rule: Rule | null, isMetered: boolean): Basis {
  if (rule === null) return 'unattributed'
  if (isMetered && (rule === 'metered' || rule === 'gateway_session')) return 'metered'
  return rule === 'gateway_session' || rule === 'owner_rule' ? 'principal' : 'tag'
}

function partsOf(cell: MatchedCell, explained: bigint): readonly Part[] {
  const parts = new Map<string, Part>()
  const [line] = cell.lines
  assert(line, 'a cell has lines')
  for (const taken of cell.taken) {
    const cause = differenceBetween(line, taken.use, taken.loosened) ?? latenessOf(cell, taken)
    const key = `${cause ?? ''} ${ownerKey(taken.use.owner)}`
    const part = parts.get(key) ?? restPart(key, taken.use.owner, 0n, cause)
    parts.set(key, part)
    part.tokens += taken.tokens
    part.metered = (part.metered + (taken.usd ?? 0n)) as Picodollars
    part.isPriced &&= taken.usd !== null
  }
  const unmetered = cell.rest - explained
  if (explained > 0n) parts.set('estimate', restPart('estimate', null, explained, 'estimate'))
  if (unmetered > 0n) parts.set('rest', restPart('rest', null, unmetered, 'unmetered'))
  // A correction or a free line: no tokens to weigh by.
  if (parts.size === 0) parts.set('rest', restPart('rest', null, cell.tokens, 'unmetered'))
  return [...parts.values()]
}

function restPart(key: string, owner: Owner | null, tokens: bigint, cause: Cause | null): Part {
  return { key, owner, tokens, metered: NO_DOLLARS, isPriced: true, cause }
}

/** Billed in another hour than it was metered in, as far as the bill says hours at all. */
function latenessOf({ fromMs, toMs }: MatchedCell, { stretch }: Taken): Cause | null {
  if (stretch === 'hour') return null
  if (toMs - fromMs <= MS_PER_HOUR) return 'late'
  return toMs - fromMs <= MS_PER_DAY && stretch !== 'day' ? 'late' : null
}

function spread(usd: Exact, parts: readonly Part[], salt: string): readonly Exact[] {
  if (parts.length === 1) return [usd]
  const amounts = apportion(
    usd,
    parts.map(({ key, tokens }) => ({ key, weight: tokens })),
    salt,
  )
  assert(amounts, 'parts of a cell have tokens')
  return amounts
}

/** What bill and ledger say of the cell's parts, before discounts; discounts beside them. */
function explainCell(cell: MatchedCell, parts: readonly Part[], context: ShareContext): void {
  const { cost, variance, salt } = context
  const [line] = cell.lines as readonly [BilledLine]
  const said = sumExact(cell.lines.map((each) => costOf(each, cost)))
  const before = cost === 'net' ? sumExact(cell.lines.map(({ unblended }) => unblended)) : said
  const amounts = spread(before, parts, `${salt} ${cell.key}`)
  const add = (cause: Cause, part: Part | null, bill: Exact): void => {
    const isMetered = part?.owner !== null && part !== null
    variance.add({
      cell: line satisfies Cell,
      atMs: cell.fromMs,
      cause,
      billTokens: part?.tokens ?? 0n,
      meteredTokens: isMetered ? part.tokens : 0n,
      bill,
      metered: isMetered ? part.metered : NO_DOLLARS,
    })
  }
  for (const [index, part] of parts.entries()) {
    const bill = amounts[index] as Exact
    if (part.owner === null) add(part.cause ?? 'unmetered', part, bill)
    else if (!part.isPriced) add('price', part, bill)
    else if (part.cause !== null && part.cause !== 'late') add(part.cause, part, bill)
    else if (isOtherPrice(bill, part.metered)) add('price', part, bill)
    else if (part.cause === 'late') add('late', part, bill)
    else if (bill !== exactOfPicodollars(part.metered)) add('rounding', part, bill)
  }
  const discount = (said - before) as Exact
  if (discount !== NO_EXACT) add('discount', null, discount)
}
