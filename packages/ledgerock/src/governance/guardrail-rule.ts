// Which Bedrock guardrail a scope's calls must go through. `require`: the call itself must name it; `inject`: it is put in where the
// call names none. A call has room for one guardrail, so one that names another than its rule's is refused in both modes: a
// guardrail that a caller could replace would guard nothing.

import { compileScope, type Covers, type Governed, type RuleScope } from './rule-scope.ts'

export const GUARDRAIL_MODES = ['require', 'inject'] as const
export type GuardrailMode = (typeof GUARDRAIL_MODES)[number]

/** As AWS names it: an id or an ARN, and a version, a number or `DRAFT`. */
export type GuardrailRef = { readonly id: string; readonly version: string }

export type GuardrailRule = GuardrailRef & {
  readonly name: string
  readonly scope: RuleScope
  readonly mode: GuardrailMode
  /** Refuses and injects nothing, reports what it would have refused. */
  readonly shadow: boolean
}

export type GuardrailAsk = {
  /** What the call names; null: nothing. */
  readonly named: GuardrailRef | null
  /** False where the API that was called has no place for a guardrail. */
  readonly takes: boolean
}

export type GuardrailRefusal = { readonly rule: string; readonly message: string }

export type GuardrailAnswer = {
  readonly refusal: GuardrailRefusal | null
  /** Of shadow rules: what they would have refused. */
  readonly shadow: GuardrailRefusal | null
  /** To be put into the call. */
  readonly inject: GuardrailRef | null
}

export type GuardrailRules = {
  readonly check: (call: Governed, ask: GuardrailAsk) => GuardrailAnswer
}

type Compiled = { readonly rule: GuardrailRule; readonly covers: Covers }

const NOTHING: GuardrailAnswer = { refusal: null, shadow: null, inject: null }

export function compileGuardrails(rules: readonly GuardrailRule[]): GuardrailRules {
  const compiled = rules
    .toSorted((left, right) => rankOf(left) - rankOf(right))
    .map((rule): Compiled => ({ rule, covers: compileScope(rule.scope) }))
  return {
    check: (call, ask) => (compiled.length === 0 ? NOTHING : check(compiled, call, ask)),
  }
}

/** What is put in is there for those that require it, whatever their order; what is in shadow sees what the others left. */
function rankOf({ mode, shadow }: GuardrailRule): number {
  if (shadow) return 2
  return mode === 'inject' ? 0 : 1
}

function check(compiled: readonly Compiled[], call: Governed, ask: GuardrailAsk): GuardrailAnswer {
  let refusal: GuardrailRefusal | null = null
  let shadow: GuardrailRefusal | null = null
  let inject: GuardrailRef | null = null
  for (const { rule, covers } of compiled) {
    if (!covers(call)) continue
    // Once something is to be put in, that is what the call names for the rules that follow.
    const message = refusalOf(rule, inject === null ? ask : { ...ask, named: inject })
    if (message !== null && rule.shadow) shadow ??= { rule: rule.name, message }
    if (message !== null && !rule.shadow) refusal ??= { rule: rule.name, message }
    if (rule.shadow || rule.mode === 'require' || message !== null) continue
    if (ask.named === null) inject = { id: rule.id, version: rule.version }
  }
  if (refusal !== null) inject = null
  return refusal === null && shadow === null && inject === null
    ? NOTHING
    : { refusal, shadow, inject }
}

function refusalOf(rule: GuardrailRule, { named, takes }: GuardrailAsk): string | null {
  const wanted = `guardrail ${rule.id}, version ${rule.version} (guardrail rule ${rule.name})`
  if (!takes) return `Calls must go through ${wanted}, and this API has no place for one.`
  if (named === null) return rule.mode === 'inject' ? null : `The call must name ${wanted}.`
  return isSame(rule, named) ? null : `The call names another guardrail than ${wanted}.`
}

/** An id and an ARN of it are one guardrail: AWS makes the ids, and no two are the same. */
function isSame(left: GuardrailRef, right: GuardrailRef): boolean {
  return left.version === right.version && bareId(left.id) === bareId(right.id)
}

function bareId(id: string): string {
  return id.startsWith('arn:') ? id.slice(id.lastIndexOf('/') + 1) : id
}
