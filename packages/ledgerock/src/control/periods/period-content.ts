// A closed period as the text that is kept and hashed: one canonical JSON value a line, the period first, then its shares, pools and
// adjustments. Amounts are decimal text, so anybody can check it with nothing but this text. A month may have hundreds of thousands of
// shares, and this process also answers for budgets: it is written and read in pieces, between which others have their turn.

import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { Fault } from '../../kernel/fault.ts'
import { formatUsd, parseUsd, type Picodollars } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { exactOf, formatExact } from '../../reconciliation/exact.ts'
import type { PoolResult, RoundedShare } from '../../reconciliation/give.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import type { PoolRule, Split } from '../../reconciliation/pool.ts'
import type { Adjustment, FrozenPeriod } from './periods.ts'
import { canonicalJson, type Json } from '../store/canonical-json.ts'

const FORMAT = 1
const LINES_PER_TURN = 2_000

export type PeriodContent = Omit<FrozenPeriod, 'sha256'>

export type WrittenPeriod = { readonly text: Buffer; readonly sha256: string }

export async function writePeriod(content: PeriodContent): Promise<WrittenPeriod> {
  const lines = [
    [headOf(content)],
    content.shares.map(writtenShare),
    content.pools.map(writtenPool),
    content.adjustments.map(writtenAdjustment),
  ]
  const hash = createHash('sha256')
  const pieces: Buffer[] = []
  for (const some of lines) {
    for (let from = 0; from < some.length; from += LINES_PER_TURN) {
      const piece = some.slice(from, from + LINES_PER_TURN)
      const bytes = Buffer.from(piece.map((line) => `${canonicalJson(line)}\n`).join(''))
      hash.update(bytes)
      pieces.push(bytes)
      await setImmediate()
    }
  }
  return { text: Buffer.concat(pieces), sha256: hash.digest('hex') }
}

/** @throws Fault `period_damaged`: this is not the text that was frozen */
export async function readPeriod(text: string, sha256: string): Promise<FrozenPeriod> {
  if (createHash('sha256').update(text).digest('hex') !== sha256) {
    const detail = `what was kept of a closed period is not what was frozen (sha256 ${sha256})`
    throw new Fault('period_damaged', `${detail}; restore the control store from a backup`)
  }
  const shares: RoundedShare[] = []
  const pools: PoolResult[] = []
  const adjustments: Adjustment[] = []
  let head: Head | null = null
  let count = 0
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const line = JSON.parse(text.slice(from, end)) as Line
    from = end + 1
    if (line.kind === 'period') head = line
    else if (line.kind === 'share') shares.push(readShare(line))
    else if (line.kind === 'pool') pools.push(readPool(line))
    else adjustments.push(readAdjustment(line))
    count += 1
    if (count % LINES_PER_TURN === 0) await setImmediate()
  }
  if (head === null) throw new Fault('period_damaged', 'a closed period without its first line')
  return { ...readHead(head), sha256, shares, pools, adjustments }
}

type Head = ReturnType<typeof headOf>
type Line =
  | Head
  | ReturnType<typeof writtenShare>
  | ReturnType<typeof writtenPool>
  | ReturnType<typeof writtenAdjustment>

function headOf(content: PeriodContent) {
  return {
    kind: 'period',
    format: FORMAT,
    period: content.period,
    number: content.number,
    cost: content.cost,
    bill_usd: formatUsd(content.bill),
    pool_rules: content.poolRules.map(writtenRule),
    default_split: writtenSplit(content.defaultSplit),
    // These are plain data, which their types do not say.
    versions: content.versions as unknown as Json,
    invoices: content.invoices as unknown as Json,
    left_aside: content.leftAside as unknown as Json,
    exchange: content.exchange as unknown as Json,
    inputs_sha256: content.inputsHash,
    rows: content.rows,
    metered_usd: formatUsd(content.metered),
    bill_tokens: content.billTokens.toString(),
    metered_tokens: content.meteredTokens.toString(),
    closed_at: content.closedAt,
    closed_by: content.closedBy,
    prices_as_of: content.pricesAsOf,
  } as const
}

