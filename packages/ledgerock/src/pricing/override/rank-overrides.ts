// Which of several overrides that want the same call prevails: the more specific one. Account before organisation, an exact model
// before a pattern, a longer pattern before a shorter one, then the region likewise, then a stated kind, tier, scope. Two of the
// same rank are refused where they could meet, so the order of the list never decides.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import { compileGlob, type Glob } from '../../kernel/glob.ts'
import { GUARDRAIL_CHECKS_MODEL, GUARDRAIL_MODEL } from '../guardrail-models.ts'
import type { PriceOverride } from './price-override.ts'

export type RankedOverride = {
  readonly override: PriceOverride
  readonly matchesModel: Glob
  readonly matchesRegion: Glob
  /** Greater is more specific, compared part by part. */
  readonly rank: readonly number[]
}

export function isPattern(text: string): boolean {
  return text.includes('*')
}

/** The most specific first. */
export function rankOverrides(overrides: readonly PriceOverride[]): readonly RankedOverride[] {
  return overrides.map(rankedOverride).toSorted((left, right) => {
    const ranks = compareRanks(right.rank, left.rank)
    return ranks === 0 ? contextOf(right.override) - contextOf(left.override) : ranks
  })
}

export function rankedOverride(override: PriceOverride): RankedOverride {
  const { accountId, models, regions, kind, tier, scope } = override
  return {
    override,
    matchesModel: compileGlob(models),
    matchesRegion: compileGlob(regions),
    rank: [
      accountId === null ? 0 : 1,
      ...specificity(models),
      ...specificity(regions),
      kind === null ? 0 : 1,
      tier === null ? 0 : 1,
      scope === null ? 0 : 1,
      'price' in override.effect && override.effect.variant !== null ? 1 : 0,
    ],
  }
}

export function compareRanks(left: readonly number[], right: readonly number[]): number {
  for (const [index, part] of left.entries()) {
    const difference = part - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function specificity(pattern: string): readonly number[] {
  return [isPattern(pattern) ? 0 : 1, pattern.replaceAll('*', '').length]
}

/** Of one rank, the price of the longest prompts is asked first, as in any row. */
function contextOf({ effect }: PriceOverride): number {
  return 'price' in effect ? effect.contextAbove : 0
}

/** Everything but the model: where, how, and for whom. A tier nobody knows is no override's. */
export function coversPlace(
  { override, matchesRegion }: RankedOverride,
  region: string,
  scope: Scope,
  tier: Tier | null,
  accountId: string | null,
): boolean {
  return (
    tier !== null &&
    (override.accountId === null || override.accountId === accountId) &&
    (override.scope === null || override.scope === scope) &&
    (override.tier === null || override.tier === tier) &&
    matchesRegion(region)
  )
}

/**
 * `soldAs` are the kinds under which the used kind is sold here: a write of stated lifetime as `cache_write`, or the other way
 * round. An override of `cache_write` is one of every lifetime.
 */
export function coversKind(
  { override }: RankedOverride,
  kind: UsageKind,
  soldAs: ReadonlySet<UsageKind>,
): boolean {
  if (override.kind === null || override.kind === kind || soldAs.has(override.kind)) return true
  return override.kind === 'cache_write' && kind.startsWith('cache_write_')
}

/** What is sold beside any model is priced as the guardrail's, whichever model was called. */
export function modelOfKind(modelId: string, kind: UsageKind): string {
  if (!kind.startsWith('text_units_')) return modelId
  return kind.startsWith('text_units_checks_') ? GUARDRAIL_CHECKS_MODEL : GUARDRAIL_MODEL
}
