import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import type { MediaAsk } from './media-ask.ts'
import { readRequestFacts } from './read-request-facts.ts'
import type { Operation } from '../route.ts'

const ask = (operation: Operation, body: unknown): MediaAsk | null =>
  mustOk(readRequestFacts({ operation }, {}, Buffer.from(JSON.stringify(body)))).media

const IMAGE = Buffer.alloc(300, 7).toString('base64')
const canvas = (config: object) => ({
  taskType: 'TEXT_IMAGE',
  textToImageParams: { text: 'A "premium" stone, {"width": 3}' },
  imageGenerationConfig: config,
})
const reel = (more: object) => ({
  modelId: 'amazon.nova-reel-v1:1',
  modelInput: { taskType: 'TEXT_VIDEO', ...more },
  outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://bucket' } },
})
const luma = (more: object) => ({
  modelId: 'luma.ray-v2:0',
  modelInput: { prompt: 'resolution 4k', ...more },
})

describe('what InvokeModel is asked for', () => {
  it.each([
    [
      canvas({ width: 1_024, height: 512, quality: 'premium', numberOfImages: 3, seed: 1 }),
      { width: 1_024, height: 512, quality: 'premium', images: 3 },
    ],
    [canvas({ quality: 'standard' }), { quality: 'standard', width: null, images: null }],
    [
      { text_prompts: [{ text: 'x' }], width: 512, height: 512, samples: 2 },
      { width: 512, images: 2 },
    ],
    [{ query: 'q', documents: ['a', 'b', 'c'], top_n: 1 }, { documents: 3 }],
    [{ query: 'q', documents: [{ text: 'a' }, { text: 'b' }], api_version: 2 }, { documents: 2 }],
    [{ inputText: 'x', inputImage: IMAGE }, { images: 1 }],
    [{ input_type: 'image', images: [`data:image/png;base64,${IMAGE}`] }, { images: 1 }],
    [
      {
        input_type: 'search_document',
        inputs: [IMAGE, IMAGE].map((data) => ({
          content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } }],
        })),
      },
      { images: 2 },
    ],
    [
      { inputType: 'text_image', image: { mediaSource: { s3Location: { uri: 's3://a' } } } },
      { images: 1 },
    ],
    [
      {
        taskType: 'SINGLE_EMBEDDING',
        singleEmbeddingParams: {
          image: { format: 'png', detailLevel: 'DOCUMENT_IMAGE', source: { bytes: IMAGE } },
        },
      },
      { images: 1, quality: 'DOCUMENT_IMAGE' },
    ],
  ])('[B33] %j', (body, expected) => {
    expect(ask('invoke', body)).toMatchObject(expected)
  })

  it.each([
    [{ messages: [{ role: 'user', content: 'width 7' }], max_tokens: 9 }],
    [{ inputText: 'embed this', dimensions: 256 }],
    [{ input_type: 'search_query', texts: ['a'] }],
    [{ documents: [] }],
    [{ taskType: 'SINGLE_EMBEDDING', singleEmbeddingParams: { text: { value: 'x' } } }],
    [{ messages: [{ content: [{ image: { source: { bytes: IMAGE } } }] }] }],
    [[]],
  ])('[B33] %j asks for no medium', (body) => {
    expect(ask('invoke', body)).toBe(null)
  })

  it.each([
    [canvas({ width: '512', height: -1, numberOfImages: 1.5 })],
    [canvas({ quality: 'Draw a secret castle in the rain' })],
    [canvas({ quality: ['premium'] })],
  ])('[B33] %j says nothing that could be believed', (body) => {
    expect(ask('invoke', body)).toBe(null)
  })
})

describe('what StartAsyncInvoke is asked for', () => {
  it.each([
    [
      reel({ videoGenerationConfig: { durationSeconds: 12, fps: 24, dimension: '1280x720' } }),
      { videoSeconds: 12, resolution: '1280x720', width: 1_280, height: 720 },
    ],
    [
      reel({
        multiShotManualParams: { shots: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] },
        videoGenerationConfig: { dimension: '1280x720' },
      }),
      { videoSeconds: 18 },
    ],
    [
      luma({ duration: '9s', resolution: '540p' }),
      { videoSeconds: 9, resolution: '540p', width: null },
    ],
  ])('[B33] %j', (body, expected) => {
    expect(ask('start-async-invoke', body)).toMatchObject(expected)
  })

  it.each([
    [luma({ duration: 'nine seconds' })],
    [luma({ resolution: 'as sharp as can be' })],
    [reel({ videoGenerationConfig: { durationSeconds: '6' } })],
  ])('[B33] %j says nothing that could be believed', (body) => {
    expect(ask('start-async-invoke', body)).toBe(null)
  })
})
