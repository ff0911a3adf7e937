// What can be called on Bedrock, and what every part must know of an operation without looking at a path: which API's manners it
// has, and whether Bedrock charges for it.

export const OPERATIONS = [
  'converse',
  'converse-stream',
  'invoke',
  'invoke-with-response-stream',
  'invoke-with-bidirectional-stream',
  'count-tokens',
  'apply-guardrail',
  'invoke-guardrail-checks',
  'start-async-invoke',
  'get-async-invoke',
  'list-async-invokes',
  'chat-completions',
  'responses',
  'get-response',
  'delete-response',
  'cancel-response',
  'messages',
  'count-message-tokens',
  'compact-response',
  'embeddings',
  'list-models',
  'get-model',
  'files',
  'fine-tuning',
  'fine-tuning-jobs',
] as const
export type Operation = (typeof OPERATIONS)[number]

/** The API family a route belongs to: it decides the shape of an error. */
export const API_FAMILIES = ['bedrock', 'openai', 'anthropic'] as const
export type ApiFamily = (typeof API_FAMILIES)[number]

export type Endpoint = 'runtime' | 'mantle'

const FREE: ReadonlySet<Operation> = new Set([
  'count-tokens',
  'get-async-invoke',
  'list-async-invokes',
  'get-response',
  'delete-response',
  'cancel-response',
  'count-message-tokens',
  'list-models',
  'get-model',
  'files',
  'fine-tuning-jobs',
])

/**
 * Bedrock charges nothing for these: they count, list, fetch, cancel or store. To start a fine-tuning job (`fine-tuning`) is not
 * free, but its job is billed later and on its own.
 */
export function isFree(operation: Operation): boolean {
  return FREE.has(operation)
}

/** Whether a model writes something for the caller: what guardrails and maxima of output are about. */
export function generates(operation: Operation): boolean {
  switch (operation) {
    case 'converse':
    case 'converse-stream':
    case 'invoke':
    case 'invoke-with-response-stream':
    case 'invoke-with-bidirectional-stream':
    case 'start-async-invoke':
    case 'chat-completions':
    case 'responses':
    case 'messages':
    case 'compact-response':
      return true
    default:
      return false
  }
}

/** Whether the answer comes as a stream; `body`: the request body's `stream` says. */
export function streamOf(operation: Operation): boolean | 'body' {
  switch (operation) {
    case 'converse-stream':
    case 'invoke-with-response-stream':
    case 'invoke-with-bidirectional-stream':
      return true
    case 'chat-completions':
    case 'responses':
    case 'messages':
      return 'body'
    default:
      return false
  }
}
