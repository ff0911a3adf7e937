// One row of the simulator's price list and the short ways of typing one.

import type { Scope } from './resolve-model.ts'
import type { OtherKind } from './usage.ts'

export const PRICE_TIERS = ['standard', 'priority', 'flex', 'latency-optimized'] as const
export type PriceTier = (typeof PRICE_TIERS)[number]

/** Dollars per million tokens. */
export type TokenRates = {
  readonly input?: string
  readonly output?: string
  readonly cacheRead?: string
  readonly cacheWrite5m?: string
  readonly cacheWrite30m?: string
  readonly cacheWrite1h?: string
}

/** Dollars for one image, second, query or request. */
export type UnitRate = {
  readonly kind: OtherKind
  /** Size and quality, resolution: as `BodyAsk.variant` says them. Absent where one price is for all. */
  readonly variant?: string
  readonly usd: string
}

export type PriceRow = {
  readonly model: string
  /** `commercial`: one price in every region outside GovCloud. */
  readonly regions: readonly string[] | 'commercial'
  readonly scopes: readonly Scope[]
  readonly tier: PriceTier
  /** The whole request is priced by the row with the highest threshold its prompt is above. */
  readonly promptTokensAbove: number
  readonly tokens: TokenRates
  readonly units: readonly UnitRate[]
}

export const US = ['us-east-1', 'us-east-2', 'us-west-2'] as const
export const OREGON_VIRGINIA = ['us-east-1', 'us-west-2'] as const
export const DUBLIN = ['eu-west-1'] as const
export const FRANKFURT = ['eu-central-1'] as const

export const REGIONAL: readonly Scope[] = ['in-region', 'geo']
export const IN_REGION: readonly Scope[] = ['in-region']
export const GEO: readonly Scope[] = ['geo']
export const GLOBAL: readonly Scope[] = ['global']

export function row(
  model: string,
  regions: PriceRow['regions'],
  scopes: readonly Scope[],
  tier: PriceTier,
  tokens: TokenRates,
  promptTokensAbove = 0,
): PriceRow {
  return { model, regions, scopes, tier, promptTokensAbove, tokens, units: [] }
}

/** A model sold by something else than tokens, or by that too. */
export function unitRow(
  model: string,
  regions: PriceRow['regions'],
  scopes: readonly Scope[],
  units: readonly UnitRate[],
  tokens: TokenRates = {},
): PriceRow {
  return { model, regions, scopes, tier: 'standard', promptTokensAbove: 0, tokens, units }
}
