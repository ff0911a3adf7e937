// Any line at all, for properties: every string may hold quotes, newlines, lone surrogates and other people's alphabets.

import {
  CALL_STATUSES,
  INTERRUPTERS,
  REFUSAL_CODES,
  SCOPES,
  TIERS,
  UNPRICED_REASONS,
  USAGE_KINDS,
  USAGE_SOURCES,
  type UsageKind,
} from '@ledgerock/contract'
import fc from 'fast-check'
import { picodollars } from '../../kernel/money.ts'
import type { BudgetUse, JournalLine, OpenedLine, SettledLine } from '../line.ts'

const awkward = fc.constantFrom(
  '',
  '\n',
  '"',
  '\\',
  '\u0000',
  '\ud800',
  '日本',
  '🙂',
  '~',
  '__proto__',
  '1',
  '0',
)
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  awkward,
  fc.tuple(fc.string({ maxLength: 4 }), awkward).map(([head, tail]) => head + tail),
)
const textOrNull = fc.option(text, { nil: null })
const count = fc.nat(Number.MAX_SAFE_INTEGER)
const name = fc.oneof(
  fc.constantFrom('team', 'feature', 'user_id', 'constructor', '__proto__', 'toString', '0', '7'),
  text,
)
const texts = fc
  .array(fc.tuple(name, text), { maxLength: 6 })
  .map((entries) => Object.fromEntries(entries))
const kind = fc.oneof(
  fc.constantFrom(...USAGE_KINDS),
  fc.stringMatching(/^[a-z0-9_]{1,10}$/).map((policy): UsageKind => `text_units_${policy}`),
)
const money = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(picodollars)

const moneyOrNull = fc.option(money, { nil: null })
const use: fc.Arbitrary<BudgetUse> = fc.record({
  budget: text,
  fromMs: fc.oneof(
    fc.nat(4_000_000).map((steps) => steps * 900_000),
    fc.integer({ min: -1e12, max: 4e12 }),
    fc.constant(0),
  ),
  per: textOrNull,
  unit: fc.constantFrom('usd' as const, 'tokens' as const),
})

export const arbitraryOpened: fc.Arbitrary<OpenedLine> = fc
  .record({
    kind: fc.constant('opened' as const),
    callId: text,
    logicalId: text,
    attempt: fc.integer({ min: 1, max: 5 }),
    startedAt: count,
    operation: text,
    endpoint: fc.constantFrom('runtime' as const, 'mantle' as const),
    stream: fc.boolean(),
    accountId: textOrNull,
    region: text,
    modelRequested: text,
    modelId: textOrNull,
    inferenceProfile: textOrNull,
    scope: fc.option(fc.constantFrom(...SCOPES), { nil: null }),
    tier: fc.constantFrom(...TIERS),
    traceId: textOrNull,
    keyName: textOrNull,
    principalArn: textOrNull,
    billedPrincipalArn: textOrNull,
    billedAccountId: textOrNull,
    dimensions: texts,
    attributes: texts,
    provenance: texts,
    conflicts: fc.array(
      fc.record({
        dimension: text,
        kept: text,
        kept_source: text,
        ignored: text,
        ignored_source: text,
      }),
      { maxLength: 3 },
    ),
    inputEstimate: count,
    policyVersion: count,
    boundUsd: moneyOrNull,
    boundTokens: fc.option(count, { nil: null }),
    budgets: fc.array(use, { maxLength: 4 }),
  })
  .chain((line) =>
    // What is often the same in real lines has to be the same here often too.
    fc
      .constantFrom<Partial<OpenedLine>>(
        {},
        { logicalId: line.callId, inferenceProfile: line.modelRequested },
        { modelId: line.modelRequested.slice(1), billedAccountId: line.accountId },
        { modelId: line.modelRequested, billedPrincipalArn: line.principalArn },
        {
          dimensions: { ...line.dimensions, user_id: 'u-1' },
          budgets: line.budgets.map((one, index) =>
            index % 2 === 0 ? { ...one, per: 'u-1' } : one,
          ),
          boundUsd: picodollars((line.boundUsd ?? 0n) * 100_000n),
        },
        {
          operation: 'converse-stream',
          region: 'eu-west-1',
          provenance: { team: 'key', user_id: 'default' },
        },
      )
      .map((same) => ({ ...line, ...same })),
  )

export const arbitrarySettled: fc.Arbitrary<SettledLine> = fc.record({
  kind: fc.constant('settled' as const),
  opened: count,
  endedAt: count,
  status: fc.constantFrom(...CALL_STATUSES),
  interruptedBy: fc.option(fc.constantFrom(...INTERRUPTERS), { nil: null }),
  refusal: fc.option(fc.constantFrom(...REFUSAL_CODES), { nil: null }),
  httpStatus: fc.option(fc.integer({ min: 100, max: 599 }), { nil: null }),
  errorType: textOrNull,
  latencyMs: count,
  firstByteMs: fc.option(count, { nil: null }),
  gatewayOverheadUs: fc.option(count, { nil: null }),
  inferenceRegion: textOrNull,
  tier: fc.option(fc.constantFrom(...TIERS), { nil: null }),
  awsRequestId: textOrNull,
  usage: fc
    .array(fc.tuple(kind, count), { maxLength: 6 })
    .map((entries) => Object.fromEntries(entries)),
  usageSource: fc.constantFrom(...USAGE_SOURCES),
  rawUsage: fc.option(
    fc.oneof(
      text,
      fc.json({ maxDepth: 2 }).map((json) => json.slice(0, 400)),
    ),
    { nil: null },
  ),
  cost: fc.option(money, { nil: null }),
  unpricedReason: fc.option(fc.constantFrom(...UNPRICED_REASONS), { nil: null }),
  charges: fc.array(fc.record({ kind, quantity: count, rate: text, amount: money, rateId: text }), {
    maxLength: 5,
  }),
  priceBookVersion: text,
  changes: fc.array(text, { maxLength: 3 }),
  budgetName: textOrNull,
  budgetRemaining: moneyOrNull,
  saved: moneyOrNull,
})

export const arbitraryLine: fc.Arbitrary<JournalLine> = fc.oneof(arbitraryOpened, arbitrarySettled)
