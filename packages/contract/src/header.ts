// The headers Ledgerock reads and writes. All of its own begin with `x-ledgerock-`; none of them travels on to AWS.

export const HEADER_PREFIX = 'x-ledgerock-'

export const REQUEST_ID_HEADER = 'x-ledgerock-request-id'
export const TRACE_ID_HEADER = 'x-ledgerock-trace-id'

export const CALL_ID_HEADER = 'x-ledgerock-call-id'
export const COST_HEADER = 'x-ledgerock-cost-usd'
export const REFUSAL_HEADER = 'x-ledgerock-refusal'
/** Which fallback served the call, where one did. */
export const ROUTE_HEADER = 'x-ledgerock-route'
