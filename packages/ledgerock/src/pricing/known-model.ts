// Whether a base model's id, or a pattern of them, names anything there is a price for: a slip in a name is better found when it is
// written than when the first call is refused.

import { compileGlob } from '../kernel/glob.ts'
import type { PriceBook } from './price-book.ts'

export function isKnownModel(book: PriceBook, pattern: string): boolean {
  if (book.models.has(pattern)) return true
  const fits = compileGlob(pattern)
  for (const id of book.models.keys()) if (fits(id)) return true
  for (const id of book.baseIds.keys()) if (fits(id)) return true
  return false
}
