// Which budgets a call is charged to, and in which period of each. Compiled once per policy; a call that no budget covers allocates
// nothing, and the period of a budget is worked out once for as long as it lasts.

import { UNKNOWN } from '@ledgerock/contract'
import type { Budget, BudgetUnit } from './budget.ts'
import { instanceAt, type PeriodInstance } from './budget-period.ts'
import { instanceKey } from './lease.ts'
import { compileScope, type Covers, type Governed } from '../rule-scope.ts'

/** One budget of a call, as it stands at the instant that was asked for. */
export type Covering = {
  readonly budget: Budget
  /** Refuses: mode `hard`, and not in shadow. */
  readonly hard: boolean
  readonly unit: BudgetUnit
  /** The call's value of the dimension `per` names; null: the budget has one counter. */
  readonly counter: string | null
  readonly instance: PeriodInstance
  /** See `instanceKey`. */
  readonly key: string
}

export type BudgetRules = {
  /** As the policy has them. */
  readonly budgets: readonly Budget[]
  /** In the order of the policy. */
  readonly covering: (call: Governed, nowMs: number) => readonly Covering[]
  readonly byName: (name: string) => Budget | null
}

type Rule = {
  readonly budget: Budget
  readonly covers: Covers
  readonly hard: boolean
  instance: PeriodInstance | null
  /** Of this instance, by counter. */
  readonly known: Map<string | null, Covering>
}

const NONE: readonly Covering[] = []

/** Values of a `per` dimension come from outside: so many are remembered, the others are put together for every call. */
const KNOWN_MAX = 10_000

export function compileBudgets(budgets: readonly Budget[]): BudgetRules {
  const rules = budgets.map((budget): Rule => {
    const hard = budget.mode === 'hard' && !budget.shadow
    return { budget, covers: compileScope(budget.scope), hard, instance: null, known: new Map() }
  })
  const named = new Map(budgets.map((budget) => [budget.name, budget]))
  return {
    budgets,
    covering(call, nowMs) {
      let found: Covering[] | null = null
      for (let index = 0; index < rules.length; index += 1) {
        const rule = rules[index] as Rule
        if (!rule.covers(call)) continue
        const covering = coveringOf(rule, call, nowMs)
        if (found === null) found = [covering]
        else found.push(covering)
      }
      return found ?? NONE
    },
    byName: (name) => named.get(name) ?? null,
  }
}

function coveringOf(rule: Rule, { dimensions }: Governed, nowMs: number): Covering {
  const { budget, known } = rule
  const instance = currentInstance(rule, nowMs)
  const counter = budget.per === null ? null : valueOf(dimensions, budget.per)
  const made = known.get(counter)
  if (made !== undefined) return made
  const key = instanceKey(budget.name, instance.fromMs, counter)
  const covering = { budget, hard: rule.hard, unit: budget.unit, counter, instance, key }
  if (known.size < KNOWN_MAX) known.set(counter, covering)
  return covering
}

function currentInstance(rule: Rule, nowMs: number): PeriodInstance {
  const { budget, instance } = rule
  if (instance !== null && isIn(instance, nowMs)) return instance
  const current = instanceAt(budget.period, budget.timeZone, nowMs)
  rule.instance = current
  rule.known.clear()
  return current
}

function isIn({ fromMs, toMs }: PeriodInstance, atMs: number): boolean {
  return atMs >= fromMs && (toMs === null || atMs < toMs)
}

function valueOf(dimensions: Governed['dimensions'], name: string): string {
  return Object.hasOwn(dimensions, name) ? (dimensions[name] ?? UNKNOWN) : UNKNOWN
}
