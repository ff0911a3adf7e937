// A cost as its charge lines, and under them where each rate is from. Two tables, because one would not fit a terminal.

import type { ChargeLine } from '@ledgerock/contract'
import { renderTable, type Column } from '../table.ts'

/** `layer`, `source` and the rest are missing where the rate is not known any more. */
export type ExplainedCharge = ChargeLine & {
  readonly layer?: string
  readonly source?: string
  readonly source_date?: string
  readonly derived_by?: string | null
  /** What a percentage is of: the list price's own source; null or missing where the rate is no percentage. */
  readonly base_source?: string | null
  readonly base_source_date?: string | null
}

const CHARGE_COLUMNS: readonly Column[] = [
  { name: 'kind', align: 'left' },
  { name: 'quantity', align: 'right' },
  { name: 'rate_usd', heading: '× rate USD', align: 'right' },
  { name: 'amount_usd', heading: '= amount USD', align: 'right' },
  { name: 'rate_id', heading: 'rate', align: 'left' },
]
const RATE_COLUMNS: readonly Column[] = [
  { name: 'rate_id', heading: 'rate', align: 'left' },
  { name: 'layer', align: 'left' },
  { name: 'source', align: 'left' },
  { name: 'source_date', heading: 'of', align: 'left' },
]
const DERIVED_COLUMN: Column = { name: 'derived_by', heading: 'derived by', align: 'left' }
const BASE_COLUMNS: readonly Column[] = [
  { name: 'base_source', heading: 'list price from', align: 'left' },
  { name: 'base_source_date', heading: 'of', align: 'left' },
]

export function chargeTable(charges: readonly ExplainedCharge[]): string {
  return renderTable(CHARGE_COLUMNS, charges)
}

/** Empty where nothing is known of any rate. */
export function rateTable(charges: readonly ExplainedCharge[]): string {
  const rates = new Map(charges.map((charge) => [charge.rate_id, charge]))
  const known = [...rates.values()].filter(({ source }) => source !== undefined)
  if (known.length === 0) return ''
  const isDerived = known.some(({ derived_by: rule }) => typeof rule === 'string')
  const hasBase = known.some(({ base_source: source }) => typeof source === 'string')
  const derived = isDerived ? [DERIVED_COLUMN] : []
  const base = hasBase ? BASE_COLUMNS : []
  return renderTable([...RATE_COLUMNS, ...derived, ...base], known)
}

/** Where the cost of such a call is; null for one that is paid by what it uses. */
export function paidByTheHour(call: {
  readonly tier?: unknown
  readonly model_requested?: unknown
}): string | null {
  const { tier, model_requested: model } = call
  const isProvisioned = typeof model === 'string' && /:provisioned-model\//.test(model)
  if (!isProvisioned && tier !== 'reserved') return null
  const what = isProvisioned ? 'provisioned throughput' : 'the reserved tier'
  return `${what} is paid by the hour, used or idle: see "ledgerock prices capacity"`
}
