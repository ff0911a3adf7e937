// Whether a call may go on, asked of the rules in the order of the contract: paused, model access, guardrail, rate limits and
// calls at a time; the first that says no is the answer. Rules in shadow say no to nobody; what they would have said is handed
// back. Pure but for the limits' own counters.

import type { RefusalCode } from '@ledgerock/contract'
import type { GuardrailAsk, GuardrailRef } from '../../governance/guardrail-rule.ts'
import type { ModelAsk } from '../../governance/model-access.ts'
import type { LimitPlaces } from '../../governance/limit/rate-limits.ts'
import type { ActivePolicy } from '../active-policy.ts'
import { howToAsk } from './how-to-ask.ts'

/** What the rules ask of a call. */
export type CallAsk = ModelAsk &
  GuardrailAsk & {
    /** False where no model is called: then no rule of models concerns it. */
    readonly callsModel: boolean
    /** False where a model writes nothing: then it needs no guardrail. */
    readonly isAnswered: boolean
    /** False for what Bedrock charges nothing for: it counts toward no limit. */
    readonly isLimited: boolean
    /** Tokens it probably reads. */
    readonly inputTokens: number
  }

export type AdmissionRefusal = {
  readonly code: RefusalCode
  readonly message: string
  /** Which rule, for metrics. */
  readonly rule: string
  /** Null: the code has no such header, or its default is right. */
  readonly retryAfterS: number | null
}

export type WouldRefuse = { readonly code: RefusalCode; readonly rule: string }

export type Admission = {
  readonly refusal: AdmissionRefusal | null
  /** Taken in the limits; null: none. To be given back once. */
  readonly places: LimitPlaces | null
  /** To be put into the call. */
  readonly inject: GuardrailRef | null
  readonly wouldRefuse: readonly WouldRefuse[]
}

type Rules = Pick<ActivePolicy, 'pausedBy' | 'access' | 'guardrails' | 'limits'>

export type Instants = {
  /** Milliseconds since the epoch: grants are of a calendar. */
  readonly now: number
  /** Monotonic milliseconds: buckets fill evenly, whatever is done to the clock. */
  readonly monotonic: number
}

const NOBODY: readonly WouldRefuse[] = []
export const UNGOVERNED: Admission = {
  refusal: null,
  places: null,
  inject: null,
  wouldRefuse: NOBODY,
}

/** `dashboardUrl`: where people can ask for access; null: nowhere. */
export function admitCall(
  rules: Rules,
  ask: CallAsk,
  at: Instants,
  dashboardUrl: string | null,
): Admission {
  const paused = rules.pausedBy(ask)
  if (paused !== null) return refused('paused', 'pause', paused, NOBODY)

  let wouldRefuse = NOBODY
  const denial = ask.callsModel ? rules.access.denial(ask, at.now) : null
  if (denial?.shadow === true) {
    wouldRefuse = [{ code: 'model_access', rule: denial.rule }]
  } else if (denial !== null) {
    const remedy = denial.fault === 'model' ? ` ${howToAsk(ask, dashboardUrl)}` : ''
    return refused('model_access', denial.rule, denial.message + remedy, wouldRefuse)
  }

  let inject: GuardrailRef | null = null
  if (ask.isAnswered) {
    const guarded = rules.guardrails.check(ask, ask)
    if (guarded.shadow !== null) {
      wouldRefuse = [...wouldRefuse, { code: 'guardrail_required', rule: guarded.shadow.rule }]
    }
    if (guarded.refusal !== null) {
      const { rule, message } = guarded.refusal
      return refused('guardrail_required', rule, message, wouldRefuse)
    }
    inject = guarded.inject
  }

  if (!ask.isLimited) return { refusal: null, places: null, inject, wouldRefuse }
  const { places, refusal, shadow } = rules.limits.admit(ask, ask.inputTokens, at.monotonic)
  if (shadow !== null) {
    wouldRefuse = [...wouldRefuse, { code: shadow.code, rule: shadow.rule }]
  }
  if (refusal !== null) {
    return { refusal, places: null, inject: null, wouldRefuse }
  }
  const taken = places !== null && places.counters.length > 0 ? places : null
  return { refusal: null, places: taken, inject, wouldRefuse }
}

/** Whether the call may be tried as another model too: what a route does must be allowed as if the client had asked for it. */
export function mayFallBack(
  rules: Rules,
  ask: CallAsk,
  inject: GuardrailRef | null,
  nowMs: number,
): boolean {
  if (rules.pausedBy(ask) !== null) return false
  const denial = ask.callsModel ? rules.access.denial(ask, nowMs) : null
  if (denial !== null && !denial.shadow) return false
  if (!ask.isAnswered) return true
  const guarded = rules.guardrails.check(ask, ask)
  return guarded.refusal === null && (guarded.inject === null || isSame(guarded.inject, inject))
}

function isSame(one: GuardrailRef, other: GuardrailRef | null): boolean {
  return one.id === other?.id && one.version === other.version
}

function refused(
  code: RefusalCode,
  rule: string,
  message: string,
  wouldRefuse: readonly WouldRefuse[],
): Admission {
  return {
    refusal: { code, rule, message, retryAfterS: null },
    places: null,
    inject: null,
    wouldRefuse,
  }
}

/** For the record of the call. */
export function changeOf({ code, rule }: WouldRefuse): string {
  return `would_refuse:${code}:${rule}`
}
