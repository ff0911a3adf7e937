// The bill of a month: from calls to lines in AWS's columns, with the truth beside each line. The same calls, options and world
// give the same bill, to the byte.

import type { BilledCall } from './billed-call.ts'
import { usageLines, type BillLine } from './bill-line.ts'
import { BILL_DEFAULTS, billingPeriod, type BillOptions, type Period } from './bill-options.ts'
import type { BillRow } from './bill-row.ts'
import type { TruthRow } from './bill-truth.ts'
import { EMPTY_WORLD, type BillWorld } from './bill-world.ts'
import { discountLines, givenBack, standingLines, taxLines } from './other-lines.ts'
import { rowOfLine } from './row-of-line.ts'
import { truthOfLine } from './truth-of-line.ts'
import { usesOf } from './uses.ts'

export type BillAsk = {
  /** `YYYY-MM` */
  readonly period: string
  readonly calls: readonly BilledCall[]
  readonly world?: BillWorld
  readonly options?: Partial<BillOptions>
}

export type Bill = {
  readonly period: Period
  readonly rows: readonly BillRow[]
  /** As many as rows, in the same order. */
  readonly truth: readonly TruthRow[]
  readonly notes: {
    /** Calls of other months, which are on other bills. */
    readonly outside: number
    /** Calls that no price is known for, by id: they are on no bill. */
    readonly unpriced: readonly string[]
  }
}

export function writeBill({
  period: name,
  calls,
  world = EMPTY_WORLD,
  options = {},
}: BillAsk): Bill {
  const period = billingPeriod(name)
  const chosen: BillOptions = { ...BILL_DEFAULTS, ...options }
  const within = calls.filter(
    ({ billedAtMs }) => billedAtMs >= period.startMs && billedAtMs < period.endMs,
  )
  const { uses, unpriced } = usesOf(within, chosen)
  const used = [...usageLines(uses, period, world, chosen), ...standingLines(period, chosen)]
  const lines = [
    ...used,
    ...discountLines(used, period, chosen),
    ...taxLines(used, period, chosen),
    ...givenBack(period, chosen),
  ].toSorted(byTime)
  const context = { period, world, options: chosen }
  const rows = lines.map((line, place) => rowOfLine(line, place, context))
  const truth = lines.map((line, place) => {
    const row = rows[place]
    if (row === undefined) throw new Error(`line ${place} has no row`)
    return truthOfLine(line, row, place, world, chosen)
  })
  const outside = calls.length - within.length
  return { period, rows, truth, notes: { outside, unpriced: unpriced.map(({ id }) => id) } }
}

function byTime(left: BillLine, right: BillLine): number {
  return left.startMs - right.startMs || left.endMs - right.endMs
}
