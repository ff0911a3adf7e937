// Answers of models that are sold by the image, the second of video, the search or the request. Their bodies say little: images
// are counted as they pass, the rest is what the request asked for.

import { exhaustive } from '../../kernel/assert.ts'
import type { Findings } from './findings.ts'
import { compileJsonPaths } from '../json/json-paths.ts'
import type { JsonScan } from '../json/json-scan.ts'
import {
  embeddedImages,
  embeddedVariant,
  imageVariant,
  searchUnits,
  videoSeconds,
  videoVariant,
} from './media-units.ts'
import type { ResponseHeaders } from './response-headers.ts'
import { unitReading, type CountedUnits } from './unit-reading.ts'
import type { MeterRequest, UsageReading } from './usage-meter.ts'

/** What an answer is counted in; of a model that makes videos only the call that starts one is billed. */
export type SoldBy =
  'image' | 'video' | 'search' | 'request' | 'image_embedding' | 'recording_embedding'

/** Null: by the token. */
export function soldBy(request: MeterRequest): SoldBy | null {
  switch (request.maker) {
    case 'amazon.nova-canvas':
    case 'amazon.titan-image':
    case 'stability':
      return 'image'
    case 'amazon.nova-reel':
    case 'luma':
      return 'video'
    case 'amazon.rerank':
    case 'cohere.rerank':
      return 'search'
    case 'twelvelabs':
      return 'request'
    case 'amazon.nova-embed':
      if (embeddedImages(request) > 0) return 'image_embedding'
      return request.mediaParts > 0 ? 'recording_embedding' : null
    default:
      return null
  }
}

const IMAGES = 0
const ARTIFACTS = 1
const FINISH_REASON = 2
/** Images of Amazon's and Stability's models, of Stability's oldest; what only a text model of TwelveLabs answers with. */
export const UNIT_PATHS = compileJsonPaths(['images.#', 'artifacts.#', 'finishReason'])

type Units = Pick<CountedUnits, 'usage' | 'isEstimate' | 'variant'>
const UNKNOWN: Units = { usage: null, isEstimate: true, variant: null }

export class UnitFindings implements Findings {
  readonly problems = new Set<string>()
  readonly #request: MeterRequest
  readonly #headers: ResponseHeaders
  readonly #soldBy: SoldBy
  #images = 0
  #isText = false
  outputSeenBytes = 0
  final = false

  constructor(request: MeterRequest, headers: ResponseHeaders, unit: SoldBy) {
    this.#request = request
    this.#headers = headers
    this.#soldBy = unit
  }

  look(scan: JsonScan): void {
    this.#images = scan.count(IMAGES) + scan.count(ARTIFACTS)
    this.#isText = scan.value(FINISH_REASON) !== null
  }

  read(): UsageReading {
    const { final, outputSeenBytes, problems } = this
    const counted = { ...this.#units(), rawUsage: null, final, outputSeenBytes }
    return unitReading(counted, this.#headers, problems)
  }

  #units(): Units {
    switch (this.#soldBy) {
      case 'image':
        return this.#imageUnits()
      case 'search':
        return {
          usage: { search_units: searchUnits(this.#request.media) },
          // Long documents are cut into several by the model, which no one tells.
          isEstimate: true,
          variant: null,
        }
      case 'video':
        return videoUnits(this.#request)
      case 'request':
        return this.#requestUnits()
      case 'image_embedding':
        return {
          usage: { image_input: embeddedImages(this.#request) },
          isEstimate: !this.final,
          variant: embeddedVariant(this.#request),
        }
      case 'recording_embedding':
        // Paid by the second, and how long it was is not said.
        return UNKNOWN
      default:
        return exhaustive(this.#soldBy)
    }
  }

  #imageUnits(): Units {
    const variant = imageVariant(this.#request)
    if (this.final && this.#images > 0) {
      return { usage: { images: this.#images }, isEstimate: false, variant }
    }
    const images = this.#request.media?.images ?? 1
    return { usage: { images: Math.max(images, this.#images, 1) }, isEstimate: true, variant }
  }

  #requestUnits(): Units {
    // Video that a text model has watched is paid by the second, and how long it was is not said.
    if (this.#isText) return UNKNOWN
    const images = embeddedImages(this.#request)
    const usage = images > 0 ? { image_input: images } : { requests: 1 }
    return { usage, isEstimate: !this.final, variant: null }
  }
}

/** A video is made after the answer: what was asked for is all that is known. */
function videoUnits(request: MeterRequest): Units {
  const seconds = videoSeconds(request)
  if (seconds === null) return UNKNOWN
  return { usage: { video_seconds: seconds }, isEstimate: true, variant: videoVariant(request) }
}

/** Reads nothing of the answer that starts an asynchronous call but that it has come. */
export class AsyncFindings implements Findings {
  readonly problems = new Set<string>()
  readonly #request: MeterRequest
  readonly #headers: ResponseHeaders
  outputSeenBytes = 0
  final = false

  constructor(request: MeterRequest, headers: ResponseHeaders) {
    this.#request = request
    this.#headers = headers
  }

  look(): void {
    this.outputSeenBytes = 0
  }

  read(): UsageReading {
    const isVideo = soldBy(this.#request) === 'video'
    const units = isVideo ? videoUnits(this.#request) : UNKNOWN
    const { final, problems } = this
    const counted = { ...units, rawUsage: null, final, outputSeenBytes: 0 }
    return unitReading(counted, this.#headers, problems)
  }
}
