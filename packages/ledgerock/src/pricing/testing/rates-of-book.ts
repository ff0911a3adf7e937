// Every rate of a book, one by one, for tests that look at all of them.

import type { PriceBook } from '../price-book.ts'
import type { Rate } from '../rate.ts'
import { ratesOfLayer } from '../rates-of-layer.ts'

export function* ratesOfBook(book: PriceBook): Generator<Rate> {
  for (const layer of book.layers) yield* ratesOfLayer(layer)
}
