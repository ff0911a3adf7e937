// Reads TwelveLabs Pegasus: a question about a film. The film is paid by the second, the question not at all.

import { chatAsk, type BodyAsk } from './ask.ts'
import type { Model } from './model-shape.ts'
import { isString, ordered, type JsonObject } from './json-value.ts'
import { extraneousKey, missingKey, wholeNumber } from './malformed.ts'
import { readMediaSource } from './media-source.ts'
import { PromptBuilder } from './prompt.ts'
import { isRefusal, type Refusal } from './refusal.ts'

const MEMBERS = ['inputPrompt', 'mediaSource', 'temperature', 'responseFormat', 'maxOutputTokens']

export function readPegasus(body: JsonObject, model: Model): BodyAsk | Refusal {
  const question = body['inputPrompt']
  if (!isString(question) || question === '') return missingKey('inputPrompt')
  const extra = extraneousKey(body, MEMBERS)
  if (extra !== null) return extra
  const film = readMediaSource(body['mediaSource'], '#/mediaSource', 'base64String')
  if (isRefusal(film)) return film
  const maxTokens = wholeNumber(body['maxOutputTokens'], '#/maxOutputTokens', {
    min: 1,
    max: model.outputTokensMax,
    default: model.outputTokensDefault,
  })
  if (typeof maxTokens !== 'number') return maxTokens
  const builder = new PromptBuilder()
  builder.addOverhead(question, 0)
  builder.addJson(ordered(body['mediaSource']), 0)
  const prompt = { ...builder.content(), maxTokens, stopSequences: [], tool: null }
  return { ...chatAsk(prompt), other: { video_seconds: film.seconds } }
}
