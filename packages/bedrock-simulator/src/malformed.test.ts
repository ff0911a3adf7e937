// Native bodies that Bedrock's schema check turns away, and its words for it.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { modelIds } from './catalogue.ts'
import type { JsonObject } from './json-value.ts'
import { readAsyncInput } from './read-native.ts'
import { isRefusal } from './refusal.ts'
import { modelOf, readBody } from './testing/native-answer.ts'

const LLAMA = 'meta.llama3-8b-instruct-v1:0'
const TITAN = 'amazon.titan-text-lite-v1'
const CANVAS = 'amazon.nova-canvas-v1:0'
const REEL = 'amazon.nova-reel-v1:1'
const NOVA = 'amazon.nova-2-multimodal-embeddings-v1:0'
const SINGLE = 'singleEmbeddingParams'
const WORDS = { textToImageParams: { text: 'a' } }
const TASK = { taskType: 'TEXT_IMAGE', ...WORDS }
const FILM = { base64String: 'AAAA', s3Location: { uri: 's3://films/a' } }
const DOCUMENTS = { query: 'a', documents: ['a', 'b'] }

function canvas(config: JsonObject): JsonObject {
  return { ...TASK, imageGenerationConfig: config }
}

function shots(durationSeconds: number): JsonObject {
  return {
    taskType: 'MULTI_SHOT_AUTOMATED',
    multiShotAutomatedParams: { text: 'a' },
    videoGenerationConfig: { durationSeconds },
  }
}

function single(params: JsonObject): JsonObject {
  return { taskType: 'SINGLE_EMBEDDING', [SINGLE]: { embeddingPurpose: 'CLUSTERING', ...params } }
}

const CASES: readonly (readonly [model: string, body: JsonObject, problem: string])[] = [
  [LLAMA, {}, '#: required key [prompt] not found'],
  [LLAMA, { prompt: 7 }, '#/prompt: expected type: String, found: Number'],
  [LLAMA, { prompt: '' }, '#/prompt: expected minLength: 1, actual: 0'],
  [LLAMA, { prompt: 'a', max_tokens: 5 }, '#: extraneous key [max_tokens] is not permitted'],
  [LLAMA, { prompt: 'a', max_gen_len: 0 }, '#/max_gen_len: 0 is not greater or equal to 1'],
  [LLAMA, { prompt: 'a', max_gen_len: 2_049 }, '#/max_gen_len: 2049 is not less or equal to 2048'],
  [
    LLAMA,
    { prompt: 'a', max_gen_len: 1.5 },
    '#/max_gen_len: expected type: Integer, found: Number',
  ],
  [
    LLAMA,
    { prompt: 'a', max_gen_len: '5' },
    '#/max_gen_len: expected type: Integer, found: String',
  ],
  [LLAMA, { prompt: 'a', images: [1] }, '#/images/0: expected type: String, found: Number'],
  [
    TITAN,
    { inputText: 'a', maxTokenCount: 5 },
    '#: extraneous key [maxTokenCount] is not permitted',
  ],
  [
    TITAN,
    { inputText: 'a', textGenerationConfig: { topK: 5 } },
    '#/textGenerationConfig: extraneous key [topK] is not permitted',
  ],
  [
    TITAN,
    { inputText: 'a', textGenerationConfig: { stopSequences: 'a' } },
    '#/textGenerationConfig/stopSequences: expected type: JSONArray, found: String',
  ],
  [
    'cohere.command-r-v1:0',
    { message: 'a', top_k: 5 },
    '#: extraneous key [top_k] is not permitted',
  ],
  [
    'cohere.command-r-v1:0',
    { message: 'a', chat_history: [{ role: 'user', message: 'a' }] },
    '#/chat_history/0/role: "user" is not a valid enum value',
  ],
  [
    'twelvelabs.pegasus-1-2-v1:0',
    { inputPrompt: 'a', mediaSource: FILM },
    '#/mediaSource: exactly one of [base64String] and [s3Location] is permitted',
  ],
  [
    'twelvelabs.pegasus-1-2-v1:0',
    { inputPrompt: 'a', mediaSource: { s3Location: { uri: 'https://films' } } },
    '#/mediaSource/s3Location/uri: string [https://films] is not an S3 URI',
  ],
  ['amazon.titan-embed-text-v2:0', {}, '#: required key [inputText] not found'],
  ['amazon.titan-embed-image-v1', {}, '#: required key [inputText] or [inputImage] not found'],
  [NOVA, { taskType: 'SINGLE_EMBEDDING' }, `#: required key [${SINGLE}] not found`],
  [NOVA, single({}), `#/${SINGLE}: exactly one of [text, image, audio, video] is required`],
  [
    NOVA,
    single({ text: { value: 'a' }, embeddingDimension: 7 }),
    `#/${SINGLE}/embeddingDimension: 7 is not a valid enum value`,
  ],
  ['cohere.embed-english-v3', { texts: ['a'] }, '#: required key [input_type] not found'],
  [
    'cohere.embed-english-v3',
    { texts: ['a'], input_type: 'search_query', output_dimension: 256 },
    '#: extraneous key [output_dimension] is not permitted',
  ],
  [
    'cohere.embed-v4:0',
    { texts: Array(97).fill('a'), input_type: 'search_query' },
    '#/texts: expected maximum item count: 96, found: 97',
  ],
  ['amazon.rerank-v1:0', { query: 'a' }, '#: required key [documents] not found'],
  [
    'amazon.rerank-v1:0',
    { query: 'a', documents: [] },
    '#/documents: expected minimum item count: 1, found: 0',
  ],
  ['amazon.rerank-v1:0', { ...DOCUMENTS, top_n: 3 }, '#/top_n: 3 is not less or equal to 2'],
  ['cohere.rerank-v3-5:0', DOCUMENTS, '#: required key [api_version] not found'],
  [CANVAS, WORDS, '#: required key [taskType] not found'],
  [CANVAS, { taskType: 'PAINT' }, '#/taskType: "PAINT" is not a valid enum value'],
  [
    'amazon.titan-image-generator-v2:0',
    { taskType: 'VIRTUAL_TRY_ON' },
    '#/taskType: "VIRTUAL_TRY_ON" is not a valid enum value',
  ],
  [CANVAS, { taskType: 'TEXT_IMAGE' }, '#: required key [textToImageParams] not found'],
  [
    CANVAS,
    canvas({ numberOfImages: 6 }),
    '#/imageGenerationConfig/numberOfImages: 6 is not less or equal to 5',
  ],
  [
    CANVAS,
    canvas({ quality: 'best' }),
    '#/imageGenerationConfig/quality: "best" is not a valid enum value',
  ],
  [
    CANVAS,
    canvas({ width: 1_000 }),
    '#/imageGenerationConfig: width and height must be multiples of 16',
  ],
  [
    CANVAS,
    canvas({ width: 4_096, height: 2_048 }),
    '#/imageGenerationConfig: 4096x2048 has more than 4194304 pixels',
  ],
  [
    CANVAS,
    canvas({ width: 2_048, height: 320 }),
    '#/imageGenerationConfig: the aspect ratio 2048:320 is beyond 1:4 and 4:1',
  ],
  [
    'amazon.titan-image-generator-v1',
    canvas({ width: 1_000 }),
    '#/imageGenerationConfig: 1000x1024 is not a supported size',
  ],
  ['stability.sd3-5-large-v1:0', {}, '#: required key [prompt] not found'],
  ['stability.stable-image-inpaint-v1:0', { prompt: 'a' }, '#: required key [image] not found'],
  ['stability.stable-diffusion-xl-v1', {}, '#: required key [text_prompts] not found'],
]

