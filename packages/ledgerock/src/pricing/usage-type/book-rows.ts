// What a book sells of one model, whatever the layer: it decides how AWS's looser words are meant. Gathered once per book.

import type { PriceBook } from '../price-book.ts'
import type { PriceRow } from '../price-document.ts'

export type ModelSales = {
  readonly rows: readonly PriceRow[]
  readonly isSoldInRegion: boolean
  readonly isSoldInGeography: boolean
  /** Prompt sizes above which another price holds. */
  readonly thresholds: readonly number[]
}

const NOTHING: ModelSales = {
  rows: [],
  isSoldInRegion: false,
  isSoldInGeography: false,
  thresholds: [],
}
const gathered = new WeakMap<PriceBook, ReadonlyMap<string, ModelSales>>()

export function salesOf(book: PriceBook, modelId: string): ModelSales {
  let sales = gathered.get(book)
  if (sales === undefined) {
    sales = gather(book)
    gathered.set(book, sales)
  }
  return sales.get(modelId) ?? NOTHING
}

function gather(book: PriceBook): ReadonlyMap<string, ModelSales> {
  const geographic = new Set<string>()
  for (const { scope, modelId } of book.profiles.values()) {
    if (scope === 'geo') geographic.add(modelId)
  }
  const models = book.layers.flatMap(({ document }) => document.models)
  const grouped = Map.groupBy(models, (model) => model.model_id)
  return new Map(
    [...grouped].map(([modelId, all]) => {
      const rows = all.flatMap(({ rates }) => rates)
      const scopes = new Set(rows.map((row) => row.scope))
      const thresholds = new Set(rows.map((row) => row.context_above ?? 0))
      thresholds.delete(0)
      const sales = {
        rows,
        isSoldInRegion: scopes.has('in-region'),
        isSoldInGeography: scopes.has('geo') || geographic.has(modelId),
        thresholds: [...thresholds],
      }
      return [modelId, sales] as const
    }),
  )
}
