// The service tier of a call from what Bedrock's wire says: `serviceTier` / `X-Amzn-Bedrock-Service-Tier` and
// `performanceConfig.latency`. Take the response's values where it has them: they name the tier that served the call.

import type { Tier } from '@ledgerock/contract'

const TIER_OF_SERVICE_TIER: ReadonlyMap<string, Tier> = new Map([
  ['default', 'standard'],
  ['standard', 'standard'],
  ['priority', 'priority'],
  ['flex', 'flex'],
  ['reserved', 'reserved'],
])

/** Null for a tier this version does not know: such a call is unpriced (`unknown_tier`), not priced as standard. */
export function tierFromWire(wire: {
  readonly serviceTier: string | null
  readonly latency: string | null
}): Tier | null {
  if (wire.latency === 'optimized') return 'latency-optimized'
  if (wire.latency !== null && wire.latency !== 'standard') return null
  return TIER_OF_SERVICE_TIER.get(wire.serviceTier ?? 'default') ?? null
}
