// Which models a scope may call, and how: pattern lists on the base model, profile scopes, tiers, size of the answer, streaming.
// Every rule that covers a call must agree with it. A grant, which somebody approved until a day, opens a model that a list keeps
// closed, and nothing else of a rule.

import type { Scope, Tier } from '@ledgerock/contract'
import { compileGlob, type Glob } from '../kernel/glob.ts'
import {
  compileScope,
  MODEL_FIELD,
  type Covers,
  type Governed,
  type RuleScope,
} from './rule-scope.ts'

export type AccessRule = {
  readonly name: string
  readonly scope: RuleScope
  /** Patterns of base model ids; empty: every model. */
  readonly allow: readonly string[]
  /** Stronger than `allow`. */
  readonly deny: readonly string[]
  /** Null: all. */
  readonly scopes: readonly Scope[] | null
  readonly tiers: readonly Tier[] | null
  /** The most one answer may have. A call that does not say its maximum asks for the model's own. */
  readonly maxOutputTokens: number | null
  /** False: answers in one piece only. */
  readonly streaming: boolean
  /** False: never sent elsewhere than the caller asked for because of a budget or a route; fallbacks are another matter. */
  readonly rerouting: boolean
  /** Refuses nothing, reports what it would have refused. */
  readonly shadow: boolean
}

/** An approved request for access; in force from an instant to before another. */
export type AccessGrant = {
  readonly requestId: string
  readonly scope: RuleScope
  readonly model: string
  readonly fromMs: number
  readonly toMs: number
}

export type ModelAsk = Governed & {
  readonly profileScope: Scope | null
  readonly tier: Tier
  readonly maxTokens: number | null
  readonly stream: boolean
  /** False for operations that generate nothing: their size is not limited. */
  readonly generates: boolean
}

export const ACCESS_FAULTS = [
  'unresolved_model',
  'model',
  'profile_scope',
  'tier',
  'streaming',
  'max_output_tokens',
] as const
export type AccessFault = (typeof ACCESS_FAULTS)[number]

export type AccessDenial = {
  readonly rule: string
  readonly fault: AccessFault
  readonly message: string
  readonly shadow: boolean
}

export type AccessRules = {
  /** True where a rule with a model list covers the call: then an id nobody can resolve is not let through. */
  readonly needsModel: (call: Governed) => boolean
  /** False where a rule in force that covers the call forbids routes to change its model, tier, scope or region. */
  readonly mayReroute: (call: Governed) => boolean
  /** The first denial, those of rules in force before those of shadow rules; null: the call may be made. */
  readonly denial: (ask: ModelAsk, atMs: number) => AccessDenial | null
}

type Compiled = {
  readonly rule: AccessRule
  readonly covers: Covers
  /** The same, whatever the model: an id that nobody can resolve may stand for any. */
  readonly coversAnyModel: Covers
  readonly listsModels: boolean
  readonly allow: readonly Glob[]
  readonly deny: readonly Glob[]
}
type CompiledGrant = {
  readonly covers: Covers
  readonly fits: Glob
  readonly fromMs: number
  readonly toMs: number
}

export function compileAccess(
  rules: readonly AccessRule[],
  grants: readonly AccessGrant[],
): AccessRules {
  const compiled = rules
    .toSorted((left, right) => Number(left.shadow) - Number(right.shadow))
    .map(compileRule)
  const opened = grants.map(({ scope, model, fromMs, toMs }): CompiledGrant => {
    return { covers: compileScope(scope), fits: compileGlob(model), fromMs, toMs }
  })
  const fixed = compiled
    .filter(({ rule }) => !rule.rerouting && !rule.shadow)
    .map(({ coversAnyModel, covers, rule }) =>
      Object.hasOwn(rule.scope, MODEL_FIELD) ? orUnknownModel(covers, coversAnyModel) : covers,
    )
  return {
    needsModel: (call) =>
      compiled.some(
        ({ rule, listsModels, coversAnyModel }) =>
          !rule.shadow && listsModels && coversAnyModel(call),
      ),
    mayReroute: (call) => !fixed.some((covers) => covers(call)),
    denial(ask, atMs) {
      for (let index = 0; index < compiled.length; index += 1) {
        const one = compiled[index] as Compiled
        const fault = faultOf(one, ask, opened, atMs)
        if (fault === null) continue
        const { name, shadow } = one.rule
        return { rule: name, fault, message: messageOf(one.rule, fault, ask), shadow }
      }
      return null
    },
  }
}

