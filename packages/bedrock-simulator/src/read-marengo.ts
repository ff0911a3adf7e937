// Reads TwelveLabs Marengo embeddings: version 2.7 has its input flat, 3.0 under the name of its kind. Texts and pictures are
// answered at once, recordings later. A text is one request, a picture (alone or with words) one image, a recording its seconds.

import { chatAsk, NO_TEXT, type BodyAsk, type EmbeddedItem, type When } from './ask.ts'
import type { Model } from './model-shape.ts'
import { isJsonObject, isString, itemsOf, ordered, type JsonObject } from './json-value.ts'
import { malformed, missingKey, oneOf } from './malformed.ts'
import { readMediaSource } from './media-source.ts'
import { PromptBuilder } from './prompt.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import type { OtherUsage } from './usage.ts'

const KINDS_27 = ['text', 'image', 'audio', 'video']
const KINDS_30 = ['text', 'image', 'text_image', 'multi_input', 'audio', 'video']
const DIMENSIONS_27 = 1_024
const DIMENSIONS_30 = 512

export function readMarengo(body: JsonObject, model: Model, when: When): BodyAsk | Refusal {
  const is27 = model.id === 'twelvelabs.marengo-embed-2-7-v1:0'
  if (body['inputType'] === undefined) return missingKey('inputType')
  const kind = oneOf(body['inputType'], '#/inputType', is27 ? KINDS_27 : KINDS_30)
  if (typeof kind !== 'string') return kind
  const recording = kind === 'audio' || kind === 'video'
  if (recording && when === 'now') {
    return malformed(`#/inputType: ${kind} is supported by StartAsyncInvoke only`)
  }
  const input = is27 ? body : body[kind]
  if (!isJsonObject(input)) return missingKey(kind)
  const other = readInput(kind, input, is27 ? '#' : `#/${kind}`)
  if (isRefusal(other)) return other
  const builder = new PromptBuilder()
  builder.addJson(ordered(body), 0)
  const item: EmbeddedItem = {
    medium: kind === 'text' || recording ? kind : 'image',
    text: '',
  }
  const dimensions = is27 ? DIMENSIONS_27 : DIMENSIONS_30
  return {
    ...chatAsk({ ...builder.content(), ...NO_TEXT }),
    product: { kind: 'embeddings', items: [item], dimensions, normalize: true, types: null },
    other,
  }
}

function readInput(kind: string, input: JsonObject, path: string): OtherUsage | Refusal {
  const text = input['inputText']
  if (kind === 'multi_input') return readPictures(input['mediaSources'], path)
  if (kind === 'text' || kind === 'text_image') {
    if (!isString(text) || text === '') return missingKey('inputText', path)
    if (kind === 'text') return { requests: 1 }
  }
  const source = readMediaSource(input['mediaSource'], `${path}/mediaSource`, 'base64String')
  if (isRefusal(source)) return source
  if (kind === 'image' || kind === 'text_image') return { image_input: 1 }
  const seconds = secondsAsked(input) ?? source.seconds
  return kind === 'audio' ? { audio_input: seconds } : { video_seconds: seconds }
}

function readPictures(value: unknown, path: string): OtherUsage | Refusal {
  const pictures = itemsOf(value)
  if (pictures.length === 0) return missingKey('mediaSources', path)
  for (const [index, picture] of pictures.entries()) {
    const source = readMediaSource(picture, `${path}/mediaSources/${index}`, 'base64String')
    if (isRefusal(source)) return source
  }
  return { image_input: pictures.length }
}

/** The stretch a request picks out of its recording: to an end (3.0) or for a length (2.7). */
function secondsAsked(input: JsonObject): number | null {
  const start = typeof input['startSec'] === 'number' ? input['startSec'] : 0
  if (typeof input['endSec'] === 'number') return Math.max(1, Math.ceil(input['endSec'] - start))
  return typeof input['lengthSec'] === 'number' ? Math.max(1, Math.ceil(input['lengthSec'])) : null
}
