// Usage and a price book to a cost: pure, exact, and never a guess. Each charge line is rounded once to a picodollar and the cost
// is their plain sum. A call with anything unknown in it has no cost but a reason, and the charges that could be named.

import {
  USAGE_KINDS,
  type Scope,
  type Tier,
  type UnpricedReason,
  type UsageKind,
} from '@ledgerock/contract'
import { assert } from '../kernel/assert.ts'
import { picodollars, type Picodollars } from '../kernel/money.ts'
import { amountOf } from './exact-rate.ts'
import { cellOf, type PriceBook } from './price-book.ts'
import type { Rate } from './rate.ts'
import { selectRate, variantKey, type RateQuery } from './rate-cell.ts'
import { contextTokens, type Usage } from './usage.ts'

export type PricedCall = {
  /** A base id or one of its aliases, as `resolveModel` gives it. */
  readonly modelId: string
  /** The source region. */
  readonly region: string
  readonly scope: Scope
  /** Null: the call ran in a tier this version does not know. */
  readonly tier: Tier | null
  /** When the call was made. */
  readonly atMs: number
  readonly usage: Usage
  /** Size and quality of an image, resolution of a video; null where the request did not say. */
  readonly variant?: string | null
  /** The account the call is billed to, for overrides of its own; null where it is not known. */
  readonly accountId?: string | null
}

export type Charge = {
  readonly kind: UsageKind
  readonly quantity: number
  /** USD for one unit, an exact decimal. */
  readonly rate: string
  readonly amount: Picodollars
  readonly rateId: string
  /** The rate with its source, to explain the charge. */
  readonly from: Rate
}

export type Cost =
  | {
      readonly kind: 'priced'
      readonly cost: Picodollars
      readonly charges: readonly Charge[]
      readonly bookVersion: string
    }
  | {
      readonly kind: 'unpriced'
      readonly reason: UnpricedReason
      /** What could be named; never the whole cost. */
      readonly charges: readonly Charge[]
      /** The used kinds that have no rate; empty where the model, place or tier is unknown. */
      readonly missing: readonly UsageKind[]
      readonly bookVersion: string
    }

const KIND_RANK: ReadonlyMap<string, number> = new Map(
  USAGE_KINDS.map((kind, index) => [kind, index]),
)

/**
 * Reasons in order of precedence: `unresolved_profile` (given before this is called), `unknown_model`, `unknown_region` (the
 * model is not sold in this region and scope), `unknown_tier`, `unknown_kind`, `historical_only`.
 */
export function costOfUsage(book: PriceBook, call: PricedCall): Cost {
  const model =
    book.models.get(call.modelId) ?? book.models.get(book.baseIds.get(call.modelId) ?? '')
  if (model === undefined) return unpriced(book, 'unknown_model')
  const cell = cellOf(model, call.region, call.scope, call.tier, call.accountId)
  if (cell.state !== 'priced') return unpriced(book, cell.state)

  const { usage, variant = null } = call
  const query: RateQuery = {
    atMs: call.atMs,
    contextTokens: contextTokens(usage),
    variant: variant === null ? null : variantKey(variant),
  }
  const charges: Charge[] = []
  let missing: UsageKind[] | null = null
  let reason: UnpricedReason = 'historical_only'
  let cost = 0n
  for (const name in usage) {
    const kind = name as UsageKind
    const quantity = usage[kind] ?? 0
    if (quantity === 0) continue
    assert(Number.isSafeInteger(quantity) && quantity > 0, 'usage is counted in whole numbers')
    const rate = selectRate(cell, kind, query)
    if (typeof rate === 'string') {
      missing = [...(missing ?? []), kind]
      if (reason === 'historical_only' || (rate !== 'historical_only' && rate !== 'unknown_kind')) {
        reason = rate
      }
      continue
    }
    const amount = amountOf(rate.price, quantity)
    cost += amount
    const { rateId, price } = rate
    insertInOrder(charges, { kind, quantity, rate: price.usdPerUnit, amount, rateId, from: rate })
  }
  if (missing !== null) return unpriced(book, reason, charges, missing.toSorted(byKind))
  return { kind: 'priced', cost: picodollars(cost), charges, bookVersion: book.version }
}

/** A call that cannot be priced at all, for instance because its model id does not resolve. */
export function unpriced(
  book: PriceBook,
  reason: UnpricedReason,
  charges: readonly Charge[] = [],
  missing: readonly UsageKind[] = [],
): Cost {
  return { kind: 'unpriced', reason, charges, missing, bookVersion: book.version }
}

/** Charges stand in the order of the kinds, whatever order the usage came in. */
function insertInOrder(charges: Charge[], charge: Charge): void {
  let index = charges.length
  while (index > 0 && byKind((charges[index - 1] as Charge).kind, charge.kind) > 0) index -= 1
  if (index === charges.length) charges.push(charge)
  else charges.splice(index, 0, charge)
}

function byKind(left: UsageKind, right: UsageKind): number {
  const ranks = rankOf(left) - rankOf(right)
  return ranks === 0 ? (left < right ? -1 : left > right ? 1 : 0) : ranks
}

function rankOf(kind: UsageKind): number {
  return KIND_RANK.get(kind) ?? USAGE_KINDS.length
}
