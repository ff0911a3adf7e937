// Which model Bedrock is told to run, where it is not simply the one the client named, and what that model is: an application
// inference profile may stand in for it, and what is behind a profile only AWS can say.

import type { ProfileLookup } from '../../aws/inference-profiles.ts'
import { parseModelId } from '../../bedrock/model-id.ts'
import { resolveModel, type ModelIdentity } from '../../pricing/model-catalog.ts'
import type { PriceBook } from '../../pricing/price-book.ts'
import type { Call, Known } from '../call.ts'
import type { Step } from './plan-steps.ts'
import { profileFor } from './profile-rule.ts'
import type { Target } from './upstream.ts'

/** The model to be named instead of the client's: the step's, or the profile that stands in for it; null: the client's own. */
export function modelInstead(
  book: PriceBook,
  step: Step<Target>,
  { route }: Pick<Call, 'route'>,
  { model, who }: Pick<Known, 'model' | 'who'>,
): string | null {
  const { profiles } = step.target
  // Profiles are named in a path only; the APIs that name the model in the body take none.
  if (profiles.length === 0 || route.modelRequested === null) return step.model
  const requested = step.model ?? model
  const { modelId } = resolveModel(book, requested)
  return profileFor(profiles, { requested, baseId: modelId }, who.dimensions) ?? step.model
}

/** True where the model has to be looked up first, and is worth the wait. */
export function isUnknownProfile(lookup: ProfileLookup, model: string): boolean {
  return isProfileArn(model) && lookup.known(model) === null
}

/** What `called` is: behind a profile the model AWS named, else the one the profile stands in for. */
export function identityOf(
  book: PriceBook,
  lookup: ProfileLookup,
  called: string,
  standsFor: string,
): ModelIdentity {
  if (!isProfileArn(called)) return resolveModel(book, called)
  const found = lookup.known(called)
  const identity = resolveModel(book, called, found === 'unresolvable' ? null : found)
  if (identity.kind === 'resolved' || called === standsFor) return identity
  return { ...resolveModel(book, standsFor), inferenceProfile: called }
}

function isProfileArn(model: string): boolean {
  return model.startsWith('arn:') && parseModelId(model).kind === 'application-inference-profile'
}
