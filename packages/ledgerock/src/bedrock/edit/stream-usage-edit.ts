// Asks an OpenAI-shaped chat stream for its usage where the client did not: without `stream_options.include_usage` the stream ends
// without a word of what it used. The smallest edit that does it; a shape the API would refuse is left for it to refuse.

import type { BodyEdit } from './body-edit.ts'
import { memberPlace, spanOf } from './body-place.ts'
import { compileJsonPaths } from '../json/json-paths.ts'
import { JsonScan } from '../json/json-scan.ts'
import type { RequestFacts } from '../request/request-facts.ts'

export type StreamUsage = {
  readonly asked: boolean
  /** Null: nothing to do, or nothing that could be done. */
  readonly edit: BodyEdit | null
  /** A key that stands twice. */
  readonly duplicate: string | null
}

const ASKS = '{"include_usage":true}'
const MEMBER = '"include_usage":true'
const NOTHING_TO_DO: StreamUsage = { asked: false, edit: null, duplicate: null }

const optionsScan = new JsonScan(compileJsonPaths(['include_usage']))

/** `options`: what stands under `stream_options`, part of `body`. */
export function readStreamUsage(body: Buffer, options: Buffer | null): StreamUsage {
  if (options === null) {
    const place = memberPlace(body, 0)
    return place === null
      ? NOTHING_TO_DO
      : insert(place.at, `"stream_options":${ASKS}${place.more ? ',' : ''}`)
  }
  if (isNull(options)) return replace(body, options, ASKS)
  if (options[0] !== 0x7b) return NOTHING_TO_DO
  return inOptions(body, options)
}

function inOptions(body: Buffer, options: Buffer): StreamUsage {
  optionsScan.reset()
  optionsScan.write(options)
  optionsScan.end()
  const value = optionsScan.value(0)
  const { duplicate } = optionsScan
  optionsScan.reset()
  if (duplicate !== null) return { ...NOTHING_TO_DO, duplicate: `stream_options.${duplicate}` }
  if (value === null) {
    const place = memberPlace(body, spanOf(body, options).start)
    return place === null ? NOTHING_TO_DO : insert(place.at, MEMBER + (place.more ? ',' : ''))
  }
  if (value.length === 4 && value[0] === 0x74) return { asked: true, edit: null, duplicate: null }
  // `false` or `null`: what else could stand there is no choice the API knows.
  if (value[0] === 0x66 || isNull(value)) return replace(body, value, 'true')
  return NOTHING_TO_DO
}

function isNull(value: Buffer): boolean {
  return value[0] === 0x6e
}

function insert(at: number, text: string): StreamUsage {
  return { asked: false, edit: { start: at, end: at, text }, duplicate: null }
}

function replace(body: Buffer, value: Buffer, text: string): StreamUsage {
  return { asked: false, edit: { ...spanOf(body, value), text }, duplicate: null }
}

/** None where the client asks for the usage itself, where nothing is streamed, and on every API but Chat Completions. */
export function streamUsageEdits(facts: Pick<RequestFacts, 'places'>): readonly BodyEdit[] {
  const { streamUsage } = facts.places
  return streamUsage === null ? [] : [streamUsage]
}
