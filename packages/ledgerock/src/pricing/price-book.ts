// The prices in force: an ordered list of layers, first match wins, indexed by model, and the overrides above them. A book is
// immutable; a change of prices is a new book with a new version, which every priced call keeps. What looks like mutation
// inside is a cache of compiled cells.

import { SCOPES, TIERS, type Scope, type Tier } from '@ledgerock/contract'
import { assert } from '../kernel/assert.ts'
import { GUARDRAIL_MODELS } from './guardrail-models.ts'
import type { PriceOverride } from './override/price-override.ts'
import { isFixed } from './override/override-rate.ts'
import { isPattern, rankOverrides, type RankedOverride } from './override/rank-overrides.ts'
import type { PriceDocument, PricedModel } from './price-document.ts'
import { LAYER_NAMES, type LayerName } from './rate.ts'
import { compileCell, type CellSource, type PlacedRow, type RateCell } from './rate-cell.ts'
import { versionHash } from './short-hash.ts'

export type PriceLayer = {
  readonly name: LayerName
  readonly document: PriceDocument
  /** A hash of the document. */
  readonly version: string
}

export type BookModel = CellSource & {
  /** As the first layer that knows the model describes it. */
  readonly model: PricedModel
  readonly cells: Map<string, RateCell[]>
  /** The accounts with overrides of their own; theirs are cells apart. */
  readonly accounts: ReadonlySet<string>
  readonly accountCells: Map<string, Map<string, RateCell[]>>
}

export type { PriceOverride }

export type PriceBook = {
  readonly version: string
  readonly layers: readonly PriceLayer[]
  readonly overrides: readonly PriceOverride[]
  readonly models: ReadonlyMap<string, BookModel>
  /** Base ids and their other names, to the base id. */
  readonly baseIds: ReadonlyMap<string, string>
  readonly profiles: ReadonlyMap<string, { readonly modelId: string; readonly scope: Scope }>
}

/** Models that have no rows of their own: what is sold beside any model is all they sell. */
const SHARED_ONLY: ReadonlySet<string> = new Set(GUARDRAIL_MODELS.map(({ model_id }) => model_id))

/** Reads the whole document once: its version is for ever that of this content. */
export function layerOf(name: LayerName, document: PriceDocument): PriceLayer {
  return { name, document, version: versionHash(JSON.stringify(document)) }
}

/** Layers in order of precedence, at most one of each name. */
export function buildPriceBook(
  layers: readonly PriceLayer[],
  overrides: readonly PriceOverride[] = [],
): PriceBook {
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
  for (const model of modelsOnlyOverridden(overrides, described)) {
    described.set(model.model_id, model)
  }
  const rowsByLayer = layers.map(rowsOfLayer)
  const shared = rowsByLayer.map((rows) => rows.shared)
  if (shared.some((rows) => rows.length > 0)) {
    for (const model of GUARDRAIL_MODELS) described.set(model.model_id, model)
  }
  for (const modelId of described.keys()) baseIds.set(modelId, modelId)
  const ranked = rankOverrides(overrides)
  const accounts = new Set(overrides.flatMap(({ accountId }) => accountId ?? []))
  const models = new Map<string, BookModel>()
  for (const [modelId, model] of described) {
    const own = rowsByLayer.map(({ byModel }) => byModel.get(modelId) ?? [])
    models.set(modelId, {
      modelId,
      model,
      layers: own.map((rows, index) => [...rows, ...(shared[index] as readonly PlacedRow[])]),
      isSharedOnly: SHARED_ONLY.has(modelId),
      overrides: ranked,
      cells: new Map(),
      accounts,
      accountCells: new Map(),
    })
  }
  return { version: versionOf(layers, ranked), layers, overrides, models, baseIds, profiles }
}

const REGIONS_KEPT_MAX = 256

/** The compiled rates for a place, a scope, a tier and an account; a null tier is one nobody knows. */
export function cellOf(
  model: BookModel,
  region: string,
  scope: Scope,
  tier: Tier | null,
  accountId: string | null = null,
): RateCell {
  const own = accountId !== null && model.accounts.has(accountId) ? accountId : null
  const cellsOfRegion = own === null ? model.cells : cellsOfAccount(model, own)
  const tierIndex = tier === null ? TIERS.length : TIERS.indexOf(tier)
  const slot = tierIndex * SCOPES.length + SCOPES.indexOf(scope)
  const cached = cellsOfRegion.get(region)?.[slot]
  if (cached !== undefined) return cached
  const cell = compileCell(model, { region, scope, tier, accountId: own })
  const cells = cellsOfRegion.get(region) ?? []
  // A region is a string from outside: what nobody sells in, or would be one too many, is not kept.
  const isFull = cells.length === 0 && cellsOfRegion.size >= REGIONS_KEPT_MAX
  if (cell.state === 'unknown_region' || isFull) return cell
  cells[slot] = cell
  cellsOfRegion.set(region, cells)
  return cell
}

function cellsOfAccount(model: BookModel, accountId: string): Map<string, RateCell[]> {
  const cells = model.accountCells.get(accountId) ?? new Map<string, RateCell[]>()
  model.accountCells.set(accountId, cells)
  return cells
}

/** A fixed price for one model that no layer knows makes it known. */
function modelsOnlyOverridden(
  overrides: readonly PriceOverride[],
  described: ReadonlyMap<string, PricedModel>,
): readonly PricedModel[] {
  const ids = overrides
    .filter((override) => isFixed(override) && !isPattern(override.models))
    .map(({ models }) => models)
  return [...new Set(ids)]
    .filter((id) => !described.has(id) && !SHARED_ONLY.has(id))
    .map((id) => ({
      model_id: id,
      name: id,
      provider: '',
      modality: 'text',
      lifecycle: { status: 'active' },
      rates: [],
    }))
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

/** Overrides count by what they say and not by the order they came in. */
function versionOf(layers: readonly PriceLayer[], ranked: readonly RankedOverride[]): string {
  const versions = layers.map(({ name, version }) => [name, version])
  return versionHash(
    JSON.stringify([versions, ranked.map(({ override }) => override.overrideId).toSorted()]),
  )
}
