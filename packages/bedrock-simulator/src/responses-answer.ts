// Writes answers of OpenAI's Responses route: the response object whole, the typed events of a stream, which is numbered and
// ends with the whole response and its usage, and the object a compaction returns. Cached tokens stand inside
// `input_tokens`.

import type { Answer, StreamEvent, StreamOptions } from './answer.ts'
import { textPieces, toolPieces, toolStartTokens } from './stream-pieces.ts'
import { cacheWriteTokens, totalTokens } from './usage.ts'

/** What the answer repeats of the request. */
export type ResponseNames = {
  readonly id: string
  readonly model: string
  readonly previousResponseId: string | null
  readonly store: boolean
  /** JSON of an object. */
  readonly metadata: string
}

export function responsesBody(answer: Answer, names: ResponseNames): string {
  const status = answer.generation.stop === 'max_tokens' ? 'incomplete' : 'completed'
  return response(answer, names, { status, output: outputItems(answer, names), usage: true })
}

export function compactionBody(answer: Answer, names: ResponseNames): string {
  const { generation, nowMs } = answer
  const content = Buffer.from(generation.words.slice(0, generation.words.count)).toString('base64')
  const item = `{"id":"cmp_${tail(names)}","type":"compaction","encrypted_content":"${content}"}`
  return (
    `{"id":"${names.id}","object":"response.compaction","created_at":${seconds(nowMs)},` +
    `"output":[${item}],"usage":${responsesUsage(answer)}}`
  )
}

export function responsesEvents(
  answer: Answer,
  names: ResponseNames,
  { withMetadata }: StreamOptions,
): readonly StreamEvent[] {
  const events = new NumberedEvents()
  const { generation } = answer
  const started = response(answer, names, { status: 'in_progress', output: [], usage: false })
  events.add('response.created', `"response":${started}`, 0)
  events.add('response.in_progress', `"response":${started}`, 0)
  if (hasMessage(answer)) addMessage(events, answer, names)
  if (generation.toolUse !== null) addCall(events, answer, names)
  const incomplete = generation.stop === 'max_tokens'
  const whole = response(answer, names, {
    status: incomplete ? 'incomplete' : 'completed',
    output: outputItems(answer, names),
    usage: withMetadata,
  })
  const end = incomplete ? 'response.incomplete' : 'response.completed'
  events.add(end, `"response":${whole}`, generation.outputTokens)
  return events.list
}

class NumberedEvents {
  readonly list: StreamEvent[] = []

  add(type: string, members: string, outputTokens: number): void {
    const payload = `{"type":"${type}","sequence_number":${this.list.length},${members}}`
    this.list.push({ type, payload, outputTokens })
  }
}

function addMessage(events: NumberedEvents, answer: Answer, names: ResponseNames): void {
  const { words } = answer.generation
  const item = messageItem(names, 'in_progress', '')
  events.add('response.output_item.added', `"output_index":0,"item":${item}`, 0)
  const at = `"item_id":"msg_${tail(names)}","output_index":0,"content_index":0`
  events.add('response.content_part.added', `${at},"part":${textPart('')}`, 0)
  for (const { text, outputTokens } of textPieces(answer.generation)) {
    const delta = `${at},"delta":"${text}","logprobs":[]`
    events.add('response.output_text.delta', delta, outputTokens)
  }
  const text = words.slice(0, words.count)
  const done = words.count
  events.add('response.output_text.done', `${at},"text":"${text}","logprobs":[]`, done)
  events.add('response.content_part.done', `${at},"part":${textPart(text)}`, done)
  const whole = messageItem(names, 'completed', textPart(text))
  events.add('response.output_item.done', `"output_index":0,"item":${whole}`, done)
}

function addCall(events: NumberedEvents, answer: Answer, names: ResponseNames): void {
  const { generation } = answer
  const { toolUse, outputTokens } = generation
  if (toolUse === null) return
  const index = hasMessage(answer) ? 1 : 0
  const started = callItem(names, answer, 'in_progress')
  const start = toolStartTokens(generation)
  events.add('response.output_item.added', `"output_index":${index},"item":${started}`, start)
  const at = `"item_id":"fc_${tail(names)}","output_index":${index}`
  for (const piece of toolPieces(generation, toolUse)) {
    const delta = `${at},"delta":${JSON.stringify(piece.text)}`
    events.add('response.function_call_arguments.delta', delta, piece.outputTokens)
  }
  const whole = `${at},"name":${JSON.stringify(toolUse.name)},"arguments":${JSON.stringify(toolUse.input)}`
  events.add('response.function_call_arguments.done', whole, outputTokens)
  const item = callItem(names, answer, 'completed')
  events.add('response.output_item.done', `"output_index":${index},"item":${item}`, outputTokens)
}

/** A model that calls a tool may say nothing before it. */
function hasMessage({ generation }: Answer): boolean {
  return generation.words.count > 0 || generation.toolUse === null
}

function outputItems(answer: Answer, names: ResponseNames): readonly string[] {
  const { words, toolUse } = answer.generation
  const text = textPart(words.slice(0, words.count))
  return [
    ...(hasMessage(answer) ? [messageItem(names, 'completed', text)] : []),
    ...(toolUse === null ? [] : [callItem(names, answer, 'completed')]),
  ]
}

function messageItem(names: ResponseNames, status: string, part: string): string {
  return (
    `{"id":"msg_${tail(names)}","type":"message","status":"${status}","role":"assistant",` +
    `"content":[${part}]}`
  )
}

function textPart(text: string): string {
  return `{"type":"output_text","text":"${text}","annotations":[],"logprobs":[]}`
}

function callItem(names: ResponseNames, { generation }: Answer, status: string): string {
  const { toolUse } = generation
  const input = status === 'completed' ? (toolUse?.input ?? '') : ''
  return (
    `{"id":"fc_${tail(names)}","type":"function_call","status":"${status}",` +
    `"call_id":"call_${toolUse?.id ?? ''}","name":${JSON.stringify(toolUse?.name ?? '')},` +
    `"arguments":${JSON.stringify(input)}}`
  )
}

type ResponseParts = {
  readonly status: 'in_progress' | 'completed' | 'incomplete'
  readonly output: readonly string[]
  readonly usage: boolean
}

function response(answer: Answer, names: ResponseNames, parts: ResponseParts): string {
  const { status, output, usage } = parts
  const reason = status === 'incomplete' ? '{"reason":"max_output_tokens"}' : 'null'
  return (
    `{"id":"${names.id}","object":"response","created_at":${seconds(answer.nowMs)},` +
    `"status":"${status}","error":null,"incomplete_details":${reason},` +
    `"model":${JSON.stringify(names.model)},"output":[${output.join(',')}],` +
    `"previous_response_id":${JSON.stringify(names.previousResponseId)},` +
    `"store":${names.store},"service_tier":"${answer.tier}","metadata":${names.metadata},` +
    `"parallel_tool_calls":true,"tool_choice":"auto","tools":[],` +
    `"usage":${usage ? responsesUsage(answer) : 'null'}}`
  )
}

function responsesUsage({ usage }: Answer): string {
  return (
    `{"input_tokens":${totalTokens(usage) - usage.output},` +
    `"input_tokens_details":{"cached_tokens":${usage.cacheRead},` +
    `"cache_write_tokens":${cacheWriteTokens(usage)}},"output_tokens":${usage.output},` +
    `"output_tokens_details":{"reasoning_tokens":0},"total_tokens":${totalTokens(usage)}}`
  )
}

/** What the ids of the items share with that of their response. */
function tail({ id }: ResponseNames): string {
  return id.slice(id.indexOf('_') + 1)
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000)
}
