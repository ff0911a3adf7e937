// What a policy would have done with calls of the past: the compiled rules themselves, asked call by call in the order of time, in the
// order in which the gateway asks them. What would have been refused takes no place and spends nothing afterwards. Pauses are left out:
// they are of a day, not of a policy. Whether a caller would have gone on otherwise, nobody can say.

import { takesGuardrail } from '../../bedrock/edit/guardrail-edit.ts'
import { generates, isFree } from '../../bedrock/operation.ts'
import { compileGlob, type Glob } from '../../kernel/glob.ts'
import { picodollars, type Picodollars } from '../../kernel/money.ts'
import type { Covering } from '../budget/budget-rules.ts'
import { compileGuardrails, type GuardrailRules } from '../guardrail-rule.ts'
import { compileAccess, type AccessRules, type ModelAsk } from '../model-access.ts'
import { createPastBudgets, type EarlierSpend, type PastBudgets } from './past-budgets.ts'
import type { PastCall } from './past-call.ts'
import { createPastLimits, type PastLimits } from './past-limits.ts'
import type { GovernanceRules } from '../policy.ts'
import { compileScope, type Covers, type RuleScope } from '../rule-scope.ts'
import { createRuleTally, type RuleEffect, type TriedKind } from './rule-tally.ts'

/** A route that leads elsewhere, by its place in the file; where to is not tried. */
export type TriedRoute = {
  readonly name: string
  readonly when: Readonly<Record<string, string>>
  readonly budget: { readonly name: string; readonly above: number } | null
  readonly from: string
}

export type TriedRules = Omit<GovernanceRules, 'pauses'> & {
  readonly routes: readonly TriedRoute[]
}

export const NOT_JUDGED = [
  'max_output_tokens',
  'guardrail_named',
  'route_target',
  'refused_then',
] as const
export type NotJudged = (typeof NOT_JUDGED)[number]

/** How many of the calls that are kept might have been refused by what nobody wrote down, and by which rules. */
export type Unjudged = {
  readonly what: NotJudged
  readonly calls: number
  readonly rules: readonly string[]
}

export type Sum = {
  readonly calls: number
  readonly usd: Picodollars
  readonly unpriced: number
}

export type PolicyTrial = {
  readonly refused: Sum
  readonly kept: Sum
  readonly rules: readonly RuleEffect[]
  readonly notJudged: readonly Unjudged[]
}

/** Calls come in the order of their beginnings. */
export class PolicySimulation {
  readonly #access: AccessRules
  readonly #guardrails: GuardrailRules
  readonly #limits: PastLimits
  readonly #budgets: PastBudgets
  readonly #routes: readonly CompiledRoute[]
  /** Rules that hang on what nobody wrote down. */
  readonly #sized: readonly NamedScope[]
  readonly #guarded: readonly NamedScope[]
  readonly #tally = createRuleTally()
  readonly #unjudged = new Map<NotJudged, { calls: number; readonly rules: Set<string> }>()
  readonly #refused = newSum()
  readonly #kept = newSum()

  constructor(rules: TriedRules, fromMs: number, earlier: readonly EarlierSpend[]) {
    this.#access = compileAccess(rules.access, rules.grants)
    this.#guardrails = compileGuardrails(rules.guardrails)
    this.#limits = createPastLimits(rules.limits)
    this.#budgets = createPastBudgets(rules.budgets, fromMs, earlier)
    this.#routes = rules.routes.map((route) => ({ route, fits: compileGlob(route.from) }))
    this.#sized = compileNamed(rules.access.filter((rule) => rule.maxOutputTokens !== null))
    this.#guarded = compileNamed(rules.guardrails)
  }

  /** True: it would have gone on. */
  add(call: PastCall): boolean {
    const isLimited = !isFree(call.operation)
    if (!call.isOurs) {
      if (isLimited) this.#charge(this.#budgets.covering(call), call)
      return true
    }
    const goesOn = this.#isOpen(call) && this.#isGuarded(call) && (!isLimited || this.#fits(call))
    addTo(goesOn ? this.#kept : this.#refused, call)
    if (goesOn) this.#leaveOpen(call)
    return goesOn
  }

  result(): PolicyTrial {
    return {
      refused: { ...this.#refused },
      kept: { ...this.#kept },
      rules: this.#tally.effects(),
      notJudged: NOT_JUDGED.flatMap((what) => {
        const known = this.#unjudged.get(what)
        return known === undefined ? [] : [{ what, calls: known.calls, rules: [...known.rules] }]
      }),
    }
  }

  #isOpen(call: PastCall): boolean {
    if (!call.callsModel || call.operation === 'apply-guardrail') return true
    const denial = this.#access.denial(askOf(call), call.startedMs)
    if (denial === null) return true
    this.#refuse('access', denial.rule, denial.shadow, call)
    return denial.shadow
  }

  #isGuarded(call: PastCall): boolean {
    // Where the API takes a guardrail, nobody knows whether the call named one.
    if (!generates(call.operation) || takesGuardrail(call.operation) !== null) return true
    const { refusal, shadow } = this.#guardrails.check(call, { named: null, takes: false })
    if (shadow !== null) this.#refuse('guardrail', shadow.rule, true, call)
    if (refusal === null) return true
    this.#refuse('guardrail', refusal.rule, false, call)
    return false
  }

  /** Into all limits and budgets, or into none. */
  #fits(call: PastCall): boolean {
    const { places, refusal, shadow } = this.#limits.admit(call)
    if (shadow !== null) this.#refuse('limit', shadow.rule, true, call)
    if (refusal !== null) {
      this.#refuse('limit', refusal.rule, false, call)
      return false
    }
    const covering = this.#budgets.covering(call)
    const isAfforded = this.#isAfforded(covering, call)
    if (places !== null) this.#limits[isAfforded ? 'run' : 'giveBack'](places, call)
    if (!isAfforded) return false
    this.#tell(covering, call)
    this.#charge(covering, call)
    return true
  }

