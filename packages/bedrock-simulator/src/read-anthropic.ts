// Reads Anthropic's native Messages body as InvokeModel takes it: `anthropic_version` and `max_tokens` are required, cache
// points are `cache_control` on tools, system blocks and content blocks.

import { chatAsk, type BodyAsk } from './ask.ts'
import type { Model } from './model-shape.ts'
import { imageTokens, mediaTokens, MESSAGE_TOKENS, TOOL_TOKENS } from './content-tokens.ts'
import {
  checkCachePoints,
  placeCachePoint,
  readMaxTokens,
  readStopSequences,
} from './generation-limits.ts'
import { isJsonObject, isString, itemsOf, type JsonObject } from './json-value.ts'
import { PromptBuilder, type ToolAsk } from './prompt.ts'
import { invalid, isRefusal, type Refusal } from './refusal.ts'
import { chooseTool, type ToolChoice } from './tool-choice.ts'

export function readAnthropic(body: JsonObject, model: Model): BodyAsk | Refusal {
  if (!isString(body['anthropic_version'])) return invalid('anthropic_version: Field required')
  if (body['max_tokens'] === undefined) return invalid('max_tokens: Field required')
  const maxTokens = readMaxTokens(body['max_tokens'], 'max_tokens', model)
  if (typeof maxTokens !== 'number') return maxTokens
  const stopSequences = readStopSequences(body['stop_sequences'], 'stop_sequences')
  if (isRefusal(stopSequences)) return stopSequences

  const builder = new PromptBuilder()
  const tools: ToolAsk[] = []
  const problem =
    readTools(body['tools'], builder, model, tools) ??
    readContent(body['system'] ?? [], 'system', builder, model) ??
    readMessages(body['messages'], builder, model)
  if (problem !== null) return problem

  const tool = chooseTool(tools, toolChoiceOf(body['tool_choice']), endsInToolResult(body))
  if (tool !== null && isRefusal(tool)) return tool
  const content = builder.content()
  return (
    checkCachePoints(content.cachePoints) ?? chatAsk({ ...content, maxTokens, stopSequences, tool })
  )
}

function readTools(
  value: unknown,
  builder: PromptBuilder,
  model: Model,
  tools: ToolAsk[],
): Refusal | null {
  for (const [index, tool] of itemsOf(value).entries()) {
    if (!isJsonObject(tool) || !isString(tool['name'])) {
      return invalid(`tools.${index}.name: Field required`)
    }
    builder.addOverhead('tool', TOOL_TOKENS)
    const { cache_control: cacheControl, ...rest } = tool
    builder.addJson(rest)
    tools.push({ name: tool['name'], schema: tool['input_schema'] })
    const problem = readCacheControl(cacheControl, builder, model)
    if (problem !== null) return problem
  }
  return null
}

function readMessages(value: unknown, builder: PromptBuilder, model: Model): Refusal | null {
  if (!Array.isArray(value)) return invalid('messages: Field required')
  if (value.length === 0) return invalid('messages: at least one message is required')
  for (const [index, message] of value.entries()) {
    if (!isJsonObject(message)) return invalid(`messages.${index}: Input should be an object`)
    const { role, content } = message
    if (role !== 'user' && role !== 'assistant') {
      return invalid(`messages.${index}.role: Input should be 'user' or 'assistant'`)
    }
    if (index === 0 && role !== 'user') {
      return invalid('messages: first message must use the "user" role')
    }
    builder.addOverhead(role, MESSAGE_TOKENS)
    const problem = readContent(content, `messages.${index}.content`, builder, model)
    if (problem !== null) return problem
  }
  return null
}

function readContent(
  content: unknown,
  path: string,
  builder: PromptBuilder,
  model: Model,
): Refusal | null {
  if (isString(content)) {
    builder.addText(content)
    return null
  }
  if (!Array.isArray(content)) return invalid(`${path}: Field required`)
  for (const [index, block] of content.entries()) {
    if (!isJsonObject(block) || !isString(block['type'])) {
      return invalid(`${path}.${index}.type: Field required`)
    }
    const { cache_control: cacheControl, ...rest } = block
    if (block['type'] === 'text') {
      if (!isString(block['text'])) return invalid(`${path}.${index}.text: Field required`)
      builder.addText(block['text'])
    } else {
      builder.addJson(rest, mediaTokensOf(rest))
    }
    const problem = readCacheControl(cacheControl, builder, model)
    if (problem !== null) return problem
  }
  return null
}

function readCacheControl(value: unknown, builder: PromptBuilder, model: Model): Refusal | null {
  if (value === undefined || value === null) return null
  if (!isJsonObject(value) || value['type'] !== 'ephemeral') {
    return invalid(`cache_control.type: Input should be 'ephemeral'`)
  }
  return placeCachePoint(builder, value['ttl'], model)
}

function mediaTokensOf(block: JsonObject): number | undefined {
  const source = isJsonObject(block['source']) ? block['source'] : null
  if (source === null || !isString(source['data'])) return undefined
  const characters = source['data'].length
  return block['type'] === 'image' ? imageTokens(characters) : mediaTokens(characters)
}

function endsInToolResult(body: JsonObject): boolean {
  const last = itemsOf(body['messages']).at(-1)
  if (!isJsonObject(last)) return false
  return itemsOf(last['content']).some(
    (block) => isJsonObject(block) && block['type'] === 'tool_result',
  )
}

function toolChoiceOf(choice: unknown): ToolChoice {
  if (!isJsonObject(choice)) return { kind: 'auto' }
  if (choice['type'] === 'tool' && isString(choice['name'])) {
    return { kind: 'tool', name: choice['name'] }
  }
  return { kind: choice['type'] === 'any' || choice['type'] === 'none' ? choice['type'] : 'auto' }
}
