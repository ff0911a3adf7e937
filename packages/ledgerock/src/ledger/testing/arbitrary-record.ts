// Random call records for property tests: from small vocabularies, so that groups meet, with every field present, absent or
// strange at times. Canonical as the ledger gives them back: all dimensions there, money in shortest form.

import {
  CALL_SOURCES,
  CALL_VIAS,
  SCOPES,
  TIERS,
  UNPRICED_REASONS,
  USAGE_SOURCES,
  type CallRecord,
  type CallStatus,
  type ChargeLine,
  type UsageKind,
} from '@ledgerock/contract'
import fc from 'fast-check'
import { uuidV7 } from '../../kernel/ids.ts'
import { formatUsd, picodollars, sumMoney } from '../../kernel/money.ts'

export type RecordRange = {
  readonly fromMs: number
  readonly toMs: number
  readonly dimensions: readonly string[]
}

const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null, freq: 3 })
const word = (...words: readonly string[]) => fc.constantFrom(...words)
const strange = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed())
const hex = (length: number) =>
  fc.string({
    unit: fc.constantFrom(...'0123456789abcdef'.split('')),
    minLength: length,
    maxLength: length,
  })
const tokens = fc.oneof(fc.constant(0), fc.nat(3_000), fc.nat(200_000))
const milliseconds = fc.oneof(fc.nat(50), fc.integer({ min: 1, max: 3_600_000 }))
const money = fc
  .bigInt({ min: 0n, max: 10n ** 13n })
  .map((amount) => formatUsd(picodollars(amount)))
const texts = fc.dictionary(fc.oneof(word('a', 'b'), strange), strange, { maxKeys: 3 })
/** Weighted as traffic is. */
const statuses = word(
  'ok',
  'ok',
  'ok',
  'client_error',
  'throttled',
  'upstream_error',
  'interrupted',
  'refused',
)

export function arbitraryRecord(range: RecordRange): fc.Arbitrary<CallRecord> {
  return fc
    .record({
      where: whereFields,
      usage: usageFields,
      who: whoFields(range.dimensions),
      how: howFields,
      startedMs: fc.integer({ min: range.fromMs, max: range.toMs - 1 }),
      random: fc.uint8Array({ minLength: 10, maxLength: 10 }),
      logical: fc.constantFrom('own', 'shared', 'other uuid', 'text'),
      shared: fc.nat(5),
      text: fc.string({ minLength: 1, maxLength: 9 }),
      durationMs: milliseconds,
      status: statuses,
      priced: fc.nat(9),
      reason: fc.constantFrom(...UNPRICED_REASONS),
    })
    .map((draw): CallRecord => {
      const callId = uuidV7(draw.startedMs, draw.random)
      const { charges, ...usage } = draw.usage
      const refused = draw.status === 'refused'
      const priced = draw.priced > 0 && !refused
      const cost = sumMoney(charges.map((charge) => charge.amount))
      return {
        ...draw.where,
        ...usage,
        ...draw.who,
        ...draw.how,
        call_id: callId,
        logical_id: logicalId(draw.logical, callId, draw.shared, draw.text),
        status: draw.status as CallStatus,
        interrupted_by: draw.status === 'interrupted' ? 'client' : null,
        refusal: refused ? 'budget' : null,
        started_at: new Date(draw.startedMs).toISOString(),
        ended_at: new Date(draw.startedMs + draw.durationMs).toISOString(),
        latency_ms: draw.durationMs,
        cost_usd: priced ? formatUsd(cost) : refused ? '0' : null,
        unpriced_reason: priced || refused ? null : draw.reason,
        charges: priced ? charges.map((charge) => charge.line) : [],
        evidence: [{ source: 'gateway', native_id: callId }],
        version: 1,
        corrects: null,
      }
    })
}

function logicalId(kind: string, callId: string, shared: number, text: string): string {
  if (kind === 'own') return callId
  if (kind === 'shared') return `0192f3a0-0000-7000-8000-00000000000${shared}`
  return kind === 'text' ? `t${text.toWellFormed()}` : `${callId.slice(0, 35)}0`
}

const whereFields = fc.record({
  attempt: fc.integer({ min: 1, max: 3 }),
  source: fc.constantFrom(...CALL_SOURCES),
  via: fc.constantFrom(...CALL_VIAS),
  http_status: orNull(fc.constantFrom(200, 400, 429, 503)),
  error_type: orNull(word('ThrottlingException', 'ValidationException')),
  first_byte_ms: orNull(milliseconds),
  gateway_overhead_us: orNull(fc.nat(900)),
  account_id: orNull(word('111122223333', '444455556666')),
  region: word('us-east-1', 'eu-central-1'),
  inference_region: orNull(word('us-west-2')),
  operation: word('Converse', 'ConverseStream', 'InvokeModel'),
  stream: fc.boolean(),
  model_requested: word('us.amazon.nova-pro-v1:0', 'anthropic.claude-sonnet-4-6'),
  model_id: orNull(word('amazon.nova-pro-v1:0', 'anthropic.claude-sonnet-4-6')),
  inference_profile: orNull(word('us.amazon.nova-pro-v1:0')),
  scope: orNull(fc.constantFrom(...SCOPES)),
  tier: fc.constantFrom(...TIERS),
  aws_request_id: orNull(fc.oneof(fc.uuid(), strange)),
  trace_id: orNull(fc.oneof(hex(32), word('1-67891233-abcdef012345678912345678'))),
  changes: fc.array(word('metadata', 'include_usage'), { maxLength: 2 }),
})

