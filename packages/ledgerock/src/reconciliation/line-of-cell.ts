// From a cell of the bill as the ledger gives it to a line to be reconciled: texts become numbers, empty texts nothing said.

import { SCOPES, TIERS } from '@ledgerock/contract'
import type { BillThing } from '../billing/bill-word.ts'
import type { TextPool } from '../kernel/text-pool.ts'
import type { BillCellRow } from '../ledger/bill.ts'
import type { BilledLine } from './cell.ts'
import { exactOf, NO_EXACT, type Exact } from './exact.ts'

const AS_WRITTEN: TextPool = { text: (said) => said, words: (said) => said }

/** Texts are those of the pool, if there is one: a month says the same few in every line. */
export function lineOfCell(row: BillCellRow, { text, words } = AS_WRITTEN): BilledLine {
  const unblended = exactOf(row.unblended_usd)
  const sameOr = (amount: string): Exact =>
    amount === row.unblended_usd ? unblended : exactOf(amount)
  const list = sameOr(row.list_usd)
  return {
    accountId: text(row.account_id),
    region: text(row.region),
    modelId: text(row.model_id),
    kind: text(row.kind),
    scope: SCOPES.find((scope) => scope === row.scope) ?? null,
    tier: TIERS.find((tier) => tier === row.tier) ?? null,
    sort: sortOf(row.long_context, row.variant),
    principal: text(row.principal),
    // Written by the import from the same closed list.
    thing: row.thing as BillThing,
    usageType: text(row.usage_type),
    resourceId: text(row.resource_id),
    tags: words(row.tags),
    fromMs: Date.parse(row.from),
    toMs: Date.parse(row.to),
    unmappedReason: text(row.unmapped_reason),
    quantity: row.quantity === '' ? null : exactOf(row.quantity),
    unblended,
    net: sameOr(row.net_usd),
    // What AWS gives no public price for has none, and is not free.
    list: list === NO_EXACT ? null : list,
    rows: row.rows,
    invoiceId: text(row.invoice_id),
    payerId: row.payer_account,
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
