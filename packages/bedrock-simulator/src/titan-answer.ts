// Writes Titan text embeddings: a vector drawn from the seed and the text, of unit length where the request wants it.

import type { EmbeddingAsk } from './ask.ts'
import type { Answer } from './answer.ts'
import { seededRandom } from './random.ts'

const DECIMALS = 8

export function titanBody({ generation, usage }: Answer, embedding: EmbeddingAsk): string {
  const vector = vectorOf(generation.seed, embedding)
  const floats = `[${vector.map((value) => value.toFixed(DECIMALS)).join(',')}]`
  const count = `"inputTextTokenCount":${usage.input}`
  if (embedding.types === null) return `{"embedding":${floats},${count}}`
  const byType = embedding.types.map((type) =>
    type === 'float'
      ? `"float":${floats}`
      : `"binary":[${vector.map((value) => (value > 0 ? 1 : 0)).join(',')}]`,
  )
  // As with the real model, the plain member is there only when floats were asked for.
  const plain = embedding.types.includes('float') ? `"embedding":${floats},` : ''
  return `{${plain}"embeddingsByType":{${byType.join(',')}},${count}}`
}

function vectorOf(seed: number, { dimensions, normalize }: EmbeddingAsk): readonly number[] {
  const random = seededRandom(seed)
  const vector = Array.from({ length: dimensions }, () => random.unit() * 2 - 1)
  if (!normalize) return vector
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}
