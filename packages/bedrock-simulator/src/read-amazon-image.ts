// Reads picture requests of Amazon Nova Canvas and Titan Image Generator: a task, its parameters, and how many pictures of
// which size and quality. A picture is priced by the last two.

import { chatAsk, NO_TEXT, type BodyAsk } from './ask.ts'
import type { Model } from './model-shape.ts'
import { isJsonObject, isString, ordered, type JsonObject } from './json-value.ts'
import { extraneousKey, malformed, missingKey, oneOf, wholeNumber } from './malformed.ts'
import { PromptBuilder } from './prompt.ts'
import { isRefusal, type Refusal } from './refusal.ts'

/** Task → the member that holds its parameters. */
const TITAN_TASKS: { readonly [task: string]: string } = {
  TEXT_IMAGE: 'textToImageParams',
  COLOR_GUIDED_GENERATION: 'colorGuidedGenerationParams',
  IMAGE_VARIATION: 'imageVariationParams',
  INPAINTING: 'inPaintingParams',
  OUTPAINTING: 'outPaintingParams',
  BACKGROUND_REMOVAL: 'backgroundRemovalParams',
}
const CANVAS_TASKS = { ...TITAN_TASKS, VIRTUAL_TRY_ON: 'virtualTryOnParams' }
/** Tasks that draw from words alone; the others start from a picture. */
const FROM_WORDS = ['TEXT_IMAGE', 'COLOR_GUIDED_GENERATION']
const CONFIG = 'imageGenerationConfig'
const CONFIG_MEMBERS = ['numberOfImages', 'quality', 'width', 'height', 'cfgScale', 'seed']
const QUALITIES = ['standard', 'premium'] as const
const SIDE = 1_024

type Size = { readonly width: number; readonly height: number }

export function readAmazonImage(body: JsonObject, model: Model): BodyAsk | Refusal {
  const isCanvas = model.id === 'amazon.nova-canvas-v1:0'
  const tasks: { readonly [task: string]: string } = isCanvas ? CANVAS_TASKS : TITAN_TASKS
  if (body['taskType'] === undefined) return missingKey('taskType')
  const task = oneOf(body['taskType'], '#/taskType', Object.keys(tasks))
  if (typeof task !== 'string') return task
  const name = tasks[task] ?? ''
  const extra = extraneousKey(body, ['taskType', name, CONFIG])
  if (extra !== null) return extra
  const params = body[name]
  if (!isJsonObject(params)) return missingKey(name)
  if (FROM_WORDS.includes(task) && (!isString(params['text']) || params['text'] === '')) {
    return missingKey('text', `#/${name}`)
  }
  const config = body[CONFIG] ?? {}
  if (!isJsonObject(config)) return missingKey(CONFIG)
  const odd = extraneousKey(config, CONFIG_MEMBERS, `#/${CONFIG}`)
  if (odd !== null) return odd
  const count = wholeNumber(config['numberOfImages'], `#/${CONFIG}/numberOfImages`, {
    min: 1,
    max: 5,
    default: 1,
  })
  if (typeof count !== 'number') return count
  const quality = oneOf(config['quality'] ?? 'standard', `#/${CONFIG}/quality`, QUALITIES)
  if (typeof quality !== 'string') return quality
  const size = isCanvas ? canvasSize(config) : titanSize(config)
  if (isRefusal(size)) return size
  // Taking a background away gives back the one picture that was sent.
  const made = task === 'BACKGROUND_REMOVAL' ? 1 : count

  const builder = new PromptBuilder()
  builder.addJson(ordered(params), 0)
  builder.addJson(ordered(config), 0)
  return {
    ...chatAsk({ ...builder.content(), ...NO_TEXT }),
    product: { kind: 'images', count: made, ...size },
    other: { images: made },
    variant: `${isCanvas ? canvasBracket(size) : titanBracket(size)}, ${quality}`,
  }
}

function canvasSize(config: JsonObject): Size | Refusal {
  const size = sizeOf(config, { min: 320, max: 4_096, default: SIDE })
  if (isRefusal(size)) return size
  const { width, height } = size
  if (width % 16 !== 0 || height % 16 !== 0) {
    return malformed(`#/${CONFIG}: width and height must be multiples of 16`)
  }
  if (width * height > 4_194_304) {
    return malformed(`#/${CONFIG}: ${width}x${height} has more than 4194304 pixels`)
  }
  if (width > 4 * height || height > 4 * width) {
    return malformed(`#/${CONFIG}: the aspect ratio ${width}:${height} is beyond 1:4 and 4:1`)
  }
  return size
}

function canvasBracket({ width, height }: Size): string {
  return width * height <= SIDE * SIDE ? 'up to 1024x1024' : 'up to 2048x2048'
}

const TITAN_SIZES = (
  '1024x1024 768x768 512x512 768x1152 384x576 1152x768 576x384 768x1280 384x640 1280x768 640x384 ' +
  '896x1152 448x576 1152x896 576x448 768x1408 384x704 1408x768 704x384 640x1408 320x704 1408x640 ' +
  '704x320 1152x640 1173x640'
).split(' ')

function titanSize(config: JsonObject): Size | Refusal {
  const size = sizeOf(config, { min: 320, max: 1_408, default: SIDE })
  if (isRefusal(size)) return size
  const { width, height } = size
  if (TITAN_SIZES.includes(`${width}x${height}`)) return size
  return malformed(`#/${CONFIG}: ${width}x${height} is not a supported size`)
}

function titanBracket({ width, height }: Size): string {
  return width * height <= 512 * 512 ? '512x512' : '1024x1024'
}

function sizeOf(
  config: JsonObject,
  range: { readonly min: number; readonly max: number; readonly default: number },
): Size | Refusal {
  const width = wholeNumber(config['width'], `#/${CONFIG}/width`, range)
  if (typeof width !== 'number') return width
  const height = wholeNumber(config['height'], `#/${CONFIG}/height`, range)
  return typeof height === 'number' ? { width, height } : height
}
