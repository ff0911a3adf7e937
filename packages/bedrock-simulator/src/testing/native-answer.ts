// One native call in process: body in, answer out, without a server. For the tests of readers and writers.

import type { Answer } from '../answer.ts'
import type { BodyAsk } from '../ask.ts'
import { findModel } from '../catalogue.ts'
import type { Model } from '../model-shape.ts'
import { generate } from '../generate.ts'
import type { JsonObject } from '../json-value.ts'
import { readNative } from '../read-native.ts'
import { isRefusal, type Refusal } from '../refusal.ts'
import type { Operation } from '../route.ts'
import { answerBody, answerEvents } from '../write-answer.ts'

export function modelOf(id: string): Model {
  const model = findModel(id) ?? findModel(id.replace(/^[a-z-]+\./, ''))
  if (model === null) throw new Error(`no such model: ${id}`)
  return model
}

export function readBody(
  id: string,
  body: JsonObject,
  operation: Operation = 'InvokeModel',
): BodyAsk | Refusal {
  return readNative(operation, body, modelOf(id))
}

/** The answer to a body that must be good. */
export function answerTo(id: string, body: JsonObject): Answer {
  const ask = readBody(id, body)
  if (isRefusal(ask)) throw new Error(ask.message)
  const model = modelOf(id)
  const generation = generate(7, model.id, ask.prompt, null)
  const output = ask.product.kind === 'text' ? generation.outputTokens : 0
  const input = { input: ask.prompt.tokens, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }
  return {
    model,
    generation,
    usage: { ...input, output, other: ask.other },
    tier: 'default',
    performance: null,
    caching: false,
    includeUsage: ask.includeUsage,
    product: ask.product,
    variant: ask.variant,
    nowMs: Date.UTC(2026, 9, 1),
  }
}

export function wholeOf(answer: Answer): unknown {
  return JSON.parse(answerBody('InvokeModel', answer))
}

/** The native events of a stream, taken out of their chunks. */
export function eventsOf(answer: Answer, withMetadata = true): readonly unknown[] {
  const operation = 'InvokeModelWithResponseStream'
  return [...answerEvents(operation, answer, { withMetadata })].map(({ payload }) => {
    const chunk: unknown = JSON.parse(payload)
    const bytes = typeof chunk === 'object' && chunk !== null && 'bytes' in chunk ? chunk.bytes : ''
    return JSON.parse(Buffer.from(String(bytes), 'base64').toString('utf8'))
  })
}
