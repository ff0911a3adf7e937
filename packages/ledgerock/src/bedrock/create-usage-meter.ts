// Picks the reader for one response, by operation and by what the response says of itself: a stream route that answers with JSON
// is read as JSON, an error answer has no usage.

import { exhaustive } from '../kernel/assert.ts'
import { createConverseMeter, createConverseStreamMeter } from './converse-meter.ts'
import { createInvokeMeter, createInvokeStreamMeter } from './invoke-meter.ts'
import type { ModelId } from './model-id.ts'
import type { RequestFacts } from './request-facts.ts'
import { headerOf, type ResponseHeaders } from './response-headers.ts'
import type { Route } from './route.ts'
import type { UsageMeter } from './usage-meter.ts'

export function createUsageMeter(
  route: Pick<Route, 'operation'>,
  model: Pick<ModelId, 'maker'>,
  facts: Pick<RequestFacts, 'inputEstimate'>,
  status: number,
  headers: ResponseHeaders,
): UsageMeter {
  if (status < 200 || status > 299) return NOTHING_USED
  const contentType = headerOf(headers, 'content-type')
  const isStream = contentType?.startsWith('application/vnd.amazon.eventstream') === true
  const request = { inputEstimate: facts.inputEstimate, maker: model.maker }
  switch (route.operation) {
    case 'converse':
    case 'converse-stream':
      return isStream ? createConverseStreamMeter(request) : createConverseMeter(request)
    case 'invoke':
    case 'invoke-with-response-stream':
      return isStream
        ? createInvokeStreamMeter(request, headers)
        : createInvokeMeter(request, headers)
    default:
      return exhaustive(route.operation)
  }
}

/** An answer that is an error: nothing was generated, nothing is billed. */
const NOTHING_USED: UsageMeter = {
  write: () => false,
  end: () => undefined,
  read: () => ({
    usage: {},
    usageSource: 'response',
    missing: false,
    rawUsage: null,
    tierResolved: null,
    stopReason: null,
    outputSeenBytes: 0,
    final: true,
    exception: null,
    problems: [],
  }),
}
