// Reads what is sold by the image, second, query, request or text unit. Sizes and qualities become the variant words of the price
// book (`1024x1024, premium`), so that a call that asks for one finds its price.

import type { UsageKind } from '@ledgerock/contract'
import type { PriceUnit } from '../price-unit.ts'

export type MediaThing = {
  readonly kind: UsageKind
  readonly unit: PriceUnit
  readonly medium: string
  readonly variant: string | null
}

/** The words a thing is made of, in order, and what they mean. */
const PHRASES: ReadonlyMap<string, MediaThing> = new Map([
  ['created image', thing('images', 'image', 'image')],
  ['input image', thing('image_input', 'image', 'image')],
  ['input image count', thing('image_input', 'image', 'image')],
  ['input audio second', thing('audio_input', 'second', 'audio')],
  ['input audio seconds', thing('audio_input', 'second', 'audio')],
  ['input video second', thing('video_seconds', 'second', 'video')],
  ['input video seconds', thing('video_seconds', 'second', 'video')],
  ['output seconds', thing('video_seconds', 'second', 'video')],
  ['input text request count', thing('requests', 'request', 'text')],
  ['search units', thing('search_units', 'query', 'text')],
])

function thing(kind: UsageKind, unit: PriceUnit, medium: string): MediaThing {
  return { kind, unit, medium, variant: null }
}

/** Frame rates and sizes of generated video, as the pricing page spells them out. */
const VIDEO_SIZES: ReadonlyMap<string, string> = new Map([
  ['medfps hdres', '720p, 24 fps'],
  ['medfps sdres', '540p, 24 fps'],
])
const OPERATIONS = new Set(['t2i', 'i2i', 't2v', 'i2v'])
const QUALITIES = new Set(['standard', 'premium'])

export function mediaThing(words: readonly string[]): MediaThing | null {
  const tierless = words.filter((word) => !TIER_WORDS.has(word))
  const phrase = PHRASES.get(tierless.join(' '))
  if (phrase !== undefined) return phrase
  return imageOf(words.filter((word) => word !== 'batch')) ?? videoOf(tierless)
}

const TIER_WORDS = new Set(['batch', 'flex', 'priority', 'standard'])

/** `T2I-1024-Premium`. */
function imageOf(words: readonly string[]): MediaThing | null {
  const [operation = '', size = '', quality = ''] = words
  if (words.length !== 3 || !operation.endsWith('2i') || !OPERATIONS.has(operation)) return null
  if (!/^\d{3,4}$/.test(size) || !QUALITIES.has(quality)) return null
  return { ...thing('images', 'image', 'image'), variant: `${size}x${size}, ${quality}` }
}

/** `T2V-Medfps-HDRes`, or without the operation. */
function videoOf(words: readonly string[]): MediaThing | null {
  const sizes = words
    .filter((word) => !OPERATIONS.has(word))
    .join(' ')
    .replaceAll(/\b(hd|sd) res\b/g, '$1res')
  const variant = VIDEO_SIZES.get(sizes)
  if (variant === undefined) return null
  return { ...thing('video_seconds', 'second', 'video'), variant }
}

const GUARDRAIL = /^Guardrail-(\w+)UnitsConsumed$/
const POLICIES: ReadonlyMap<string, UsageKind> = new Map([
  ['ContentPolicy', 'text_units_content'],
  ['TopicPolicy', 'text_units_topic'],
  ['WordPolicy', 'text_units_word'],
  ['SensitiveInformationPolicy', 'text_units_sensitive_information'],
  ['SensitiveInformationPolicyFree', 'text_units_sensitive_information_free'],
  ['ContextualGroundingPolicy', 'text_units_contextual_grounding'],
  ['AutomatedReasoningPolicy', 'text_units_automated_reasoning'],
  ['ContentPolicyImage', 'text_units_content_image'],
])

/** A guardrail's units, named as in Bedrock's usage object; null for a policy nobody has seen yet. */
export function guardrailThing(body: string): MediaThing | null {
  const kind = POLICIES.get(GUARDRAIL.exec(body)?.[1] ?? '')
  if (kind === undefined) return null
  const isImage = kind === 'text_units_content_image'
  return thing(kind, isImage ? 'image' : 'text_unit', isImage ? 'image' : 'text')
}

export function isGuardrail(body: string): boolean {
  return body.startsWith('Guardrail-')
}
