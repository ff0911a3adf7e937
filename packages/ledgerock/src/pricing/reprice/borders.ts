// Where the answer of a price book can change: prompt sizes and instants named by any of its rows or overrides. Between two
// neighbouring borders all calls that are alike otherwise have the same rates.

import type { PriceRow } from '../price-document.ts'
import type { PriceBook } from '../price-book.ts'

export function contextBorders(book: PriceBook): readonly number[] {
  const borders = new Set<number>()
  for (const row of rowsOf(book)) borders.add(row.context_above ?? 0)
  for (const { effect } of book.overrides) if ('price' in effect) borders.add(effect.contextAbove)
  borders.delete(0)
  return ascending(borders)
}

/** Ascending; all of them, for `bordersWithin` to choose from. */
export function timeBorders(book: PriceBook): readonly number[] {
  const borders = new Set<number>()
  const add = (iso: string | null | undefined): void => {
    if (iso !== undefined && iso !== null) borders.add(Date.parse(iso))
  }
  for (const row of rowsOf(book)) {
    add(row.valid_from)
    add(row.valid_to)
  }
  for (const override of book.overrides) {
    add(override.validFrom)
    add(override.validTo)
  }
  return ascending(borders)
}

/** Those that part calls of the stretch: after its first instant, before its last. */
export function bordersWithin(
  borders: readonly number[],
  fromMs: number,
  toMs: number,
): readonly number[] {
  return borders.filter((border) => border > fromMs && border < toMs)
}

function* rowsOf(book: PriceBook): Generator<PriceRow> {
  for (const { document } of book.layers) {
    yield* document.shared_rates
    for (const model of document.models) yield* model.rates
  }
}

function ascending(numbers: ReadonlySet<number>): readonly number[] {
  return [...numbers].toSorted((left, right) => left - right)
}
