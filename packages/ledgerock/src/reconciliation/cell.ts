// What is laid side by side: a stretch of the bill, and what the ledger metered in an hour. Both have a cell: account, region, model,
// kind, scope, tier, sort and billed principal, in which one price holds, so that tokens are the weight. `null` is a side that does
// not say; the empty principal is a principal of its own.

import type { Scope, Tier } from '@ledgerock/contract'
import type { BillThing } from '../billing/bill-word.ts'
import type { Picodollars } from '../kernel/money.ts'
import type { Exact } from './exact.ts'
import type { Owner } from './owner.ts'

export type Cell = {
  /** Null: a call whose account the ledger does not know. */
  readonly accountId: string | null
  readonly region: string
  readonly modelId: string
  /** A usage kind of the contract, as the bill says it. */
  readonly kind: string
  readonly scope: Scope | null
  readonly tier: Tier | null
  /** What sells at a price of its own within a kind: `long_context`, a picture's size; empty for most. */
  readonly sort: string
  /** ARN; empty where the line names nobody. */
  readonly principal: string
}

export type BilledLine = Cell & {
  readonly thing: BillThing
  readonly usageType: string
  readonly resourceId: string
  /** Under keys with their source: `iamPrincipal/team`, `resourceTags/…`, `accountTag/…`, `costCategory/…`. */
  readonly tags: Readonly<Record<string, string>>
  readonly fromMs: number
  readonly toMs: number
  /** Empty: mapped. */
  readonly unmappedReason: string
  /** In the kind's own unit; null where it is not known or nothing is counted. */
  readonly quantity: Exact | null
  readonly unblended: Exact
  readonly net: Exact
  /** Null where AWS prints no public price: then the unblended cost is the list's. */
  readonly list: Exact | null
  /** Lines of the bill in this one. */
  readonly rows: number
  /** Missing or empty: not invoiced yet. */
  readonly invoiceId?: string
  /** The account that pays; missing or empty: the bill does not say. */
  readonly payerId?: string
}

export type MeteredUse = Cell & {
  readonly hourMs: number
  readonly owner: Owner
  readonly tokens: bigint
  /** Of the tokens: those the ledger had to estimate. */
  readonly estimatedTokens: bigint
  /** Null: a call without a price. */
  readonly usd: Picodollars | null
}

export const COSTS = ['net', 'unblended', 'list'] as const
export type Cost = (typeof COSTS)[number]

export function costOf(line: BilledLine, cost: Cost): Exact {
  switch (cost) {
    case 'net':
      return line.net
    case 'unblended':
      return line.unblended
    case 'list':
      return line.list ?? line.unblended
  }
}

/** In a region and by a geography's profile a model is billed at one price and mostly in the same words. */
export function billedScope(scope: Scope | null): string {
  if (scope === null) return ''
  return scope === 'global' ? 'global' : 'regional'
}

const TOKEN_KINDS: ReadonlySet<string> = new Set([
  'input',
  'output',
  'cache_read',
  'cache_write',
  'cache_write_5m',
  'cache_write_30m',
  'cache_write_1h',
])

export function isTokens(kind: string): boolean {
  return TOKEN_KINDS.has(kind)
}