/** What nobody can resolve may be the model that must not be changed. */
function orUnknownModel(covers: Covers, coversAnyModel: Covers): Covers {
  return (call) => covers(call) || (call.modelId === null && coversAnyModel(call))
}

function compileRule(rule: AccessRule): Compiled {
  const { [MODEL_FIELD]: _models, ...rest } = rule.scope
  return {
    rule,
    covers: compileScope(rule.scope),
    coversAnyModel: compileScope(rest),
    listsModels: rule.allow.length + rule.deny.length > 0,
    allow: rule.allow.map(compileGlob),
    deny: rule.deny.map(compileGlob),
  }
}

function faultOf(
  { rule, covers, coversAnyModel, listsModels, allow, deny }: Compiled,
  ask: ModelAsk,
  grants: readonly CompiledGrant[],
  atMs: number,
): AccessFault | null {
  if (listsModels && ask.modelId === null && coversAnyModel(ask)) return 'unresolved_model'
  if (!covers(ask)) return null
  if (listsModels && ask.modelId !== null) {
    const listed = allow.length === 0 || fitsOne(allow, ask.modelId)
    const open = listed && !fitsOne(deny, ask.modelId)
    if (!open && !isGranted(grants, ask, ask.modelId, atMs)) return 'model'
  }
  if (
    rule.scopes !== null &&
    !(ask.profileScope !== null && rule.scopes.includes(ask.profileScope))
  ) {
    return 'profile_scope'
  }
  if (rule.tiers !== null && !rule.tiers.includes(ask.tier)) return 'tier'
  if (!rule.streaming && ask.stream) return 'streaming'
  if (rule.maxOutputTokens !== null && ask.generates) {
    if (ask.maxTokens === null || ask.maxTokens > rule.maxOutputTokens) return 'max_output_tokens'
  }
  return null
}

function isGranted(
  grants: readonly CompiledGrant[],
  ask: ModelAsk,
  modelId: string,
  atMs: number,
): boolean {
  return grants.some(
    ({ covers, fits, fromMs, toMs }) =>
      fromMs <= atMs && atMs < toMs && fits(modelId) && covers(ask),
  )
}

function fitsOne(globs: readonly Glob[], text: string): boolean {
  return globs.some((fits) => fits(text))
}

function messageOf(rule: AccessRule, fault: AccessFault, ask: ModelAsk): string {
  const by = `access rule ${rule.name}`
  switch (fault) {
    case 'unresolved_model':
      return `${ask.modelRequested} cannot be resolved to a model, and ${by} lists models.`
    case 'model':
      return `${ask.modelId ?? ask.modelRequested} is not open to this caller (${by}).`
    case 'profile_scope':
      return `${by} allows the scopes ${(rule.scopes ?? []).join(', ')}, not ${ask.profileScope ?? 'an unknown one'}.`
    case 'tier':
      return `${by} allows the tiers ${(rule.tiers ?? []).join(', ')}, not ${ask.tier}.`
    case 'streaming':
      return `${by} does not allow streaming.`
    case 'max_output_tokens':
      return (
        `${by} allows at most ${rule.maxOutputTokens} output tokens; ` +
        (ask.maxTokens === null
          ? 'the request states no maximum.'
          : `${ask.maxTokens} are asked for.`)
      )
  }
}
