// The three shapes of an error: Bedrock's (type in a header, `message` in the body), OpenAI's and Anthropic's.
// Sources: the Amazon Bedrock runtime API reference, "Common error types"; OpenAI's and Anthropic's API references, "Errors".

import { exhaustive } from '../kernel/assert.ts'
import type { ApiFamily } from './operation.ts'

export type ErrorResponse = {
  readonly status: number
  /** Lower-case names; `content-length` is included. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export type ErrorWords = {
  readonly status: number
  /** Bedrock's type; null: the usual one for the status, as it always is in the other families. */
  readonly type: string | null
  /** OpenAI's `code`. */
  readonly code: string | null
  readonly message: string
  readonly callId: string | null
}

/** A call's id stands where each client looks for the request's. */
export function errorWithShape(family: ApiFamily, words: ErrorWords): ErrorResponse {
  const { status, code, message, callId } = words
  const type = words.type ?? typeForStatus(family, status)
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  switch (family) {
    case 'bedrock':
      headers['x-amzn-errortype'] = type
      if (callId !== null) headers['x-amzn-requestid'] = callId
      return withBody(status, headers, { message })
    case 'openai':
      if (callId !== null) headers['x-request-id'] = callId
      return withBody(status, headers, { error: { message, type, param: null, code } })
    case 'anthropic':
      if (callId !== null) headers['request-id'] = callId
      return withBody(status, headers, {
        type: 'error',
        request_id: callId,
        error: { type, message },
      })
    default:
      return exhaustive(family)
  }
}

function withBody(status: number, headers: Record<string, string>, json: object): ErrorResponse {
  const body = Buffer.from(JSON.stringify(json))
  headers['content-length'] = String(body.length)
  return { status, headers, body }
}

type StatusTypes = {
  readonly byStatus: ReadonlyMap<number, string>
  readonly client: string
  readonly server: string
}

const TYPES: Readonly<Record<ApiFamily, StatusTypes>> = {
  bedrock: {
    byStatus: new Map([
      [401, 'UnrecognizedClientException'],
      [403, 'AccessDeniedException'],
      [404, 'ResourceNotFoundException'],
      [408, 'ModelTimeoutException'],
      [424, 'ModelErrorException'],
      [429, 'ThrottlingException'],
      [500, 'InternalServerException'],
    ]),
    client: 'ValidationException',
    server: 'ServiceUnavailableException',
  },
  openai: {
    byStatus: new Map([
      [401, 'authentication_error'],
      [402, 'insufficient_quota'],
      [403, 'permission_error'],
      [404, 'not_found_error'],
      [408, 'timeout_error'],
      [429, 'rate_limit_error'],
    ]),
    client: 'invalid_request_error',
    server: 'server_error',
  },
  anthropic: {
    byStatus: new Map([
      [401, 'authentication_error'],
      [402, 'billing_error'],
      [403, 'permission_error'],
      [404, 'not_found_error'],
      [408, 'timeout_error'],
      [413, 'request_too_large'],
      [429, 'rate_limit_error'],
      [504, 'timeout_error'],
      [529, 'overloaded_error'],
    ]),
    client: 'invalid_request_error',
    server: 'api_error',
  },
}

/** What the family's own errors of this status are called. */
export function typeForStatus(family: ApiFamily, status: number): string {
  const { byStatus, client, server } = TYPES[family]
  return byStatus.get(status) ?? (status < 500 ? client : server)
}
