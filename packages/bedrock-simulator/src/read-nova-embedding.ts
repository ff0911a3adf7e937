// Reads Amazon Nova multimodal embeddings. A text is paid by the token, a picture by its detail, sound and film by the second.
// One vector comes at once; what is cut into segments comes later.

import { chatAsk, NO_TEXT, type BodyAsk, type EmbeddedItem, type When } from './ask.ts'
import { isJsonObject, isString, ordered, type JsonObject } from './json-value.ts'
import { extraneousKey, malformed, missingKey, oneOf } from './malformed.ts'
import { readMediaSource } from './media-source.ts'
import { PromptBuilder } from './prompt.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { NO_OTHER_USAGE } from './usage.ts'

const DIMENSIONS = [256, 384, 1_024, 3_072]
const PURPOSES = [
  'GENERIC_INDEX',
  'GENERIC_RETRIEVAL',
  'TEXT_RETRIEVAL',
  'IMAGE_RETRIEVAL',
  'VIDEO_RETRIEVAL',
  'DOCUMENT_RETRIEVAL',
  'AUDIO_RETRIEVAL',
  'CLASSIFICATION',
  'CLUSTERING',
]
const MEDIA = ['text', 'image', 'audio', 'video'] as const
const TASKS = {
  now: { type: 'SINGLE_EMBEDDING', params: 'singleEmbeddingParams' },
  later: { type: 'SEGMENTED_EMBEDDING', params: 'segmentedEmbeddingParams' },
} as const

type Read = Pick<BodyAsk, 'other' | 'variant'> & { readonly items: readonly EmbeddedItem[] }

export function readNovaEmbedding(body: JsonObject, when: When): BodyAsk | Refusal {
  const { type, params: name } = TASKS[when]
  const extra = extraneousKey(body, ['schemaVersion', 'taskType', name])
  if (extra !== null) return extra
  const task = oneOf(body['taskType'], '#/taskType', [type])
  if (typeof task !== 'string') return task
  const params = body[name]
  if (!isJsonObject(params)) return missingKey(name)
  const path = `#/${name}`
  const purpose = oneOf(params['embeddingPurpose'], `${path}/embeddingPurpose`, PURPOSES)
  if (typeof purpose !== 'string') return purpose
  const size = params['embeddingDimension'] ?? 3_072
  const dimensions = oneOf(size, `${path}/embeddingDimension`, DIMENSIONS)
  if (typeof dimensions !== 'number') return dimensions
  const media = MEDIA.filter((medium) => params[medium] !== undefined)
  const [medium] = media
  if (medium === undefined || media.length > 1) {
    return malformed(`${path}: exactly one of [${MEDIA.join(', ')}] is required`)
  }
  const builder = new PromptBuilder()
  const read = readMedium(medium, params[medium], `${path}/${medium}`, builder)
  if (isRefusal(read)) return read
  const { items, other, variant } = read
  return {
    ...chatAsk({ ...builder.content(), ...NO_TEXT }),
    product: { kind: 'embeddings', items, dimensions, normalize: true, types: null },
    other,
    variant,
  }
}

function readMedium(
  medium: (typeof MEDIA)[number],
  value: unknown,
  path: string,
  builder: PromptBuilder,
): Read | Refusal {
  if (!isJsonObject(value)) return missingKey(medium)
  if (medium === 'text' && isString(value['value'])) {
    builder.addText(value['value'])
    const items = [{ medium, text: value['value'] }]
    return { items, other: NO_OTHER_USAGE, variant: null }
  }
  const source = readMediaSource(value['source'], `${path}/source`, 'bytes')
  if (isRefusal(source)) return source
  builder.addJson(ordered(value['source']), 0)
  const items = [{ medium, text: '' }]
  switch (medium) {
    case 'image': {
      const detail = value['detailLevel'] ?? 'STANDARD_IMAGE'
      const level = oneOf(detail, `${path}/detailLevel`, ['STANDARD_IMAGE', 'DOCUMENT_IMAGE'])
      if (typeof level !== 'string') return level
      const variant = level === 'DOCUMENT_IMAGE' ? 'document' : 'standard'
      return { items, other: { image_input: 1 }, variant }
    }
    case 'audio':
      return { items, other: { audio_input: source.seconds }, variant: null }
    case 'video': {
      const mode = value['embeddingMode'] ?? 'AUDIO_VIDEO_COMBINED'
      const modePath = `${path}/embeddingMode`
      const asked = oneOf(mode, modePath, ['AUDIO_VIDEO_COMBINED', 'AUDIO_VIDEO_SEPARATE'])
      if (typeof asked !== 'string') return asked
      const separate: readonly EmbeddedItem[] = [
        { medium: 'audio', text: '' },
        { medium: 'video', text: '' },
      ]
      const combined: readonly EmbeddedItem[] = [{ medium: 'audio_video', text: '' }]
      return {
        items: asked === 'AUDIO_VIDEO_SEPARATE' ? separate : combined,
        other: { video_seconds: source.seconds },
        variant: null,
      }
    }
    default:
      // A text that lies in S3: what is not read has no tokens.
      return { items, other: NO_OTHER_USAGE, variant: null }
  }
}
