// Reads the chat-completion body that OpenAI's open-weight models take on InvokeModel. Usage in a stream comes only when
// `stream_options.include_usage` asks for it.

import { chatAsk, type BodyAsk } from './ask.ts'
import type { Model } from './model-shape.ts'
import { MESSAGE_TOKENS, TOOL_TOKENS } from './content-tokens.ts'
import { readMaxTokens, readStopSequences } from './generation-limits.ts'
import { createImplicitCache, type ImplicitCachePoints } from './implicit-cache.ts'
import { isJsonObject, isString, itemsOf, type JsonObject } from './json-value.ts'
import { PromptBuilder, type ToolAsk } from './prompt.ts'
import { invalid, isRefusal, type Refusal } from './refusal.ts'
import { chooseTool, type ToolChoice } from './tool-choice.ts'

const ROLES: readonly unknown[] = ['system', 'developer', 'user', 'assistant', 'tool']

export function readOpenai(body: JsonObject, model: Model): BodyAsk | Refusal {
  const limit = body['max_completion_tokens'] ?? body['max_tokens']
  const maxTokens = readMaxTokens(limit, 'max_completion_tokens', model)
  if (typeof maxTokens !== 'number') return maxTokens
  const stop = isString(body['stop']) ? [body['stop']] : body['stop']
  const stopSequences = readStopSequences(stop, 'stop')
  if (isRefusal(stopSequences)) return stopSequences

  const builder = new PromptBuilder()
  const tools: ToolAsk[] = []
  for (const [index, entry] of itemsOf(body['tools']).entries()) {
    const tool = isJsonObject(entry) ? entry['function'] : null
    if (!isJsonObject(tool) || !isString(tool['name'])) {
      return invalid(`tools[${index}].function.name is required`)
    }
    builder.addOverhead('tool', TOOL_TOKENS)
    builder.addJson(tool)
    tools.push({ name: tool['name'], schema: tool['parameters'] })
  }
  const messages = body['messages']
  if (!Array.isArray(messages) || messages.length === 0) {
    return invalid(`'messages' must be a non-empty list`)
  }
  const cache = createImplicitCache(builder, model, body['prompt_cache_options'])
  for (const [index, message] of messages.entries()) {
    const problem = readMessage(message, index, builder, cache)
    if (problem !== null) return problem
  }
  const last: unknown = messages.at(-1)
  const afterTool = isJsonObject(last) && last['role'] === 'tool'
  const tool = chooseTool(tools, toolChoiceOf(body['tool_choice']), afterTool)
  if (tool !== null && isRefusal(tool)) return tool
  const streamOptions = isJsonObject(body['stream_options']) ? body['stream_options'] : {}
  return {
    ...chatAsk({ ...builder.content(), maxTokens, stopSequences, tool }),
    includeUsage: streamOptions['include_usage'] === true,
  }
}

function readMessage(
  message: unknown,
  index: number,
  builder: PromptBuilder,
  cache: ImplicitCachePoints,
): Refusal | null {
  if (!isJsonObject(message) || !ROLES.includes(message['role'])) {
    return invalid(`messages[${index}].role is not a known role`)
  }
  builder.addOverhead(String(message['role']), MESSAGE_TOKENS)
  const { content } = message
  if (isString(content)) {
    builder.addText(content)
  } else if (Array.isArray(content)) {
    for (const part of content) {
      if (isJsonObject(part) && isString(part['text'])) builder.addText(part['text'])
      else builder.addJson(part)
      cache.endOfPart(part)
    }
  } else if (content !== null && content !== undefined) {
    return invalid(`messages[${index}].content must be a string or a list`)
  }
  if (message['tool_calls'] !== undefined) builder.addJson(message['tool_calls'])
  cache.endOfMessage()
  return null
}

function toolChoiceOf(choice: unknown): ToolChoice {
  if (choice === 'none') return { kind: 'none' }
  // Mistral's word is `any`.
  if (choice === 'required' || choice === 'any') return { kind: 'any' }
  const tool = isJsonObject(choice) ? choice['function'] : null
  if (isJsonObject(tool) && isString(tool['name'])) return { kind: 'tool', name: tool['name'] }
  return { kind: 'auto' }
}
