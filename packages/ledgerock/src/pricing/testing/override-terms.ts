// Overrides for tests, from the words a file would have; a fault is a mistake of the test.

import { readOverrides, type PriceOverride } from '../override/override.ts'
import { buildPriceBook, type PriceBook } from '../price-book.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'

export const LIST_BOOK: PriceBook = buildPriceBook([SNAPSHOT_LAYER])

export function overridesOf(
  terms: readonly object[],
  book: PriceBook = LIST_BOOK,
): readonly PriceOverride[] {
  const read = readOverrides(terms, 'file', book)
  if (!read.ok) throw new Error(JSON.stringify(read.problem))
  return read.value
}
