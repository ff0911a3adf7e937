// One row of a bill from its cells, checked: an amount that is no number, a time that is none, another currency or a map that
// cannot be read make a fault with the row's dollars, not a row with a hole in it.

import { err, ok, type Result } from '../kernel/result.ts'
import { cellMap, type BillColumns } from './bill-columns.ts'
import type { BillFaultReason, RowProblem } from './bill-fault.ts'
import type { BillRow } from './bill-row.ts'
import { plainDecimal } from './plain-decimal.ts'

type Cells = (name: string) => string

export function billRowOf(
  columns: BillColumns,
  fields: readonly string[],
): Result<BillRow, RowProblem> {
  const cell: Cells = (name) => fields[columns.indexOf.get(name) ?? -1]?.trim() ?? ''
  const unblended = amountOf(cell('line_item_unblended_cost'))
  const net = amountOf(cell('line_item_net_unblended_cost'))
  const usage = amountOf(cell('line_item_usage_amount'))
  const usd = (net === '' ? null : net) ?? (unblended === '' ? null : unblended)
  const problem = (reason: BillFaultReason, detail: string): Result<never, RowProblem> =>
    err({ reason, detail, usd })

  if (fields.length !== columns.count) {
    const detail = `${fields.length} fields under ${columns.count} columns`
    return err({ reason: 'fields', detail, usd: null })
  }
  if (unblended === null || net === null || usage === null) {
    return problem('amount', 'an amount that is no number')
  }
  if (unblended === '' && net === '') return problem('amount', 'a line without a cost')
  const currency = cell('line_item_currency_code')
  if (currency !== '' && currency !== 'USD') return problem('currency', `in ${currency}, not USD`)

  const [intervalStart = '', intervalEnd = ''] = cell('identity_time_interval').split('/')
  const start = instantOf(cell('line_item_usage_start_date') || intervalStart)
  const end = instantOf(cell('line_item_usage_end_date') || intervalEnd)
  if (start === null || end === null) return problem('time', 'a time that is none')

  const product = cellMap(cell('product'))
  const tags = tagsOf(columns, fields, cell)
  if (product === null || tags === null) return problem('map', 'a map that cannot be read')
  return ok({
    usage_type: cell('line_item_usage_type'),
    operation: cell('line_item_operation'),
    line_item_type: cell('line_item_line_item_type'),
    product_code: cell('line_item_product_code'),
    product_name: cell('product_product_name') || (product['product_name'] ?? ''),
    description: cell('line_item_line_item_description'),
    pricing_unit: cell('pricing_unit'),
    usage_amount: usage,
    unblended_cost: unblended,
    net_unblended_cost: net === '' ? null : net,
    region: cell('product_region_code') || cell('product_region') || (product['region'] ?? ''),
    account_id: cell('line_item_usage_account_id'),
    resource_id: cell('line_item_resource_id'),
    principal: cell('line_item_iam_principal'),
    usage_start: start,
    usage_end: end,
    tags,
  })
}

/** Empty stays empty; null for what is no number. */
function amountOf(text: string): string | null {
  return text === '' ? '' : plainDecimal(text)
}

const INSTANT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(?:Z|UTC|\+00:?00)?)?$/

/** The bill's times are UTC, with or without saying so. Empty stays empty. */
export function instantOf(text: string): string | null {
  if (text === '') return ''
  const [, day, time = '00:00:00'] = INSTANT.exec(text) ?? []
  const ms = day === undefined ? NaN : Date.parse(`${day}T${time}Z`)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}

function tagsOf(
  columns: BillColumns,
  fields: readonly string[],
  cell: Cells,
): { readonly [key: string]: string } | null {
  const all = cellMap(cell('tags'))
  const resource = cellMap(cell('resource_tags'))
  if (all === null || resource === null) return null
  const named = Object.entries(resource).map(([key, value]) => [`resourceTags/${key}`, value])
  const own = columns.tags
    .map(([index, key]) => [key, fields[index] ?? ''] as const)
    .filter(([, value]) => value !== '')
  return { ...Object.fromEntries(named), ...Object.fromEntries(own), ...all }
}
