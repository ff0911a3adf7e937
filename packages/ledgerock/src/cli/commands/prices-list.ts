// `ledgerock prices list`: every rate of the book with the layer, source and date it has its price from.

import { SCOPES, TIERS, type Scope, type Tier } from '@ledgerock/contract'
import { Option, type Command } from 'commander'
import { LAYER_NAMES, type LayerName } from '../../pricing/rate.ts'
import type { RateRow } from '../../pricing/list-rates.ts'
import { jsonText, type Format } from '../answer-format.ts'
import type { ApiClient, Query } from '../api-client.ts'
import type { CommandContext } from '../cli-deps.ts'
import { wrongUsage } from '../command-error.ts'
import { wholeNumberBetween } from '../conditions.ts'
import { csvHeader, csvLine } from '../csv.ts'
import { addExamples } from '../examples.ts'
import {
  day,
  layOutRows,
  per,
  RATE_COLUMNS,
  RATE_FIELDS,
  rateCells,
  word,
} from './prices-layout.ts'
import type { Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type ListOptions = {
  readonly model?: string
  readonly region?: string
  readonly scope?: Scope
  readonly tier?: Tier
  readonly kind?: string
  readonly layer?: LayerName
  readonly at?: string
  readonly limit?: number
  readonly cursor?: string
  readonly all?: true
}

type Page = { readonly items: readonly RateRow[]; readonly next_cursor: string | null }

const CSV_COLUMNS = [
  'rate_id',
  'layer',
  'model_id',
  ...RATE_FIELDS,
  'price_usd',
  'per',
  'rate_usd',
  'percent',
  'account_id',
  'from',
  'to',
  'source',
  'source_date',
  'derived_by',
  'base_source',
  'base_source_date',
  'in_force',
] as const

const TABLE_COLUMNS: readonly Column[] = [
  ...RATE_COLUMNS,
  { name: 'price', heading: 'USD', align: 'right' },
  { name: 'each', heading: 'per', align: 'left' },
  { name: 'in_force_from', heading: 'from', align: 'left' },
  { name: 'in_force_to', heading: 'to', align: 'left' },
  { name: 'layer', align: 'left' },
  { name: 'source', align: 'left' },
  { name: 'source_date', heading: 'of', align: 'left' },
  { name: 'rate_id', heading: 'rate', align: 'left' },
]
const LIFTABLE = TABLE_COLUMNS.map(({ name }) => name).filter((name) => name !== 'rate_id')

const PAGE_MAX = 1_000

export function addPricesList(prices: Command, context: CommandContext): void {
  const command = prices
    .command('list')
    .description('rates with their layer, source and date')
    .option('--model <id>', 'base model id; * is any text')
    .option('--region <region>', 'what applies in this region')
    .addOption(new Option('--scope <scope>', 'only this scope').choices(SCOPES))
    .addOption(new Option('--tier <tier>', 'only this tier').choices(TIERS))
    .option('--kind <kind>', 'only this usage kind: input, cache_read …')
    .addOption(new Option('--layer <layer>', 'only this layer').choices(LAYER_NAMES))
    .option('--at <time>', 'as of that time (default: now)')
    .option('--limit <n>', 'at most so many', wholeNumberBetween(1, PAGE_MAX))
    .option('--cursor <cursor>', 'go on after an earlier page')
    .option('--all', 'every page (ndjson, csv or table)')
    .action((options: ListOptions) =>
      withApi(context, command, (api, format) => list(context, api, format, options)),
    )
  addExamples(
    command,
    'prices list --model anthropic.claude-sonnet-4-6 --region us-east-1',
    'prices list --layer override',
    'prices list --all --format csv > prices.csv',
  )
}

async function list(
  { io }: CommandContext,
  api: ApiClient,
  format: Format,
  options: ListOptions,
): Promise<void> {
  const { all, cursor, limit, ...filter } = options
  if (all === true && format === 'json') {
    throw wrongUsage('--all needs --format ndjson, csv or table; json is one page of the API')
  }
  const size = limit === undefined ? (all === true ? PAGE_MAX : undefined) : limit
  const query: Query = { ...filter, limit: size === undefined ? undefined : String(size) }
  if (format === 'json') {
    const { text } = await api.get('prices', { ...query, cursor })
    return io.out(jsonText(io, text))
  }
  if (format === 'csv') await io.out(csvHeader(CSV_COLUMNS))
  const shown: RateRow[] = []
  let next = cursor
  for (;;) {
    const { json } = await api.get('prices', { ...query, cursor: next })
    const page = json as Page
    if (format === 'table') shown.push(...page.items)
    else await io.out(page.items.map((row) => lineOf(format, row)).join(''))
    next = page.next_cursor ?? undefined
    if (all !== true || next === undefined) break
  }
  if (format !== 'table') return
  if (shown.length === 0) io.note('No rates for this question.\n')
  else await io.out(layOutRows(TABLE_COLUMNS, shown.map(tableRow), 'model_id', LIFTABLE))
  if (next !== undefined) io.note(`There are more: --cursor ${next}, or --all\n`)
}

function lineOf(format: 'ndjson' | 'csv', row: RateRow): string {
  return format === 'csv' ? csvLine(CSV_COLUMNS, row) : `${JSON.stringify(row)}\n`
}

function tableRow(row: RateRow): Readonly<Record<string, unknown>> {
  return {
    ...row,
    ...rateCells(row),
    source: row.account_id === null ? row.source : `${row.source} (${row.account_id})`,
    price: row.price_usd ?? `${word(row.percent)} %`,
    each: row.price_usd === null ? 'list price' : per(row),
    in_force_from: row.from === null ? '-' : day(row.from),
    in_force_to: row.to === null ? '-' : day(row.to),
  }
}
