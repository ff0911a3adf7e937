// Rows of a bill that came as JSON, checked like those of a file: every field a text, amounts plain decimals, times instants.

import { instantOf } from './bill-row-of.ts'
import type { BillFault, RowProblem } from './bill-fault.ts'
import type { BillRow } from './bill-row.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { plainDecimal } from './plain-decimal.ts'

const TEXTS = [
  'usage_type',
  'operation',
  'line_item_type',
  'product_code',
  'product_name',
  'description',
  'pricing_unit',
  'region',
  'account_id',
  'resource_id',
  'principal',
] as const

/** Rows that stand, and a fault for each that does not; a field that is absent is empty, one that is unknown a fault. */
export function checkBillRows(
  items: readonly unknown[],
  onFault: (fault: BillFault) => void,
): readonly BillRow[] {
  return items.flatMap((item, row) => {
    const checked = checkRow(item)
    if (checked.ok) return [checked.value]
    onFault({ file: 'rows', row, ...checked.problem })
    return []
  })
}

const FIELDS: ReadonlySet<string> = new Set([
  ...TEXTS,
  'usage_amount',
  'unblended_cost',
  'net_unblended_cost',
  'usage_start',
  'usage_end',
  'tags',
])

function checkRow(item: unknown): Result<BillRow, RowProblem> {
  const wrong = (detail: string): Result<never, RowProblem> =>
    err({ reason: 'type', detail, usd: null })
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return wrong('no object')
  const fields = new Map<string, unknown>(Object.entries(item))
  const unknown = [...fields.keys()].find((name) => !FIELDS.has(name))
  if (unknown !== undefined) return wrong(`unknown field ${JSON.stringify(unknown)}`)
  const tags = fields.get('tags') ?? {}
  if (!isTexts(tags)) return wrong('tags is no map of texts')
  fields.delete('tags')
  const stray = [...fields].find(([, value]) => value !== null && typeof value !== 'string')
  if (stray !== undefined) return wrong(`${stray[0]} is no text`)
  const text = (name: string): string => (fields.get(name) as string | null | undefined) ?? ''

  const [usage, unblended, net] = [
    text('usage_amount'),
    text('unblended_cost'),
    text('net_unblended_cost'),
  ].map((amount) => (amount === '' ? '' : plainDecimal(amount))) as [
    string | null,
    string | null,
    string | null,
  ]
  const usd = (net === '' ? null : net) ?? (unblended === '' ? null : unblended)
  if (usage === null || unblended === null || net === null || usd === null) {
    return err({ reason: 'amount', detail: 'an amount that is no number, or no cost', usd })
  }
  const [start, end] = [instantOf(text('usage_start')), instantOf(text('usage_end'))]
  if (start === null || end === null) {
    return err({ reason: 'time', detail: 'a time that is none', usd })
  }
  const texts = Object.fromEntries(TEXTS.map((name) => [name, text(name)])) as Pick<
    BillRow,
    (typeof TEXTS)[number]
  >
  return ok({
    ...texts,
    usage_amount: usage,
    unblended_cost: unblended,
    net_unblended_cost: net === '' ? null : net,
    usage_start: start,
    usage_end: end,
    tags,
  })
}

function isTexts(value: unknown): value is { readonly [key: string]: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => typeof each === 'string')
  )
}
