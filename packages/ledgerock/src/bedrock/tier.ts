// The words of Bedrock's wire for service tiers, in the ledger's own. What is asked and what the answer says are read alike.

import type { Tier } from '@ledgerock/contract'

const TIER_OF: ReadonlyMap<string, Tier> = new Map([
  ['default', 'standard'],
  ['standard', 'standard'],
  ['priority', 'priority'],
  ['flex', 'flex'],
  ['reserved', 'reserved'],
])

export const TIER_HEADER = 'x-amzn-bedrock-service-tier'
export const LATENCY_HEADER = 'x-amzn-bedrock-performanceconfig-latency'

/** `stated` is false where neither value is there; `tier` is null for a word this version does not know. */
export function readTier(
  serviceTier: string | null | undefined,
  latency: string | null | undefined,
): { readonly stated: boolean; readonly tier: Tier | null } {
  if (latency === 'optimized') return { stated: true, tier: 'latency-optimized' }
  const latencyStated = latency !== null && latency !== undefined
  if (latencyStated && latency !== 'standard') return { stated: true, tier: null }
  if (serviceTier === null || serviceTier === undefined) {
    return { stated: latencyStated, tier: 'standard' }
  }
  return { stated: true, tier: TIER_OF.get(serviceTier) ?? null }
}
