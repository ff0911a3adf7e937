// The models this Bedrock offers: what shape they speak, how much they write, what they cache and where they are sold.
// Typed by hand, from AWS's model cards and its pages on inference parameters and prompt caching, in `text-models.ts` and
// `media-models.ts`, as `model-shape.ts` says; here they are found by their id.

import type { Model } from './model-shape.ts'
import { MEDIA_MODELS } from './media-models.ts'
import { TEXT_MODELS } from './text-models.ts'

const MODELS: readonly Model[] = [...TEXT_MODELS, ...MEDIA_MODELS]

const modelsById: ReadonlyMap<string, Model> = new Map(MODELS.map((model) => [model.id, model]))

export function findModel(id: string): Model | null {
  return modelsById.get(id) ?? null
}

export function modelIds(): readonly string[] {
  return MODELS.map((model) => model.id)
}