  /** False: a hard budget has too little left. One in shadow says so too, and lets it go on. */
  #isAfforded(covering: readonly Covering[], call: PastCall): boolean {
    const short = covering.filter(
      (one) => one.budget.mode === 'hard' && this.#budgets.isShort(one, call),
    )
    for (const { budget, hard } of short) if (!hard) this.#refuse('budget', budget.name, true, call)
    const refusing = short.find(({ hard }) => hard)
    if (refusing === undefined) return true
    this.#refuse('budget', refusing.budget.name, false, call)
    return false
  }

  /** As budgets stand before the call, the gateway warns from the first threshold on, and routes take it elsewhere. */
  #tell(covering: readonly Covering[], call: PastCall): void {
    const used = covering.map((one) => this.#budgets.usedPercent(one, call.startedMs))
    for (const [index, { budget }] of covering.entries()) {
      const { name: rule, mode, shadow, alertAt } = budget
      if (mode === 'hard' || (used[index] ?? 0) < (alertAt[0] ?? OVER)) continue
      const effect = mode === 'soft' ? 'warned' : 'notified'
      this.#tally.note({ kind: 'budget', rule, effect, shadow }, call)
    }
    const found = this.#routes.find((one) => isFor(one, call, covering, used))
    if (found === undefined || !this.#access.mayReroute(call)) return
    const { name: rule } = found.route
    this.#tally.note({ kind: 'route', rule, effect: 'routed', shadow: false }, call)
    this.#open('route_target', [rule])
  }

  #charge(covering: readonly Covering[], call: PastCall): void {
    for (const one of covering) this.#budgets.charge(one, call)
  }

  #refuse(kind: TriedKind, rule: string, shadow: boolean, call: PastCall): void {
    this.#tally.note({ kind, rule, effect: 'refused', shadow }, call)
  }

  /** What of a call that goes on nobody can say. */
  #leaveOpen(call: PastCall): void {
    if (call.wasRefused) this.#open('refused_then', [])
    if (!generates(call.operation)) return
    const sized = namesOf(this.#sized, call)
    if (sized.length > 0) this.#open('max_output_tokens', sized)
    if (takesGuardrail(call.operation) === null) return
    const guarded = namesOf(this.#guarded, call)
    if (guarded.length > 0) this.#open('guardrail_named', guarded)
  }

  #open(what: NotJudged, rules: readonly string[]): void {
    const known = this.#unjudged.get(what) ?? { calls: 0, rules: new Set() }
    known.calls += 1
    for (const rule of rules) known.rules.add(rule)
    this.#unjudged.set(what, known)
  }
}

const OVER = 100

type MutableSum = { -readonly [Field in keyof Sum]: Sum[Field] }

function newSum(): MutableSum {
  return { calls: 0, usd: picodollars(0n), unpriced: 0 }
}

function addTo(sum: MutableSum, { cost }: PastCall): void {
  sum.calls += 1
  if (cost === null) sum.unpriced += 1
  else sum.usd = picodollars(sum.usd + cost)
}

/** It asked for at least what it wrote: who wrote more than a rule allows had asked for more. */
function askOf(call: PastCall): ModelAsk {
  return { ...call, maxTokens: call.outputTokens, generates: generates(call.operation) }
}

type CompiledRoute = { readonly route: TriedRoute; readonly fits: Glob }

function isFor(
  { route: { when, budget }, fits }: CompiledRoute,
  { dimensions, modelRequested, modelId }: PastCall,
  covering: readonly Covering[],
  used: readonly (number | null)[],
): boolean {
  if (Object.entries(when).some(([name, value]) => dimensions[name] !== value)) return false
  if (!fits(modelRequested) && (modelId === null || !fits(modelId))) return false
  if (budget === null) return true
  const at = covering.findIndex((one) => one.budget.name === budget.name)
  const share = used[at] ?? null
  return share !== null && share >= budget.above
}

type NamedScope = { readonly name: string; readonly covers: Covers }

function compileNamed(
  rules: readonly { readonly name: string; readonly scope: RuleScope }[],
): readonly NamedScope[] {
  return rules.map(({ name, scope }) => ({ name, covers: compileScope(scope) }))
}

function namesOf(named: readonly NamedScope[], call: PastCall): readonly string[] {
  return named.filter(({ covers }) => covers(call)).map(({ name }) => name)
}
