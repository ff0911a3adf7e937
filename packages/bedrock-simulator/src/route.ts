// Which operation a request line names. The model id may be fully percent-encoded, half encoded (Anthropic's SDK leaves
// colons) or sent raw with the slashes of an ARN; it is decoded exactly once.

import { invalid, type Refusal } from './refusal.ts'

export const OPERATIONS = [
  'Converse',
  'ConverseStream',
  'InvokeModel',
  'InvokeModelWithResponseStream',
] as const
export type Operation = (typeof OPERATIONS)[number]

const OPERATION_OF_VERB: { readonly [verb: string]: Operation } = {
  converse: 'Converse',
  'converse-stream': 'ConverseStream',
  invoke: 'InvokeModel',
  'invoke-with-response-stream': 'InvokeModelWithResponseStream',
}

const PREFIX = '/model/'
const MODEL_ID_LENGTH_MAX = 2_048

export type Route = {
  readonly operation: Operation
  /** The path segment(s) as they came, still encoded. */
  readonly modelPath: string
}

/** Null when the path is none of Bedrock's four inference routes. */
export function matchRoute(path: string): Route | null {
  if (!path.startsWith(PREFIX)) return null
  // The verb is what follows the last slash: a raw ARN has slashes of its own.
  const slash = path.lastIndexOf('/')
  if (slash <= PREFIX.length) return null
  const operation = OPERATION_OF_VERB[path.slice(slash + 1)]
  if (operation === undefined) return null
  return { operation, modelPath: path.slice(PREFIX.length, slash) }
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

export function isStreaming(operation: Operation): boolean {
  return operation === 'ConverseStream' || operation === 'InvokeModelWithResponseStream'
}

export function isConverse(operation: Operation): boolean {
  return operation === 'Converse' || operation === 'ConverseStream'
}
