// From a cell of the bill as the ledger gives it to a line to be reconciled: texts become numbers, empty texts nothing said.

import { SCOPES, TIERS } from '@ledgerock/contract'
import type { BillThing } from '../billing/bill-word.ts'
import type { BillCellRow } from '../ledger/bill.ts'
import type { BilledLine } from './cell.ts'
import { exactOf, NO_EXACT } from './exact.ts'

/** `sort` as of `sortOf`; empty where the cells are not told apart by it. */
export function lineOfCell(row: BillCellRow, sort: string): BilledLine {
  const [unblended, list] = [exactOf(row.unblended_usd), exactOf(row.list_usd)]
  return {
    accountId: row.account_id,
    region: row.region,
    modelId: row.model_id,
    kind: row.kind,
    scope: SCOPES.find((scope) => scope === row.scope) ?? null,
    tier: TIERS.find((tier) => tier === row.tier) ?? null,
    sort,
    principal: row.principal,
    // Written by the import from the same closed list.
    thing: row.thing as BillThing,
    usageType: row.usage_type,
    resourceId: row.resource_id,
    tags: row.tags,
    fromMs: Date.parse(row.from),
    toMs: Date.parse(row.to),
    unmappedReason: row.unmapped_reason,
    quantity: row.quantity === '' ? null : exactOf(row.quantity),
    unblended,
    net: exactOf(row.net_usd),
    // What AWS gives no public price for has none, and is not free.
    list: list === NO_EXACT ? null : list,
    rows: row.rows,
  }
}

/** One text for what has a price of its own within a kind, on either side. */
export function sortOf(isLongContext: boolean, variant: string): string {
  if (isLongContext) return 'long_context'
  return variant
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim()
}
