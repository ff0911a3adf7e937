// The headers Ledgerock reads and writes. All of its own begin with `x-ledgerock-`; none of them travels on to AWS.

export const HEADER_PREFIX = 'x-ledgerock-'

export const REQUEST_ID_HEADER = 'x-ledgerock-request-id'
export const TRACE_ID_HEADER = 'x-ledgerock-trace-id'

export const CALL_ID_HEADER = 'x-ledgerock-call-id'
export const COST_HEADER = 'x-ledgerock-cost-usd'
export const REFUSAL_HEADER = 'x-ledgerock-refusal'
/** What served the call instead of what was asked for, where a route says so. */
export const ROUTE_HEADER = 'x-ledgerock-route'
/** The least that is left of any budget that covers the call. */
export const BUDGET_REMAINING_USD_HEADER = 'x-ledgerock-budget-remaining-usd'
export const BUDGET_REMAINING_TOKENS_HEADER = 'x-ledgerock-budget-remaining-tokens'
/** A soft budget that is past a threshold. */
export const BUDGET_WARNING_HEADER = 'x-ledgerock-budget-warning'
