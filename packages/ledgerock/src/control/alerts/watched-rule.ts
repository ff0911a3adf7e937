// What the rule engine works with: rules with exact thresholds, readings of what they watch, and alerts that are firing. It knows no
// kind: budgets, rates and clocks all come as readings, and so will what is watched one day.

import type { AlertKind, AlertSeverity } from '../../governance/alert-rule.ts'
import type { RuleScope } from '../../governance/rule-scope.ts'
import type { AlertPeriod } from '../store/alert-tables.ts'

/** A decimal as a whole number of its 10⁻¹² parts, so that percent, dollars and seconds compare exactly. */
export type Exact = bigint

export const EXACT_ONE = 1_000_000_000_000n

export type WatchedRule = {
  readonly name: string
  readonly kind: AlertKind
  readonly threshold: Exact
  /** `reached`: at the threshold already; `exceeded`: only beyond it. */
  readonly fires: 'reached' | 'exceeded'
  /** Percent of the threshold that the value must fall below before the alert is over, so that a value at the edge tells its story once. */
  readonly clearPercent: number
  readonly forMs: number
  readonly severity: AlertSeverity
  readonly sinks: readonly string[]
  /** For this node only, not for all that share the store. */
  readonly isLocal: boolean
}

/** One thing a rule watches, now. */
export type Reading = {
  /** Which of the things; the same as long as it is the same thing: a counter in one period, a node. */
  readonly subject: string
  readonly value: Exact
  readonly scope: RuleScope
  readonly budget: string | null
  readonly counter: string | null
  readonly period: AlertPeriod | null
  /** What is the case, as a clause: `budget search-monthly has used 83.2 % of $500`. */
  readonly says: string
}

/** By rule; null or missing: not known now, so nothing changes. */
export type Readings = ReadonlyMap<string, readonly Reading[] | null>

export type FiringAlert = {
  readonly alertId: string
  readonly rule: string
  readonly subject: string
}

export function alertKey(rule: string, subject: string): string {
  return `${rule}\n${subject}`
}
