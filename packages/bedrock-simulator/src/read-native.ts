// Chooses the reader for a model's shape: its own on InvokeModel, the common one on Converse, and the model input of an
// invocation that runs in the background.

import type { BodyAsk, When } from './ask.ts'
import type { Model } from './model-shape.ts'
import { exhaustive } from './exhaustive.ts'
import { isJsonObject, itemsOf, type JsonObject } from './json-value.ts'
import { readAmazonImage } from './read-amazon-image.ts'
import { readAnthropic } from './read-anthropic.ts'
import { readCohereChat } from './read-cohere-chat.ts'
import { readCohereEmbedding } from './read-cohere-embedding.ts'
import { readCompletion } from './read-completion.ts'
import { readConversation } from './read-conversation.ts'
import { readMarengo } from './read-marengo.ts'
import { readNovaEmbedding } from './read-nova-embedding.ts'
import { readOpenai } from './read-openai.ts'
import { readPegasus } from './read-pegasus.ts'
import { readRerank } from './read-rerank.ts'
import { readStability, readStabilityXl } from './read-stability.ts'
import { readTitan } from './read-titan.ts'
import { readTitanMultimodal } from './read-titan-multimodal.ts'
import { readLumaRay, readNovaReel } from './read-video.ts'
import { invalid, isRefusal, type Refusal } from './refusal.ts'
import { isStreaming, type Operation } from './route.ts'

const NOT_THIS_MODEL =
  `This action doesn't support the model that you provided. ` +
  `Try again with a supported text or chat model.`

export function readConverse(body: JsonObject, model: Model): BodyAsk | Refusal {
  if (model.converse === null) return invalid(NOT_THIS_MODEL)
  if (!model.converse.system && itemsOf(body['system']).length > 0) {
    return invalid(
      `This model doesn't support system messages. Try again without system messages ` +
        `or use a model that supports system messages.`,
    )
  }
  if (!model.converse.tools && isJsonObject(body['toolConfig'])) {
    return invalid(
      `This model doesn't support tool use. Try again with a model that supports tool use.`,
    )
  }
  return readConversation(body, model, 'converse')
}

export function readNative(
  operation: Operation,
  body: JsonObject,
  model: Model,
): BodyAsk | Refusal {
  if (model.family === 'nova-reel' || model.family === 'luma-ray') {
    return invalid(
      `The model ${model.id} makes videos, which only StartAsyncInvoke does. ` +
        `Try again with that operation.`,
    )
  }
  const asked = readInvocation(body, model, 'now')
  if (isRefusal(asked) || asked.product.kind === 'text' || !isStreaming(operation)) return asked
  return invalid('The model is unsupported for streaming.')
}

/** The `modelInput` of StartAsyncInvoke. */
export function readAsyncInput(body: JsonObject, model: Model): BodyAsk | Refusal {
  switch (model.family) {
    case 'nova-reel':
    case 'luma-ray':
    case 'nova-embedding':
    case 'marengo':
      return readInvocation(body, model, 'later')
    default:
      return invalid(`The model ${model.id} does not support asynchronous invocation.`)
  }
}

function readInvocation(body: JsonObject, model: Model, when: When): BodyAsk | Refusal {
  switch (model.family) {
    case 'anthropic':
      return readAnthropic(body, model)
    case 'nova':
      return readConversation(body, model, 'nova')
    case 'openai':
    case 'jamba':
      return readOpenai(body, model)
    case 'mistral':
      return 'messages' in body ? readOpenai(body, model) : readCompletion(body, model, 'mistral')
    case 'llama':
    case 'deepseek-r1':
    case 'cohere-command':
    case 'titan-text':
      return readCompletion(body, model, model.family)
    case 'cohere-chat':
      return readCohereChat(body, model)
    case 'pegasus':
      return readPegasus(body, model)
    case 'titan-embedding':
      return readTitan(body, model)
    case 'titan-multimodal':
      return readTitanMultimodal(body)
    case 'nova-embedding':
      return readNovaEmbedding(body, when)
    case 'cohere-embedding':
      return readCohereEmbedding(body, model)
    case 'marengo':
      return readMarengo(body, model, when)
    case 'rerank':
      return readRerank(body, model)
    case 'amazon-image':
      return readAmazonImage(body, model)
    case 'stability':
      return readStability(body, model)
    case 'stability-xl':
      return readStabilityXl(body)
    case 'nova-reel':
      return readNovaReel(body, model)
    case 'luma-ray':
      return readLumaRay(body)
    default:
      return exhaustive(model.family)
  }
}
