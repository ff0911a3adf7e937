// Reads the conversation shape that Converse and Nova's native `messages-v1` share: system blocks, messages of content
// blocks, tools. They differ in one point: Nova lets a cache point ride on a text block, Converse wants a block of its own.

import type { Model } from './model-shape.ts'
import { imageTokens, mediaTokens, MESSAGE_TOKENS, TOOL_TOKENS } from './content-tokens.ts'
import { chatAsk, type BodyAsk } from './ask.ts'
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

export type ConversationDialect = 'converse' | 'nova'

const BLOCK_KINDS = [
  'text',
  'image',
  'document',
  'video',
  'audio',
  'toolUse',
  'toolResult',
  'guardContent',
  'cachePoint',
  'reasoningContent',
  'citationsContent',
  'searchResult',
]

export function readConversation(
  body: JsonObject,
  model: Model,
  dialect: ConversationDialect,
): BodyAsk | Refusal {
  const reader = new ConversationReader(model, dialect)
  const tools = reader.readTools(body['toolConfig'])
  if (isRefusal(tools)) return tools
  const problem = reader.readSystem(body['system']) ?? reader.readMessages(body['messages'])
  if (problem !== null) return problem

  const config = isJsonObject(body['inferenceConfig']) ? body['inferenceConfig'] : {}
  const limit = config['maxTokens'] ?? config['max_new_tokens']
  const maxTokens = readMaxTokens(limit, 'inferenceConfig.maxTokens', model)
  if (typeof maxTokens !== 'number') return maxTokens
  const stopSequences = readStopSequences(config['stopSequences'], 'stopSequences')
  if (isRefusal(stopSequences)) return stopSequences

  const tool = chooseTool(tools.tools, tools.choice, reader.lastIsToolResult)
  if (tool !== null && isRefusal(tool)) return tool
  const content = reader.builder.content()
  return (
    checkCachePoints(content.cachePoints) ?? chatAsk({ ...content, maxTokens, stopSequences, tool })
  )
}

type Tools = { readonly tools: readonly ToolAsk[]; readonly choice: ToolChoice }

class ConversationReader {
  readonly builder = new PromptBuilder()
  readonly #model: Model
  readonly #dialect: ConversationDialect
  lastIsToolResult = false

  constructor(model: Model, dialect: ConversationDialect) {
    this.#model = model
    this.#dialect = dialect
  }

  readTools(config: unknown): Tools | Refusal {
    if (config === undefined || config === null) return { tools: [], choice: { kind: 'auto' } }
    if (!isJsonObject(config) || itemsOf(config['tools']).length === 0) {
      return invalid('The value at toolConfig.tools is empty. Add a tool and try again.')
    }
    const tools: ToolAsk[] = []
    for (const [index, entry] of itemsOf(config['tools']).entries()) {
      if (!isJsonObject(entry)) return invalid(`toolConfig.tools.${index} is not an object.`)
      if (isJsonObject(entry['cachePoint'])) {
        const problem = placeCachePoint(this.builder, entry['cachePoint']['ttl'], this.#model)
        if (problem !== null) return problem
        continue
      }
      const spec = entry['toolSpec']
      if (!isJsonObject(spec)) {
        this.builder.addJson(entry)
        continue
      }
      const schema = isJsonObject(spec['inputSchema']) ? spec['inputSchema']['json'] : undefined
      if (!isString(spec['name']) || !isJsonObject(schema)) {
        return invalid(`toolConfig.tools.${index}.toolSpec needs a name and an inputSchema.json.`)
      }
      this.builder.addOverhead('tool', TOOL_TOKENS)
      this.builder.addJson(spec)
      tools.push({ name: spec['name'], schema })
    }
    return { tools, choice: toolChoiceOf(config['toolChoice']) }
  }

  readSystem(system: unknown): Refusal | null {
    if (system === undefined || system === null) return null
    if (!Array.isArray(system)) return invalid('The field system must be a list of blocks.')
    return this.readBlocks(system, 'system')
  }

  readMessages(messages: unknown): Refusal | null {
    if (!Array.isArray(messages) || messages.length === 0) {
      return invalid(
        'A conversation must start with a user message. Try again with a conversation that ' +
          'starts with a user message.',
      )
    }
    for (const [index, message] of messages.entries()) {
      if (!isJsonObject(message)) return invalid(`messages.${index} is not an object.`)
      const { role, content } = message
      if (role !== 'user' && role !== 'assistant') {
        return invalid(`Value at 'messages.${index}.role' must be one of [user, assistant].`)
      }
      if (index === 0 && role !== 'user') return this.readMessages([])
      if (!Array.isArray(content) || content.length === 0) {
        return invalid(
          `The content field in the Message object at messages.${index} is empty. ` +
            `Add a ContentBlock object to the content field and try again.`,
        )
      }
      this.builder.addOverhead(role, MESSAGE_TOKENS)
      this.lastIsToolResult = content.some((block) => isJsonObject(block) && 'toolResult' in block)
      const problem = this.readBlocks(content, `messages.${index}.content`)
      if (problem !== null) return problem
    }
    return null
  }

  private readBlocks(blocks: readonly unknown[], path: string): Refusal | null {
    for (const [index, block] of blocks.entries()) {
      const problem = isJsonObject(block)
        ? this.readBlock(block, `${path}.${index}`)
        : invalid(`${path}.${index} is not an object.`)
      if (problem !== null) return problem
    }
    return null
  }

  private readBlock(block: JsonObject, path: string): Refusal | null {
    const kinds = BLOCK_KINDS.filter((kind) => block[kind] !== undefined)
    const rides = this.#dialect === 'nova' && kinds.length === 2 && kinds[1] === 'cachePoint'
    const [kind] = kinds
    if (kind === undefined || (kinds.length > 1 && !rides)) {
      return invalid(`The ContentBlock at ${path} must have exactly one known member set.`)
    }
    const value = block[kind]
    if (kind === 'text') {
      if (!isString(value) || value.trim() === '') {
        return invalid(
          `The text field in the ContentBlock object at ${path} is blank. ` +
            `Add text to the text field, and try again.`,
        )
      }
      this.builder.addText(value)
    } else if (!isJsonObject(value)) {
      return invalid(`The field ${kind} in the ContentBlock object at ${path} is not an object.`)
    } else if (kind !== 'cachePoint') {
      this.builder.addJson(value, mediaTokensOf(kind, value))
    }
    const cachePoint = block['cachePoint']
    if (!isJsonObject(cachePoint)) return null
    return placeCachePoint(this.builder, cachePoint['ttl'], this.#model)
  }
}

/** Undefined for what counts by its JSON. */
function mediaTokensOf(kind: string, value: JsonObject): number | undefined {
  const source = isJsonObject(value['source']) ? value['source'] : {}
  const bytes = isString(source['bytes']) ? source['bytes'].length : 0
  if (kind === 'image') return imageTokens(bytes)
  return kind === 'document' || kind === 'video' || kind === 'audio'
    ? mediaTokens(bytes)
    : undefined
}

function toolChoiceOf(choice: unknown): ToolChoice {
  if (!isJsonObject(choice)) return { kind: 'auto' }
  const tool = choice['tool']
  if (isJsonObject(tool) && isString(tool['name'])) return { kind: 'tool', name: tool['name'] }
  return { kind: choice['any'] === undefined ? 'auto' : 'any' }
}
