// Who a call is for and why: a value and its provenance for every dimension, from what the credential binds, what the AWS identity
// says, what the request says, and the default, in this order. What a stronger source has said, a weaker one cannot change; the
// contradiction is recorded, not obeyed (I9). Pure: the only state is the cardinality guard it is handed.

import { OVERFLOW, UNKNOWN, type DimensionConflict } from '@ledgerock/contract'
import type { CardinalityGuard } from './cardinality-guard.ts'
import { createClaims, type Claims } from './claims.ts'
import type { ClientHeaders } from './client-headers.ts'
import { dimensionWord, type CompiledDimension, type DimensionRules } from './dimension-rule.ts'
import type { Provenance } from './provenance.ts'
import { readRequestClaims } from './request-claims.ts'

export type AttributionSources = {
  /** What the credential is bound to, by dimension name or alias; null for a credential without bindings. */
  readonly binding: Readonly<Record<string, string>> | null
  /** What the AWS identity of the caller says, likewise. */
  readonly identity: Readonly<Record<string, string>> | null
  readonly client: ClientHeaders
  /** Converse's `requestMetadata`. */
  readonly requestMetadata: Readonly<Record<string, string>> | null
}

export type Attribution = {
  /** A value for every dimension there is; `unknown` where nobody said one. */
  readonly dimensions: Readonly<Record<string, string>>
  readonly provenance: Readonly<Record<string, Provenance>>
  readonly conflicts: readonly DimensionConflict[]
  readonly attributes: Readonly<Record<string, string>>
  /** Required dimensions without a value: the call is refused. */
  readonly missing: readonly string[]
  /** Dimensions with `required: report` without a value: the call goes on as `unknown` and is counted. */
  readonly reported: readonly string[]
  /** What cannot be accepted, by dimension or by the name of the header: the call is refused. */
  readonly invalid: readonly { readonly dimension: string; readonly message: string }[]
}

export function attribute(
  rules: DimensionRules,
  sources: AttributionSources,
  cardinality: CardinalityGuard,
): Attribution {
  const claims = createClaims(rules)
  claimBound(claims, rules, sources.binding, 'key')
  claimBound(claims, rules, sources.identity, 'identity')
  readRequestClaims(claims, rules, sources.client, sources.requestMetadata)
  const missing: string[] = []
  const reported: string[] = []
  for (let index = 0; index < rules.dimensions.length; index += 1) {
    const { name, rule } = rules.dimensions[index] as CompiledDimension
    if (claims.provenance[index] !== undefined) continue
    if (rule.default !== null && rule.default !== UNKNOWN) {
      claims.values[index] = rule.default
      claims.provenance[index] = 'default'
    } else if (rule.required === true) missing.push(name)
    else if (rule.required === 'report') reported.push(name)
  }
  const refused = missing.length > 0 || claims.invalid.length > 0
  if (!refused) guardCardinality(claims, rules, cardinality)
  return settled(claims, rules, missing, reported)
}

function claimBound(
  claims: Claims,
  rules: DimensionRules,
  bound: Readonly<Record<string, string>> | null,
  provenance: 'key' | 'identity',
): void {
  if (bound === null) return
  for (const name of Object.keys(bound)) {
    const index = rules.indexOf.get(dimensionWord(name))
    if (index === undefined) claims.attribute(name, bound[name] as string)
    else claims.claim(index, bound[name] as string, provenance)
  }
}

/** Only what a request made up can overflow: bound, default and declared values are finite, and budgets hang on them. */
function guardCardinality(
  claims: Claims,
  rules: DimensionRules,
  cardinality: CardinalityGuard,
): void {
  for (let index = 0; index < rules.dimensions.length; index += 1) {
    const value = claims.values[index]
    const provenance = claims.provenance[index]
    if (value === undefined || provenance === undefined) continue
    const isOurs =
      provenance === 'key' ||
      provenance === 'identity' ||
      provenance === 'default' ||
      (rules.dimensions[index] as CompiledDimension).values !== null
    if (isOurs) cardinality.know(index, value)
    else if (!cardinality.admit(index, value)) {
      claims.values[index] = OVERFLOW
      claims.provenance[index] = 'overflow'
    }
  }
}

function settled(
  claims: Claims,
  rules: DimensionRules,
  missing: readonly string[],
  reported: readonly string[],
): Attribution {
  const dimensions: Record<string, string> = {}
  const provenance: Record<string, Provenance> = {}
  for (let index = 0; index < rules.dimensions.length; index += 1) {
    const { name } = rules.dimensions[index] as CompiledDimension
    dimensions[name] = claims.values[index] ?? UNKNOWN
    provenance[name] = claims.provenance[index] ?? 'unknown'
  }
  const conflicts: DimensionConflict[] = []
  for (const loser of claims.losers) {
    const { name } = rules.dimensions[loser.dimension] as CompiledDimension
    const kept = dimensions[name] as string
    // A source that had no say may have been right all the same.
    if (kept === loser.value) continue
    conflicts.push({
      dimension: name,
      kept,
      kept_source: provenance[name] as string,
      ignored: loser.value,
      ignored_source: loser.provenance,
    })
  }
  return {
    dimensions,
    provenance,
    conflicts,
    attributes: claims.attributes,
    missing,
    reported,
    invalid: claims.invalid,
  }
}