function readHead(head: Head): Omit<FrozenPeriod, 'sha256' | 'shares' | 'pools' | 'adjustments'> {
  return {
    period: head.period,
    number: head.number,
    cost: head.cost,
    bill: money(head.bill_usd),
    poolRules: head.pool_rules.map(readRule),
    defaultSplit: readSplit(head.default_split),
    versions: head.versions as unknown as FrozenPeriod['versions'],
    invoices: head.invoices as unknown as FrozenPeriod['invoices'],
    leftAside: head.left_aside as unknown as FrozenPeriod['leftAside'],
    exchange: head.exchange as unknown as FrozenPeriod['exchange'],
    inputsHash: head.inputs_sha256,
    rows: head.rows,
    metered: money(head.metered_usd),
    billTokens: BigInt(head.bill_tokens),
    meteredTokens: BigInt(head.metered_tokens),
    closedAt: head.closed_at,
    closedBy: head.closed_by,
    pricesAsOf: head.prices_as_of,
  }
}

const money = (text: string): Picodollars => mustOk(parseUsd(text))

function writtenShare(share: RoundedShare) {
  return {
    kind: 'share',
    owner: share.owner,
    basis: share.basis,
    reason: share.reason,
    model_id: share.modelId,
    day_ms: share.dayMs,
    usd: formatUsd(share.usd),
    list_usd: formatExact(share.list),
    metered_usd: formatUsd(share.metered),
    tokens: share.tokens.toString(),
  } as const
}

function readShare(line: ReturnType<typeof writtenShare>): RoundedShare {
  return {
    owner: line.owner,
    basis: line.basis,
    reason: line.reason,
    modelId: line.model_id,
    dayMs: line.day_ms,
    usd: money(line.usd),
    list: exactOf(line.list_usd),
    metered: money(line.metered_usd),
    tokens: BigInt(line.tokens),
  }
}

function writtenPool({ name, split, usd, apart }: PoolResult) {
  return { kind: 'pool', name, split, usd: formatUsd(usd), apart_usd: formatUsd(apart) } as const
}

function readPool({ name, split, usd, apart_usd }: ReturnType<typeof writtenPool>): PoolResult {
  return { name, split, usd: money(usd), apart: money(apart_usd) }
}

function writtenAdjustment(one: Adjustment) {
  return {
    kind: 'adjustment',
    adjustment_id: one.adjustmentId,
    charge_period: one.chargePeriod,
    posted_in: one.postedIn,
    owner: one.owner,
    model_id: one.modelId,
    basis: one.basis,
    pool: one.pool,
    usd: formatUsd(one.usd),
    reason: one.reason,
    at: one.at,
  } as const
}

function readAdjustment(line: ReturnType<typeof writtenAdjustment>): Adjustment {
  return {
    adjustmentId: line.adjustment_id,
    chargePeriod: line.charge_period,
    postedIn: line.posted_in,
    owner: line.owner,
    modelId: line.model_id,
    basis: line.basis,
    pool: line.pool,
    usd: money(line.usd),
    reason: line.reason,
    at: line.at,
  }
}

function writtenRule({ name, match, split, fromMs, toMs }: PoolRule) {
  return { name, match, split: writtenSplit(split), from_ms: fromMs, to_ms: toMs } as const
}

function readRule({
  name,
  match,
  split,
  from_ms,
  to_ms,
}: ReturnType<typeof writtenRule>): PoolRule {
  return { name, match, split: readSplit(split), fromMs: from_ms, toMs: to_ms }
}

type WrittenSplit =
  | Exclude<Split, { readonly kind: 'fixed' }>
  | {
      readonly kind: 'fixed'
      readonly shares: readonly { readonly owner: Owner; readonly weight: string }[]
    }

function writtenSplit(split: Split): WrittenSplit {
  if (split.kind !== 'fixed') return split
  const shares = split.shares.map(({ owner, weight }) => ({ owner, weight: weight.toString() }))
  return { kind: 'fixed', shares }
}

function readSplit(split: WrittenSplit): Split {
  if (split.kind !== 'fixed') return split
  const shares = split.shares.map(({ owner, weight }) => ({ owner, weight: BigInt(weight) }))
  return { kind: 'fixed', shares }
}
