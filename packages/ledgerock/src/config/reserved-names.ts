// Names a dimension may not have: dimensions stand at the top level of a call and of a report's row, beside these.

import { CALL_FIELDS, SPEND_MEASURES } from '@ledgerock/contract'
import { RESERVED_NAMES as HEADER_NAMES } from '../attribution/dimension-rule.ts'

const CALL_RECORD_FIELDS = `
  call_id logical_id attempt source via status interrupted_by refusal http_status error_type
  started_at ended_at latency_ms first_byte_ms gateway_overhead_us account_id region
  inference_region operation stream model_requested model_id inference_profile scope tier
  aws_request_id trace_id changes input_tokens output_tokens cache_read_tokens
  cache_write_5m_tokens cache_write_30m_tokens cache_write_1h_tokens other_usage usage_source
  raw_usage cost_usd unpriced_reason charges client_cost_usd key_name principal_arn
  billed_principal_arn billed_account_id dimensions attributes provenance conflicts bound_usd
  budget_name budget_remaining_usd budget_charges saved_usd node_id journal_id seq endpoint policy_version
  price_book_version evidence version corrects`

/** Fields of a rule's scope and of a route that are no dimensions. */
const WORDS_OF_RULES = 'model budget above'

const WORDS_OF_REPORTS = 'bucket hour day week month total outcome sign'

export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...CALL_FIELDS,
  ...SPEND_MEASURES,
  ...HEADER_NAMES,
  ...CALL_RECORD_FIELDS.trim().split(/\s+/),
  ...WORDS_OF_RULES.split(' '),
  ...WORDS_OF_REPORTS.split(' '),
])
