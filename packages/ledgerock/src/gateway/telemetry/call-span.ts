// What a trace says of a call: the two journal lines in the words of OpenTelemetry's conventions for generative AI
// (https://opentelemetry.io/docs/specs/semconv/gen-ai/), and what those have no word for under `ledgerock.`. Pure. Prompts and
// answers are in neither line, so they cannot be in a span.

import { TraceFlags, type Attributes, type SpanContext } from '@opentelemetry/api'
import { UNKNOWN } from '@ledgerock/contract'
import type { OpenedLine, SettledLine } from '../../journal/line.ts'
import { formatUsd } from '../../kernel/money.ts'

export type CallSpan = {
  readonly name: string
  readonly attributes: Attributes
  readonly isError: boolean
}

/** The conventions' own words where they have one; other operations keep their name. */
const OPERATION_NAMES: Readonly<Record<string, string>> = {
  converse: 'chat',
  'converse-stream': 'chat',
  invoke: 'chat',
  'invoke-with-response-stream': 'chat',
  'chat-completions': 'chat',
  responses: 'chat',
  messages: 'chat',
  'start-async-invoke': 'generate_content',
  embeddings: 'embeddings',
}

export function callSpan(opened: OpenedLine, line: SettledLine): CallSpan {
  const operation = operationName(opened)
  const attributes: Attributes = {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': 'aws.bedrock',
    'gen_ai.request.model': opened.modelRequested,
    'cloud.region': opened.region,
    'ledgerock.call_id': opened.callId,
    'ledgerock.logical_id': opened.logicalId,
    'ledgerock.attempt': opened.attempt,
    'ledgerock.operation': opened.operation,
    'ledgerock.stream': opened.stream,
    'ledgerock.status': line.status,
    'ledgerock.tier': line.tier ?? opened.tier,
    'ledgerock.usage_source': line.usageSource,
    'ledgerock.cost_usd': line.cost === null ? undefined : formatUsd(line.cost),
    'ledgerock.unpriced_reason': line.unpricedReason ?? undefined,
    'ledgerock.refusal': line.refusal ?? undefined,
    'ledgerock.interrupted_by': line.interruptedBy ?? undefined,
    'ledgerock.key_name': opened.keyName ?? undefined,
    'ledgerock.gateway_overhead_us': line.gatewayOverheadUs ?? undefined,
    'ledgerock.first_byte_ms': line.firstByteMs ?? undefined,
    'gen_ai.response.model': opened.modelId ?? undefined,
    'cloud.account.id': opened.billedAccountId ?? opened.accountId ?? undefined,
    'aws.request_id': line.awsRequestId ?? undefined,
    'http.response.status_code': line.httpStatus ?? undefined,
  }
  addUsage(attributes, line)
  addDimensions(attributes, opened)
  const isError = line.status !== 'ok'
  if (isError) attributes['error.type'] = line.refusal ?? line.errorType ?? line.status
  return { name: `${operation} ${opened.modelRequested}`, attributes, isError }
}

function operationName(opened: OpenedLine): string {
  const name = OPERATION_NAMES[opened.operation] ?? opened.operation
  // Every maker's embedding models go through the same route as its others.
  if (name === 'chat' && opened.modelId?.includes('embed') === true) return 'embeddings'
  return name
}

/** The conventions count cached tokens as input (Bedrock does not), and name them apart as well. */
function addUsage(attributes: Attributes, { usage }: SettledLine): void {
  const read = usage.cache_read ?? 0
  let written = 0
  let hasInput = false
  for (const kind in usage) {
    const amount = usage[kind as keyof typeof usage] ?? 0
    switch (kind) {
      case 'input':
      case 'cache_read':
        hasInput = true
        break
      case 'output':
        attributes['gen_ai.usage.output_tokens'] = amount
        break
      case 'cache_write':
      case 'cache_write_5m':
      case 'cache_write_30m':
      case 'cache_write_1h':
        hasInput = true
        written += amount
        break
      default:
        attributes[`ledgerock.usage.${kind}`] = amount
    }
  }
  if (!hasInput) return
  attributes['gen_ai.usage.input_tokens'] = (usage.input ?? 0) + read + written
  if (read > 0) attributes['gen_ai.usage.cache_read.input_tokens'] = read
  if (written > 0) attributes['gen_ai.usage.cache_creation.input_tokens'] = written
}

function addDimensions(attributes: Attributes, { dimensions }: OpenedLine): void {
  for (const name in dimensions) {
    const value = dimensions[name]
    if (value !== undefined && value !== UNKNOWN) attributes[`ledgerock.${name}`] ??= value
  }
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/
/** A later version may have more fields, and is read as far as this one goes (W3C Trace Context, 4.3). */
const LATER_TRACEPARENT = /^(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/
const NOTHING = /^0+$/

/** The caller's span; null where there is none or it is not valid. */
export function parentOf(traceparent: string | null): SpanContext | null {
  if (traceparent === null) return null
  const found = TRACEPARENT.exec(traceparent) ?? LATER_TRACEPARENT.exec(traceparent)
  if (found === null) return null
  const [, traceId = '', spanId = '', flags = ''] = found
  if (NOTHING.test(traceId) || NOTHING.test(spanId)) return null
  const sampled = (Number.parseInt(flags, 16) & TraceFlags.SAMPLED) !== 0
  return {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  }
}
