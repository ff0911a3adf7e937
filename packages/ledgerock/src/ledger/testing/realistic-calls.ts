// A day of believable traffic, the same for the same seed: teams of very different size, a dozen models, retries, streams, prompt
// caching, thousands of users, random request ids. For measuring bytes and speed; its prices are round numbers.

import type { CallRecord, ChargeLine } from '@ledgerock/contract'
import { uuidV7 } from '../../kernel/ids.ts'
import { formatUsd, picodollars, sumMoney } from '../../kernel/money.ts'
import { MS_PER_DAY } from '../../kernel/time.ts'

const WORKERS = 4
const MODELS = 12
const TEAMS = 8
const TENANTS = 500
const USERS = 5_000

/** Call number `index` of `count`. */
export type RealisticCalls = (index: number) => CallRecord

export function realisticCalls(seed: number, startMs: number, count: number): RealisticCalls {
  const random = mulberry32(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  /** A few are chosen very often, most of them rarely. */
  const skewed = (limit: number): number => Math.floor(limit * random() ** 2.5)
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256))
  const uuid4 = (): string => {
    const hex = Buffer.from(bytes(16)).toString('hex')
    const head = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}`
    return `${head}-a${hex.slice(17, 20)}-${hex.slice(20)}`
  }
  const skew = (least: number, spread: number): number =>
    Math.floor(least * Math.exp(random() * spread))

  return (index) => {
    const startedMs = startMs + Math.floor((index * MS_PER_DAY) / count)
    const callId = uuidV7(startedMs, bytes(10))
    const team = skewed(TEAMS)
    const application = `app-${team}-${below(3)}`
    const model = skewed(MODELS)
    const stream = random() < 0.5
    const throttled = random() < 0.03
    const durationMs = skew(300, 3)
    const input = throttled ? 0 : skew(50, 5)
    const output = throttled ? 0 : skew(20, 4)
    const cacheRead = !throttled && random() < 0.3 ? skew(1_000, 2) : 0
    const charges = [
      charge('input', input, 3_000_000n, model),
      charge('output', output, 15_000_000n, model),
      charge('cache_read', cacheRead, 300_000n, model),
    ].filter(({ line }) => line.quantity > 0)
    const cost = sumMoney(charges.map(({ amount }) => amount))
    const user = skewed(USERS)
    const awsRequestId = uuid4()
    return {
      ...COMMON,
      call_id: callId,
      logical_id: random() < 0.7 ? uuid4() : callId,
      attempt: random() < 0.03 ? 2 : 1,
      status: throttled ? 'throttled' : 'ok',
      http_status: throttled ? 429 : 200,
      error_type: throttled ? 'ThrottlingException' : null,
      started_at: new Date(startedMs).toISOString(),
      ended_at: new Date(startedMs + durationMs).toISOString(),
      latency_ms: durationMs,
      first_byte_ms: stream ? Math.round(durationMs / 5) : null,
      gateway_overhead_us: 200 + below(200),
      operation: stream ? 'converse-stream' : 'converse',
      stream,
      model_requested: `us.anthropic.claude-model-${model}`,
      model_id: `anthropic.claude-model-${model}`,
      inference_profile: `us.anthropic.claude-model-${model}`,
      aws_request_id: awsRequestId,
      trace_id: random() < 0.3 ? Buffer.from(bytes(16)).toString('hex') : null,
      input_tokens: input,
      output_tokens: output,
      cache_read_tokens: cacheRead,
      raw_usage: throttled
        ? null
        : `{"inputTokens":${input},"outputTokens":${output},` +
          `"totalTokens":${input + output + cacheRead},` +
          `"cacheReadInputTokens":${cacheRead},"cacheWriteInputTokens":0}`,
      cost_usd: formatUsd(cost),
      ...budgetsOf(startedMs, `team-${team}`, `user-${user}`, cost, input),
      charges: charges.map(({ line }) => line),
      key_name: `${application}-prod`,
      dimensions: {
        team: `team-${team}`,
        application,
        environment: ['prod', 'staging', 'dev'][skewed(3)] ?? 'prod',
        cost_center: `cc-${team}`,
        feature: `${application}-feature-${below(5)}`,
        workflow_id: `${application}-flow-${below(10)}`,
        tenant_id: `tenant-${skewed(TENANTS)}`,
        user_id: `user-${user}`,
      },
      journal_id: `journal-${index % WORKERS}`,
      seq: 2 * Math.floor(index / WORKERS) + 2,
      evidence: [{ source: 'gateway', native_id: callId }],
    }
  }
}

function charge(kind: ChargeLine['kind'], quantity: number, rate: bigint, model: number) {
  const amount = picodollars(rate * BigInt(quantity))
  const line: ChargeLine = {
    kind,
    quantity,
    rate_usd: formatUsd(picodollars(rate)),
    amount_usd: formatUsd(amount),
    rate_id: `snapshot-${model}-${kind}`,
  }
  return { amount, line }
}

/** A team's month and a user's day, both in dollars and with leases. */
function budgetsOf(startedMs: number, team: string, user: string, cost: bigint, input: number) {
  const usd = formatUsd(picodollars(cost))
  const month = `${new Date(startedMs).toISOString().slice(0, 7)}-01T00:00:00.000Z`
  const day = `${new Date(startedMs).toISOString().slice(0, 10)}T00:00:00.000Z`
  return {
    bound_usd: formatUsd(picodollars(BigInt(6 * input + 500) * 3_000_000n + 960_000_000_000n)),
    budget_remaining_usd: formatUsd(picodollars(20_000_000_000_000n - cost * 37n)),
    budget_charges: [
      { budget: `${team}-monthly`, period: month, counter: null, usd, tokens: null },
      { budget: 'each-user', period: day, counter: user, usd, tokens: null },
    ],
  }
}

const COMMON = {
  source: 'gateway',
  via: 'gateway',
  interrupted_by: null,
  refusal: null,
  account_id: '111122223333',
  region: 'us-east-1',
  inference_region: null,
  scope: 'geo',
  tier: 'standard',
  changes: ['request_metadata'],
  cache_write_5m_tokens: 0,
  cache_write_30m_tokens: 0,
  cache_write_1h_tokens: 0,
  other_usage: {},
  usage_source: 'response',
  unpriced_reason: null,
  client_cost_usd: null,
  principal_arn: null,
  billed_principal_arn: 'arn:aws:sts::111122223333:assumed-role/ledgerock-bedrock/gateway',
  billed_account_id: '111122223333',
  attributes: {},
  provenance: {
    team: 'credential',
    application: 'credential',
    feature: 'header',
    user_id: 'header',
  },
  conflicts: [],
  budget_name: 'each-user',
  saved_usd: null,
  node_id: 'node-1',
  endpoint: 'runtime',
  policy_version: 7,
  price_book_version: 'snapshot-2026-11-20',
  version: 1,
  corrects: null,
} as const

/** A small generator with a seed; chance is all it is for. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
