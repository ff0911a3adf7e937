// Writes a ranking as Amazon and Cohere do: the places of the best documents with their scores, best first. The order comes
// from the seed.

import type { Answer } from './answer.ts'
import type { Ranking } from './ask.ts'
import { mix, seededRandom } from './random.ts'

const DECIMALS = 8

export function rerankBody({ generation }: Answer, { documents, top }: Ranking): string {
  const random = seededRandom(mix(generation.seed, 4))
  const scored = Array.from({ length: documents }, (_, index) => ({ index, score: random.unit() }))
  const best = scored.toSorted((left, right) => right.score - left.score).slice(0, top)
  const results = best.map(
    ({ index, score }) => `{"index":${index},"relevance_score":${score.toFixed(DECIMALS)}}`,
  )
  return `{"results":[${results.join(',')}]}`
}
