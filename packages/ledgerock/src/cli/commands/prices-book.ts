// `ledgerock prices book`: which book is in force: its version, its layers, and the documents they were put together from, with the
// ids by which one can be withdrawn.

import type { Command } from 'commander'
import { printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { renderTable, visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type Layer = Row & {
  readonly documents?: readonly (Row & { readonly document_id: string })[]
}
type Book = {
  readonly version: string
  readonly layers: readonly Layer[]
  readonly overrides: number
}

const CSV_COLUMNS = [
  'layer',
  'version',
  'source',
  'date',
  'rates',
  'active_since',
  'by',
  'documents',
] as const
const SOURCE_CHARACTERS_MAX = 50
const TABLE_COLUMNS: readonly Column[] = [
  { name: 'layer', align: 'left' },
  { name: 'rates', align: 'right' },
  { name: 'source', align: 'left' },
  { name: 'date', heading: 'of', align: 'left' },
  { name: 'active_since', heading: 'active since', align: 'left' },
  { name: 'by', align: 'left' },
]

const DOCUMENT_COLUMNS: readonly Column[] = [
  { name: 'document_id', heading: 'document', align: 'left' },
  { name: 'layer', align: 'left' },
  { name: 'period', align: 'left' },
  { name: 'published_at', heading: 'published', align: 'left' },
  { name: 'active_since', heading: 'active since', align: 'left' },
  { name: 'by', align: 'left' },
]

export function addPricesBook(prices: Command, context: CommandContext): void {
  const command = prices
    .command('book')
    .description('the book in force: its version, its layers and their documents')
    .action(() =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('prices/book')
        const { version, layers, overrides } = json as Book
        await printRows(context.io, format, {
          text,
          rows: format === 'csv' ? layers.map(csvRow) : layers,
          csvColumns: CSV_COLUMNS,
          tableColumns: TABLE_COLUMNS,
          layOut: () => {
            const head = `price book ${visible(version)}, overrides: ${overrides}\n`
            return head + renderTable(TABLE_COLUMNS, layers.map(shortened)) + documentsOf(layers)
          },
          empty: 'The book has no layers.',
        })
      }),
    )
  addExamples(command, 'prices book', 'prices book --format json')
}

/** What can be withdrawn; nothing where only the shipped prices are in force. */
function documentsOf(layers: readonly Layer[]): string {
  const rows = layers.flatMap(({ layer, documents = [] }) => {
    return documents.map((document) => ({ ...document, layer }))
  })
  return rows.length === 0 ? '' : `\n${renderTable(DOCUMENT_COLUMNS, rows)}`
}

function csvRow(layer: Layer): Row {
  const ids = (layer.documents ?? []).map(({ document_id: id }) => id)
  return { ...layer, documents: ids.join(' ') }
}

/** A layer may have many sources; the table has room for the first. */
function shortened(row: Row): Row {
  const source = typeof row['source'] === 'string' ? row['source'] : ''
  if (source.length <= SOURCE_CHARACTERS_MAX) return row
  return { ...row, source: `${source.slice(0, SOURCE_CHARACTERS_MAX - 1)}…` }
}
