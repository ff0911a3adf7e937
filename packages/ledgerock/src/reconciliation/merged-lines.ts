// Lines of a shared cost that differ in time alone are one charge of the whole stretch: an hour of provisioned throughput that is shared
// by fifty owners need not be fifty rows for every hour of the month.

import { addExact, type Exact } from './exact.ts'
import type { BilledLine } from './cell.ts'

/** In the order in which they first come. */
export function mergedLines(lines: readonly BilledLine[]): readonly BilledLine[] {
  const merged = new Map<string, BilledLine>()
  for (const line of lines) {
    const key = keyOf(line)
    const known = merged.get(key)
    merged.set(key, known === undefined ? line : together(known, line))
  }
  return [...merged.values()]
}

function keyOf(line: BilledLine): string {
  const { accountId, region, modelId, kind, scope, tier, sort, principal, thing } = line
  const cell = [accountId, region, modelId, kind, scope, tier, sort, principal, thing]
  const { usageType, resourceId, unmappedReason, invoiceId = '', payerId = '', tags } = line
  const words = Object.entries(tags).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return JSON.stringify([cell, usageType, resourceId, unmappedReason, invoiceId, payerId, words])
}

function together(left: BilledLine, right: BilledLine): BilledLine {
  return {
    ...left,
    fromMs: Math.min(left.fromMs, right.fromMs),
    toMs: Math.max(left.toMs, right.toMs),
    quantity: both(left.quantity, right.quantity),
    unblended: addExact(left.unblended, right.unblended),
    net: addExact(left.net, right.net),
    // Where one has no public price, its own cost stands for it, as in every sum of list prices.
    list:
      left.list === null && right.list === null
        ? null
        : addExact(left.list ?? left.unblended, right.list ?? right.unblended),
    rows: left.rows + right.rows,
  }
}

function both(left: Exact | null, right: Exact | null): Exact | null {
  return left === null || right === null ? null : addExact(left, right)
}
