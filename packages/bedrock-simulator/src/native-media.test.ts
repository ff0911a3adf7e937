// Vectors, rankings, pictures and films: what they answer, and in which units they are paid. Expected shapes are those of AWS's
// pages on inference parameters and of the Amazon Nova user guide.

import { inflateSync } from 'node:zlib'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { BodyAsk } from './ask.ts'
import { MEDIA_FAMILIES } from './model-shape.ts'
import { isJsonObject, isString, itemsOf, type JsonObject } from './json-value.ts'
import { MEDIA_MODELS } from './media-models.ts'
import { pngOf } from './png.ts'
import { readAsyncInput } from './read-native.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { tokenCountHeaders } from './token-count-headers.ts'
import { answerTo, modelOf, readBody, wholeOf } from './testing/native-answer.ts'
import { at } from './testing/native-cases.ts'

const PICTURE = 'iVBORw0KGgo='
const TWO_TEXTS = { texts: ['one text', 'two'], input_type: 'search_document' }

function numbersOf(value: unknown): readonly number[] {
  return itemsOf(value).map(Number)
}

function later(id: string, body: JsonObject): BodyAsk {
  const ask = readAsyncInput(body, modelOf(id))
  if (isRefusal(ask)) throw new Error(ask.message)
  return ask
}

