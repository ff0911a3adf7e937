// Answers of the control API for tests of commands.

export const MEASURES = {
  calls: 2,
  logical_calls: 2,
  refused_calls: 0,
  errors: 1,
  throttled: 0,
  input_tokens: 2400,
  output_tokens: 310,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  cost_usd: '0.01185',
  input_usd: '0.0072',
  output_usd: '0.00465',
  cache_usd: '0',
  other_usd: '0',
  unpriced_calls: 0,
  latency_ms_p50: 812,
  latency_ms_p95: 934,
  first_byte_ms_p50: null,
  first_byte_ms_p95: null,
}
export const SPEND = JSON.stringify({ rows: [{ team: '=search', ...MEASURES }], total: MEASURES })
export const spend = (): Response => new Response(SPEND)

export const problem = (status: number) => (): Response =>
  Response.json(
    {
      type: 'about:blank',
      title: 'Bad Request',
      status,
      code: 'invalid_request',
      detail: 'the question is wrong',
      errors: [{ path: 'by[0]', message: '"tam" is not known' }],
    },
    { status },
  )

export const CALL = {
  call_id: '01999e1c-7d00-7000-8000-000000000001',
  logical_id: 'logical-1',
  attempt: 2,
  source: 'gateway',
  via: 'gateway',
  status: 'interrupted',
  interrupted_by: 'client',
  refusal: null,
  http_status: 200,
  started_at: '2026-10-14T12:00:00.000Z',
  ended_at: '2026-10-14T12:00:00.812Z',
  latency_ms: 812,
  model_requested: 'us.anthropic.claude-sonnet-4-6',
  model_id: 'anthropic.claude-sonnet-4-6',
  input_tokens: 1200,
  output_tokens: 155,
  cache_read_tokens: 0,
  usage_source: 'estimated',
  cost_usd: '0.005925',
  unpriced_reason: null,
  charges: [
    { kind: 'input', quantity: 1200, rate_usd: '0.000003', amount_usd: '0.0036', rate_id: 'r-in' },
    {
      kind: 'output',
      quantity: 155,
      rate_usd: '0.000015',
      amount_usd: '0.002325',
      rate_id: 'r-out',
    },
  ],
  key_name: 'search-prod',
  provenance: { team: 'credential', feature: 'request' },
  conflicts: [
    {
      dimension: 'team',
      kept: 'search',
      kept_source: 'credential',
      ignored: 'other',
      ignored_source: 'request',
    },
  ],
  attributes: {},
  other_usage: {},
  changes: [],
  version: 1,
  team: 'search',
  feature: 'answers\u001b[31m',
  tenant_id: 'unknown',
}