const CHARGED: readonly (readonly [UsageKind, bigint])[] = [
  ['input', 3_000_000n],
  ['output', 15_000_000n],
  ['cache_read', 300_000n],
  ['cache_write_5m', 3_750_000n],
  ['cache_write_1h', 6_000_000n],
  ['images', 40_000_000_000n],
]

const usageFields = fc
  .record({
    counts: fc.tuple(tokens, tokens, tokens, tokens, tokens, fc.nat(4)),
    thirtyMinutes: fc.constant(0),
    generic: fc.nat(3),
    twice: fc.boolean(),
    usage_source: fc.constantFrom(...USAGE_SOURCES),
    raw_usage: orNull(strange),
    unpriced_reason: fc.constant(null),
    client_cost_usd: orNull(money),
  })
  .map(({ counts, thirtyMinutes, generic, twice, ...rest }) => {
    const [input, output, cacheRead, cache5m, cache1h, images] = counts
    const used = CHARGED.map(([kind, rate], index) => ({
      kind,
      rate,
      quantity: counts[index] ?? 0,
    }))
    const lines = used.filter(({ quantity }) => quantity > 0)
    const first = lines[0]
    const charges = (twice && first !== undefined ? [...lines, first] : lines).map(chargeOf)
    const other: [string, number][] = [['images', images]]
    if (generic > 0) other.push(['cache_write', generic])
    return {
      ...rest,
      input_tokens: input,
      output_tokens: output,
      cache_read_tokens: cacheRead,
      cache_write_5m_tokens: cache5m,
      cache_write_30m_tokens: thirtyMinutes,
      cache_write_1h_tokens: cache1h,
      other_usage: Object.fromEntries(other.filter(([, count]) => count > 0)),
      charges,
    }
  })

function chargeOf(charged: { kind: UsageKind; rate: bigint; quantity: number }) {
  const amount = picodollars(charged.rate * BigInt(charged.quantity))
  const line: ChargeLine = {
    kind: charged.kind,
    quantity: charged.quantity,
    rate_usd: formatUsd(picodollars(charged.rate)),
    amount_usd: formatUsd(amount),
    rate_id: `rate-${charged.kind}`,
  }
  return { amount, line }
}

const whoFields = (dimensions: readonly string[]) =>
  fc
    .record({
      key_name: orNull(word('search-prod', 'support-prod')),
      principal_arn: orNull(word('arn:aws:sts::111122223333:assumed-role/app/s1')),
      billed_principal_arn: orNull(word('arn:aws:sts::111122223333:assumed-role/gw/s1')),
      billed_account_id: orNull(word('111122223333')),
      values: fc.tuple(
        ...dimensions.map((name) => word('unknown', `${name}-1`, `${name}-2`, "x'y\\")),
      ),
      attributes: texts,
      provenance: fc.constantFrom<Record<string, string>>({}, { team: 'credential' }),
      conflicts: fc.constantFrom<CallRecord['conflicts']>(
        [],
        [
          {
            dimension: 'team',
            kept: 'a',
            kept_source: 'credential',
            ignored: 'b',
            ignored_source: 'request',
          },
        ],
      ),
      bound_usd: orNull(money),
      budget_name: orNull(word('search-monthly')),
      budget_remaining_usd: orNull(money),
      budget_charges: fc.constantFrom<CallRecord['budget_charges']>(
        [],
        [
          {
            budget: 'search-monthly',
            period: '2026-10-01T00:00:00.000Z',
            counter: null,
            usd: '0.01',
            tokens: null,
          },
          {
            budget: 'each-user',
            period: '2026-10-24T22:00:00.000Z',
            counter: "o'brien\\",
            usd: null,
            tokens: 1234,
          },
        ],
      ),
      saved_usd: orNull(money),
    })
    .map(({ values, ...rest }) => ({
      ...rest,
      dimensions: Object.fromEntries(
        dimensions.map((name, index) => [name, values[index] as string]),
      ),
    }))

const howFields = fc.record({
  node_id: word('node-1'),
  journal_id: word('journal-1'),
  seq: fc.nat(1_000_000),
  endpoint: fc.constantFrom('runtime' as const, 'mantle' as const),
  policy_version: fc.nat(40),
  price_book_version: word('2026-11-20'),
})
