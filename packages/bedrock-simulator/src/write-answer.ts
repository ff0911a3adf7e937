// Chooses the writer for an operation and a model's shape.

import { anthropicBody, anthropicEvents } from './anthropic-answer.ts'
import type { Answer, StreamEvent, StreamOptions } from './answer.ts'
import type { Embeddings, Images, Text } from './ask.ts'
import { TEXT_FAMILIES, type TextFamily } from './model-shape.ts'
import { cohereChatBody, cohereChatEvents } from './cohere-chat-answer.ts'
import { completionBody, completionEvents } from './completion-answer.ts'
import { converseBody, converseEvents } from './converse-answer.ts'
import {
  cohereEmbeddingBody,
  marengoBody,
  novaEmbeddingBody,
  titanBody,
  titanMultimodalBody,
} from './embedding-answer.ts'
import { exhaustive } from './exhaustive.ts'
import { amazonImageBody, stabilityBody, stabilityXlBody } from './image-answer.ts'
import { jambaBody, jambaEvents } from './jamba-answer.ts'
import { mistralChatBody, mistralChatEvents } from './mistral-chat-answer.ts'
import { chunkEvents, type NativeEvent } from './native-event.ts'
import { novaBody, novaEvents } from './nova-answer.ts'
import { openaiBody, openaiEvents } from './openai-answer.ts'
import type { CompletionFamily } from './read-completion.ts'
import { rerankBody } from './rerank-answer.ts'
import { isConverse, type Operation } from './route.ts'

export function answerBody(operation: Operation, answer: Answer): string {
  if (isConverse(operation)) return converseBody(answer)
  const { product } = answer
  switch (product.kind) {
    case 'text':
      return writerOf(answer).body(answer, product)
    case 'embeddings':
      return vectorsBody(answer, product)
    case 'images':
      return picturesBody(answer, product)
    case 'ranking':
      return rerankBody(answer, product)
    case 'video':
      throw new Error('a film is made in the background and has no answer')
    default:
      return exhaustive(product)
  }
}

export function answerEvents(
  operation: Operation,
  answer: Answer,
  options: StreamOptions,
): Iterable<StreamEvent> {
  if (isConverse(operation)) return converseEvents(answer, options)
  if (answer.product.kind !== 'text') throw wrongShape(answer)
  return chunkEvents(answer, writerOf(answer).events(answer, answer.product, options))
}

type TextWriter = {
  readonly body: (answer: Answer, asked: Text) => string
  readonly events: (answer: Answer, asked: Text, options: StreamOptions) => Iterable<NativeEvent>
}

const TEXT_WRITERS: { readonly [Family in TextFamily]: TextWriter } = {
  anthropic: {
    body: anthropicBody,
    events: (answer, _, options) => anthropicEvents(answer, options),
  },
  nova: { body: novaBody, events: (answer, _, options) => novaEvents(answer, options) },
  openai: { body: openaiBody, events: (answer, _, options) => openaiEvents(answer, options) },
  jamba: { body: jambaBody, events: (answer, _, options) => jambaEvents(answer, options) },
  'cohere-chat': { body: cohereChatBody, events: cohereChatEvents },
  mistral: {
    body: (answer, asked) =>
      asked.form === 'chat' ? mistralChatBody(answer) : completionBody('mistral', answer, asked),
    events: (answer, asked, options) =>
      asked.form === 'chat'
        ? mistralChatEvents(answer, options)
        : completionEvents('mistral', answer, asked, options),
  },
  llama: completion('llama'),
  'deepseek-r1': completion('deepseek-r1'),
  'cohere-command': completion('cohere-command'),
  'titan-text': completion('titan-text'),
  pegasus: completion('pegasus'),
}

function completion(family: CompletionFamily | 'pegasus'): TextWriter {
  return {
    body: (answer, asked) => completionBody(family, answer, asked),
    events: (answer, asked, options) => completionEvents(family, answer, asked, options),
  }
}

function writerOf(answer: Answer): TextWriter {
  const { family } = answer.model
  const writer = TEXT_FAMILIES.find((known) => known === family)
  if (writer === undefined) throw wrongShape(answer)
  return TEXT_WRITERS[writer]
}

function vectorsBody(answer: Answer, asked: Embeddings): string {
  switch (answer.model.family) {
    case 'titan-embedding':
      return titanBody(answer, asked)
    case 'titan-multimodal':
      return titanMultimodalBody(answer, asked)
    case 'nova-embedding':
      return novaEmbeddingBody(answer, asked)
    case 'cohere-embedding':
      return cohereEmbeddingBody(answer, asked)
    case 'marengo':
      return marengoBody(answer, asked)
    default:
      throw wrongShape(answer)
  }
}

function picturesBody(answer: Answer, asked: Images): string {
  switch (answer.model.family) {
    case 'amazon-image':
      return amazonImageBody(answer, asked)
    case 'stability':
      return stabilityBody(answer, asked)
    case 'stability-xl':
      return stabilityXlBody(answer, asked)
    default:
      throw wrongShape(answer)
  }
}

function wrongShape({ model, product }: Answer): Error {
  return new Error(`${model.id} was asked to make ${product.kind}`)
}
