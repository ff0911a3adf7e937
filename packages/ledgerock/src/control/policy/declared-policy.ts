// What the configuration file says about policy. It is read again at every publication, so a reload needs no more than a new
// publication, and it is read-only for the API.

import type { DimensionRule } from '../../attribution/dimension-rule.ts'
import type { OwnerRule } from '../../attribution/owner-rule.ts'
import type { AnonymousRule, Policy } from '../../governance/policy.ts'

export type DeclaredKey = {
  readonly name: string
  /** Any text of `SECRET_CHARS_MIN` characters or more; it stays in memory and never reaches the store. */
  readonly secret: string
  readonly bind: Readonly<Record<string, string>>
  readonly region: string | null
}

/** Rules of the file; pauses, grants and raises are not the file's, so the budgets here have none. */
export type DeclaredRules = Pick<Policy, 'access' | 'limits' | 'guardrails' | 'budgets'>

export type DeclaredPolicy = DeclaredRules & {
  readonly keys: readonly DeclaredKey[]
  readonly dimensions: readonly DimensionRule[]
  readonly owners: readonly OwnerRule[]
  readonly anonymous: AnonymousRule
}
