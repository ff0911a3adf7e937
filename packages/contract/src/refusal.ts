// Why Ledgerock itself refused a call, in order of precedence: the first that applies is the answer. The code is sent as
// `x-ledgerock-refusal`; status and body take the shape of the route that was called.

export const REFUSAL_CODES = [
  'credential',
  'dimension',
  'body_too_large',
  'paused',
  'model_access',
  'guardrail_required',
  'rate_limit',
  'concurrency',
  'budget',
  'journal_unavailable',
  'draining',
  'overload',
  'identity_unavailable',
  'budget_unavailable',
  'upstream_unreachable',
] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]
