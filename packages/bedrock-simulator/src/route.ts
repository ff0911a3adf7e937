// Which operation a request line names, on which endpoint, and in whose shape its errors are written. A model id in the path
// may be fully percent-encoded, half encoded (Anthropic's SDK leaves colons) or sent raw with the slashes of an ARN; it is
// decoded exactly once. The mantle endpoint stands under `/mantle`, as there is only one origin here.

import { invalid, type Refusal } from './refusal.ts'

export const OPERATIONS = [
  'Converse',
  'ConverseStream',
  'InvokeModel',
  'InvokeModelWithResponseStream',
  'InvokeModelWithBidirectionalStream',
  'CountTokens',
  'ApplyGuardrail',
  'InvokeGuardrailChecks',
  'StartAsyncInvoke',
  'GetAsyncInvoke',
  'ListAsyncInvokes',
  'ChatCompletions',
  'Responses',
  'GetResponse',
  'DeleteResponse',
  'CancelResponse',
  'CompactResponse',
  'Messages',
  'CountMessageTokens',
  'Embeddings',
  'ListModels',
  'GetModel',
  'Files',
  'FineTuning',
] as const
export type Operation = (typeof OPERATIONS)[number]

/** Whose words an endpoint speaks; it decides the shape of errors. */
export type ApiFamily = 'bedrock' | 'openai' | 'anthropic'
export type Endpoint = 'runtime' | 'mantle'

export type Route = {
  readonly operation: Operation
  readonly family: ApiFamily
  readonly endpoint: Endpoint
  /** The path segment(s) that name a model or another resource, as they came, still encoded; else empty. */
  readonly modelPath: string
}

const OPERATION_OF_VERB: { readonly [verb: string]: Operation } = {
  converse: 'Converse',
  'converse-stream': 'ConverseStream',
  invoke: 'InvokeModel',
  'invoke-with-response-stream': 'InvokeModelWithResponseStream',
  'invoke-with-bidirectional-stream': 'InvokeModelWithBidirectionalStream',
  'count-tokens': 'CountTokens',
}

const PREFIX = '/model/'
const MANTLE = '/mantle'
const MODEL_ID_LENGTH_MAX = 2_048

/** Null when there is no such route. */
export function matchRoute(method: string, path: string): Route | null {
  if (path.startsWith(PREFIX)) return method === 'POST' ? matchModel(path) : null
  if (path.startsWith(`${MANTLE}/`)) return matchMantle(method, path.slice(MANTLE.length))
  if (path.startsWith('/openai/v1/')) {
    const rest = path.slice('/openai/v1'.length)
    return matchOpenai(method, rest, 'runtime')
  }
  return path === '/anthropic/v1/messages'
    ? matchAnthropic(method, '/messages', 'runtime')
    : matchBedrock(method, path)
}

function matchModel(path: string): Route | null {
  // The verb is what follows the last slash: a raw ARN has slashes of its own.
  const slash = path.lastIndexOf('/')
  if (slash <= PREFIX.length) return null
  const operation = OPERATION_OF_VERB[path.slice(slash + 1)]
  if (operation === undefined) return null
  return route(operation, 'bedrock', 'runtime', path.slice(PREFIX.length, slash))
}

function matchBedrock(method: string, path: string): Route | null {
  if (path === '/async-invoke') {
    if (method === 'POST') return route('StartAsyncInvoke', 'bedrock', 'runtime')
    return method === 'GET' ? route('ListAsyncInvokes', 'bedrock', 'runtime') : null
  }
  if (path.startsWith('/async-invoke/')) {
    const arn = path.slice('/async-invoke/'.length)
    return method === 'GET' ? route('GetAsyncInvoke', 'bedrock', 'runtime', arn) : null
  }
  if (method !== 'POST') return null
  if (path === '/guardrail-checks/invoke') {
    return route('InvokeGuardrailChecks', 'bedrock', 'runtime')
  }
  const guardrail = /^\/guardrail\/(.+\/version\/[^/]+)\/apply$/.exec(path)?.[1]
  return guardrail === undefined ? null : route('ApplyGuardrail', 'bedrock', 'runtime', guardrail)
}

