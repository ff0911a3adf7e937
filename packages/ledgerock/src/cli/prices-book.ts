// `ledgerock prices book`: which book is in force: its version and its layers.

import type { Command } from 'commander'
import { printRows, type Row } from './answer-format.ts'
import type { CommandContext } from './cli-deps.ts'
import { addExamples } from './examples.ts'
import { renderTable, visible, type Column } from './table.ts'
import { withApi } from './with-api.ts'

type Book = {
  readonly version: string
  readonly layers: readonly Row[]
  readonly overrides: number
}

const CSV_COLUMNS = ['layer', 'version', 'source', 'date', 'rates', 'active_since', 'by'] as const
const SOURCE_CHARACTERS_MAX = 50
const TABLE_COLUMNS: readonly Column[] = [
  { name: 'layer', align: 'left' },
  { name: 'rates', align: 'right' },
  { name: 'source', align: 'left' },
  { name: 'date', heading: 'of', align: 'left' },
  { name: 'active_since', heading: 'active since', align: 'left' },
  { name: 'by', align: 'left' },
]

export function addPricesBook(prices: Command, context: CommandContext): void {
  const command = prices
    .command('book')
    .description('the book in force: its version and its layers')
    .action(() =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('prices/book')
        const { version, layers, overrides } = json as Book
        await printRows(context.io, format, {
          text,
          rows: layers,
          csvColumns: CSV_COLUMNS,
          tableColumns: TABLE_COLUMNS,
          layOut: () => {
            const head = `price book ${visible(version)}, overrides: ${overrides}\n`
            return head + renderTable(TABLE_COLUMNS, layers.map(shortened))
          },
          empty: 'The book has no layers.',
        })
      }),
    )
  addExamples(command, 'prices book', 'prices book --format json')
}

/** A layer may have many sources; the table has room for the first. */
function shortened(row: Row): Row {
  const source = typeof row['source'] === 'string' ? row['source'] : ''
  if (source.length <= SOURCE_CHARACTERS_MAX) return row
  return { ...row, source: `${source.slice(0, SOURCE_CHARACTERS_MAX - 1)}…` }
}
