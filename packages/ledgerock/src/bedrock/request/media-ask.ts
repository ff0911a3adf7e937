// What a request asks of a model that is sold by the image, the second or the search instead of the token. Only what the body
// states; the defaults of each model are the reader's business. Field names: the Amazon Bedrock and Amazon Nova user guides' pages
// on Titan Image Generator, Nova Canvas, Nova Reel, Luma Ray, Stability AI and reranking.

import type { JsonScan } from '../json/json-scan.ts'
import { numberOf, stringOf } from '../json/json-value.ts'

export type MediaAsk = {
  readonly width: number | null
  readonly height: number | null
  /** The provider's own word: `standard`, `premium` … */
  readonly quality: string | null
  /** The provider's own words: `720p`, `1280x720` … */
  readonly resolution: string | null
  /** How many images are asked for; of an embedding, how many are sent inside the body. */
  readonly images: number | null
  readonly videoSeconds: number | null
  /** What a rerank call has to put in order. */
  readonly documents: number | null
}

const NOTHING: MediaAsk = {
  width: null,
  height: null,
  quality: null,
  resolution: null,
  images: null,
  videoSeconds: null,
  documents: null,
}

/** Titan Image and Nova Canvas, Stability's older models, rerankers; then what tells an embedding's images. */
export const INVOKE_MEDIA_PATHS = [
  'imageGenerationConfig.width',
  'imageGenerationConfig.height',
  'imageGenerationConfig.quality',
  'imageGenerationConfig.numberOfImages',
  'width',
  'height',
  'samples',
  'documents.#',
  'inputImage',
  'inputType',
  'input_type',
  'singleEmbeddingParams.image.format',
  'singleEmbeddingParams.image.detailLevel',
] as const
const EMBEDDED = 8

/** `first`: the number `INVOKE_MEDIA_PATHS` begins with among the paths of the scan. */
export function readInvokeMedia(scan: JsonScan, first: number): MediaAsk | null {
  const width = wholeNumber(scan, first) ?? wholeNumber(scan, first + 4)
  const height = wholeNumber(scan, first + 1) ?? wholeNumber(scan, first + 5)
  const quality = word(scan, first + 2) ?? word(scan, first + EMBEDDED + 4)
  const asked = wholeNumber(scan, first + 3) ?? wholeNumber(scan, first + 6)
  const images = asked ?? embeddedImages(scan, first + EMBEDDED)
  const documents = countOrNull(scan, first + 7)
  const says = width ?? height ?? quality ?? images ?? documents
  return says === null ? null : { ...NOTHING, width, height, quality, images, documents }
}

/** Titan and Nova embed one image at a time, and so does Marengo; Cohere any number of them. */
function embeddedImages(scan: JsonScan, first: number): number | null {
  const inputType = word(scan, first + 1)
  if (scan.value(first) !== null || scan.value(first + 3) !== null) return 1
  if (inputType === 'image' || inputType === 'text_image') return 1
  return scan.value(first + 2) !== null && scan.mediaParts > 0 ? scan.mediaParts : null
}

/** Nova Reel, then Luma Ray. */
export const ASYNC_MEDIA_PATHS = [
  'modelInput.videoGenerationConfig.durationSeconds',
  'modelInput.videoGenerationConfig.dimension',
  'modelInput.multiShotManualParams.shots.#',
  'modelInput.duration',
  'modelInput.resolution',
] as const

/** Nova Reel films each shot that is described by hand for six seconds. */
const SECONDS_PER_SHOT = 6

export function readAsyncMedia(scan: JsonScan, first: number): MediaAsk | null {
  const resolution = word(scan, first + 1) ?? word(scan, first + 4)
  const size = resolution === null ? null : /^(\d{1,5})x(\d{1,5})$/.exec(resolution)
  const shots = countOrNull(scan, first + 2)
  const duration = /^(\d{1,5})s$/.exec(word(scan, first + 3) ?? '')
  const videoSeconds =
    wholeNumber(scan, first) ??
    (duration === null ? null : Number(duration[1])) ??
    (shots === null ? null : shots * SECONDS_PER_SHOT)
  if (resolution === null && videoSeconds === null) return null
  return {
    ...NOTHING,
    width: size === null ? null : Number(size[1]),
    height: size === null ? null : Number(size[2]),
    resolution,
    videoSeconds,
  }
}

function countOrNull(scan: JsonScan, path: number): number | null {
  const count = scan.count(path)
  return count === 0 ? null : count
}

function wholeNumber(scan: JsonScan, path: number): number | null {
  const value = numberOf(scan.value(path))
  return value !== null && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** Anything longer or stranger than a size or a quality is somebody's text, which is not ours to keep. */
function word(scan: JsonScan, path: number): string | null {
  const text = stringOf(scan.value(path))
  return typeof text === 'string' && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/.test(text) ? text : null
}
