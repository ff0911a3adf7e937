// The file's rules of access, limits, guardrails and budgets as the policy has them. A rule without a name is called by its kind and its
// place, so that refusals can name it.

import type { Budget } from '../../governance/budget/budget.ts'
import type { GuardrailRule } from '../../governance/guardrail-rule.ts'
import type { AccessRule } from '../../governance/model-access.ts'
import type { LimitRule } from '../../governance/limit/rate-limits.ts'
import { budgetOf } from './budget-settings.ts'
import type { ConfigFile } from '../schema/schema.ts'

export type GovernanceConfig = {
  readonly access: readonly AccessRule[]
  readonly limits: readonly LimitRule[]
  readonly guardrails: readonly GuardrailRule[]
  /** Without raises: those are not the file's. */
  readonly budgets: readonly Budget[]
}

export const RULE_KINDS = ['access', 'limits', 'guardrails'] as const
export type RuleKind = (typeof RULE_KINDS)[number]

const NAME_PREFIX: Readonly<Record<RuleKind, string>> = {
  access: 'access',
  limits: 'limit',
  guardrails: 'guardrail',
}

export function defaultRuleName(kind: RuleKind, index: number): string {
  return `${NAME_PREFIX[kind]}-${index + 1}`
}

export function governanceOf(file: Pick<ConfigFile, RuleKind | 'budgets'>): GovernanceConfig {
  return {
    access: file.access.map((rule, index) => ({
      name: rule.name ?? defaultRuleName('access', index),
      scope: rule.scope,
      allow: rule.allow,
      deny: rule.deny,
      scopes: rule.scopes,
      tiers: rule.tiers,
      maxOutputTokens: rule.max_output_tokens,
      streaming: rule.streaming,
      rerouting: rule.rerouting,
      shadow: rule.shadow,
    })),
    limits: file.limits.map((rule, index) => ({
      name: rule.name ?? defaultRuleName('limits', index),
      scope: rule.scope,
      per: rule.per,
      requestsPerMinute: rule.requests_per_minute,
      tokensPerMinute: rule.tokens_per_minute,
      concurrentCalls: rule.concurrent_calls,
      shadow: rule.shadow,
    })),
    guardrails: file.guardrails.map((rule, index) => ({
      ...rule,
      name: rule.name ?? defaultRuleName('guardrails', index),
    })),
    budgets: file.budgets.map(budgetOf),
  }
}
