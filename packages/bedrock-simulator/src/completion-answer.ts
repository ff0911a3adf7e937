// Writes the answers of models that complete a prompt: Llama, Mistral, DeepSeek R1, Cohere Command, Titan text, and Pegasus,
// whose prompt is a film. Each is a small JSON of its own, so a table says them: the whole answer, a piece of a stream, and its
// end. Mistral, DeepSeek, Command and Pegasus say no token counts in the body; headers and Bedrock's own metrics do.

import type { Answer, StreamOptions } from './answer.ts'
import type { Text } from './ask.ts'
import type { StopReason } from './generate.ts'
import { invocationMetrics, type NativeEvent } from './native-event.ts'
import { mix, seededRandom } from './random.ts'
import { textPieces } from './stream-pieces.ts'
import type { CompletionFamily } from './read-completion.ts'

type Shape = {
  /** Members of the whole answer. */
  readonly whole: (answer: Answer, text: string, echo: string) => string
  /** Members of one piece; `first` marks the piece that may tell what the prompt took. */
  readonly piece: (answer: Answer, text: string, tokens: number, first: boolean) => string
  /** Members of the event that ends a stream, before Bedrock's metrics. */
  readonly last: (answer: Answer) => string
}

const SHAPES: { readonly [Family in CompletionFamily | 'pegasus']: Shape } = {
  llama: {
    whole: (answer, text) =>
      llamaMembers(text, answer.usage.input, answer.usage.output, stopOf(answer)),
    piece: (answer, text, tokens, first) =>
      llamaMembers(text, first ? answer.usage.input : null, tokens, null),
    last: (answer) => llamaMembers('', null, answer.usage.output, stopOf(answer)),
  },
  mistral: {
    whole: (answer, text) => `"outputs":[{"text":"${text}","stop_reason":"${stopOf(answer)}"}]`,
    piece: (_, text) => `"outputs":[{"text":"${text}","stop_reason":null}]`,
    last: (answer) => `"outputs":[{"text":"","stop_reason":"${stopOf(answer)}"}]`,
  },
  'deepseek-r1': {
    whole: (answer, text) => `"choices":[{"text":"${text}","stop_reason":"${stopOf(answer)}"}]`,
    piece: (_, text) => `"choices":[{"text":"${text}","stop_reason":null}]`,
    last: (answer) => `"choices":[{"text":"","stop_reason":"${stopOf(answer)}"}]`,
  },
  'cohere-command': {
    whole: (answer, text, echo) =>
      `"generations":[{"finish_reason":"${cohereReason(answer.generation.stop)}",` +
      `"id":"${uuidOf(answer, 5)}","text":"${text}"}],"id":"${uuidOf(answer, 3)}","prompt":${echo}`,
    piece: (_, text) => `"text":"${text}","is_finished":false`,
    last: (answer) =>
      `"is_finished":true,"finish_reason":"${cohereReason(answer.generation.stop)}",` +
      `"id":"${uuidOf(answer, 3)}"`,
  },
  'titan-text': {
    whole: (answer, text) =>
      `"inputTextTokenCount":${answer.usage.input},"results":[{"tokenCount":${answer.usage.output},` +
      `"outputText":"${text}","completionReason":"${titanReason(answer.generation.stop)}"}]`,
    piece: (_, text) => titanMembers(text, null, null, null),
    last: (answer) =>
      titanMembers(
        '',
        answer.usage.input,
        answer.usage.output,
        titanReason(answer.generation.stop),
      ),
  },
  pegasus: {
    whole: (answer, text) => `"message":"${text}","finishReason":"${stopOf(answer)}"`,
    piece: (_, text) => `"message":"${text}","finishReason":null`,
    last: (answer) => `"message":"","finishReason":"${stopOf(answer)}"`,
  },
}

export function completionBody(
  family: CompletionFamily | 'pegasus',
  answer: Answer,
  { echo }: Text,
): string {
  const { words } = answer.generation
  return `{${SHAPES[family].whole(answer, words.slice(0, words.count), echo ?? 'null')}}`
}

export function* completionEvents(
  family: CompletionFamily | 'pegasus',
  answer: Answer,
  asked: Text,
  { withMetadata }: StreamOptions,
): Generator<NativeEvent> {
  const { generation } = answer
  const { outputTokens } = generation
  const metrics = withMetadata ? `,${invocationMetrics(answer)}` : ''
  if (asked.inOnePiece) {
    const body = completionBody(family, answer, asked)
    yield { json: `${body.slice(0, -1)}${metrics}}`, outputTokens }
    return
  }
  const shape = SHAPES[family]
  for (const [index, piece] of textPieces(generation).entries()) {
    const members = shape.piece(answer, piece.text, piece.outputTokens, index === 0)
    yield { json: `{${members}}`, outputTokens: piece.outputTokens }
  }
  yield { json: `{${shape.last(answer)}${metrics}}`, outputTokens }
}

function llamaMembers(
  text: string,
  promptTokens: number | null,
  tokens: number,
  stop: string | null,
): string {
  return (
    `"generation":"${text}","prompt_token_count":${promptTokens},` +
    `"generation_token_count":${tokens},"stop_reason":${stop === null ? 'null' : `"${stop}"`}`
  )
}

function titanMembers(
  text: string,
  input: number | null,
  output: number | null,
  reason: string | null,
): string {
  return (
    `"outputText":"${text}","index":0,"totalOutputTextTokenCount":${output},` +
    `"completionReason":${reason === null ? 'null' : `"${reason}"`},"inputTextTokenCount":${input}`
  )
}

function stopOf({ generation }: Answer): 'stop' | 'length' {
  return generation.stop === 'max_tokens' ? 'length' : 'stop'
}

export function cohereReason(stop: StopReason): string {
  return stop === 'max_tokens' ? 'MAX_TOKENS' : 'COMPLETE'
}

function titanReason(stop: StopReason): string {
  if (stop === 'max_tokens') return 'LENGTH'
  return stop === 'stop_sequence' ? 'STOP_CRITERIA_MET' : 'FINISH'
}

/** An identifier such as Cohere gives; `salt` tells those of one answer apart. */
export function uuidOf({ generation }: Answer, salt: number): string {
  const random = seededRandom(mix(generation.seed, salt))
  const digits = (length: number): string =>
    Array.from({ length }, () => random.below(16).toString(16)).join('')
  return [8, 4, 4, 4, 12].map(digits).join('-')
}
