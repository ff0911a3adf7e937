// Which part of each line of the bill is whose, in picodollars. A reconciliation tells owners their shares of a day; here the same month
// is shared out again, line by line, so that the parts of the lines add up to those very shares and, all together, to the bill.

import { apportion } from '../kernel/apportion.ts'
import { assert } from '../kernel/assert.ts'
import { sumMoney, type Picodollars } from '../kernel/money.ts'
import { MS_PER_DAY } from '../kernel/time.ts'
import type { Basis, Share } from './allocation.ts'
import { costOf, type BilledLine } from './cell.ts'
import { evidenceOf, tellOwner, untoldReason } from './evidence.ts'
import { NO_EXACT, type Exact } from './exact.ts'
import { findingBook, sharedRoles } from './finding.ts'
import type { PoolSum } from './give.ts'
import { mergedLines } from './merged-lines.ts'
import { NOBODY, ownerKey, type Owner } from './owner.ts'
import { poolOf, splitPool, type OwnUse } from './pool.ts'
import { isComparable, shareLines, type Reconciliation, type ReconcileAsk } from './reconcile.ts'
import { roundToSum } from './round-tree.ts'
import type { ShareContext } from './share-use.ts'
import { varianceBook } from './variance.ts'

/** Why a line is more than one owner's. */
export type SplitMethod = 'metered_tokens' | 'proportional' | 'even' | 'fixed'

export type LinePart = {
  readonly owner: Owner
  /** `apart`: kept by a pool, as a cost of its own. */
  readonly basis: Basis | 'apart'
  readonly reason: string
  readonly usd: Picodollars
  readonly metered: Picodollars
  /** Of all parts of the line: quantities go by it. */
  readonly weight: bigint
}

export type DividedLine = {
  readonly line: BilledLine
  readonly parts: readonly LinePart[]
  /** Null: all of it is one owner's, or nobody's. */
  readonly method: SplitMethod | null
}

type OpenPart = {
  readonly share: Omit<Share, 'dayMs'>
  exact: Exact
  metered: Picodollars
  weight: bigint
  usd: Picodollars
}

const NONE = 0n as Picodollars

/** `reconciled` must be what `reconcile(ask)` gives. */
export function lineParts(ask: ReconcileAsk, reconciled: Reconciliation): readonly DividedLine[] {
  const { period, cost, evidence, lines } = ask
  const roles = sharedRoles(ask.metered.filter(isComparable), evidence, ask.group)
  const shared = new Set(roles.keys())
  const divided = new Map<BilledLine, OpenPart[]>()
  const pools = new Map<string, PoolSum>()
  const context: ShareContext = {
    cost,
    rules: evidence,
    shared,
    poolOf: poolOf(ask.pools, ask.defaultSplit),
    addToPool(pool, line) {
      const sum = pools.get(pool.key) ?? { pool, lines: [], usd: NO_EXACT }
      pools.set(pool.key, sum)
      sum.lines.push(line)
    },
    shares: {
      add: ({ owner, basis, reason, modelId, usd, metered }, { line, weight }) => {
        const share = { owner, basis, reason, modelId }
        addPart(divided, line, { share, exact: usd, metered, weight, usd: NONE })
      },
      rows: () => [],
    },
    variance: varianceBook(),
    findings: findingBook(roles),
    salt: period,
  }
  shareLines(lines, ask.metered.filter(isComparable), context)

  const open = openShares(reconciled)
  roundParts(divided, open, period, ({ fromMs }) => Math.floor(fromMs / MS_PER_DAY) * MS_PER_DAY)
  const isByLine = ({ pool: { split } }: PoolSum): boolean =>
    split.kind === 'owner' && split.owner === null
  const sums = [...pools.values()]
  const results = reconciled.pools.slice(sums.filter(isByLine).length)
  for (const sum of sums.filter(isByLine)) {
    const own = new Map<BilledLine, OpenPart[]>()
    for (const line of mergedLines(sum.lines)) {
      const said = evidenceOf(line, evidence)
      const { owner, rule } = tellOwner(said, null)
      const basis = rule === null ? 'unattributed' : 'shared'
      const reason = rule === null ? untoldReason(line, said, evidence, shared) : sum.pool.name
      const share = { owner, basis, reason, modelId: '' } as const
      const exact = costOf(line, cost)
      addPart(own, line, { share, exact, metered: NONE, weight: 1n, usd: NONE })
    }
    roundParts(own, open, period, () => null)
    for (const [line, parts] of own) divided.set(line, parts)
  }
  const all = [...divided].map(closed)
  const used = usedBy(reconciled)
  for (const [index, sum] of sums.filter((each) => !isByLine(each)).entries()) {
    const usd = results[index]?.usd
    assert(usd !== undefined, 'each pool has its result')
    for (const line of dividedPool(sum, usd, used, ask)) all.push(line)
  }
  const total = sumMoney(all.flatMap(({ parts }) => parts.map((part) => part.usd)))
  assert(total === reconciled.bill, 'the parts of the lines are the bill')
  return all
}

function closed([line, parts]: readonly [BilledLine, readonly OpenPart[]]): DividedLine {
  return {
    line,
    method: parts.length > 1 ? 'metered_tokens' : null,
    parts: parts.map(({ share: { owner, basis, reason }, usd, metered, weight }) => ({
      owner,
      basis,
      reason,
      usd,
      metered,
      weight,
    })),
  }
}

