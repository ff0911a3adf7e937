// The truth beside a line: its dollars by true owner, to the digit the bill prints, and what tells each of them. What rounding
// to a double leaves over goes to the last part, so that the parts of a line are the line.

import type { BillLine, LinePart } from './bill-line.ts'
import type { BillRow } from './bill-row.ts'
import type { BillOptions } from './bill-options.ts'
import type { Cause, Thing, TruthPart, TruthRow } from './bill-truth.ts'
import { setTags, shownTags, type BillWorld } from './bill-world.ts'
import { identityOf } from './bill-line.ts'
import { decimalText } from './exact.ts'
import { judge } from './evidence.ts'
import { netOf } from './other-lines.ts'

/** Fine enough for every digit a double's text can have in a bill. */
const FINE_DECIMALS = 40

export function truthOfLine(
  line: BillLine,
  row: BillRow,
  place: number,
  world: BillWorld,
  options: BillOptions,
): TruthRow {
  const usd = spread(line, row.line_item_unblended_cost, line.amount)
  const net = spread(line, row.line_item_net_unblended_cost, netOf(line, options))
  const parts = line.parts.map((part, index) =>
    partOf(line, part, usd[index] ?? '0', net[index] ?? '0', world),
  )
  return {
    line: place,
    lineItemId: row.identity_line_item_id,
    thing: line.thing,
    modelId: line.modelId,
    kind: line.kind,
    usd: row.line_item_unblended_cost,
    netUsd: row.line_item_net_unblended_cost,
    determinable: parts.every(({ determinable }) => determinable),
    parts,
    causes: causesOf(line, world, options),
  }
}

function partOf(
  line: BillLine,
  part: LinePart,
  usd: string,
  netUsd: string,
  world: BillWorld,
): TruthPart {
  const { owner, quantity, isMetered } = part
  if (!isOwned(line.thing)) {
    return {
      owner,
      quantity,
      usd,
      netUsd,
      isMetered,
      determinable: true,
      rule: 'pool',
      reason: null,
      evidence: [],
    }
  }
  const { rule, reason, evidence } = judge(line, part, world)
  const determinable = rule !== null
  return { owner, quantity, usd, netUsd, isMetered, determinable, rule, reason, evidence }
}

/** Whoever used it pays; all else is shared out by a pool's rule. */
function isOwned(thing: Thing): boolean {
  return thing === 'usage'
}

function causesOf(line: BillLine, world: BillWorld, options: BillOptions): readonly Cause[] {
  const causes = new Set(line.causes)
  if (netOf(line, options) !== line.amount) causes.add('discount')
  if (line.principal !== '') {
    const identity = identityOf(line.principal)
    const shown = JSON.stringify(shownTags(world, identity, line.startMs))
    if (shown !== JSON.stringify(setTags(world, identity, line.startMs))) causes.add('tag_lag')
  }
  return [...causes].toSorted()
}

/** What the bill prints, in proportion to the parts' exact dollars; the last one takes what is left. */
function spread({ parts }: BillLine, billed: string, exact: bigint): readonly string[] {
  const total = fineOf(billed)
  const sum = parts.reduce((all, { amount }) => all + amount, 0n)
  let left = total
  return parts.map(({ amount }, index) => {
    const isLast = index === parts.length - 1
    const own = isLast ? left : scaled(amount, exact, sum)
    left -= own
    return decimalText(own, FINE_DECIMALS)
  })
}

/** The part's own dollars, less its share of a discount: exact unless it ends below an attodollar. */
function scaled(amount: bigint, whole: bigint, sum: bigint): bigint {
  if (sum === 0n) return 0n
  return ((amount * whole) / sum) * 10n ** BigInt(FINE_DECIMALS - 18)
}

function fineOf(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  const [, sign = '', whole = '', decimals = ''] = match ?? []
  if (match === null || decimals.length > FINE_DECIMALS) throw new Error(`no amount: ${text}`)
  const value = BigInt(whole + decimals.padEnd(FINE_DECIMALS, '0'))
  return sign === '-' ? -value : value
}