describe('vectors', () => {
  it.each([256, 384, 1_024])('[S28] Titan multimodal has %i dimensions and unit length', (size) => {
    const config = { embeddingConfig: { outputEmbeddingLength: size } }
    const answer = answerTo('amazon.titan-embed-image-v1', { inputText: 'a valley', ...config })
    const said = wholeOf(answer)
    expect(said).toMatchObject({ inputTextTokenCount: 2, message: null })
    const vector = numbersOf(at(said, 'embedding'))
    expect(vector).toHaveLength(size)
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5)
  })

  it('[S26] Titan multimodal pays text by the token and a picture by itself', () => {
    const both = { inputText: 'a valley', inputImage: PICTURE }
    const used = (body: JsonObject): unknown => answerTo('amazon.titan-embed-image-v1', body).usage
    expect(used({ inputText: 'a valley' })).toMatchObject({ input: 2, output: 0, other: {} })
    expect(used(both)).toMatchObject({ input: 2, other: { image_input: 1 } })
    expect(used({ inputImage: PICTURE })).toMatchObject({ input: 0, other: { image_input: 1 } })
  })

  it('[S28] Cohere gives a vector for each text, in the types it is asked for', () => {
    const floats = wholeOf(answerTo('cohere.embed-english-v3', TWO_TEXTS))
    expect(floats).toEqual({
      id: expect.any(String),
      embeddings: [expect.any(Array), expect.any(Array)],
      response_type: 'embeddings_floats',
      texts: TWO_TEXTS.texts,
    })
    expect(at(floats, 'embeddings', 0)).toHaveLength(1_024)
    expect(at(floats, 'embeddings', 1)).not.toEqual(at(floats, 'embeddings', 0))

    const embedding_types = ['float', 'int8', 'uint8', 'binary', 'ubinary']
    const typed = { ...TWO_TEXTS, embedding_types, output_dimension: 256 }
    const byType = wholeOf(answerTo('cohere.embed-v4:0', typed))
    expect(byType).toMatchObject({ response_type: 'embeddings_by_type' })
    const of = (type: string): readonly number[] => numbersOf(at(byType, 'embeddings', type, 0))
    expect([of('float').length, of('int8').length, of('uint8').length]).toEqual([256, 256, 256])
    expect(of('uint8')).toEqual(of('int8').map((value) => value + 128))
    expect(of('ubinary')).toHaveLength(32)
    expect(of('binary')).toEqual(of('ubinary').map((value) => value - 128))
    const signs = of('ubinary').map((byte) => byte.toString(2).padStart(8, '0'))
    expect(signs.join('')).toBe(
      of('float')
        .map((value) => (value > 0 ? '1' : '0'))
        .join(''),
    )
  })

  it('[S26] Cohere counts the tokens of texts, and pictures as images, to v4 as tokens too', () => {
    const used = (id: string, body: JsonObject): unknown => answerTo(id, body).usage
    expect(used('cohere.embed-english-v3', TWO_TEXTS)).toMatchObject({ input: 3, other: {} })
    const images = { images: ['data:image/png;base64,AAAA'], input_type: 'image' }
    expect(used('cohere.embed-english-v3', images)).toMatchObject({
      input: 0,
      other: { image_input: 1 },
    })
    expect(used('cohere.embed-v4:0', images)).toMatchObject({
      input: 2,
      other: { image_input: 1 },
    })
    const content = [
      { type: 'text', text: 'four' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    ]
    const mixed = { inputs: [{ content }], input_type: 'search_document' }
    expect(used('cohere.embed-v4:0', mixed)).toMatchObject({
      input: 3,
      other: { image_input: 1 },
    })
  })

  const nova = (params: JsonObject): JsonObject => ({
    schemaVersion: 'nova-multimodal-embed-v1',
    taskType: 'SINGLE_EMBEDDING',
    singleEmbeddingParams: { embeddingPurpose: 'GENERIC_INDEX', ...params },
  })
  const NOVA = 'amazon.nova-2-multimodal-embeddings-v1:0'

  it('[S28] Nova says what each vector is of', () => {
    const text = { text: { truncationMode: 'END', value: 'a valley' }, embeddingDimension: 384 }
    const said = wholeOf(answerTo(NOVA, nova(text)))
    expect(said).toEqual({ embeddings: [{ embeddingType: 'TEXT', embedding: expect.any(Array) }] })
    expect(at(said, 'embeddings', 0, 'embedding')).toHaveLength(384)
    const source = { bytes: 'AAAA' }
    const video = { format: 'mp4', source, embeddingMode: 'AUDIO_VIDEO_SEPARATE' }
    expect(wholeOf(answerTo(NOVA, nova({ video })))).toMatchObject({
      embeddings: [{ embeddingType: 'AUDIO' }, { embeddingType: 'VIDEO' }],
    })
  })

  it.each([
    ['text', { text: { truncationMode: 'END', value: 'a valley' } }, 2, {}, null],
    ['picture', { image: image('STANDARD_IMAGE') }, 0, { image_input: 1 }, 'standard'],
    ['page', { image: image('DOCUMENT_IMAGE') }, 0, { image_input: 1 }, 'document'],
    ['sound', { audio: stored('mp3') }, 0, { audio_input: 60 }, null],
    ['film', { video: stored('mp4') }, 0, { video_seconds: 60 }, null],
  ])('[S26] Nova pays a %s in its own unit', (_, params, input, other, variant) => {
    const answer = answerTo(NOVA, nova(params))
    expect(answer).toMatchObject({ usage: { input, output: 0, other }, variant })
    expect(tokenCountHeaders(answer)).toEqual({ 'x-amzn-bedrock-input-token-count': input })
  })

  it('[S26] Marengo pays a text by the request, a picture by itself, a recording by the second', () => {
    const [v2, v3] = ['twelvelabs.marengo-embed-2-7-v1:0', 'twelvelabs.marengo-embed-3-0-v1:0']
    const mediaSource = { base64String: PICTURE }
    const flat = { inputType: 'text', inputText: 'a valley' }
    const nested = { inputType: 'text', text: { inputText: 'a valley' } }
    expect(answerTo(v2, flat).usage).toMatchObject({ input: 0, other: { requests: 1 } })
    expect(answerTo(v3, nested).usage).toMatchObject({ input: 0, other: { requests: 1 } })
    expect(at(wholeOf(answerTo(v3, nested)), 'data', 0, 'embedding')).toHaveLength(512)
    expect(at(wholeOf(answerTo(v2, flat)), 'data', 0, 'embedding')).toHaveLength(1_024)
    const picture = { inputType: 'image', image: { mediaSource } }
    expect(answerTo(v3, picture).usage.other).toEqual({ image_input: 1 })
    const both = { inputType: 'text_image', text_image: { inputText: 'a valley', mediaSource } }
    expect(answerTo(v3, both).usage.other).toEqual({ image_input: 1 })
    const video = { mediaSource, startSec: 10, endSec: 20.5 }
    expect(later(v3, { inputType: 'video', video }).other).toEqual({ video_seconds: 11 })
    const audio = { inputType: 'audio', mediaSource, lengthSec: 7 }
    expect(later(v2, audio).other).toEqual({ audio_input: 7 })
    expect(readBody(v2, audio)).toMatchObject({ kind: 'refusal' })
  })
})

