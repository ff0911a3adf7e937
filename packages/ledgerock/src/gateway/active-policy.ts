// The policy a worker works by, compiled once when it arrives: credential tables, dimension rules, and what decides whether a call
// may go on. It is replaced whole; a call sees one policy from beginning to end. Only what limits have counted is handed on.

import { isDeepStrictEqual } from 'node:util'
import { createCardinalityGuard, type CardinalityGuard } from '../attribution/cardinality-guard.ts'
import {
  compileDimensionRules,
  type DimensionRule,
  type DimensionRules,
} from '../attribution/dimension-rule.ts'
import { compileOwnerRules, type OwnerRules } from '../attribution/owner-rule.ts'
import { compileAnonymous } from '../governance/credential/anonymous.ts'
import { compileBudgets, type BudgetRules } from '../governance/budget/budget-rules.ts'
import { compileGuardrails, type GuardrailRules } from '../governance/guardrail-rule.ts'
import { compileAccess, type AccessRules } from '../governance/model-access.ts'
import { compilePauses, type PausedBy } from '../governance/pause.ts'
import { createRateLimits, type RateLimits } from '../governance/limit/rate-limits.ts'
import {
  createCredentialVerifier,
  type CredentialSecrets,
  type CredentialVerifier,
} from '../governance/credential/credential.ts'
import { openPolicy, type EnvelopeProblem } from '../governance/policy-envelope.ts'
import { supersedes, type Policy, type PolicyPosition } from '../governance/policy.ts'
import { err, ok, type Result } from '../kernel/result.ts'

export type ActivePolicy = {
  readonly position: PolicyPosition
  /** What a call record keeps. */
  readonly version: number
  readonly verifier: CredentialVerifier
  /** Whether a call without a credential is taken from this address. */
  readonly admitsAnonymous: (remoteAddress: string | undefined) => boolean
  readonly owners: OwnerRules
  /** Those of them that let in whom they know. */
  readonly doors: OwnerRules
  /** What the keys bind their callers to. */
  readonly bindings: readonly Readonly<Record<string, string>>[]
  readonly dimensions: readonly DimensionRule[]
  readonly rules: DimensionRules
  readonly cardinality: CardinalityGuard
  /** False where there is no rule that could refuse a call: then nothing is asked. */
  readonly governs: boolean
  readonly pausedBy: PausedBy
  readonly access: AccessRules
  readonly guardrails: GuardrailRules
  readonly limits: RateLimits
  /** Counted, and where they are hard held, apart from the rules that `governs` is about. */
  readonly budgets: BudgetRules
}

/**
 * `limitShare` is the part of every new limit that this worker may use until it is told. `older`: the worker already has this
 * policy or a newer one, and keeps it.
 */
export function activatePolicy(
  current: ActivePolicy | null,
  envelope: string,
  secrets: CredentialSecrets,
  limitShare = 1,
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
    doors: compileOwnerRules(policy.owners.filter(({ letsIn }) => letsIn !== false)),
    bindings: policy.keys.map(({ bind }) => bind),
    dimensions: policy.dimensions,
    rules: rules.value,
    // Values seen so far are forgotten only with the rules they were counted under.
    cardinality: knowing(
      policy,
      rules.value,
      sameRules ? current.cardinality : createCardinalityGuard(rules.value),
    ),
    governs: RULES.some((kind) => policy[kind].length > 0),
    pausedBy: compilePauses(policy.pauses),
    access: compileAccess(policy.access, policy.grants),
    guardrails: compileGuardrails(policy.guardrails),
    limits: createRateLimits(policy.limits, limitShare, current?.limits.state ?? null),
    budgets: compileBudgets(policy.budgets),
  })
}

const RULES = ['pauses', 'access', 'limits', 'guardrails'] as const
const SCOPED = [...RULES, 'budgets'] as const

/** A value that a rule names must never be lost in `__overflow__`: its calls would get around the rule. */
function knowing(
  policy: Policy,
  { indexOf }: DimensionRules,
  guard: CardinalityGuard,
): CardinalityGuard {
  for (const kind of SCOPED) {
    for (const { scope } of policy[kind]) {
      for (const [field, values] of Object.entries(scope)) {
        const dimension = indexOf.get(field)
        if (dimension === undefined) continue
        for (const value of values) guard.know(dimension, value)
      }
    }
  }
  for (const { per, raises } of policy.budgets) {
    const dimension = per === null ? undefined : indexOf.get(per)
    if (dimension === undefined) continue
    for (const { counter } of raises) if (counter !== null) guard.know(dimension, counter)
  }
  return guard
}

const nobody = (): boolean => false
