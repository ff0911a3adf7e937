// Every rate of a layer, one by one. Made when somebody asks for a list or for a rate by its id, and kept as long as the layer
// lives: books share their layers, and pricing a call needs none of it.

import type { UsageKind } from '@ledgerock/contract'
import type { PriceLayer } from './price-book.ts'
import { rateOf, type Rate } from './rate.ts'

const known = new WeakMap<PriceLayer, readonly Rate[]>()

export function ratesOfLayer(layer: PriceLayer): readonly Rate[] {
  const before = known.get(layer)
  if (before !== undefined) return before
  const { name, document } = layer
  const models = [
    ...document.models.map((model) => ({ modelId: model.model_id, rows: model.rates })),
    { modelId: '*', rows: document.shared_rates },
  ]
  const rates = models.flatMap(({ modelId, rows }) =>
    rows.flatMap((row) => {
      const sourceDate = document.sources[row.source]?.date ?? ''
      const origin = { layer: name, modelId, sourceDate }
      return Object.keys(row.prices).map((kind) => rateOf(origin, row, kind as UsageKind))
    }),
  )
  known.set(layer, rates)
  return rates
}