/** Parts of one line that are alike in everything are one. */
function addPart(divided: Map<BilledLine, OpenPart[]>, line: BilledLine, part: OpenPart): void {
  const parts = divided.get(line) ?? []
  divided.set(line, parts)
  const key = ownerKey(part.share.owner)
  const known = parts.find(
    ({ share }) =>
      share.basis === part.share.basis &&
      share.reason === part.share.reason &&
      ownerKey(share.owner) === key,
  )
  if (known === undefined) {
    parts.push(part)
    return
  }
  known.exact = (known.exact + part.exact) as Exact
  known.metered = (known.metered + part.metered) as Picodollars
  known.weight += part.weight
}

/** Picodollars of each share, in the order in which they are found; pools of one name may have several that are alike. */
type OpenShares = Map<string, Picodollars[]>

function openShares({ shares }: Reconciliation): OpenShares {
  const open: OpenShares = new Map()
  for (const share of shares) {
    const key = shareKey(share, share.dayMs)
    const amounts = open.get(key) ?? []
    open.set(key, amounts)
    amounts.push(share.usd)
  }
  return open
}

function shareKey(
  { basis, reason, modelId, owner }: Omit<Share, 'dayMs'>,
  dayMs: number | null,
): string {
  return `${basis}\n${reason}\n${modelId}\n${String(dayMs)}\n${ownerKey(owner)}`
}

/** Each share's picodollars to the parts it is made of. */
function roundParts(
  divided: ReadonlyMap<BilledLine, readonly OpenPart[]>,
  open: OpenShares,
  period: string,
  dayOf: (line: BilledLine) => number | null,
): void {
  const groups = new Map<string, OpenPart[]>()
  for (const [line, parts] of divided) {
    for (const part of parts) {
      const key = shareKey(part.share, dayOf(line))
      const group = groups.get(key) ?? []
      groups.set(key, group)
      group.push(part)
    }
  }
  for (const [key, parts] of groups) {
    const total = open.get(key)?.shift()
    assert(total !== undefined, 'parts belong to a share')
    const exacts = parts.map(({ exact }, index) => ({ key: String(index), exact }))
    const amounts = roundToSum(total, exacts, `${period} ${key}`)
    for (const [index, part] of parts.entries()) part.usd = amounts[index] as Picodollars
  }
}

/** What each owner's own use came to, as pools are divided by it. */
function usedBy({ shares }: Reconciliation): readonly OwnUse[] {
  const used = new Map<string, { readonly owner: Owner; usd: Picodollars }>()
  for (const { owner, basis, dayMs, usd } of shares) {
    if (basis === 'unattributed' || dayMs === null) continue
    const key = ownerKey(owner)
    const known = used.get(key) ?? { owner, usd: NONE }
    used.set(key, known)
    known.usd = (known.usd + usd) as Picodollars
  }
  return [...used].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, each]) => each)
}

type PoolPart = Omit<LinePart, 'usd' | 'metered'>

/** Lines downwards, owners across: the lines add up to the pool, and each owner's parts to what the pool gave it. */
function dividedPool(
  { pool, lines }: PoolSum,
  usd: Picodollars,
  used: readonly OwnUse[],
  { group, period, cost }: ReconcileAsk,
): readonly DividedLine[] {
  const split = splitPool(usd, pool, used, group, period)
  const reason = pool.name
  const given: readonly (PoolPart & { readonly usd: Picodollars })[] = [
    ...split.shares.map((share) => ({ ...share, basis: 'shared' as const })),
    { owner: NOBODY, basis: 'apart' as const, usd: split.apart },
    { owner: NOBODY, basis: 'unattributed' as const, usd: split.unattributed },
  ]
    .filter((part) => part.usd !== 0n)
    .map((part) => ({ ...part, reason, weight: part.usd < 0n ? 0n - part.usd : part.usd }))
  // Lines that cancel each other: nobody has a part of nothing.
  const parts: readonly PoolPart[] =
    given.length > 0 ? given : [{ owner: NOBODY, basis: 'unattributed', reason, weight: 1n }]
  const merged = mergedLines(lines)
  const exacts = merged.map((line, index) => ({ key: String(index), exact: costOf(line, cost) }))
  const amounts = roundToSum(usd, exacts, `${period} ${pool.key}`)
  const weights = parts.map(({ weight }, index) => ({ key: String(index), weight }))
  const method = parts.length > 1 ? methodOf(pool.split.kind) : null
  let sum = 0n
  let before: readonly bigint[] = parts.map(() => 0n)
  return merged.map((line, index) => {
    // Dividing running sums, and taking the differences, keeps both totals exact.
    sum += amounts[index] as bigint
    const after = apportion(sum, weights, `${period} ${pool.key}`)
    assert(after, 'parts have weights')
    const own = parts.map((part, place): LinePart => {
      const amount = ((after[place] as bigint) - (before[place] as bigint)) as Picodollars
      return { ...part, usd: amount, metered: NONE }
    })
    before = after
    return { line, parts: own, method }
  })
}

function methodOf(kind: string): SplitMethod {
  return kind === 'even' || kind === 'fixed' ? kind : 'proportional'
}
