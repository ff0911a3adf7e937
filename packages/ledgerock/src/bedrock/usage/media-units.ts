// What a model that is not sold by the token used, in the units it is sold by, and which of its prices applies. Sizes and seconds
// come from the request, because answers do not repeat them; defaults are those of the maker's documentation. A variant the price
// book does not sell leaves the call unpriced, which is right: its price is not known.
//
// Sources: Amazon Bedrock user guide, model parameters of Titan Image Generator, Nova Canvas, Nova Reel, Nova embeddings, Luma
// and Stability; "Pricing and search units"; docs.lumalabs.ai, video generation.

import type { MediaAsk } from '../request/media-ask.ts'
import type { MeterRequest } from './usage-meter.ts'

/** Images of at most so many pixels have the smaller of the two prices; Titan sells 768 by 768 as 512 by 512. */
const CANVAS_PIXELS_MAX = 1_024 * 1_024
const TITAN_PIXELS_MAX = 768 * 768
const DEFAULT_SIDE = 1_024
/** Of one shot, and of a video nobody asked to be longer. */
const REEL_SECONDS = 6
const LUMA_SECONDS = 5
const LUMA_RESOLUTION = '720p'
const DOCUMENTS_PER_SEARCH = 100

/** The variant of an image, named as the price book names it; null where the model has one price for all images. */
export function imageVariant({ maker, media }: MeterRequest): string | null {
  const quality = media?.quality?.toLowerCase() ?? 'standard'
  const pixels = (media?.width ?? DEFAULT_SIDE) * (media?.height ?? DEFAULT_SIDE)
  if (maker === 'amazon.nova-canvas') {
    return `up to ${pixels <= CANVAS_PIXELS_MAX ? '1024x1024' : '2048x2048'}, ${quality}`
  }
  if (maker === 'amazon.titan-image') {
    return `${pixels <= TITAN_PIXELS_MAX ? '512x512' : '1024x1024'}, ${quality}`
  }
  return null
}

/** Null where neither the request nor the maker says how long the video gets. */
export function videoSeconds({ maker, media }: MeterRequest): number | null {
  const seconds = media?.videoSeconds ?? null
  if (seconds !== null && seconds > 0) return Math.ceil(seconds)
  if (maker === 'amazon.nova-reel') return REEL_SECONDS
  return maker === 'luma' ? LUMA_SECONDS : null
}

export function videoVariant({ maker, media }: MeterRequest): string {
  const stated = media?.resolution ?? null
  // Nova Reel has one size; Luma names its two by their height.
  if (maker === 'amazon.nova-reel')
    return `${stated === '1280x720' ? '720p' : (stated ?? '720p')}, 24 fps`
  return `${stated ?? LUMA_RESOLUTION}, 24 fps`
}

/** A query may put up to a hundred documents in order; more are more queries. */
export function searchUnits(media: MediaAsk | null): number {
  return Math.max(1, Math.ceil((media?.documents ?? 1) / DOCUMENTS_PER_SEARCH))
}

/** Images an embedding model was sent, which it is paid for beside the text. */
export function embeddedImages({ maker, media }: MeterRequest): number {
  switch (maker) {
    case 'amazon.titan-embed':
    case 'amazon.nova-embed':
    case 'cohere.embed':
    case 'twelvelabs':
      return media?.images ?? 0
    default:
      return 0
  }
}

/** A page of a document costs Nova's embeddings more than a picture. */
export function embeddedVariant({ media }: MeterRequest): string {
  return media?.quality?.toLowerCase().startsWith('document') === true ? 'document' : 'standard'
}
