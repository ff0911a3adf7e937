// Chooses the writer for an operation and a model's shape.

import { anthropicBody, anthropicEvents } from './anthropic-answer.ts'
import type { Answer, StreamEvent, StreamOptions } from './answer.ts'
import { converseBody, converseEvents } from './converse-answer.ts'
import { exhaustive } from './exhaustive.ts'
import { chunkEvents, type NativeEvent } from './native-event.ts'
import { novaBody, novaEvents } from './nova-answer.ts'
import { openaiBody, openaiEvents } from './openai-answer.ts'
import { isConverse, type Operation } from './route.ts'
import { titanBody } from './titan-answer.ts'

export function answerBody(operation: Operation, answer: Answer): string {
  if (isConverse(operation)) return converseBody(answer)
  if (answer.embedding !== null) return titanBody(answer, answer.embedding)
  switch (answer.model.family) {
    case 'anthropic':
      return anthropicBody(answer)
    case 'nova':
      return novaBody(answer)
    case 'openai':
      return openaiBody(answer)
    case 'titan-embedding':
      throw new Error('an embedding model was asked to write text')
    default:
      return exhaustive(answer.model.family)
  }
}

export function answerEvents(
  operation: Operation,
  answer: Answer,
  options: StreamOptions,
): Iterable<StreamEvent> {
  if (isConverse(operation)) return converseEvents(answer, options)
  return chunkEvents(answer, nativeEvents(answer, options))
}

function nativeEvents(answer: Answer, options: StreamOptions): Iterable<NativeEvent> {
  switch (answer.model.family) {
    case 'anthropic':
      return anthropicEvents(answer, options)
    case 'nova':
      return novaEvents(answer, options)
    case 'openai':
      return openaiEvents(answer, options)
    case 'titan-embedding':
      throw new Error('an embedding model was asked to stream')
    default:
      return exhaustive(answer.model.family)
  }
}
