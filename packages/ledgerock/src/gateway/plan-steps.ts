// Where a call may be sent, in order: the target and model it asks for, then the fallbacks of the first route rule that fits it.
// Pure; what the rules cannot give (no target in that region, no profile in that scope) is left out.

import type { Scope } from '@ledgerock/contract'
import type { Glob } from '../kernel/glob.ts'
import type { ModelIdentity } from '../pricing/model-catalog.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import { profileInScope } from '../pricing/profile-in-scope.ts'
import { chooseTarget, holds, type TargetCondition } from './choose-target.ts'

export type RouteRule = {
  readonly when: Readonly<Record<string, string>>
  /** Matches the model as it was asked for, or its base id. */
  readonly from: Glob
  readonly fallback: readonly {
    readonly region: string | null
    readonly scope: Scope | null
    readonly model: string | null
  }[]
}

export type Step<Target> = {
  readonly target: Target
  /** The model to be named to Bedrock; null: as the client named it. */
  readonly model: string | null
  /** What this step changes of the call, for its record. */
  readonly changes: readonly string[]
}

export type Asked<Target> = {
  readonly target: Target
  readonly model: string
  readonly identity: ModelIdentity
  readonly dimensions: Readonly<Record<string, string>>
}

const NO_CHANGES: readonly string[] = []

export function planSteps<Target extends TargetCondition>(
  rules: readonly RouteRule[],
  targets: readonly Target[],
  book: PriceBook,
  asked: Asked<Target>,
): readonly Step<Target>[] {
  const first = { target: asked.target, model: null, changes: NO_CHANGES }
  if (rules.length === 0) return [first]
  const { model, identity, dimensions } = asked
  const baseId = identity.kind === 'resolved' ? identity.modelId : null
  const rule = rules.find(
    ({ when, from }) =>
      holds(when, dimensions) && (from(model) || (baseId !== null && from(baseId))),
  )
  const steps: Step<Target>[] = [first]
  for (const fallback of rule?.fallback ?? []) {
    const region = fallback.region ?? asked.target.region
    const target = chooseTarget(targets, region, dimensions)
    const name = fallback.model ?? nameThere(book, asked, fallback.scope, region)
    if (target === null || name === undefined) continue
    const changes = (['region', 'scope', 'model'] as const)
      .filter((part) => fallback[part] !== null)
      .map((part) => `fallback:${part}`)
    steps.push({ target, model: name, changes })
  }
  return steps
}

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
