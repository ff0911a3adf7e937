// Reads Titan text embedding requests: v1 takes only `inputText`; v2 also dimensions, normalisation and types.

import { chatAsk, NO_TEXT, type BodyAsk, type Embeddings } from './ask.ts'
import type { Model } from './model-shape.ts'
import { isString, type JsonObject } from './json-value.ts'
import { missingKey } from './malformed.ts'
import { PromptBuilder } from './prompt.ts'
import { invalid, isRefusal, type Refusal } from './refusal.ts'

const INPUT_CHARACTERS_MAX = 50_000
const V1_DIMENSIONS = 1_536
const V2_DIMENSIONS: readonly unknown[] = [256, 512, 1_024]

type Vectors = Pick<Embeddings, 'dimensions' | 'normalize' | 'types'>

export function readTitan(body: JsonObject, model: Model): BodyAsk | Refusal {
  const text = body['inputText']
  if (!isString(text)) return missingKey('inputText')
  if (text.length < 1 || text.length > INPUT_CHARACTERS_MAX) {
    return invalid(
      `Malformed input request: inputText must have 1 to ${INPUT_CHARACTERS_MAX} characters`,
    )
  }
  const vectors = model.id.endsWith('v1') ? v1() : readV2(body)
  if (isRefusal(vectors)) return vectors
  const builder = new PromptBuilder()
  builder.addText(text)
  const items = [{ medium: 'text' as const, text }]
  return {
    ...chatAsk({ ...builder.content(), ...NO_TEXT }),
    product: { kind: 'embeddings', items, ...vectors },
  }
}

function v1(): Vectors {
  return { dimensions: V1_DIMENSIONS, normalize: false, types: null }
}

function readV2(body: JsonObject): Vectors | Refusal {
  const dimensions = body['dimensions'] ?? 1_024
  if (typeof dimensions !== 'number' || !V2_DIMENSIONS.includes(dimensions)) {
    return invalid('Malformed input request: #/dimensions: must be one of 256, 512, 1024')
  }
  const asked = body['embeddingTypes'] ?? ['float']
  if (!Array.isArray(asked) || asked.length === 0) {
    return invalid('Malformed input request: #/embeddingTypes: must be a non-empty list')
  }
  const types: ('float' | 'binary')[] = []
  for (const type of asked) {
    if (type !== 'float' && type !== 'binary') {
      return invalid('Malformed input request: #/embeddingTypes: must be float or binary')
    }
    types.push(type)
  }
  return { dimensions, normalize: body['normalize'] !== false, types }
}
