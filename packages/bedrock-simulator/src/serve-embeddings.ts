// Mantle's embeddings route, in OpenAI's shape: one vector for each text, drawn from the seed and the text, as floats or in
// the base64 that OpenAI's clients ask for.

import { resolveNamed } from './decide.ts'
import { isString } from './json-value.ts'
import { tokensOfText } from './prompt.ts'
import { hashText, mix, seededRandom } from './random.ts'
import { invalid, isRefusal, type Refusal } from './refusal.ts'
import { NO_USAGE, served, type Served } from './served.ts'
import type { ServiceRequest } from './service-request.ts'

const FAMILIES: readonly string[] = ['titan-embedding', 'cohere-embedding', 'nova-embedding']
const DIMENSIONS_DEFAULT = 1_024
const DIMENSIONS_MAX = 4_096
const DECIMALS = 8

export function embed({ simulation, draft, body }: ServiceRequest): Served | Refusal {
  const resolved = resolveNamed(simulation, draft, body['model'])
  if (isRefusal(resolved)) return resolved
  const { model } = resolved
  if (!FAMILIES.includes(model.family)) {
    return invalid(`The model ${model.id} does not support the Embeddings API.`)
  }
  const input: unknown = isString(body['input']) ? [body['input']] : body['input']
  if (!Array.isArray(input) || input.length === 0 || !input.every(isString)) {
    return invalid(`'input' must be a text or a non-empty list of texts`)
  }
  const dimensions = body['dimensions'] ?? DIMENSIONS_DEFAULT
  if (typeof dimensions !== 'number' || !(dimensions >= 1 && dimensions <= DIMENSIONS_MAX)) {
    return invalid(`'dimensions' must be between 1 and ${DIMENSIONS_MAX}`)
  }
  const asBase64 = body['encoding_format'] === 'base64'
  const seed = mix(simulation.seed, hashText(model.id))
  const data = input.map((text, index) => {
    const vector = vectorOf(mix(seed, hashText(text)), dimensions)
    return { object: 'embedding', index, embedding: asBase64 ? base64Of(vector) : vector }
  })
  const tokens = input.reduce((sum, text) => sum + tokensOfText(text), 0)
  draft.tierResolved = 'default'
  const usage = { prompt_tokens: tokens, total_tokens: tokens }
  const answer = { object: 'list', data, model: draft.modelRequested, usage }
  return served(answer, { ...NO_USAGE, input: tokens })
}

function vectorOf(seed: number, dimensions: number): readonly number[] {
  const random = seededRandom(seed)
  const vector = Array.from({ length: dimensions }, () => random.unit() * 2 - 1)
  const length = Math.hypot(...vector)
  return vector.map((value) => Number((value / length).toFixed(DECIMALS)))
}

function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4))
  return bytes.toString('base64')
}
