// Picks the reader for one response, by operation, by who made the model, and by what the response says of itself: a stream route
// that answers with JSON is read as JSON, an error answer has no usage, and what AWS gives away costs nothing.

import { exhaustive } from '../../kernel/assert.ts'
import { BodyMeter } from './body-meter.ts'
import { createConverseMeter, createConverseStreamMeter } from './converse-meter.ts'
import { GUARDRAIL_PATHS, GuardrailFindings } from './guardrail-findings.ts'
import { createInvokeMeter, createInvokeStreamMeter, createNativeSseMeter } from './invoke-meter.ts'
import type { ModelId } from '../model-id.ts'
import type { RequestFacts } from '../request/request-facts.ts'
import { isEventStream, isServerSentEvents, type ResponseHeaders } from './response-headers.ts'
import { RESPONSES_PATHS, ResponsesFindings } from './responses-findings.ts'
import type { Route } from '../route.ts'
import { ScanPool } from './scan-pool.ts'
import { SseMeter } from './sse-meter.ts'
import { AsyncFindings, soldBy, UNIT_PATHS, UnitFindings } from './unit-findings.ts'
import type { MeterRequest, UsageMeter, UsageReading } from './usage-meter.ts'

const guardrailScans = new ScanPool(GUARDRAIL_PATHS)
const responsesScans = new ScanPool(RESPONSES_PATHS)
const unitScans = new ScanPool(UNIT_PATHS)

export function createUsageMeter(
  route: Pick<Route, 'operation'>,
  model: Pick<ModelId, 'maker'>,
  facts: Pick<RequestFacts, 'inputEstimate' | 'media' | 'mediaParts'>,
  status: number,
  headers: ResponseHeaders,
): UsageMeter {
  if (status < 200 || status > 299) return NOTHING_USED
  const { inputEstimate, media, mediaParts } = facts
  const request: MeterRequest = { inputEstimate, maker: model.maker, media, mediaParts }
  switch (route.operation) {
    case 'converse':
    case 'converse-stream':
      return isEventStream(headers)
        ? createConverseStreamMeter(request)
        : createConverseMeter(request)
    case 'invoke':
    case 'invoke-with-response-stream':
    case 'invoke-with-bidirectional-stream':
      return invokeMeter(request, headers)
    case 'chat-completions':
    case 'messages':
    case 'embeddings':
      return nativeMeter(request, headers)
    case 'responses':
    case 'compact-response':
      return isServerSentEvents(headers)
        ? new SseMeter(RESPONSES_PATHS, new ResponsesFindings(request, headers, true))
        : new BodyMeter(responsesScans, new ResponsesFindings(request, headers, false))
    case 'start-async-invoke':
    // A job of training is billed later too, and by what it turns out to use.
    case 'fine-tuning':
      return new BodyMeter(unitScans, new AsyncFindings(request, headers))
    case 'apply-guardrail':
      return new BodyMeter(guardrailScans, new GuardrailFindings(headers, false))
    case 'invoke-guardrail-checks':
      return new BodyMeter(guardrailScans, new GuardrailFindings(headers, true))
    case 'count-tokens':
    case 'count-message-tokens':
    case 'get-async-invoke':
    case 'list-async-invokes':
    case 'get-response':
    case 'delete-response':
    case 'cancel-response':
    case 'list-models':
    case 'get-model':
    case 'files':
    case 'fine-tuning-jobs':
      return FREE
    default:
      return exhaustive(route.operation)
  }
}

function invokeMeter(request: MeterRequest, headers: ResponseHeaders): UsageMeter {
  const unit = soldBy(request)
  // Units are only told of whole answers; the text models among their makers' stream tokens.
  if (unit === null || isEventStream(headers)) return nativeMeter(request, headers)
  return new BodyMeter(unitScans, new UnitFindings(request, headers, unit))
}

function nativeMeter(request: MeterRequest, headers: ResponseHeaders): UsageMeter {
  if (isEventStream(headers)) return createInvokeStreamMeter(request, headers)
  if (isServerSentEvents(headers)) return createNativeSseMeter(request, headers)
  return createInvokeMeter(request, headers)
}

function nothing(free: boolean): UsageMeter {
  const reading: UsageReading = {
    usage: {},
    usageSource: 'response',
    missing: false,
    variant: null,
    free,
    rawUsage: null,
    tierResolved: null,
    stopReason: null,
    outputSeenBytes: 0,
    final: true,
    exception: null,
    problems: [],
  }
  return { write: () => false, end: () => undefined, read: () => reading }
}

/** An answer that is an error: nothing was generated, nothing is billed. */
const NOTHING_USED = nothing(false)
/** Operations AWS does not charge for. */
const FREE = nothing(true)
