// Sorts one bill line: evidence of a rate, a charge that is no usage, or unread with its reason. Every line is one of the three, so
// that nothing can be dropped on the way.

import type { UsageKind } from '@ledgerock/contract'
import type { BilledUsage } from './billed-usage.ts'
import type { BillWords, ReadUsage } from './bill-words.ts'
import { parseDecimal, ZERO_DECIMAL, type Decimal } from './exact-decimal.ts'
import type { UnreadReason } from './learned-proposal.ts'

/** The billing month. */
export type Period = { readonly name: string; readonly fromMs: number; readonly toMs: number }

export type EvidenceLine = {
  readonly kind: 'evidence'
  readonly reading: ReadUsage & {
    readonly region: string
    readonly what: { readonly kind: UsageKind }
  }
  readonly usage: Decimal
  readonly cost: Decimal
  readonly isNet: boolean
  /** Units in one billed unit. */
  readonly factor: bigint
  /** Null: the bill does not say. */
  readonly atMs: number | null
}

export type BillLine =
  | EvidenceLine
  | { readonly kind: 'apart'; readonly cost: Decimal }
  | { readonly kind: 'unread'; readonly reason: UnreadReason; readonly cost: Decimal }

/** What was used and is paid by use. What a savings plan, a credit or a tax says is not the price of a unit. */
export const USAGE_LINES: readonly string[] = ['Usage', 'DiscountedUsage']

export function readBillLine(row: BilledUsage, words: BillWords, period: Period): BillLine {
  const cost = parseDecimal(row.net_unblended_cost ?? row.unblended_cost)
  if (cost === null) return { kind: 'unread', reason: 'no_amount', cost: ZERO_DECIMAL }
  if (!USAGE_LINES.includes(row.line_item_type)) return { kind: 'apart', cost }
  const unread = (reason: UnreadReason): BillLine => ({ kind: 'unread', reason, cost })

  const read = words.readUsage(row)
  if (!read.ok) return unread(read.problem === 'not_bedrock' ? 'not_bedrock' : 'unknown_usage_type')
  const atMs = row.usage_start === '' ? null : Date.parse(row.usage_start)
  if (atMs !== null && !(atMs >= period.fromMs && atMs < period.toMs)) return unread('other_period')
  const { what, modelId } = read.value
  const { kind } = what
  if (kind === null) return unread('not_a_call')
  if (modelId === null && !isSharedKind(kind)) return unread('unknown_model')
  const region = read.value.region ?? row.region
  if (region === '') return unread('unknown_region')
  const factor = words.unitsPerBilled(row, what.unit)
  if (factor === null) return unread('unknown_unit')
  const usage = parseDecimal(row.usage_amount)
  if (usage === null) return unread('no_amount')
  if (usage.digits === 0n) return unread('no_usage')
  if (usage.digits > 0n ? cost.digits < 0n : cost.digits > 0n) return unread('negative_price')
  return {
    kind: 'evidence',
    reading: { ...read.value, region, what: { ...what, kind } },
    usage,
    cost,
    isNet: row.net_unblended_cost !== null,
    factor,
    atMs,
  }
}

/** Sold beside any model: guardrail text units, and the storage of models of one's own. */
export function isSharedKind(kind: UsageKind): boolean {
  return kind.startsWith('text_units_') || kind === 'storage_months'
}

/** `2026-10` as its instants, UTC; null for anything else. */
export function parsePeriod(name: string): Period | null {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(name)) return null
  const [year = 0, month = 0] = name.split('-').map(Number)
  return { name, fromMs: Date.UTC(year, month - 1), toMs: Date.UTC(year, month) }
}
