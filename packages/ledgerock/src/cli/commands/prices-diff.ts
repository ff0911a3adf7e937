// `ledgerock prices diff`: where two layers of the book say something different.

import { Option, type Command } from 'commander'
import { LAYER_NAMES, type LayerName } from '../../pricing/rate.ts'
import type { RateDiff } from '../../pricing/diff-rates.ts'
import { printRows } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { layOutRows, RATE_COLUMNS, RATE_FIELDS, rateCells } from './prices-layout.ts'
import { grouped, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type DiffOptions = {
  readonly layer?: LayerName
  readonly against?: LayerName
  readonly at?: string
  readonly all?: boolean
}

const CSV_COLUMNS = [
  'change',
  'model_id',
  ...RATE_FIELDS,
  'layer',
  'price_usd',
  'against',
  'against_usd',
  'ratio',
  'rate_id',
  'against_rate_id',
  'source',
  'source_date',
] as const

const TABLE_COLUMNS: readonly Column[] = [
  { name: 'change', align: 'left' },
  ...RATE_COLUMNS,
  { name: 'price_usd', heading: 'USD', align: 'right' },
  { name: 'against_usd', heading: 'against', align: 'right' },
  { name: 'ratio', align: 'right' },
  { name: 'source', align: 'left' },
  { name: 'source_date', heading: 'of', align: 'left' },
]
const LIFTABLE = ['change', 'region', 'scope', 'tier', 'source', 'source_date']

export function addPricesDiff(prices: Command, context: CommandContext): void {
  const command = prices
    .command('diff')
    .description('where two layers differ: rates changed, added and missing')
    .addOption(new Option('--layer <layer>', 'the layer to look at').choices(LAYER_NAMES))
    .addOption(new Option('--against <layer>', 'the layer to compare with').choices(LAYER_NAMES))
    .option('--at <time>', 'as of that time (default: now)')
    .option('--all', 'in a table, also what the layer leaves to the one below')
    .action(({ layer, against, at, all = false }: DiffOptions) =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('prices/diff', { layer, against, at })
        const { items } = json as { readonly items: readonly RateDiff[] }
        // A layer need not be complete, so what it leaves out is most of the other and no news.
        const isShort = format === 'table' && !all
        const rows = isShort ? items.filter(({ change }) => change !== 'missing') : items
        await printRows(context.io, format, {
          text,
          rows,
          csvColumns: CSV_COLUMNS,
          tableColumns: TABLE_COLUMNS,
          layOut: () => layOutRows(TABLE_COLUMNS, rows.map(tableRow), 'model_id', LIFTABLE),
          empty: 'The two layers do not contradict each other.',
        })
        const left = items.length - rows.length
        if (left > 0)
          context.io.note(`${grouped(left)} rates are in the other layer only (--all)\n`)
      }),
    )
  addExamples(
    command,
    'prices diff --layer price_list --against snapshot',
    'prices diff --layer learned --against price_list --format csv > discounts.csv',
  )
}

function tableRow(row: RateDiff): Readonly<Record<string, unknown>> {
  return {
    ...row,
    ...rateCells(row),
  }
}