describe('rankings', () => {
  it('[S28] put every document in its place once, best first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (count, skip) => {
        const documents = Array.from({ length: count }, (_, index) => `document ${index}`)
        const top_n = 1 + (skip % count)
        const answer = answerTo('amazon.rerank-v1:0', { query: 'river', documents, top_n })
        const results = itemsOf(at(wholeOf(answer), 'results'))
        expect(results).toHaveLength(top_n)
        const places = results.map((result) => Number(at(result, 'index')))
        expect(new Set(places).size).toBe(top_n)
        for (const place of places) expect(place).toBeLessThan(count)
        const scores = results.map((result) => Number(at(result, 'relevance_score')))
        expect(scores).toEqual(scores.toSorted((left, right) => right - left))
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    [1, 1],
    [100, 1],
    [101, 2],
    [1_000, 10],
  ])('[S26] %i documents are %i queries and no tokens', (count, units) => {
    const documents = Array.from({ length: count }, () => 'a document')
    const cohere = { query: 'river', documents, api_version: 2 }
    const answer = answerTo('cohere.rerank-v3-5:0', cohere)
    expect(answer.usage).toMatchObject({ input: 0, output: 0, other: { search_units: units } })
    expect(tokenCountHeaders(answer)).toEqual({})
  })
})

describe('pictures', () => {
  const canvas = (config: JsonObject): JsonObject => ({
    taskType: 'TEXT_IMAGE',
    textToImageParams: { text: 'a copper lantern' },
    imageGenerationConfig: config,
  })

  type Config = {
    readonly quality?: string
    readonly width?: number
    readonly height?: number
    readonly numberOfImages?: number
  }
  const CONFIGS: readonly (readonly [string, Config, number, string])[] = [
    ['amazon.nova-canvas-v1:0', {}, 1, 'up to 1024x1024, standard'],
    ['amazon.nova-canvas-v1:0', { quality: 'premium' }, 1, 'up to 1024x1024, premium'],
    ['amazon.nova-canvas-v1:0', { width: 2_048, height: 2_048 }, 1, 'up to 2048x2048, standard'],
    ['amazon.nova-canvas-v1:0', { numberOfImages: 5 }, 5, 'up to 1024x1024, standard'],
    ['amazon.titan-image-generator-v2:0', { width: 512, height: 512 }, 1, '512x512, standard'],
    // Titan's page says that height × width decides.
    ['amazon.titan-image-generator-v2:0', { width: 640, height: 384 }, 1, '512x512, standard'],
    ['amazon.titan-image-generator-v1', { quality: 'premium' }, 1, '1024x1024, premium'],
  ]

  it.each(CONFIGS)(
    '[S26][S28] %s with %j makes %i of the variant %s',
    (id, config, count, variant) => {
      const answer = answerTo(id, canvas(config))
      expect(answer).toMatchObject({
        usage: { input: 0, output: 0, other: { images: count } },
        variant,
      })
      expect(tokenCountHeaders(answer)).toEqual({})
      const said = wholeOf(answer)
      expect(said).toMatchObject({ error: null })
      const pictures = itemsOf(at(said, 'images'))
      expect(pictures).toHaveLength(count)
      expect(new Set(pictures).size).toBe(count)
      const { width = 1_024, height = 1_024 } = config
      for (const picture of pictures) expect(sizeOf(picture)).toEqual([width, height])
    },
  )

  it('[S26] taking a background away gives back one picture, whatever number is asked for', () => {
    const body = {
      taskType: 'BACKGROUND_REMOVAL',
      backgroundRemovalParams: { image: PICTURE },
      imageGenerationConfig: { numberOfImages: 3 },
    }
    expect(answerTo('amazon.nova-canvas-v1:0', body).usage.other).toEqual({ images: 1 })
  })

  it('[S28] Stability gives one picture with its seed', () => {
    const body = { prompt: 'a copper lantern', aspect_ratio: '16:9' }
    const said = wholeOf(answerTo('stability.sd3-5-large-v1:0', body))
    expect(said).toEqual({
      seeds: [expect.any(Number)],
      finish_reasons: [null],
      images: [expect.any(String)],
    })
    expect(sizeOf(at(said, 'images', 0))).toEqual([1_344, 768])
  })

  it('[S26] Stable Diffusion XL is priced by its steps', () => {
    const body = { text_prompts: [{ text: 'a copper lantern' }] }
    const answer = answerTo('stability.stable-diffusion-xl-v1', body)
    expect(answer.variant).toBe('1024x1024, 50 steps')
    expect(wholeOf(answer)).toEqual({
      result: 'success',
      artifacts: [
        { seed: expect.any(Number), base64: expect.any(String), finishReason: 'SUCCESS' },
      ],
    })
    const more = answerTo('stability.stable-diffusion-xl-v1', { ...body, steps: 51 })
    expect(more.variant).toBe('1024x1024, max steps')
  })

  it('[S28] are whole PNGs: size, palette, and as many rows as they say', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.nat(4_096),
        fc.nat(),
        (width, height, seed) => {
          const png = pngOf(width, height + 1, seed)
          expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
          const names: string[] = []
          for (let place = 8; place < png.length;) {
            const length = png.readUInt32BE(place)
            const name = png.toString('latin1', place + 4, place + 8)
            names.push(name)
            if (name === 'IDAT') {
              const rows = inflateSync(png.subarray(place + 8, place + 8 + length))
              expect(rows.length).toBe((height + 1) * (1 + Math.ceil(width / 8)))
            }
            place += 12 + length
          }
          expect(names).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND'])
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('films', () => {
  const text = { text: 'a river at dawn' }
  const reel = (task: string, params: JsonObject, config: JsonObject = {}): JsonObject => ({
    taskType: task,
    ...params,
    videoGenerationConfig: { fps: 24, dimension: '1280x720', ...config },
  })
  const shots = { multiShotManualParams: { shots: [text, text, text] } }

  it.each([
    ['amazon.nova-reel-v1:0', reel('TEXT_VIDEO', { textToVideoParams: text }), 6, '720p'],
    [
      'amazon.nova-reel-v1:1',
      reel('MULTI_SHOT_AUTOMATED', { multiShotAutomatedParams: text }, { durationSeconds: 30 }),
      30,
      '720p',
    ],
    ['amazon.nova-reel-v1:1', reel('MULTI_SHOT_MANUAL', shots), 18, '720p'],
    ['luma.ray-v2:0', { prompt: 'a river' }, 5, '720p'],
    ['luma.ray-v2:0', { prompt: 'a river', duration: '9s', resolution: '540p' }, 9, '540p'],
  ])('[S26] %s with %j runs %i seconds in %s', (id, body, seconds, resolution) => {
    expect(later(id, body)).toMatchObject({
      product: { kind: 'video', seconds },
      other: { video_seconds: seconds },
      variant: `${resolution}, 24 fps`,
      prompt: { tokens: 0 },
    })
    expect(readBody(id, body)).toMatchObject({ kind: 'refusal' })
  })

  it('[S9] only makers of films and vectors work in the background', () => {
    for (const { id, family } of MEDIA_MODELS) {
      const asked: BodyAsk | Refusal = readAsyncInput({}, modelOf(id))
      const works = ['nova-reel', 'luma-ray', 'nova-embedding', 'marengo'].includes(family)
      expect(JSON.stringify(asked)).toMatch(works ? /required key|enum/ : /asynchronous/)
    }
  })
})

describe('media', () => {
  it.each([
    [
      'stability.sd3-5-large-v1:0',
      { prompt: 'a river', aspect_ratio: '16:9', output_format: 'png' },
    ],
    ['cohere.rerank-v3-5:0', { query: 'river', documents: ['a', 'b'], api_version: 2 }],
    ['cohere.embed-v4:0', TWO_TEXTS],
    [
      'twelvelabs.marengo-embed-3-0-v1:0',
      {
        inputType: 'text_image',
        text_image: { inputText: 'a', mediaSource: { base64String: 'a' } },
      },
    ],
  ])('[S1] %s does not mind the order of members', (id, body) => {
    expect(wholeOf(answerTo(id, turned(body)))).toEqual(wholeOf(answerTo(id, body)))
  })

  it('[S25] has a model for every family, and none of them streams or converses', () => {
    const families = new Set(MEDIA_MODELS.map(({ family }) => family))
    expect([...families].toSorted()).toEqual([...MEDIA_FAMILIES].toSorted())
    expect(MEDIA_MODELS.every(({ converse }) => converse === null)).toBe(true)
    const streamed = readBody(
      'amazon.rerank-v1:0',
      { query: 'river', documents: ['a'] },
      'InvokeModelWithResponseStream',
    )
    expect(streamed).toMatchObject({ message: 'The model is unsupported for streaming.' })
  })
})

function image(detailLevel: string): JsonObject {
  return { format: 'png', detailLevel, source: { bytes: PICTURE } }
}

function stored(format: string): JsonObject {
  return { format, source: { s3Location: { uri: 's3://recordings/one' } } }
}

/** Width and height as the picture itself says them. */
function sizeOf(picture: unknown): readonly [number, number] {
  const png = Buffer.from(isString(picture) ? picture : '', 'base64')
  return [png.readUInt32BE(16), png.readUInt32BE(20)]
}

/** The same body with its members the other way round, at every depth. */
function turned(body: JsonObject): JsonObject {
  const members = Object.entries(body).map(([key, value]) => [
    key,
    isJsonObject(value) ? turned(value) : value,
  ])
  return Object.fromEntries(members.toReversed())
}
