// The words for where and how a model was asked to run: they decide its price and stand on every call.

/** Where inference may run: one region, a geography's profile (`us.`, `eu.` …), or the `global.` profile. */
export const SCOPES = ['in-region', 'geo', 'global'] as const
export type Scope = (typeof SCOPES)[number]

/** Service tiers as the ledger names them; what AWS calls `default` is `standard`. */
export const TIERS = [
  'standard',
  'priority',
  'flex',
  'batch',
  'reserved',
  'latency-optimized',
] as const
export type Tier = (typeof TIERS)[number]

/** Why a call has no cost. Unknown is never zero. */
export const UNPRICED_REASONS = [
  'unknown_model',
  'unknown_region',
  'unknown_kind',
  'unknown_tier',
  'unresolved_profile',
  'historical_only',
] as const
export type UnpricedReason = (typeof UNPRICED_REASONS)[number]
