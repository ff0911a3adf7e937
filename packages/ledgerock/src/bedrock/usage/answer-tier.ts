// The tier an answer says it was served in: its headers outrank its body.

import type { Tier } from '@ledgerock/contract'
import { headerOf, type ResponseHeaders } from './response-headers.ts'
import { LATENCY_HEADER, readTier, TIER_HEADER } from '../tier.ts'

/** Null where the answer does not say; a tier nobody knows is a problem, and null too. */
export function answerTier(
  headers: ResponseHeaders,
  inBody: string | null,
  problems: Set<string>,
): Tier | null {
  // OpenAI's `auto` is what was asked for, not what was served.
  const stated = headerOf(headers, TIER_HEADER) ?? (inBody === 'auto' ? null : inBody)
  const { stated: isStated, tier } = readTier(stated, headerOf(headers, LATENCY_HEADER))
  if (tier === null) problems.add('unknown_tier')
  return isStated ? tier : null
}
