// Every rate of a book, one by one, for tests that look at all of them or look one up by its id.

import type { UsageKind } from '@ledgerock/contract'
import type { PriceBook } from '../price-book.ts'
import { rateOf, type Rate } from '../rate.ts'

export function* ratesOfBook(book: PriceBook): Generator<Rate> {
  for (const { name, document } of book.layers) {
    const models = [
      ...document.models.map((model) => ({ modelId: model.model_id, rows: model.rates })),
      { modelId: '*', rows: document.shared_rates },
    ]
    for (const { modelId, rows } of models) {
      for (const row of rows) {
        const sourceDate = document.sources[row.source]?.date ?? ''
        for (const kind of Object.keys(row.prices) as UsageKind[]) {
          yield rateOf({ layer: name, modelId, sourceDate }, row, kind)
        }
      }
    }
  }
}

export function findRate(book: PriceBook, rateId: string): Rate | null {
  for (const rate of ratesOfBook(book)) if (rate.rateId === rateId) return rate
  return null
}
