// Reads the chat body of Cohere's Command R: one new message, the history and documents beside it, tools whose parameters are
// described one by one. The answer repeats the history.

import { CHAT, chatAsk, type BodyAsk } from './ask.ts'
import type { Model } from './model-shape.ts'
import { MESSAGE_TOKENS, TOOL_TOKENS } from './content-tokens.ts'
import { isJsonObject, isString, itemsOf, ordered, type JsonObject } from './json-value.ts'
import { extraneousKey, malformed, missingKey, texts, typeName, wholeNumber } from './malformed.ts'
import { PromptBuilder, type ToolAsk } from './prompt.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { chooseTool } from './tool-choice.ts'

const MEMBERS = [
  'message',
  'chat_history',
  'documents',
  'search_queries_only',
  'preamble',
  'max_tokens',
  'temperature',
  'p',
  'k',
  'prompt_truncation',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'return_prompt',
  'tools',
  'tool_results',
  'stop_sequences',
  'raw_prompting',
]

export function readCohereChat(body: JsonObject, model: Model): BodyAsk | Refusal {
  const { message } = body
  if (message === undefined) return missingKey('message')
  if (!isString(message)) {
    return malformed(`#/message: expected type: String, found: ${typeName(message)}`)
  }
  const extra = extraneousKey(body, MEMBERS)
  if (extra !== null) return extra
  const maxTokens = wholeNumber(body['max_tokens'], '#/max_tokens', {
    min: 1,
    max: model.outputTokensMax,
    default: model.outputTokensDefault,
  })
  if (typeof maxTokens !== 'number') return maxTokens
  const stopSequences = texts(body['stop_sequences'], '#/stop_sequences')
  if (isRefusal(stopSequences)) return stopSequences

  const builder = new PromptBuilder()
  const tools = readTools(body['tools'], builder)
  if (isRefusal(tools)) return tools
  if (isString(body['preamble'])) builder.addText(body['preamble'])
  for (const document of itemsOf(body['documents'])) builder.addJson(ordered(document))
  const problem = readHistory(body['chat_history'], builder)
  if (problem !== null) return problem
  builder.addOverhead('USER', MESSAGE_TOKENS)
  builder.addText(message)
  const results = itemsOf(body['tool_results'])
  for (const result of results) builder.addJson(ordered(result))

  const tool = chooseTool(tools, { kind: 'auto' }, results.length > 0)
  if (tool !== null && isRefusal(tool)) return tool
  const prompt = { ...builder.content(), maxTokens, stopSequences, tool }
  const history = [...itemsOf(body['chat_history']), { role: 'USER', message }]
  return { ...chatAsk(prompt), product: { ...CHAT, echo: JSON.stringify(history) } }
}

function readHistory(history: unknown, builder: PromptBuilder): Refusal | null {
  for (const [index, turn] of itemsOf(history).entries()) {
    const path = `#/chat_history/${index}`
    if (!isJsonObject(turn) || !isString(turn['message'])) return missingKey('message', path)
    const { role } = turn
    if (role !== 'USER' && role !== 'CHATBOT' && role !== 'SYSTEM' && role !== 'TOOL') {
      return malformed(`${path}/role: ${JSON.stringify(role)} is not a valid enum value`)
    }
    builder.addOverhead(role, MESSAGE_TOKENS)
    builder.addText(turn['message'])
  }
  return null
}

function readTools(value: unknown, builder: PromptBuilder): readonly ToolAsk[] | Refusal {
  const tools: ToolAsk[] = []
  for (const [index, tool] of itemsOf(value).entries()) {
    if (!isJsonObject(tool) || !isString(tool['name'])) {
      return missingKey('name', `#/tools/${index}`)
    }
    builder.addOverhead('tool', TOOL_TOKENS)
    builder.addJson(ordered(tool))
    tools.push({ name: tool['name'], schema: schemaOf(tool['parameter_definitions']) })
  }
  return tools
}

/** Parameter by parameter, in Python's words for types, to the JSON schema other shapes send. */
function schemaOf(definitions: unknown): JsonObject {
  const parameters = isJsonObject(definitions) ? Object.entries(definitions) : []
  const described = parameters.flatMap(([name, value]) =>
    isJsonObject(value)
      ? [{ name, type: value['type'], required: value['required'] === true }]
      : [],
  )
  return {
    type: 'object',
    properties: Object.fromEntries(
      described.map(({ name, type }) => [name, { type: TYPES[String(type)] }]),
    ),
    required: described.filter(({ required }) => required).map(({ name }) => name),
  }
}

const TYPES: { readonly [python: string]: string } = {
  str: 'string',
  int: 'integer',
  float: 'number',
  bool: 'boolean',
  list: 'array',
  dict: 'object',
}
