// "Did you mean": the known model ids closest to one nobody knows, for messages only.

import { prefixOf } from './model-catalog.ts'
import type { PriceBook } from './price-book.ts'

const SUGGESTIONS_MAX = 3
const ID_CHARACTERS_MAX = 200

/** Nearest first, with the profile prefix the unknown id had; empty where nothing is near. */
export function suggestModels(book: PriceBook, unknownId: string): readonly string[] {
  if (unknownId.length > ID_CHARACTERS_MAX) return []
  const wanted = unknownId.toLowerCase()
  const prefix = prefixOf(wanted)
  const name = prefix === null ? wanted : wanted.slice(prefix.name.length + 1)
  const distanceMax = Math.max(2, Math.floor(name.length / 3))
  return [...book.baseIds.keys()]
    .map((id) => ({ id, distance: distanceOf(name, id) }))
    .filter(({ distance }) => distance <= distanceMax)
    .toSorted((left, right) => left.distance - right.distance || (left.id < right.id ? -1 : 1))
    .slice(0, SUGGESTIONS_MAX)
    .map(({ id }) => (prefix === null ? id : `${prefix.name}.${id}`))
}

/** People leave out the version or the maker rather than mistype it, so a part of an id is near. */
function distanceOf(name: string, id: string): number {
  if (name.length >= 4 && id.includes(name)) return 0
  const model = id.slice(id.indexOf('.') + 1)
  return Math.min(editDistance(name, id), editDistance(name, model) + 1)
}

/** Levenshtein: the fewest insertions, deletions and substitutions. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= right.length; j += 1) {
      const substituted = (previous[j - 1] as number) + (left[i - 1] === right[j - 1] ? 0 : 1)
      const inserted = (current[j - 1] as number) + 1
      const deleted = (previous[j] as number) + 1
      current.push(Math.min(substituted, inserted, deleted))
    }
    previous = current
  }
  return previous[right.length] as number
}
