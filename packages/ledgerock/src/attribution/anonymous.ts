// The attribution of a call nobody signed for: every dimension is `unknown`. What the request says of itself is kept as a conflict,
// seen but not obeyed, because a stranger must not choose who pays (I9); roll-outs read from it who is not there yet.

import { UNKNOWN, type DimensionConflict } from '@ledgerock/contract'
import { attribute, type Attribution, type AttributionSources } from './attribute.ts'
import type { CardinalityGuard } from './cardinality-guard.ts'
import type { DimensionRules } from './dimension-rule.ts'
import type { Provenance } from './provenance.ts'

/** What strangers claim becomes nobody's value, so it takes no room from those who may say one. */
const UNCOUNTED: CardinalityGuard = { admit: () => true, know: () => undefined, size: () => 0 }

export function attributeAnonymous(
  rules: DimensionRules,
  sources: AttributionSources,
): Attribution {
  const claimed = attribute(rules, sources, UNCOUNTED)
  const dimensions: Record<string, string> = {}
  const provenance: Record<string, Provenance> = {}
  const conflicts: DimensionConflict[] = []
  for (const name in claimed.dimensions) {
    const value = claimed.dimensions[name] as string
    const source = claimed.provenance[name] as Provenance
    dimensions[name] = UNKNOWN
    provenance[name] = 'unknown'
    if (source === 'unknown' || source === 'default') continue
    conflicts.push({
      dimension: name,
      kept: UNKNOWN,
      kept_source: 'unknown',
      ignored: value,
      ignored_source: source,
    })
  }
  // A claim that is not obeyed is a dimension that is not there.
  const reported = rules.dimensions
    .filter(({ rule }) => rule.required === 'report')
    .map(({ name }) => name)
  return { ...claimed, dimensions, provenance, conflicts, reported, invalid: [], missing: [] }
}
