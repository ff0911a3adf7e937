// What a call in the books costs by another price book. The question is the one that was asked when the call was settled, put
// together again from what the books keep of it; where they do not keep enough to ask it, the call stays as it is.

import type { UsageKind } from '@ledgerock/contract'
import { costOfUsage, type Cost } from '../cost-of-usage.ts'
import { findRate } from '../find-rate.ts'
import { resolveModel } from '../model-catalog.ts'
import type { PriceBook } from '../price-book.ts'
import type { Rate } from '../rate.ts'
import { bordersWithin, contextBorders, timeBorders } from './borders.ts'
import type { CallIdentity, RepriceAnswer, RepriceFacts, Repricer } from '../reprice-facts.ts'

export type FormerRate = (rateId: string) => Pick<Rate, 'variant'> | null

/** Kinds of which size or quality may have been asked for. */
const WITH_VARIANT: readonly UsageKind[] = ['images', 'image_input', 'video_seconds']

/** No price names it, so only prices for every variant fit. */
const NOT_RECORDED = 'variant the books do not name'

/**
 * `formerRate` finds rates that the book no longer has. Without it a call that was charged by one of them, and that may have been
 * sold in several variants, stays as it is.
 */
export function repricerOf(book: PriceBook, formerRate: FormerRate = () => null): Repricer {
  const times = timeBorders(book)
  return {
    bookVersion: book.version,
    contextBorders: contextBorders(book),
    timeBorders: (fromMs, toMs) => bordersWithin(times, fromMs, toMs),
    reprice: (facts) => reprice(book, formerRate, facts),
  }
}

function reprice(book: PriceBook, formerRate: FormerRate, facts: RepriceFacts): RepriceAnswer {
  // The same prices were asked already, and knew more of the call than the books do.
  if (facts.bookVersion === book.version || isBeyondPrices(facts)) return KEPT
  const identity = identityOf(book, facts)
  const variant = variantOf(book, formerRate, facts)
  const cost = costOf(book, facts, identity, variant)
  if (variant === NOT_RECORDED && cost.kind === 'unpriced' && facts.unpricedReason === null) {
    return { kind: 'kept', reason: 'variant_not_recorded' }
  }
  const rates = cost.charges.map(({ kind, rateId, rate, from }) => ({
    kind,
    rateId,
    rateUsd: rate,
    picodollars: from.price.picodollars,
    units: from.price.units,
  }))
  const unpricedReason = cost.kind === 'unpriced' ? cost.reason : null
  // The same price from another layer changes nothing: the old rate explains the cost as well.
  const isSame =
    unpricedReason === facts.unpricedReason &&
    identity.modelId === facts.modelId &&
    identity.scope === facts.scope &&
    identity.inferenceProfile === facts.inferenceProfile &&
    rates.length === facts.rates.length &&
    rates.every(
      ({ kind, rateUsd }, index) =>
        kind === facts.rates[index]?.kind && rateUsd === facts.rates[index].rateUsd,
    )
  if (isSame) return KEPT
  const { modelId, scope, inferenceProfile } = identity
  return { kind: 'repriced', modelId, scope, inferenceProfile, unpricedReason, rates }
}

const KEPT: RepriceAnswer = { kind: 'kept', reason: 'same' }

/** What was used is not known, or nothing was: no price changes that. */
function isBeyondPrices({ usage, unpricedReason }: RepriceFacts): boolean {
  const counts = Object.values(usage)
  if (counts.length === 0) return unpricedReason === null || unpricedReason === 'unknown_kind'
  return counts.some((count) => !Number.isSafeInteger(count) || Number(count) < 0)
}

type Identity = CallIdentity & { readonly reason: 'unknown_model' | 'unresolved_profile' | null }

/** As the books have it where they know the model: what was called may have been a fallback, or what is behind a profile. */
function identityOf(book: PriceBook, facts: RepriceFacts): Identity {
  const { modelId, scope, inferenceProfile } = facts
  if (modelId !== null && scope !== null && facts.unpricedReason !== 'unknown_model') {
    return { modelId, scope, inferenceProfile, reason: null }
  }
  const written = modelId === null || scope === null ? facts.modelRequested : modelId
  const found = resolveModel(book, written)
  if (found.kind === 'unresolved') {
    return { modelId, scope, inferenceProfile, reason: found.reason }
  }
  return {
    modelId: found.modelId,
    scope: scope ?? found.scope,
    inferenceProfile: inferenceProfile ?? found.inferenceProfile,
    reason: null,
  }
}

function costOf(
  book: PriceBook,
  facts: RepriceFacts,
  { modelId, scope, reason }: Identity,
  variant: string | null,
): Pick<Cost, 'charges'> &
  ({ readonly kind: 'priced' } | Pick<Extract<Cost, { kind: 'unpriced' }>, 'kind' | 'reason'>) {
  if (reason !== null || modelId === null || scope === null) {
    return { kind: 'unpriced', reason: reason ?? 'unknown_model', charges: [] }
  }
  return costOfUsage(book, {
    modelId,
    scope,
    region: facts.region,
    tier: isTierUnknown(facts) ? null : facts.tier,
    atMs: facts.atMs,
    usage: facts.usage,
    variant,
    accountId: facts.accountId,
  })
}

/**
 * Where an answer names a tier this program does not know, the books keep the one that was asked for. Nearly every model is sold
 * in the standard tier, so a standard call of unknown tier is taken for one of those and stays unknown.
 */
function isTierUnknown({ unpricedReason, tier }: RepriceFacts): boolean {
  return unpricedReason === 'unknown_tier' && tier === 'standard'
}

/** The one the call's present rates are for; the books keep it nowhere else. */
function variantOf(
  book: PriceBook,
  formerRate: FormerRate,
  { usage, rates }: RepriceFacts,
): string | null {
  for (const { rateId } of rates) {
    const variant = (findRate(book, rateId) ?? formerRate(rateId))?.variant ?? null
    if (variant !== null) return variant
  }
  return WITH_VARIANT.some((kind) => (usage[kind] ?? 0) > 0) ? NOT_RECORDED : null
}
