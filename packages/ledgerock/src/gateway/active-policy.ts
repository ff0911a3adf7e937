// The policy a worker works by, compiled once when it arrives: credential tables and dimension rules. It is replaced whole; a
// call sees one policy from beginning to end.

import { isDeepStrictEqual } from 'node:util'
import { createCardinalityGuard, type CardinalityGuard } from '../attribution/cardinality-guard.ts'
import {
  compileDimensionRules,
  type DimensionRule,
  type DimensionRules,
} from '../attribution/dimension-rule.ts'
import { compileOwnerRules, type OwnerRules } from '../attribution/owner-rule.ts'
import { compileAnonymous } from '../governance/anonymous.ts'
import {
  createCredentialVerifier,
  type CredentialSecrets,
  type CredentialVerifier,
} from '../governance/credential.ts'
import { openPolicy, type EnvelopeProblem } from '../governance/policy-envelope.ts'
import { supersedes, type PolicyPosition } from '../governance/policy.ts'
import { err, ok, type Result } from '../kernel/result.ts'

export type ActivePolicy = {
  readonly position: PolicyPosition
  /** What a call record keeps. */
  readonly version: number
  readonly verifier: CredentialVerifier
  /** Whether a call without a credential is taken from this address. */
  readonly admitsAnonymous: (remoteAddress: string | undefined) => boolean
  readonly owners: OwnerRules
  /** What the keys bind their callers to. */
  readonly bindings: readonly Readonly<Record<string, string>>[]
  readonly dimensions: readonly DimensionRule[]
  readonly rules: DimensionRules
  readonly cardinality: CardinalityGuard
}

/** `older`: the worker already has this one or a newer one, and keeps it. */
export function activatePolicy(
  current: ActivePolicy | null,
  envelope: string,
  secrets: CredentialSecrets,
): Result<ActivePolicy, EnvelopeProblem | 'older' | 'bad_dimensions'> {
  const opened = openPolicy(envelope)
  if (!opened.ok) return opened
  const policy = opened.value
  if (!supersedes(current?.position ?? null, policy)) return err('older')
  const rules = compileDimensionRules(policy.dimensions)
  if (!rules.ok) return err('bad_dimensions')
  const sameRules = current !== null && isDeepStrictEqual(current.dimensions, policy.dimensions)
  return ok({
    position: { epoch: policy.epoch, version: policy.version },
    version: policy.version,
    verifier: createCredentialVerifier(policy, secrets),
    admitsAnonymous:
      policy.anonymous.mode === 'record' ? compileAnonymous(policy.anonymous.from) : nobody,
    owners: compileOwnerRules(policy.owners),
    bindings: policy.keys.map(({ bind }) => bind),
    dimensions: policy.dimensions,
    rules: rules.value,
    // Values seen so far are forgotten only with the rules they were counted under.
    cardinality: sameRules ? current.cardinality : createCardinalityGuard(rules.value),
  })
}

const nobody = (): boolean => false
