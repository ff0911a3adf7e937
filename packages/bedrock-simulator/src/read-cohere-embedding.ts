// Reads Cohere Embed, v3 and v4: texts, pictures or (v4) both mixed in one input, one vector for each. To v4 a picture is tokens
// too; what its tokens cost is not known, so pictures are counted beside them and have no price.

import {
  chatAsk,
  EMBEDDING_TYPES,
  NO_TEXT,
  type BodyAsk,
  type EmbeddedItem,
  type EmbeddingType,
} from './ask.ts'
import type { Model } from './model-shape.ts'
import { imageTokens } from './content-tokens.ts'
import { isJsonObject, isString, itemsOf, type JsonObject } from './json-value.ts'
import { extraneousKey, malformed, missingKey, oneOf, texts } from './malformed.ts'
import { PromptBuilder } from './prompt.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { NO_OTHER_USAGE } from './usage.ts'

const INPUT_TYPES = ['search_document', 'search_query', 'classification', 'clustering', 'image']
const V3_MEMBERS = ['input_type', 'texts', 'images', 'embedding_types', 'truncate']
const V4_MEMBERS = [...V3_MEMBERS, 'inputs', 'output_dimension', 'max_tokens']
const V3_DIMENSIONS = 1_024
const V4_DIMENSIONS = [256, 512, 1_024, 1_536]
const ITEMS_MAX = 96

export function readCohereEmbedding(body: JsonObject, model: Model): BodyAsk | Refusal {
  const isV4 = model.id === 'cohere.embed-v4:0'
  const extra = extraneousKey(body, isV4 ? V4_MEMBERS : V3_MEMBERS)
  if (extra !== null) return extra
  if (body['input_type'] === undefined) return missingKey('input_type')
  const inputType = oneOf(body['input_type'], '#/input_type', INPUT_TYPES)
  if (typeof inputType !== 'string') return inputType
  const size = isV4 ? (body['output_dimension'] ?? 1_536) : V3_DIMENSIONS
  const dimensions = oneOf(size, '#/output_dimension', V4_DIMENSIONS)
  if (typeof dimensions !== 'number') return dimensions
  const types = readTypes(body['embedding_types'])
  if (types !== null && isRefusal(types)) return types

  const builder = new PromptBuilder()
  const read = readItems(body, isV4, builder)
  if (isRefusal(read)) return read
  const { items, pictures } = read
  if (items.length === 0) return missingKey('texts')
  if (items.length > ITEMS_MAX) {
    return malformed(`#/texts: expected maximum item count: ${ITEMS_MAX}, found: ${items.length}`)
  }
  return {
    ...chatAsk({ ...builder.content(), ...NO_TEXT }),
    product: { kind: 'embeddings', items, dimensions, normalize: true, types },
    other: pictures > 0 ? { image_input: pictures } : NO_OTHER_USAGE,
  }
}

function readTypes(value: unknown): readonly EmbeddingType[] | Refusal | null {
  if (value === undefined || value === null) return null
  const names = texts(value, '#/embedding_types')
  if (isRefusal(names)) return names
  const types: EmbeddingType[] = []
  for (const [index, name] of names.entries()) {
    const type = oneOf(name, `#/embedding_types/${index}`, EMBEDDING_TYPES)
    if (typeof type !== 'string') return type
    types.push(type)
  }
  return types
}

type Items = { readonly items: readonly EmbeddedItem[]; readonly pictures: number }

function readItems(body: JsonObject, isV4: boolean, builder: PromptBuilder): Items | Refusal {
  const written = texts(body['texts'], '#/texts')
  if (isRefusal(written)) return written
  const drawn = texts(body['images'], '#/images')
  if (isRefusal(drawn)) return drawn
  if (written.length > 0 && drawn.length > 0) {
    return malformed('#: [texts] and [images] are not permitted together')
  }
  const items: EmbeddedItem[] = []
  let pictures = drawn.length
  for (const text of written) {
    builder.addText(text)
    items.push({ medium: 'text', text })
  }
  for (const image of drawn) {
    builder.addOverhead(image, isV4 ? imageTokens(image.length) : 0)
    items.push({ medium: 'image', text: '' })
  }
  for (const [index, input] of itemsOf(body['inputs']).entries()) {
    const content = isJsonObject(input) ? itemsOf(input['content']) : []
    if (content.length === 0) return missingKey('content', `#/inputs/${index}`)
    for (const part of content) pictures += addPart(part, builder)
    items.push({ medium: 'image', text: '' })
  }
  return { items, pictures }
}

/** The pictures in the part: one or none. */
function addPart(part: unknown, builder: PromptBuilder): number {
  if (!isJsonObject(part)) return 0
  if (isString(part['text'])) {
    builder.addText(part['text'])
    return 0
  }
  const image = isJsonObject(part['image_url']) ? part['image_url']['url'] : part['image_url']
  if (!isString(image)) return 0
  builder.addOverhead(image, imageTokens(image.length))
  return 1
}
