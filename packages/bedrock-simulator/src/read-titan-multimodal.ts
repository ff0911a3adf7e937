// Reads Titan multimodal embeddings: a text, a picture, or both as one vector.

import { chatAsk, NO_TEXT, type BodyAsk } from './ask.ts'
import { isJsonObject, isString, type JsonObject } from './json-value.ts'
import { extraneousKey, malformed, oneOf } from './malformed.ts'
import { PromptBuilder } from './prompt.ts'
import type { Refusal } from './refusal.ts'
import { NO_OTHER_USAGE } from './usage.ts'

const DIMENSIONS = [256, 384, 1_024]

export function readTitanMultimodal(body: JsonObject): BodyAsk | Refusal {
  const extra = extraneousKey(body, ['inputText', 'inputImage', 'embeddingConfig'])
  if (extra !== null) return extra
  const text = body['inputText']
  const image = body['inputImage']
  if (!isString(text) && !isString(image)) {
    return malformed('#: required key [inputText] or [inputImage] not found')
  }
  const config = isJsonObject(body['embeddingConfig']) ? body['embeddingConfig'] : {}
  const path = '#/embeddingConfig/outputEmbeddingLength'
  const dimensions = oneOf(config['outputEmbeddingLength'] ?? 1_024, path, DIMENSIONS)
  if (typeof dimensions !== 'number') return dimensions
  const builder = new PromptBuilder()
  if (isString(text)) builder.addText(text)
  if (isString(image)) builder.addOverhead(image, 0)
  const item = { medium: isString(image) ? ('image' as const) : ('text' as const), text: '' }
  return {
    ...chatAsk({ ...builder.content(), ...NO_TEXT }),
    product: { kind: 'embeddings', items: [item], dimensions, normalize: true, types: null },
    other: isString(image) ? { image_input: 1 } : NO_OTHER_USAGE,
  }
}
