// CountTokens and Anthropic's count_tokens: the tokens a request would be charged for as input, for nothing. They are those
// of the prompt builder, so a count is what the call itself then reports.

import { isJsonObject, isString } from './json-value.ts'
import { resolveNamed, resolvePath } from './decide.ts'
import { readAnthropic } from './read-anthropic.ts'
import { readAsk } from './read-ask.ts'
import { invalid, isRefusal, type Refusal } from './refusal.ts'
import { served, type Served } from './served.ts'
import type { ServiceRequest } from './service-request.ts'

export function countTokens({ simulation, draft, body }: ServiceRequest): Served | Refusal {
  const resolved = resolvePath(simulation, draft)
  if (isRefusal(resolved)) return resolved
  const input = isJsonObject(body['input']) ? body['input'] : {}
  const { converse, invokeModel } = input
  if (isJsonObject(converse) === isJsonObject(invokeModel)) {
    return invalid('The input must have exactly one of converse and invokeModel.')
  }
  const operation = isJsonObject(converse) ? 'Converse' : 'InvokeModel'
  const asked = isJsonObject(converse) ? Buffer.from(JSON.stringify(converse)) : bodyOf(invokeModel)
  if (asked === null) return invalid('invokeModel.body is required')
  const ask = readAsk(operation, resolved.model, {}, asked)
  return isRefusal(ask) ? ask : served({ inputTokens: ask.prompt.tokens })
}

/** The body of an InvokeModel call, in base64 as JSON carries bytes. */
function bodyOf(invokeModel: unknown): Buffer | null {
  const body = isJsonObject(invokeModel) ? invokeModel['body'] : null
  return isString(body) ? Buffer.from(body, 'base64') : null
}

export function countMessageTokens({ simulation, draft, body }: ServiceRequest): Served | Refusal {
  const resolved = resolveNamed(simulation, draft, body['model'])
  if (isRefusal(resolved)) return resolved
  const { model } = resolved
  if (model.family !== 'anthropic') {
    return invalid(`The model ${model.id} does not support the Messages API.`)
  }
  // A count needs no limit; the reader of messages does.
  const counted = { ...body, max_tokens: 1, anthropic_version: 'bedrock-2023-05-31' }
  const ask = readAnthropic(counted, model)
  return isRefusal(ask) ? ask : served({ input_tokens: ask.prompt.tokens })
}
