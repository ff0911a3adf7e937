// From the bill's picodollars down: use, pools and what nobody owns first; then owners by group, then each owner's rows. Pools are split
// afterwards by what use came to.

import { sumMoney, type Picodollars } from '../kernel/money.ts'
import type { ExactShare, Share } from './allocation.ts'
import { costOf, type BilledLine, type Cost } from './cell.ts'
import { NO_EXACT, type Exact } from './exact.ts'
import { evidenceOf, tellOwner, untoldReason, type EvidenceRules } from './evidence.ts'
import { NOBODY, ownerKey } from './owner.ts'
import { splitPool, type OwnUse, type Pool, type Split } from './pool.ts'
import { roundTree, type Leaf } from './round-tree.ts'

export type RoundedShare = Share & {
  readonly usd: Picodollars
  readonly list: Exact
  readonly metered: Picodollars
  readonly tokens: bigint
}

export type PoolResult = {
  readonly name: string
  readonly split: Split['kind']
  readonly usd: Picodollars
  /** What is given to nobody by its rule. */
  readonly apart: Picodollars
}

export type PoolSum = { readonly pool: Pool; readonly lines: BilledLine[]; usd: Exact }

export type GiveRules = {
  readonly period: string
  readonly cost: Cost
  readonly group: string
  readonly evidence: EvidenceRules
  readonly shared: ReadonlySet<string>
}

export type Given = {
  readonly shares: readonly RoundedShare[]
  readonly pools: readonly PoolResult[]
}

/** A row of use, or of a pool whose lines have owners of their own. */
type Row = Omit<ExactShare, 'usd'> & { readonly pool: string; readonly exact: Exact }

const NO_DOLLARS = 0n as Picodollars
const OF_A_POOL = {
  modelId: '',
  dayMs: null,
  list: NO_EXACT,
  metered: NO_DOLLARS,
  tokens: 0n,
} as const

export function give(
  bill: Picodollars,
  use: readonly ExactShare[],
  sums: readonly PoolSum[],
  rules: GiveRules,
): Given {
  const isByLine = ({ pool: { split } }: PoolSum): boolean =>
    split.kind === 'owner' && split.owner === null
  const whole = sums.filter((sum) => !isByLine(sum))
  const rows: readonly Row[] = [
    ...use.map(({ usd, ...row }) => ({ ...row, exact: usd, pool: '' })),
    ...sums.filter(isByLine).flatMap((sum) => rowsByLine(sum, rules)),
  ]
  const leaves: readonly Leaf[] = [
    ...rows.map((row) => ({ path: pathOf(row, rules.group), exact: row.exact })),
    ...whole.map(({ pool, usd }) => ({ path: ['pool', pool.key, '', '', '', ''], exact: usd })),
  ]
  const amounts = roundTree(bill, leaves, rules.period)
  const own = rows.map((row, index) => ({ ...row, usd: amounts[index] as Picodollars }))
  const used = ownUse(own)
  const shares: RoundedShare[] = own.map(({ pool: _pool, exact: _exact, ...row }) => row)
  const pools: PoolResult[] = sums.filter(isByLine).map(({ pool }) => {
    const mine = own.filter((row) => row.pool === pool.key)
    const usd = sumMoney(mine.map((row) => row.usd))
    return { name: pool.name, split: pool.split.kind, usd, apart: NO_DOLLARS }
  })
  for (const [index, { pool }] of whole.entries()) {
    const usd = amounts[rows.length + index] as Picodollars
    const split = splitPool(usd, pool, used, rules.group, rules.period)
    const reason = pool.name
    for (const { owner, usd: part } of split.shares) {
      shares.push({ ...OF_A_POOL, owner, basis: 'shared', reason, usd: part })
    }
    if (split.unattributed !== 0n) {
      const basis = 'unattributed'
      shares.push({ ...OF_A_POOL, owner: NOBODY, basis, reason, usd: split.unattributed })
    }
    pools.push({ name: pool.name, split: pool.split.kind, usd, apart: split.apart })
  }
  return { shares, pools }
}

function pathOf({ basis, reason, owner, pool, modelId, dayMs }: Row, group: string): Leaf['path'] {
  const from = `${basis} ${reason}`
  const rest = [ownerKey(owner), from, modelId, String(dayMs)]
  if (pool !== '') return ['pool', pool, ...rest]
  if (basis === 'unattributed') return ['unattributed', '', ...rest]
  return ['use', owner[group] ?? '', ...rest]
}

/** Of a pool whose split is `owner` without a name: what each line's tags, principal or account say. */
function rowsByLine({ pool, lines }: PoolSum, rules: GiveRules): readonly Row[] {
  const rows = new Map<string, { -readonly [Field in keyof Row]: Row[Field] }>()
  for (const line of lines) {
    const evidence = evidenceOf(line, rules.evidence)
    const { owner, rule } = tellOwner(evidence, null)
    const why = untoldReason(line, evidence, rules.evidence, rules.shared)
    const row: Row = {
      ...OF_A_POOL,
      owner,
      basis: rule === null ? 'unattributed' : 'shared',
      reason: rule === null ? why : pool.name,
      pool: pool.key,
      exact: costOf(line, rules.cost),
    }
    const key = `${row.reason} ${ownerKey(owner)}`
    const known = rows.get(key)
    if (known === undefined) rows.set(key, row)
    else known.exact = (known.exact + row.exact) as Exact
  }
  return [...rows.values()]
}

/** Each owner's own use, without what pools gave. */
function ownUse(rows: readonly (Row & { readonly usd: Picodollars })[]): readonly OwnUse[] {
  const used = new Map<string, { readonly owner: Row['owner']; usd: Picodollars }>()
  for (const { owner, basis, pool, usd } of rows) {
    if (basis === 'unattributed' || pool !== '') continue
    const key = ownerKey(owner)
    const known = used.get(key) ?? { owner, usd: NO_DOLLARS }
    used.set(key, known)
    known.usd = (known.usd + usd) as Picodollars
  }
  return [...used].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, each]) => each)
}
