// Embedding vectors drawn from a seed, and the types in which services send them: plain floats, whole numbers of one byte, or
// one bit for each dimension packed eight to a byte.

import type { EmbeddingType } from './ask.ts'
import { mix, seededRandom } from './random.ts'

export type Vector = readonly number[]

const DECIMALS = 8

export type VectorShape = { readonly dimensions: number; readonly normalize: boolean }

/** `index` tells the vectors of one answer apart. */
export function vectorOf(seed: number, index: number, shape: VectorShape): Vector {
  const random = seededRandom(index === 0 ? seed : mix(seed, index))
  const vector = Array.from({ length: shape.dimensions }, () => random.unit() * 2 - 1)
  if (!shape.normalize) return vector
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

export function floatsJson(vector: Vector): string {
  return `[${vector.map((value) => value.toFixed(DECIMALS)).join(',')}]`
}

/** A bit for each dimension, as Titan sends it: not packed. */
export function bitsJson(vector: Vector): string {
  return `[${vector.map(bitOf).join(',')}]`
}

/** The vector as JSON in one of the types that Cohere and OpenAI know. */
export function vectorJson(vector: Vector, type: EmbeddingType): string {
  switch (type) {
    case 'float':
      return floatsJson(vector)
    case 'base64':
      return `"${Buffer.from(Float32Array.from(vector).buffer).toString('base64')}"`
    case 'int8':
      return `[${vector.map((value) => scaled(value)).join(',')}]`
    case 'uint8':
      return `[${vector.map((value) => scaled(value) + 128).join(',')}]`
    default:
      return `[${packed(vector, type === 'binary' ? 128 : 0).join(',')}]`
  }
}

/** Vectors of unit length have small values; what is beyond a byte is cut. */
function scaled(value: number): number {
  return Math.max(-128, Math.min(127, Math.round(value * 1_024)))
}

/** Signed bytes are the unsigned ones less 128. */
function packed(vector: Vector, less: number): readonly number[] {
  const bytes: number[] = []
  for (let from = 0; from < vector.length; from += 8) {
    let byte = 0
    for (let bit = 0; bit < 8; bit++) byte = byte * 2 + bitOf(vector[from + bit] ?? 0)
    bytes.push(byte - less)
  }
  return bytes
}

function bitOf(value: number): number {
  return value > 0 ? 1 : 0
}
