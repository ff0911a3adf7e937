// Reads what the makers of films are asked for, the model input of StartAsyncInvoke: how many seconds at which resolution,
// which is all that prices them.

import { chatAsk, NO_TEXT, type BodyAsk } from './ask.ts'
import type { Model } from './model-shape.ts'
import { isJsonObject, isString, itemsOf, ordered, type JsonObject } from './json-value.ts'
import { extraneousKey, malformed, missingKey, oneOf, wholeNumber } from './malformed.ts'
import { PromptBuilder } from './prompt.ts'
import type { Refusal } from './refusal.ts'

const SHOT_SECONDS = 6
const REEL_TASKS: { readonly [task: string]: string } = {
  TEXT_VIDEO: 'textToVideoParams',
  MULTI_SHOT_AUTOMATED: 'multiShotAutomatedParams',
  MULTI_SHOT_MANUAL: 'multiShotManualParams',
}
const CONFIG = 'videoGenerationConfig'
const CONFIG_MEMBERS = ['durationSeconds', 'fps', 'dimension', 'seed']

export function readNovaReel(body: JsonObject, model: Model): BodyAsk | Refusal {
  if (body['taskType'] === undefined) return missingKey('taskType')
  const tasks = model.id.endsWith('v1:0') ? ['TEXT_VIDEO'] : Object.keys(REEL_TASKS)
  const task = oneOf(body['taskType'], '#/taskType', tasks)
  if (typeof task !== 'string') return task
  const name = REEL_TASKS[task] ?? ''
  const extra = extraneousKey(body, ['taskType', name, CONFIG])
  if (extra !== null) return extra
  const params = body[name]
  if (!isJsonObject(params)) return missingKey(name)
  const shots = itemsOf(params['shots'])
  const words = task === 'MULTI_SHOT_MANUAL' ? shots[0] : params
  if (!isJsonObject(words) || !isString(words['text'])) return missingKey('text', `#/${name}`)
  const config = isJsonObject(body[CONFIG]) ? body[CONFIG] : {}
  const odd = extraneousKey(config, CONFIG_MEMBERS, `#/${CONFIG}`)
  if (odd !== null) return odd
  const dimension = oneOf(config['dimension'] ?? '1280x720', `#/${CONFIG}/dimension`, ['1280x720'])
  if (typeof dimension !== 'string') return dimension
  const fps = oneOf(config['fps'] ?? 24, `#/${CONFIG}/fps`, [24])
  if (typeof fps !== 'number') return fps
  const seconds =
    task === 'MULTI_SHOT_MANUAL' ? shots.length * SHOT_SECONDS : durationOf(task, config)
  return typeof seconds === 'number' ? film(body, seconds, '720p, 24 fps') : seconds
}

function durationOf(task: string, config: JsonObject): number | Refusal {
  const path = `#/${CONFIG}/durationSeconds`
  const one = task === 'TEXT_VIDEO'
  const seconds = wholeNumber(config['durationSeconds'], path, {
    min: one ? SHOT_SECONDS : 2 * SHOT_SECONDS,
    max: one ? SHOT_SECONDS : 20 * SHOT_SECONDS,
    default: one ? SHOT_SECONDS : 2 * SHOT_SECONDS,
  })
  if (typeof seconds !== 'number' || seconds % SHOT_SECONDS === 0) return seconds
  return malformed(`${path}: ${seconds} is not a multiple of ${SHOT_SECONDS}`)
}

const LUMA_MEMBERS = ['prompt', 'aspect_ratio', 'loop', 'duration', 'resolution', 'keyframes']

export function readLumaRay(body: JsonObject): BodyAsk | Refusal {
  const extra = extraneousKey(body, LUMA_MEMBERS)
  if (extra !== null) return extra
  if (!isString(body['prompt']) || body['prompt'] === '') return missingKey('prompt')
  const duration = oneOf(body['duration'] ?? '5s', '#/duration', ['5s', '9s'])
  if (typeof duration !== 'string') return duration
  const resolution = oneOf(body['resolution'] ?? '720p', '#/resolution', ['540p', '720p'])
  if (typeof resolution !== 'string') return resolution
  return film(body, duration === '5s' ? 5 : 9, `${resolution}, 24 fps`)
}

function film(body: JsonObject, seconds: number, variant: string): BodyAsk {
  const builder = new PromptBuilder()
  builder.addJson(ordered(body), 0)
  return {
    ...chatAsk({ ...builder.content(), ...NO_TEXT }),
    product: { kind: 'video', seconds },
    other: { video_seconds: seconds },
    variant,
  }
}
