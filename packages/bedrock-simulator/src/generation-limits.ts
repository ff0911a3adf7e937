// Checks every request shape shares: the limit on output, the stop sequences, the number and order of cache points.

import { isCacheTtl, type CacheTtl } from './cache-ttl.ts'
import type { Model } from './model-shape.ts'
import { isString } from './json-value.ts'
import type { CachePoint, PromptBuilder } from './prompt.ts'
import { invalid, refuse, type Refusal } from './refusal.ts'

const CACHE_POINTS_MAX = 4

export function readMaxTokens(value: unknown, field: string, model: Model): number | Refusal {
  if (value === undefined || value === null) return model.outputTokensDefault
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    return invalid(
      `1 validation error detected: Value at '${field}' failed to satisfy constraint: ` +
        `Member must be an integer greater than or equal to 1`,
    )
  }
  if (value > model.outputTokensMax) {
    return invalid(
      `The maximum tokens you requested exceeds the model limit of ${model.outputTokensMax}. ` +
        `Try again with a maximum tokens value that is lower than ${model.outputTokensMax}.`,
    )
  }
  return value
}

export function readStopSequences(value: unknown, field: string): readonly string[] | Refusal {
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every((item) => isString(item) && item !== '')) return value
  return invalid(`The field '${field}' must be a list of non-empty strings.`)
}

/** Null when the point is placed. */
export function placeCachePoint(
  builder: PromptBuilder,
  ttl: unknown,
  model: Model,
): Refusal | null {
  if (model.cache === null) {
    return refuse(
      'AccessDeniedException',
      'You invoked an unsupported model or your request did not allow prompt caching. ' +
        'See the documentation for more information.',
    )
  }
  const asked: unknown = ttl ?? '5m'
  if (!isCacheTtl(asked)) return invalid(`The cache ttl must be one of 5m, 1h.`)
  if (!model.cache.ttls.includes(asked)) {
    return invalid(`The cache ttl ${asked} is not supported by the model ${model.id}.`)
  }
  builder.addCachePoint(asked)
  return null
}

export function checkCachePoints(points: readonly CachePoint[]): Refusal | null {
  if (points.length > CACHE_POINTS_MAX) {
    return invalid(
      `A maximum of ${CACHE_POINTS_MAX} blocks with cache_control may be provided. ` +
        `Found ${points.length}.`,
    )
  }
  let shortest: CacheTtl = '1h'
  for (const point of points) {
    if (point.ttl === '1h' && shortest === '5m') {
      return invalid(
        `A ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.`,
      )
    }
    shortest = point.ttl
  }
  return null
}
