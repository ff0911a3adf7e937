// Reads the bodies that are one prompt and a few settings: Llama, Mistral, DeepSeek R1, Cohere Command, Titan text. They differ
// in what they call things, so a table says it. A member that a shape does not know is refused, as Bedrock refuses it.

import { COMPLETION, chatAsk, type BodyAsk } from './ask.ts'
import type { Model } from './model-shape.ts'
import { imageTokens } from './content-tokens.ts'
import { isJsonObject, isString, type JsonObject } from './json-value.ts'
import { extraneousKey, malformed, missingKey, texts, typeName, wholeNumber } from './malformed.ts'
import { PromptBuilder } from './prompt.ts'
import { isRefusal, type Refusal } from './refusal.ts'

type Dialect = {
  readonly prompt: string
  /** The member that holds the settings; null where they stand beside the prompt. */
  readonly settings: string | null
  readonly limit: string
  readonly stop: string | null
  /** Further members, which change nothing here. */
  readonly others: readonly string[]
}

const SAMPLING = ['temperature', 'top_p']

export const COMPLETION_DIALECTS = {
  llama: {
    prompt: 'prompt',
    settings: null,
    limit: 'max_gen_len',
    stop: null,
    others: [...SAMPLING, 'images'],
  },
  mistral: {
    prompt: 'prompt',
    settings: null,
    limit: 'max_tokens',
    stop: 'stop',
    others: [...SAMPLING, 'top_k'],
  },
  'deepseek-r1': {
    prompt: 'prompt',
    settings: null,
    limit: 'max_tokens',
    stop: 'stop',
    others: SAMPLING,
  },
  'cohere-command': {
    prompt: 'prompt',
    settings: null,
    limit: 'max_tokens',
    stop: 'stop_sequences',
    others: [
      'temperature',
      'p',
      'k',
      'return_likelihoods',
      'stream',
      'num_generations',
      'logit_bias',
      'truncate',
    ],
  },
  'titan-text': {
    prompt: 'inputText',
    settings: 'textGenerationConfig',
    limit: 'maxTokenCount',
    stop: 'stopSequences',
    others: ['temperature', 'topP'],
  },
} as const satisfies { readonly [family: string]: Dialect }

export type CompletionFamily = keyof typeof COMPLETION_DIALECTS

export function readCompletion(
  body: JsonObject,
  model: Model,
  family: CompletionFamily,
): BodyAsk | Refusal {
  const dialect: Dialect = COMPLETION_DIALECTS[family]
  const text = body[dialect.prompt]
  if (text === undefined) return missingKey(dialect.prompt)
  if (!isString(text)) {
    return malformed(`#/${dialect.prompt}: expected type: String, found: ${typeName(text)}`)
  }
  if (text === '') return malformed(`#/${dialect.prompt}: expected minLength: 1, actual: 0`)
  const settings = settingsOf(body, dialect)
  if (isRefusal(settings)) return settings

  const { limit, stop } = dialect
  const path = dialect.settings === null ? '#' : `#/${dialect.settings}`
  const maxTokens = wholeNumber(settings[limit], `${path}/${limit}`, {
    min: 1,
    max: model.outputTokensMax,
    default: model.outputTokensDefault,
  })
  if (typeof maxTokens !== 'number') return maxTokens
  const stopSequences = stop === null ? [] : texts(settings[stop], `${path}/${stop}`)
  if (isRefusal(stopSequences)) return stopSequences
  const images = texts(body['images'], '#/images')
  if (isRefusal(images)) return images

  const builder = new PromptBuilder()
  builder.addText(text)
  for (const image of images) builder.addJson(image, imageTokens(image.length))
  const prompt = { ...builder.content(), maxTokens, stopSequences, tool: null }
  const product =
    family === 'cohere-command'
      ? { ...COMPLETION, inOnePiece: body['stream'] !== true, echo: JSON.stringify(text) }
      : COMPLETION
  return { ...chatAsk(prompt), product }
}

function settingsOf(body: JsonObject, dialect: Dialect): JsonObject | Refusal {
  const { prompt, settings: name, limit, stop, others } = dialect
  const known = [limit, ...(stop === null ? [] : [stop]), ...others]
  if (name === null) return extraneousKey(body, [prompt, ...known]) ?? body
  const settings = body[name] ?? {}
  if (!isJsonObject(settings)) {
    return malformed(`#/${name}: expected type: JSONObject, found: ${typeName(settings)}`)
  }
  return (
    extraneousKey(body, [prompt, name]) ?? extraneousKey(settings, known, `#/${name}`) ?? settings
  )
}
