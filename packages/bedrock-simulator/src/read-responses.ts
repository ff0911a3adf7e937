// Reads the body of OpenAI's Responses route: `input` is a text or a list of items, `instructions` come before it. The same
// content costs the same tokens and gets the same answer as in a chat completion.

import { chatAsk, type BodyAsk } from './ask.ts'
import type { Model } from './model-shape.ts'
import { MESSAGE_TOKENS, TOOL_TOKENS } from './content-tokens.ts'
import { readMaxTokens } from './generation-limits.ts'
import { createImplicitCache, type ImplicitCachePoints } from './implicit-cache.ts'
import { isJsonObject, isString, itemsOf, type JsonObject } from './json-value.ts'
import { PromptBuilder, type ToolAsk } from './prompt.ts'
import { invalid, isRefusal, type Refusal } from './refusal.ts'
import { chooseTool, type ToolChoice } from './tool-choice.ts'

/** What an earlier response adds to the prompt of the one that continues it. */
export type Continued = { readonly id: string; readonly tokens: number }

const ROLES: readonly unknown[] = ['system', 'developer', 'user', 'assistant']

export function readResponses(
  body: JsonObject,
  model: Model,
  continued: Continued | null,
): BodyAsk | Refusal {
  if (body['background'] === true) return invalid(`'background' is not supported.`)
  const maxTokens = readMaxTokens(body['max_output_tokens'], 'max_output_tokens', model)
  if (typeof maxTokens !== 'number') return maxTokens
  const builder = new PromptBuilder()
  const tools = readTools(body['tools'], builder)
  if (isRefusal(tools)) return tools
  const { instructions } = body
  if (isString(instructions)) {
    builder.addOverhead('system', MESSAGE_TOKENS)
    builder.addText(instructions)
  }
  if (continued !== null) builder.addOverhead(continued.id, continued.tokens)
  const cache = createImplicitCache(builder, model, body['prompt_cache_options'])
  const input = isString(body['input']) ? [{ role: 'user', content: body['input'] }] : body['input']
  if (!Array.isArray(input) || input.length === 0) {
    return invalid(`'input' must be a text or a non-empty list`)
  }
  for (const [index, item] of input.entries()) {
    const problem = readItem(item, index, builder, cache)
    if (problem !== null) return problem
  }
  const last: unknown = input.at(-1)
  const afterTool = isJsonObject(last) && last['type'] === 'function_call_output'
  const tool = chooseTool(tools.tools, toolChoiceOf(body['tool_choice']), afterTool)
  if (tool !== null && isRefusal(tool)) return tool
  return chatAsk({ ...builder.content(), maxTokens, stopSequences: [], tool })
}

function readTools(
  value: unknown,
  builder: PromptBuilder,
): { readonly tools: readonly ToolAsk[] } | Refusal {
  const tools: ToolAsk[] = []
  for (const [index, tool] of itemsOf(value).entries()) {
    if (!isJsonObject(tool)) return invalid(`tools[${index}] must be an object`)
    builder.addOverhead('tool', TOOL_TOKENS)
    const { type, strict: _strict, ...rest } = tool
    builder.addJson(rest)
    if (type !== 'function') continue
    if (!isString(tool['name'])) return invalid(`tools[${index}].name is required`)
    tools.push({ name: tool['name'], schema: tool['parameters'] })
  }
  return { tools }
}

function readItem(
  item: unknown,
  index: number,
  builder: PromptBuilder,
  cache: ImplicitCachePoints,
): Refusal | null {
  if (!isJsonObject(item)) return invalid(`input[${index}] must be an object`)
  const { type, role, content } = item
  if (type !== undefined && type !== 'message') {
    // What the model or a tool said before: a call, its output, a reasoning or compaction item.
    if (!isString(type)) return invalid(`input[${index}].type is not a known type`)
    builder.addOverhead(type === 'function_call_output' ? 'tool' : 'assistant', MESSAGE_TOKENS)
    if (isString(item['output'])) builder.addText(item['output'])
    else builder.addJson(item)
    cache.endOfMessage()
    return null
  }
  if (!ROLES.includes(role)) return invalid(`input[${index}].role is not a known role`)
  builder.addOverhead(String(role), MESSAGE_TOKENS)
  if (isString(content)) {
    builder.addText(content)
  } else if (Array.isArray(content)) {
    for (const part of content) {
      if (isJsonObject(part) && isString(part['text'])) builder.addText(part['text'])
      else builder.addJson(part)
      cache.endOfPart(part)
    }
  } else {
    return invalid(`input[${index}].content must be a text or a list`)
  }
  cache.endOfMessage()
  return null
}

function toolChoiceOf(choice: unknown): ToolChoice {
  if (choice === 'none') return { kind: 'none' }
  if (choice === 'required') return { kind: 'any' }
  if (isJsonObject(choice) && isString(choice['name']))
    return { kind: 'tool', name: choice['name'] }
  return { kind: 'auto' }
}
