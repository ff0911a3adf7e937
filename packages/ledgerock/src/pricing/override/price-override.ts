// What a contract with AWS says about prices, as one rule: a percentage of the list price or a price of its own, for an account or
// the whole organisation, for some models, regions and kinds, and for a time. `readOverrides` (override.ts) makes it from
// the words of a file or the API and refuses what cannot be meant; everything here trusts it.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import type { PriceUnit } from '../price-unit.ts'
import { shortHash } from '../short-hash.ts'

export const OVERRIDE_ORIGINS = ['file', 'api'] as const
export type OverrideOrigin = (typeof OVERRIDE_ORIGINS)[number]

export type PercentEffect = {
  /** A decimal: "-12.5" is 12.5 % below the list price. */
  readonly percent: string
}
export type FixedEffect = {
  /** USD, as a row of a price document states it: for 1,000,000 tokens, 1,000 text units, else for one unit. */
  readonly price: string
  readonly unit: PriceUnit
  readonly variant: string | null
  readonly contextAbove: number
}

export type PriceOverride = {
  /** `o` and a hash of everything below but reason and day: the same terms have the same id for ever. */
  readonly overrideId: string
  /** Unique among those in force. */
  readonly name: string
  readonly origin: OverrideOrigin
  /** Null: every account of the organisation. */
  readonly accountId: string | null
  /** A base model id, or a pattern over them in which `*` is any text. */
  readonly models: string
  readonly regions: string
  /** Null: all. */
  readonly scope: Scope | null
  readonly tier: Tier | null
  readonly kind: UsageKind | null
  readonly effect: PercentEffect | FixedEffect
  /** Instants, from inclusive, to exclusive; null is unbounded. */
  readonly validFrom: string | null
  readonly validTo: string | null
  readonly reason: string | null
  /** The instant it was set, or first seen in the file; null: not known. It says where a price is from, and is no part of the id. */
  readonly setAt: string | null
}

export type OverrideTerms = Omit<PriceOverride, 'overrideId' | 'origin' | 'setAt'>

export function overrideOfTerms(
  terms: OverrideTerms,
  origin: OverrideOrigin,
  setAt: string | null,
): PriceOverride {
  const { effect } = terms
  const identity = [
    origin,
    terms.name,
    terms.accountId,
    terms.models,
    terms.regions,
    terms.scope,
    terms.tier,
    terms.kind,
    'percent' in effect
      ? [effect.percent]
      : [effect.price, effect.unit, effect.variant, effect.contextAbove],
    terms.validFrom,
    terms.validTo,
  ]
  return { overrideId: shortHash('o', JSON.stringify(identity)), origin, ...terms, setAt }
}