/** OpenAI's own client puts `/openai` between the host and `/v1`; both forms reach the same operations. */
function matchMantle(method: string, path: string): Route | null {
  if (path.startsWith('/anthropic/v1/')) {
    return matchAnthropic(method, path.slice('/anthropic/v1'.length), 'mantle')
  }
  if (path.startsWith('/openai/v1/')) {
    return matchOpenai(method, path.slice('/openai/v1'.length), 'mantle')
  }
  return path.startsWith('/v1/') ? matchOpenai(method, path.slice('/v1'.length), 'mantle') : null
}

function matchAnthropic(method: string, path: string, endpoint: Endpoint): Route | null {
  if (method !== 'POST') return null
  if (path === '/messages') return route('Messages', 'anthropic', endpoint)
  if (path !== '/messages/count_tokens') return null
  return endpoint === 'mantle' ? route('CountMessageTokens', 'anthropic', endpoint) : null
}

function matchOpenai(method: string, path: string, endpoint: Endpoint): Route | null {
  const openai = (operation: Operation, name = ''): Route =>
    route(operation, 'openai', endpoint, name)
  if (path === '/chat/completions') return method === 'POST' ? openai('ChatCompletions') : null
  if (path === '/responses') return method === 'POST' ? openai('Responses') : null
  const mantle = endpoint === 'mantle' ? matchMantleOnly(method, path) : null
  if (mantle !== null) return openai(mantle.operation, mantle.name)
  const [, id, verb] = /^\/responses\/([^/]+)(?:\/(cancel))?$/.exec(path) ?? []
  if (id === undefined) return null
  if (verb === 'cancel') return method === 'POST' ? openai('CancelResponse', id) : null
  if (method === 'GET') return openai('GetResponse', id)
  return method === 'DELETE' ? openai('DeleteResponse', id) : null
}

function matchMantleOnly(
  method: string,
  path: string,
): { readonly operation: Operation; readonly name: string } | null {
  if (method === 'POST' && path === '/responses/compact') {
    return { operation: 'CompactResponse', name: '' }
  }
  if (method === 'POST' && path === '/embeddings') return { operation: 'Embeddings', name: '' }
  if (method === 'GET' && path === '/models') return { operation: 'ListModels', name: '' }
  if (method === 'GET' && path.startsWith('/models/')) {
    return { operation: 'GetModel', name: path.slice('/models/'.length) }
  }
  if (path === '/files' || path.startsWith('/files/')) return { operation: 'Files', name: '' }
  return path === '/fine_tuning/jobs' || path.startsWith('/fine_tuning/jobs/')
    ? { operation: 'FineTuning', name: '' }
    : null
}

function route(operation: Operation, family: ApiFamily, endpoint: Endpoint, modelPath = ''): Route {
  return { operation, family, endpoint, modelPath }
}

export function decodeModelPath(modelPath: string): string | Refusal {
  let identifier: string
  try {
    identifier = modelPath.includes('%') ? decodeURIComponent(modelPath) : modelPath
  } catch {
    return invalid('The provided model identifier is invalid.')
  }
  if (identifier.length > MODEL_ID_LENGTH_MAX) {
    return invalid(
      `1 validation error detected: Value at 'modelId' failed to satisfy constraint: ` +
        `Member must have length less than or equal to ${MODEL_ID_LENGTH_MAX}`,
    )
  }
  return identifier
}

/** Routes whose path alone says that the answer is a stream; on others the body's `stream` does. */
export function isStreaming(operation: Operation): boolean {
  return operation === 'ConverseStream' || operation === 'InvokeModelWithResponseStream'
}

export function isConverse(operation: Operation): boolean {
  return operation === 'Converse' || operation === 'ConverseStream'
}
