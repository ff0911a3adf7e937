// The prices in force: an ordered list of layers, first match wins, indexed by model. A book is immutable; a change of prices is
// a new book with a new version, which every priced call keeps. What looks like mutation inside is a cache of compiled cells.

import { createHash } from 'node:crypto'
import { SCOPES, TIERS, type Scope, type Tier } from '@ledgerock/contract'
import { assert } from '../kernel/assert.ts'
import { GUARDRAIL_MODELS } from './guardrail-models.ts'
import type { PriceDocument, PricedModel } from './price-document.ts'
import { LAYER_NAMES, type LayerName } from './rate.ts'
import { compileCell, type PlacedRow, type RateCell } from './rate-cell.ts'

export type PriceLayer = { readonly name: LayerName; readonly document: PriceDocument }

export type BookModel = {
  readonly modelId: string
  /** As the first layer that knows the model describes it. */
  readonly model: PricedModel
  /** The model's own rows and the shared ones, layer by layer. */
  readonly layers: readonly (readonly PlacedRow[])[]
  /** It has no rows of its own: what is sold beside any model is all it sells. */
  readonly isSharedOnly: boolean
  readonly cells: Map<string, RateCell[]>
}

export type PriceBook = {
  readonly version: string
  readonly layers: readonly PriceLayer[]
  readonly models: ReadonlyMap<string, BookModel>
  /** Base ids and their other names, to the base id. */
  readonly baseIds: ReadonlyMap<string, string>
  readonly profiles: ReadonlyMap<string, { readonly modelId: string; readonly scope: Scope }>
}

/** Layers in order of precedence, at most one of each name. */
export function buildPriceBook(layers: readonly PriceLayer[]): PriceBook {
  const order = layers.map((layer) => LAYER_NAMES.indexOf(layer.name))
  assert(
    order.every((rank, index) => index === 0 || (order[index - 1] as number) < rank),
    'the layers of a price book come in their order of precedence, each once',
  )
  const baseIds = new Map<string, string>()
  const profiles = new Map<string, { modelId: string; scope: Scope }>()
  const described = new Map<string, PricedModel>()
  // The strongest layer comes last, so that what it says of a name stands.
  for (const { document } of layers.toReversed()) {
    for (const model of document.models) {
      described.set(model.model_id, model)
      for (const alias of model.aliases ?? []) baseIds.set(alias, model.model_id)
    }
    for (const profile of document.inference_profiles) {
      profiles.set(profile.profile_id, { modelId: profile.model_id, scope: profile.scope })
    }
  }
  for (const modelId of described.keys()) baseIds.set(modelId, modelId)
  const rowsByLayer = layers.map(rowsOfLayer)
  const models = new Map<string, BookModel>()
  for (const [modelId, model] of described) {
    const own = rowsByLayer.map(({ shared, byModel }) => [
      ...(byModel.get(modelId) ?? []),
      ...shared,
    ])
    models.set(modelId, { modelId, model, layers: own, isSharedOnly: false, cells: new Map() })
  }
  const shared = rowsByLayer.map((rows) => rows.shared)
  if (shared.some((rows) => rows.length > 0)) {
    for (const model of GUARDRAIL_MODELS) {
      const modelId = model.model_id
      baseIds.set(modelId, modelId)
      models.set(modelId, { modelId, model, layers: shared, isSharedOnly: true, cells: new Map() })
    }
  }
  return { version: versionOf(layers), layers, models, baseIds, profiles }
}

/** The compiled rates for a place, a scope and a tier; a null tier is one nobody knows. */
export function cellOf(
  model: BookModel,
  region: string,
  scope: Scope,
  tier: Tier | null,
): RateCell {
  const tierIndex = tier === null ? TIERS.length : TIERS.indexOf(tier)
  const slot = tierIndex * SCOPES.length + SCOPES.indexOf(scope)
  const cached = model.cells.get(region)?.[slot]
  if (cached !== undefined) return cached
  const cell = compileCell(model.layers, region, scope, tier, model.isSharedOnly)
  // A region nobody sells in is a string from outside: not kept.
  if (cell.state === 'unknown_region') return cell
  const cells = model.cells.get(region) ?? []
  cells[slot] = cell
  model.cells.set(region, cells)
  return cell
}

function rowsOfLayer({ name, document }: PriceLayer): {
  readonly shared: readonly PlacedRow[]
  readonly byModel: ReadonlyMap<string, readonly PlacedRow[]>
} {
  const place =
    (modelId: string) =>
    (row: PlacedRow['row']): PlacedRow => {
      const sourceDate = document.sources[row.source]?.date ?? ''
      return { origin: { layer: name, modelId, sourceDate }, row }
    }
  const models = document.models.map(
    (model) => [model.model_id, model.rates.map(place(model.model_id))] as const,
  )
  return { shared: document.shared_rates.map(place('*')), byModel: new Map(models) }
}

function versionOf(layers: readonly PriceLayer[]): string {
  const content = JSON.stringify(layers.map((layer) => [layer.name, layer.document]))
  return createHash('sha256').update(content).digest('hex').slice(0, 16)
}