describe('malformed native bodies', () => {
  it.each(CASES)('[S9][S25] %s refuses %j', (model, body, problem) => {
    expect(readBody(model, body)).toEqual({
      kind: 'refusal',
      type: 'ValidationException',
      message: `Malformed input request: ${problem}, please reformat your input and try again.`,
    })
  })

  it.each([
    [REEL, shots(7), '#/videoGenerationConfig/durationSeconds: 7 is not greater or equal to 12'],
    [REEL, shots(126), '#/videoGenerationConfig/durationSeconds: 126 is not less or equal to 120'],
    [REEL, shots(20), '#/videoGenerationConfig/durationSeconds: 20 is not a multiple of 6'],
    [
      'amazon.nova-reel-v1:0',
      shots(12),
      '#/taskType: "MULTI_SHOT_AUTOMATED" is not a valid enum value',
    ],
    [
      'luma.ray-v2:0',
      { prompt: 'a', duration: '6s' },
      '#/duration: "6s" is not a valid enum value',
    ],
    ['luma.ray-v2:0', {}, '#: required key [prompt] not found'],
    [
      NOVA,
      { taskType: 'SINGLE_EMBEDDING' },
      '#/taskType: "SINGLE_EMBEDDING" is not a valid enum value',
    ],
  ])('[S9][S25] %s refuses the model input %j', (model, body, problem) => {
    expect(readAsyncInput(body, modelOf(model))).toMatchObject({
      message: `Malformed input request: ${problem}, please reformat your input and try again.`,
    })
  })
})

/** Words the readers look for, so that random bodies get past the first check. */
const KEYS =
  'prompt messages message inputText inputPrompt role content text texts images inputs input_type query documents top_n ' +
  'api_version taskType textToImageParams imageGenerationConfig numberOfImages width height quality singleEmbeddingParams ' +
  'embeddingPurpose image video audio source bytes s3Location uri inputType mediaSource base64String text_prompts steps seed ' +
  'textGenerationConfig maxTokenCount max_gen_len max_tokens stop stop_sequences chat_history tools function name parameters ' +
  'parameter_definitions videoGenerationConfig durationSeconds textToVideoParams shots duration resolution system'
const VALUES = [
  'TEXT_IMAGE',
  'TEXT_VIDEO',
  'SINGLE_EMBEDDING',
  'GENERIC_INDEX',
  'text',
  'image',
  'video',
  'user',
  'USER',
  's3://bucket/key',
  'search_query',
]

describe('native bodies of any kind', () => {
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom<unknown>(...VALUES, '', 'word', null, true, 0, 1, 6, 512, 1_024, -1, 0.5),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...KEYS.split(' ')), tie('json'), { maxKeys: 5 }),
    ),
  }))
  const body = fc.dictionary(fc.constantFrom(...KEYS.split(' ')), json, { maxKeys: 6 })

  it.each(modelIds())('[S9][S25] %s reads or refuses them, and never breaks', (model) => {
    fc.assert(
      fc.property(body, (sent) => {
        for (const asked of [readBody(model, sent), readAsyncInput(sent, modelOf(model))]) {
          if (isRefusal(asked)) expect(asked.message).not.toBe('')
          else expect(asked.prompt.tokens).toBeGreaterThanOrEqual(0)
        }
      }),
      { numRuns: 100 },
    )
  })
})
