// From headers and body to one valid ask, or the refusal Bedrock would give. Converse carries tier, performance and request
// metadata in its body; InvokeModel carries them in headers.

import type { IncomingHttpHeaders } from 'node:http'

import { PERFORMANCES, SERVICE_TIERS, type Ask, type BodyAsk } from './ask.ts'
import type { Model } from './model-shape.ts'
import { isJsonObject, type JsonObject } from './json-value.ts'
import { readConverse, readNative } from './read-native.ts'
import { invalid, isRefusal, type Refusal } from './refusal.ts'
import { readRequestMetadata, readRequestMetadataHeader } from './request-metadata.ts'
import { isConverse, type Operation } from './route.ts'

export const METADATA_HEADER = 'x-amzn-bedrock-request-metadata'
export const TIER_HEADER = 'x-amzn-bedrock-service-tier'
const PERFORMANCE_HEADER = 'x-amzn-bedrock-performanceconfig-latency'

export function readAsk(
  operation: Operation,
  model: Model,
  headers: IncomingHttpHeaders,
  bodyBytes: Buffer,
): Ask | Refusal {
  let body: unknown
  try {
    body = JSON.parse(bodyBytes.toString('utf8'))
  } catch {
    return invalid('Malformed input request, please reformat your input and try again.')
  }
  if (!isJsonObject(body)) {
    return invalid('Malformed input request: expected a JSON object, please try again.')
  }
  const converse = isConverse(operation)
  const asked = converse ? readConverse(body, model) : readNative(operation, body, model)
  if (isRefusal(asked)) return asked
  const service = converse ? serviceOfBody(body) : serviceOfHeaders(headers)
  return isRefusal(service) ? service : settle(asked, service, model)
}

/** What a request says about how to serve it, not yet checked. */
export type Service = {
  readonly tier: unknown
  readonly performance: unknown
  readonly requestMetadata: Ask['requestMetadata']
}

function serviceOfBody(body: JsonObject): Service | Refusal {
  const sent = body['requestMetadata']
  const read = sent === undefined || sent === null ? null : readRequestMetadata(sent)
  if (read !== null && isRefusal(read)) return read
  const tier = isJsonObject(body['serviceTier']) ? body['serviceTier']['type'] : body['serviceTier']
  const performance = isJsonObject(body['performanceConfig'])
    ? body['performanceConfig']['latency']
    : body['performanceConfig']
  return { tier, performance, requestMetadata: read?.metadata ?? null }
}

function serviceOfHeaders(headers: IncomingHttpHeaders): Service | Refusal {
  const sent = headers[METADATA_HEADER]
  const read = typeof sent === 'string' ? readRequestMetadataHeader(sent) : null
  if (read !== null && isRefusal(read)) return read
  return {
    tier: headers[TIER_HEADER],
    performance: headers[PERFORMANCE_HEADER],
    requestMetadata: read?.metadata ?? null,
  }
}

export function settle(asked: BodyAsk, service: Service, model: Model): Ask | Refusal {
  const { requestMetadata } = service
  const tier = SERVICE_TIERS.find((known) => known === service.tier) ?? null
  if (tier === null && service.tier !== undefined && service.tier !== null) {
    return invalid(`Value at 'serviceTier' must be one of [${SERVICE_TIERS.join(', ')}].`)
  }
  if ((tier === 'priority' || tier === 'flex') && !model.paidTiers.includes(tier)) {
    return invalid(`The service tier ${tier} is not supported for the model ${model.id}.`)
  }
  const performance = PERFORMANCES.find((known) => known === service.performance) ?? null
  if (performance === null && service.performance !== undefined && service.performance !== null) {
    return invalid(`Value at 'performanceConfig.latency' must be one of [standard, optimized].`)
  }
  if (performance === 'optimized' && !model.latencyOptimized) {
    return invalid(`Latency performance configuration is not supported for ${model.id}.`)
  }
  return { ...asked, tier, performance, requestMetadata }
}
