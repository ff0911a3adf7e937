// How rates are laid out for a terminal. A rate is decided by a dozen words, too many for a line; so what all rows share is
// said once above them, and each model is a heading over its rows.

import { grouped, renderTable, visible, type Column } from '../table.ts'

type Fields = Readonly<Record<string, unknown>>

/** What tells one rate of a model from another, one column for each. */
export const RATE_FIELDS = [
  'region',
  'scope',
  'tier',
  'kind',
  'unit',
  'medium',
  'variant',
  'context_above',
] as const

/** The same for eyes. */
export const RATE_COLUMNS: readonly Column[] = [
  { name: 'region', align: 'left' },
  { name: 'scope', align: 'left' },
  { name: 'tier', align: 'left' },
  { name: 'sold', heading: 'kind', align: 'left' },
]

/** What stands in `RATE_COLUMNS`. */
export function rateCells(row: Fields): Fields {
  const { region, scope, tier } = row
  return { region: word(region), scope: word(scope), tier: word(tier), sold: soldAs(row) }
}

/** How many units one price buys, as people say it. */
const PER: Readonly<Record<string, string>> = {
  token: '1M tokens',
  image: 'image',
  second: 'second',
  query: 'query',
  request: 'request',
  text_unit: '1K text units',
  model_unit_hour: 'model unit hour',
  tpm_hour: '1M TPM hour',
  storage_month: 'month',
}

/** `input over 200,000`, `images 1024x1024 standard`: a kind with what else tells its rates apart. */
function soldAs(row: Fields): string {
  const { kind, medium, variant, context_above: above } = row
  const words = [word(kind)]
  if (typeof medium === 'string' && !isPlain(medium, words[0] ?? '')) words.push(medium)
  if (typeof variant === 'string') words.push(variant)
  if (typeof above === 'number' && above > 0) words.push(`over ${grouped(above)}`)
  return words.join(' ')
}

/** What the kind says already, or what almost everything is. */
function isPlain(medium: string, kind: string): boolean {
  return medium === 'text' || medium === '*' || kind.includes(medium)
}

export function per(row: Fields): string {
  const unit = word(row['unit'])
  return PER[unit] ?? unit
}

export function word(value: unknown): string {
  if (value === null || value === undefined) return '*'
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?'
}

/** A day where the instant is one: list prices change at midnight UTC. */
export function day(instant: unknown): string {
  return word(instant).replace(/T00:00:00(\.000)?Z$/, '')
}

/** Rows under a heading each time `heading` changes; columns that are the same in every row become one line above. */
export function layOutRows(
  columns: readonly Column[],
  rows: readonly Fields[],
  heading: string,
  liftable: readonly string[],
): string {
  const shared = liftable.filter(
    (name) => rows.length > 1 && rows.every((row) => row[name] === rows[0]?.[name]),
  )
  const kept = columns.filter(({ name }) => !shared.includes(name))
  const [head = '', ...lines] = renderTable(kept, rows).trimEnd().split('\n')
  const above = columns
    .filter(({ name }) => shared.includes(name))
    .map((column) => `${column.heading ?? column.name} ${word(rows[0]?.[column.name])}`)
  const out = above.length === 0 ? [] : [`all: ${visible(above.join(', '))}`]
  out.push(`  ${head}`)
  let last: unknown
  for (const [index, line] of lines.entries()) {
    const group = rows[index]?.[heading]
    if (group !== last) out.push(visible(word(group)))
    last = group
    out.push(`  ${line}`)
  }
  return `${out.join('\n')}\n`
}
