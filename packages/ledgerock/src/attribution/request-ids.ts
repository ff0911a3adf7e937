// Which calls are tries of one and the same: the logical id that groups them, the number of the try, and the trace. It only ever
// groups. No call is dropped or merged because of it: every billed attempt costs.

import { REQUEST_ID_HEADER, TRACE_ID_HEADER } from '@ledgerock/contract'

export const LOGICAL_ID_SOURCES = ['request_id', 'invocation_id', 'trace', 'own'] as const
export type LogicalIdSource = (typeof LOGICAL_ID_SOURCES)[number]

export type RequestIds = {
  readonly logicalId: string
  readonly logicalIdSource: LogicalIdSource
  /** From 1. What the client says of itself; a retry it does not number stays 1. */
  readonly attempt: number
  readonly traceId: string | null
  /** Headers of ours whose value cannot be used (a 400 `dimension`). */
  readonly invalid: readonly { readonly dimension: string; readonly message: string }[]
}

/** No spaces or controls: these ids stand in logs, headers and file names of exports. */
const ID = /^[\x21-\x7e]{1,128}$/
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/
const NO_TRACE = '0'.repeat(32)
const AMZN_ROOT = /(?:^|;)\s*Root=(1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24})/
const SDK_ATTEMPT = /(?:^|;)\s*attempt=(\d{1,4})(?:;|$)/
const ATTEMPT_MAX = 1_000
const HASH_CHARACTERS = 16

/**
 * `headers` are lower-case. `bodySha256` (hex) is asked only where a trace is all there is: a trace alone holds many calls, a
 * trace and a body the tries of one. `ownId` is asked only where the client gave nothing to go by.
 */
export function readRequestIds(
  headers: Readonly<Record<string, string | undefined>>,
  bodySha256: () => string,
  ownId: () => string,
): RequestIds {
  const invalid: { dimension: string; message: string }[] = []
  const ours = (name: string): string | null => {
    const value = headers[name]
    if (value === undefined || value === '') return null
    if (ID.test(value)) return value
    const message = 'must be 1 to 128 printable ASCII characters without spaces'
    invalid.push({ dimension: name, message })
    return null
  }
  const requestId = ours(REQUEST_ID_HEADER)
  const traceId = ours(TRACE_ID_HEADER) ?? traceOf(headers)
  const invocation = headers['amz-sdk-invocation-id']
  const rest = { attempt: attemptOf(headers), traceId, invalid }
  if (requestId !== null) return { logicalId: requestId, logicalIdSource: 'request_id', ...rest }
  if (invocation !== undefined && ID.test(invocation)) {
    return { logicalId: invocation, logicalIdSource: 'invocation_id', ...rest }
  }
  if (traceId !== null) {
    const logicalId = `${traceId}-${bodySha256().slice(0, HASH_CHARACTERS)}`
    return { logicalId, logicalIdSource: 'trace', ...rest }
  }
  return { logicalId: ownId(), logicalIdSource: 'own', ...rest }
}

function traceOf(headers: Readonly<Record<string, string | undefined>>): string | null {
  const w3c = headers['traceparent']
  if (w3c !== undefined) {
    const trace = TRACEPARENT.exec(w3c)?.[1]
    if (trace !== undefined && trace !== NO_TRACE) return trace
  }
  const amzn = headers['x-amzn-trace-id']
  return amzn === undefined ? null : (AMZN_ROOT.exec(amzn)?.[1] ?? null)
}

/** The AWS SDKs count from 1 (`attempt=2; max=3`), the generated clients of Anthropic and OpenAI count retries from 0. */
function attemptOf(headers: Readonly<Record<string, string | undefined>>): number {
  const sdk = headers['amz-sdk-request']
  if (sdk !== undefined) {
    const attempt = SDK_ATTEMPT.exec(sdk)?.[1]
    if (attempt !== undefined) return Math.min(Math.max(Number(attempt), 1), ATTEMPT_MAX)
  }
  const retries = headers['x-stainless-retry-count']
  if (retries !== undefined && /^\d{1,4}$/.test(retries)) {
    return Math.min(Number(retries) + 1, ATTEMPT_MAX)
  }
  return 1
}
