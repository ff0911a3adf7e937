// Where a call may be sent, in order: the target and model it asks for, or what a route says instead of it, then what it falls back
// to. A route may hang on a budget: it holds from a share of the limit on. Pure; what the rules cannot give (no target in that region,
// no profile in that scope, no place for a tier, a model that is not sold in it) is left out.

import type { Scope, Tier } from '@ledgerock/contract'
import { canMoveTier } from '../../bedrock/edit/tier-edit.ts'
import type { Operation } from '../../bedrock/route.ts'
import type { Glob } from '../../kernel/glob.ts'
import { resolveModel, type ModelIdentity } from '../../pricing/model-catalog.ts'
import { cellOf, type PriceBook } from '../../pricing/price-book.ts'
import { profileInScope } from '../../pricing/profile-in-scope.ts'
import { chooseTarget, holds, type TargetCondition } from './choose-target.ts'

/** What becomes different; null: as asked. */
export type RouteChange = {
  readonly region: string | null
  readonly scope: Scope | null
  readonly model: string | null
}

export type RouteRule = {
  readonly when: Readonly<Record<string, string>>
  /** The rule holds while so many percent of this budget, or more, are used; null: always. */
  readonly budget: { readonly name: string; readonly above: number } | null
  /** Matches the model as it was asked for, or its base id. */
  readonly from: Glob
  /** Instead of what was asked for: the first of them the caller might have asked for. */
  readonly to: readonly (RouteChange & { readonly tier: Tier | null })[]
  readonly fallback: readonly RouteChange[]
}

export type Step<Target> = {
  readonly target: Target
  /** The model to be named to Bedrock; null: as the client named it. */
  readonly model: string | null
  /** Null: as the client asked. */
  readonly tier: Tier | null
  /** It stands in the place of what was asked for. */
  readonly isRouted: boolean
  /** What this step changes of the call, for its record. */
  readonly changes: readonly string[]
}

export type Asked<Target> = {
  readonly target: Target
  readonly model: string
  readonly identity: ModelIdentity
  readonly operation: Operation
  readonly tier: Tier
  readonly dimensions: Readonly<Record<string, string>>
  /** Percent of a budget that is used, of the counter that covers the call; null: none does, or nobody knows. */
  readonly usedPercent: (budget: string) => number | null
}

const NO_CHANGES: readonly string[] = []

/** What was asked for first, then what stands in its place by the first rule that says so, then what the first rule falls back to. */
export function planSteps<Target extends TargetCondition>(
  rules: readonly RouteRule[],
  targets: readonly Target[],
  book: PriceBook,
  asked: Asked<Target>,
): readonly Step<Target>[] {
  const first: Step<Target> = {
    target: asked.target,
    model: null,
    tier: null,
    isRouted: false,
    changes: NO_CHANGES,
  }
  if (rules.length === 0) return [first]
  const steps = [first]
  const instead = rules.find((rule) => rule.to.length > 0 && isFor(rule, asked))
  for (const change of instead?.to ?? []) {
    const { tier } = change
    if (tier !== null && !canMoveTier(asked.operation, asked.tier, tier)) continue
    const step = stepOf(targets, book, asked, change, 'route')
    if (
      step === null ||
      (tier !== null && !isSoldIn(book, step.model ?? asked.model, step, tier))
    ) {
      continue
    }
    steps.push(tier === null ? step : { ...step, tier, changes: [...step.changes, 'route:tier'] })
  }
  const after = rules.find((rule) => rule.fallback.length > 0 && isFor(rule, asked))
  for (const change of after?.fallback ?? []) {
    const step = stepOf(targets, book, asked, change, 'fallback')
    if (step !== null) steps.push(step)
  }
  return steps
}

/**
 * Those that may be taken. Where something may stand in the place of what was asked for, nothing leads back there: of the fallbacks
 * only those that name another model are left.
 */
export function stepsToTake<Target>(
  planned: readonly Step<Target>[],
  isAllowed: (step: Step<Target>) => boolean,
): readonly Step<Target>[] {
  const [asked, ...others] = planned
  if (asked === undefined || others.length === 0) return planned
  const allowed = others.filter(isAllowed)
  if (!allowed.some(({ isRouted }) => isRouted)) return [asked, ...allowed]
  return allowed.filter(({ isRouted, changes }) => isRouted || changes.includes('fallback:model'))
}

function isFor(
  { when, budget, from }: RouteRule,
  { model, identity, dimensions, usedPercent }: Asked<TargetCondition>,
): boolean {
  if (!holds(when, dimensions)) return false
  const baseId = identity.kind === 'resolved' ? identity.modelId : null
  if (!from(model) && (baseId === null || !from(baseId))) return false
  if (budget === null) return true
  const used = usedPercent(budget.name)
  return used !== null && used >= budget.above
}

function stepOf<Target extends TargetCondition>(
  targets: readonly Target[],
  book: PriceBook,
  asked: Asked<Target>,
  change: RouteChange,
  kind: 'route' | 'fallback',
): Step<Target> | null {
  const region = change.region ?? asked.target.region
  const target = chooseTarget(targets, region, asked.dimensions)
  const name = change.model ?? nameThere(book, asked, change.scope, region)
  if (target === null || name === undefined) return null
  const changes = PARTS.filter((part) => change[part] !== null).map((part) => `${kind}:${part}`)
  return { target, model: name, tier: null, isRouted: kind === 'route', changes }
}

/** What a model is not sold in, Bedrock refuses; what nobody knows of is tried. */
function isSoldIn(
  book: PriceBook,
  model: string,
  { target }: Step<TargetCondition>,
  tier: Tier,
): boolean {
  const identity = resolveModel(book, model)
  if (identity.kind !== 'resolved') return true
  const known = book.models.get(identity.modelId)
  if (known === undefined) return true
  return cellOf(known, target.region, identity.scope, tier).state !== 'unknown_tier'
}

const PARTS = ['region', 'scope', 'model'] as const

/**
 * What the model is called there. Null: as asked. Undefined: nothing, so there is no such step: an ARN is of one region, and
 * a geography's profile is known in that geography only.
 */
function nameThere(
  book: PriceBook,
  { model, identity, target }: Asked<TargetCondition>,
  scope: Scope | null,
  region: string,
): string | null | undefined {
  const elsewhere = region !== target.region
  if (scope === null && !elsewhere) return null
  if (identity.kind !== 'resolved')
    return model.startsWith('arn:') || scope !== null ? undefined : null
  const wanted = scope ?? identity.scope
  if (scope === null && wanted !== 'geo' && !model.startsWith('arn:')) return null
  return profileInScope(book, identity.modelId, wanted, region) ?? undefined
}
