// The two sides of a simulated month: the bill read by the product's own grammar, row by row, and the ledger that the gateway's calls
// would have left, priced by the product's own book. Of the truth beside the bill nothing is looked at.

import type { Bill, BilledCall, BillRow, Month } from '@ledgerock/bedrock-simulator'
import type { UsageKind } from '@ledgerock/contract'
import { compileOwnerRules } from '../../attribution/owner-rule.ts'
import { billWordReader } from '../../billing/read-bill-word.ts'
import type { BillReading, BillWord } from '../../billing/bill-word.ts'
import { isoTime, MS_PER_HOUR } from '../../kernel/time.ts'
import { costOfUsage } from '../../pricing/cost-of-usage.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import type { BilledLine, MeteredUse } from '../cell.ts'
import { exactOf, type Exact } from '../exact.ts'
import { sortOf } from '../line-of-cell.ts'
import { PRECEDENCE, TAG_LAG_MS, type EvidenceRules } from '../evidence.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READ = billWordReader(bedrockWords(BOOK), BOOK)

/** As the import selects them; `place` is the row's in the bill. */
export function bedrockLines(bill: Bill): readonly (BilledLine & { readonly place: number })[] {
  return bill.rows.flatMap((row, place) =>
    isBedrock(row) ? [{ ...lineOf(row, bill.period.name), place }] : [],
  )
}

function isBedrock(row: BillRow): boolean {
  if (row.line_item_product_code.startsWith('AmazonBedrock')) return true
  if (row.bill_billing_entity !== 'AWS Marketplace') return false
  return (row.product['product_name'] ?? '').includes('Bedrock')
}

function lineOf(row: BillRow, period: string): BilledLine {
  const reading = readingOf(row, period)
  const { line_item_usage_amount: amount } = row
  const isMarketplace = row.bill_billing_entity === 'AWS Marketplace'
  return {
    payerId: row.bill_payer_account_id,
    accountId: row.line_item_usage_account_id,
    region: reading.region,
    modelId: reading.model_id,
    kind: reading.kind ?? '',
    scope: reading.scope,
    tier: reading.tier,
    sort: sortOf(reading.long_context, reading.variant),
    principal: row.line_item_iam_principal,
    thing: reading.thing,
    usageType: row.line_item_usage_type,
    resourceId: row.line_item_resource_id,
    tags: row.tags,
    fromMs: Date.parse(row.line_item_usage_start_date),
    toMs: Date.parse(row.line_item_usage_end_date),
    unmappedReason: reading.unmapped_reason ?? '',
    quantity: reading.factor === null ? null : times(exactOf(amount), reading.factor),
    unblended: exactOf(row.line_item_unblended_cost),
    net: exactOf(row.line_item_net_unblended_cost),
    list: isMarketplace ? null : exactOf(row.pricing_public_on_demand_cost),
    rows: 1,
  }
}

function times(amount: Exact, factor: string): Exact {
  return (amount * BigInt(factor)) as Exact
}

const readings = new Map<string, BillReading>()

function readingOf(row: BillRow, period: string): BillReading {
  const [, , third = ''] = row.line_item_line_item_description.split('|')
  const isModel = /^arn:aws:bedrock:[^:]*:(?:\d*):(?:foundation-model|inference-profile)\//
  const word: BillWord = {
    line_item_type: row.line_item_line_item_type,
    usage_type: row.line_item_usage_type,
    operation: row.line_item_operation,
    billing_entity: row.bill_billing_entity,
    product_code: row.line_item_product_code,
    product_name: row.product['product_name'] ?? '',
    region:
      row.product_region_code === '' ? (row.product['region'] ?? '') : row.product_region_code,
    unit: row.pricing_unit,
    unit_text: third,
    model_resource: isModel.test(row.line_item_resource_id) ? row.line_item_resource_id : '',
  }
  const key = JSON.stringify(word)
  const known = readings.get(key)
  if (known !== undefined) return known
  const reading = READ(word, { period, rows: 1, amount: '0', unblended: '0' })
  readings.set(key, reading)
  return reading
}

/** What a gateway's ledger holds of the calls that went through it. */
export function meteredUses({ calls }: Pick<Month, 'calls'>): readonly MeteredUse[] {
  return calls.flatMap((call) =>
    call.meteredUsage === null ? [] : usesOf(call, call.meteredUsage),
  )
}

function usesOf(call: BilledCall, counted: BilledCall['usage']): readonly MeteredUse[] {
  const isEstimate = JSON.stringify(counted) !== JSON.stringify(call.usage)
  const { input, output, cache_read, cache_write_5m, cache_write_1h, other, variant } = counted
  const used = { input, output, cache_read, cache_write_5m, cache_write_1h, ...other }
  const usage = Object.fromEntries(Object.entries(used).filter(([, count]) => (count ?? 0) > 0))
  const { modelId, region, scope, tier, atMs, accountId, principal, owner } = call
  const cost = costOfUsage(BOOK, { modelId, region, scope, tier, atMs, usage, variant })
  const charges = new Map(cost.charges.map((charge) => [charge.kind, charge]))
  return Object.entries(usage).map(([kind, count]) => {
    const charge = charges.get(kind as UsageKind)
    const from = charge?.from
    const tokens = BigInt(count ?? 0)
    return {
      accountId,
      region,
      modelId,
      kind,
      scope,
      tier,
      sort: sortOf((from?.contextAbove ?? 0) > 0, from?.variant ?? ''),
      principal,
      hourMs: Math.floor(atMs / MS_PER_HOUR) * MS_PER_HOUR,
      owner: owner ?? {},
      tokens,
      estimatedTokens: isEstimate && kind === 'output' ? tokens : 0n,
      usd: charge?.amount ?? null,
    }
  })
}

export function evidenceRules({ world }: Pick<Month, 'world'>): EvidenceRules {
  const iso = (ms: number | null): string | null => (ms === null ? null : isoTime(ms))
  const rules = compileOwnerRules(
    world.ownerRules.map(({ match, set, fromMs, toMs }) => ({
      match: { principal: match },
      set,
      from: iso(fromMs),
      to: iso(toMs),
    })),
  )
  return {
    ownerOf: rules.ownerOf,
    sessionOwner: (principal) => world.gatewaySessions.get(principal) ?? null,
    isGateway: (principal) => world.gatewayPrincipals.has(principal),
    precedence: PRECEDENCE,
    tagDimensions: new Map([['team', 'team']]),
    tagLagMs: TAG_LAG_MS,
  }
}
