// The rules in force as people see them: model access with its grants, limits with what workers ask of them, guardrails. All of
// them are declared in the file; who sees a part sees the rules that concern it, without the names of others.

import type { AccessRule } from '../../governance/model-access.ts'
import type { GuardrailRule } from '../../governance/guardrail-rule.ts'
import type { LimitRule } from '../../governance/limit/rate-limits.ts'
import type { RuleScope } from '../../governance/rule-scope.ts'
import type { WorkerUse } from '../../governance/limit/share-divider.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import type { DeclaredPolicy } from '../policy/declared-policy.ts'
import { concerns, shownTo } from './governed-scope.ts'
import type { UserScope } from '../people/scope.ts'
import type { StoredAccessRequest } from '../store/access-request-table.ts'
import type { ControlStore } from '../store/control-store.ts'

export type AccessRuleView = {
  readonly name: string
  readonly scope: RuleScope
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly scopes: AccessRule['scopes']
  readonly tiers: AccessRule['tiers']
  readonly max_output_tokens: number | null
  readonly streaming: boolean
  readonly rerouting: boolean
  readonly shadow: boolean
  readonly source: 'file'
}

export type GrantView = {
  readonly request_id: string
  readonly model: string
  readonly scope: RuleScope
  readonly from: string
  readonly to: string
}

export type LimitView = {
  readonly name: string
  readonly scope: RuleScope
  readonly per: string | null
  readonly requests_per_minute: number | null
  readonly tokens_per_minute: number | null
  readonly concurrent_calls: number | null
  readonly shadow: boolean
  readonly source: 'file'
  /** What each worker last asked for, and its share; empty where none has reported yet. */
  readonly workers: readonly Omit<WorkerUse, 'rule'>[]
}

export type GuardrailView = GuardrailRule & { readonly source: 'file' }

/** A route as the file declares it. */
export type DeclaredRoute = {
  readonly when: RuleScope
  readonly budget: { readonly name: string; readonly above: number } | null
  readonly from: string
  readonly to: readonly Readonly<Record<'model' | 'tier' | 'scope' | 'region', string | null>>[]
  readonly fallback: readonly Readonly<Record<'model' | 'scope' | 'region', string | null>>[]
}
export type RouteView = DeclaredRoute & { readonly source: 'file' }

export type RuleViews = {
  readonly access: (own: UserScope | null) => Promise<{
    readonly items: readonly AccessRuleView[]
    readonly grants: readonly GrantView[]
  }>
  readonly limits: (own: UserScope | null) => readonly LimitView[]
  readonly guardrails: (own: UserScope | null) => readonly GuardrailView[]
  readonly routes: (own: UserScope | null) => readonly RouteView[]
}

export type RuleViewDeps = {
  readonly store: ControlStore
  readonly declared: () => DeclaredPolicy
  /** Not part of the policy: workers have them from the configuration. */
  readonly routes: () => readonly DeclaredRoute[]
  readonly limitUse: () => readonly WorkerUse[]
  readonly clock: Clock
}

export function createRuleViews(deps: RuleViewDeps): RuleViews {
  return {
    async access(own) {
      const at = isoTime(deps.clock.now())
      const approved = await deps.store.read.accessRequests.approvedUntilAfter(at)
      return {
        items: seenBy(own, deps.declared().access).map(accessView),
        grants: seenBy(own, approved).map(grantView),
      }
    },
    limits(own) {
      const uses = Map.groupBy(deps.limitUse(), ({ rule }) => rule)
      return seenBy(own, deps.declared().limits).map((limit) =>
        limitView(limit, uses.get(limit.name) ?? []),
      )
    },
    guardrails: (own) =>
      seenBy(own, deps.declared().guardrails).map((rule) => ({ ...rule, source: 'file' })),
    routes: (own) =>
      deps
        .routes()
        .filter(({ when }) => concerns(own, when))
        .map((route) => ({ ...route, when: shownTo(own, route.when), source: 'file' })),
  }
}

function seenBy<Ruled extends { readonly scope: RuleScope }>(
  own: UserScope | null,
  rules: readonly Ruled[],
): readonly Ruled[] {
  return rules
    .filter(({ scope }) => concerns(own, scope))
    .map((rule) => ({ ...rule, scope: shownTo(own, rule.scope) }))
}

function accessView(rule: AccessRule): AccessRuleView {
  const { maxOutputTokens, ...rest } = rule
  return { ...rest, max_output_tokens: maxOutputTokens, source: 'file' }
}

function grantView(request: StoredAccessRequest): GrantView {
  const { requestId, model, scope, askedAt, decidedAt, until } = request
  return { request_id: requestId, model, scope, from: decidedAt ?? askedAt, to: until }
}

function limitView(limit: LimitRule, uses: readonly WorkerUse[]): LimitView {
  return {
    name: limit.name,
    scope: limit.scope,
    per: limit.per,
    requests_per_minute: limit.requestsPerMinute,
    tokens_per_minute: limit.tokensPerMinute,
    concurrent_calls: limit.concurrentCalls,
    shadow: limit.shadow,
    source: 'file',
    workers: uses.map(({ worker, asked, running, share, slots }) => {
      return { worker, asked, running, share, slots }
    }),
  }
}
