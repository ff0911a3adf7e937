// Reads Stability AI's picture requests: the present shape, in which one picture is asked for and the services differ in what
// they must be given, and Stable Diffusion XL's, which has prompts with weights and is priced by its steps.

import { chatAsk, NO_TEXT, type BodyAsk } from './ask.ts'
import type { Model } from './model-shape.ts'
import { isJsonObject, isString, itemsOf, ordered, type JsonObject } from './json-value.ts'
import { malformed, missingKey, oneOf, wholeNumber } from './malformed.ts'
import { PromptBuilder } from './prompt.ts'
import type { Refusal } from './refusal.ts'

const SEED_MAX = 4_294_967_295
const FORMATS = ['png', 'jpeg', 'webp']
const SIZES: { readonly [ratio: string]: readonly [width: number, height: number] } = {
  '1:1': [1_024, 1_024],
  '16:9': [1_344, 768],
  '21:9': [1_536, 640],
  '2:3': [832, 1_216],
  '3:2': [1_216, 832],
  '4:5': [896, 1_088],
  '5:4': [1_088, 896],
  '9:16': [768, 1_344],
  '9:21': [640, 1_536],
}

/** What each service cannot do without. The generators need words, the tools a picture. */
function requiredOf(model: Model): readonly string[] {
  if (model.id.includes('remove-background') || model.id.includes('fast-upscale')) return ['image']
  const generates = /\.(sd3|stable-image-(core|ultra))/.test(model.id)
  return generates ? ['prompt'] : ['image', 'prompt']
}

export function readStability(body: JsonObject, model: Model): BodyAsk | Refusal {
  for (const key of requiredOf(model)) {
    const value = body[key]
    if (!isString(value) || value === '') return missingKey(key)
  }
  const seed = wholeNumber(body['seed'], '#/seed', { min: 0, max: SEED_MAX, default: 0 })
  if (typeof seed !== 'number') return seed
  const format = oneOf(body['output_format'] ?? 'png', '#/output_format', FORMATS)
  if (typeof format !== 'string') return format
  const asked = body['aspect_ratio'] ?? '1:1'
  const ratio = oneOf(asked, '#/aspect_ratio', Object.keys(SIZES))
  if (typeof ratio !== 'string') return ratio
  const [width, height] = SIZES[ratio] ?? [1_024, 1_024]
  const builder = new PromptBuilder()
  builder.addJson(ordered(body), 0)
  return {
    ...chatAsk({ ...builder.content(), ...NO_TEXT }),
    product: { kind: 'images', count: 1, width, height },
    other: { images: 1 },
  }
}

const STEPS_OF_LOWER_PRICE = 50

export function readStabilityXl(body: JsonObject): BodyAsk | Refusal {
  const prompts = itemsOf(body['text_prompts'])
  if (prompts.length === 0) return missingKey('text_prompts')
  for (const [index, prompt] of prompts.entries()) {
    if (!isJsonObject(prompt) || !isString(prompt['text'])) {
      return missingKey('text', `#/text_prompts/${index}`)
    }
  }
  const steps = wholeNumber(body['steps'], '#/steps', { min: 10, max: 150, default: 30 })
  if (typeof steps !== 'number') return steps
  const range = { min: 512, max: 1_536, default: 1_024 }
  const width = wholeNumber(body['width'], '#/width', range)
  if (typeof width !== 'number') return width
  const height = wholeNumber(body['height'], '#/height', range)
  if (typeof height !== 'number') return height
  if (width % 64 !== 0 || height % 64 !== 0) {
    return malformed('#: width and height must be multiples of 64')
  }
  const builder = new PromptBuilder()
  builder.addJson(ordered(body), 0)
  return {
    ...chatAsk({ ...builder.content(), ...NO_TEXT }),
    product: { kind: 'images', count: 1, width, height },
    other: { images: 1 },
    variant: `1024x1024, ${steps > STEPS_OF_LOWER_PRICE ? 'max' : STEPS_OF_LOWER_PRICE} steps`,
  }
}
