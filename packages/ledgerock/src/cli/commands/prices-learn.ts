// `ledgerock prices learn|learned|accept`: what the bill says a unit really costs. Learning proposes; nothing is in force until
// somebody accepts it.

import type { Command } from 'commander'
import type { LearnedProposal, LearnedRate } from '../../pricing/learning/learned-proposal.ts'
import { columnsOf, printOne, printRows, type Format, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import type { CliIo } from '../cli-io.ts'
import { addExamples } from '../examples.ts'
import { noteMissing } from '../note-missing.ts'
import { readBill } from './prices-bill.ts'
import { uploadWithBar } from './prices-files.ts'
import { layOutRows, per, RATE_COLUMNS, RATE_FIELDS, rateCells } from './prices-layout.ts'
import { grouped, renderTable, visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type Accepted = {
  readonly period: string
  readonly book_version: string
  readonly changed: Readonly<Record<'added' | 'changed' | 'removed', number>>
}

type LearnOptions = { readonly period: string; readonly bill: readonly string[] }

const CSV_COLUMNS = [
  'model_id',
  ...RATE_FIELDS,
  'price_usd',
  'per',
  'price_basis',
  'list_usd',
  'ratio',
  'lines',
  'usd',
  'quantity',
  'cost_basis',
  'lowest_usd',
  'highest_usd',
  'consistent',
  'offered',
  'withheld',
  'list_rate_id',
  'list_layer',
  'usage_types',
] as const satisfies readonly (keyof LearnedRate)[]

const TABLE_COLUMNS: readonly Column[] = [
  ...RATE_COLUMNS,
  { name: 'price_usd', heading: 'learned USD', align: 'right' },
  { name: 'list_usd', heading: 'list', align: 'right' },
  { name: 'each', heading: 'per', align: 'left' },
  { name: 'lines', align: 'right' },
  { name: 'usd', heading: 'billed USD', align: 'right' },
  { name: 'note', heading: 'remark', align: 'left' },
  { name: 'learned_from', heading: 'usage types', align: 'left' },
]
const LIFTABLE = ['region', 'scope', 'tier', 'each']

const LEARNED_COLUMNS: readonly Column[] = [
  { name: 'period', align: 'left' },
  { name: 'state', align: 'left' },
  { name: 'rates', align: 'right' },
  { name: 'lines', align: 'right' },
  { name: 'usd', heading: 'billed USD', align: 'right' },
  { name: 'created_at', heading: 'learned', align: 'left' },
  { name: 'created_by', heading: 'by', align: 'left' },
  { name: 'decided_at', heading: 'decided', align: 'left' },
  { name: 'decided_by', heading: 'by whom', align: 'left' },
  { name: 'document_id', heading: 'document', align: 'left' },
]

export function addPricesLearn(prices: Command, context: CommandContext): void {
  addLearn(prices, context)
  addLearned(prices, context)
  addAccept(prices, context)
}

function addLearn(prices: Command, context: CommandContext): void {
  const command = prices
    .command('learn')
    .description('propose the rates a month of the bill shows, with what supports each')
    .requiredOption('--period <month>', 'the billing month: 2026-10')
    .requiredOption('--bill <files...>', 'cost and usage report as CSV, .gz too')
    .action(({ period, bill }: LearnOptions) => learn(context, command, period, bill))
  addExamples(
    command,
    'prices learn --period 2026-10 --bill cur-2026-10.csv.gz',
    'prices learn --period 2026-10 --bill part-1.csv.gz part-2.csv.gz --format csv > learned.csv',
  )
}

async function learn(
  context: CommandContext,
  command: Command,
  period: string,
  files: readonly string[],
): Promise<void> {
  const { io } = context
  const rows = await readBill(io, files)
  await withApi(context, command, async (api, format) => {
    const bytes = Buffer.from(JSON.stringify({ period, rows }))
    const body = { type: 'application/json', bytes }
    const answer = await uploadWithBar(io, api, 'prices/learn', {}, body)
    await printProposal(io, format, answer)
    const { rates } = answer.json as LearnedProposal
    const offered = rates.filter((rate) => rate.offered).length
    io.note(
      offered === 0
        ? 'None of these can be accepted.\n'
        : `${offered} of ${rates.length} rates are proposed and not in force: "ledgerock prices accept ${period}".\n`,
    )
  })
}

async function printProposal(
  io: CliIo,
  format: Format,
  { text, json }: { readonly text: string; readonly json: unknown },
): Promise<void> {
  const proposal = json as LearnedProposal
  await printRows(io, format, {
    text,
    rows: format === 'csv' ? proposal.rates.map(csvRow) : proposal.rates,
    csvColumns: CSV_COLUMNS,
    tableColumns: TABLE_COLUMNS,
    layOut: () => layOutRows(TABLE_COLUMNS, proposal.rates.map(tableRow), 'model_id', LIFTABLE),
    empty: `No line of the bill shows a rate in ${proposal.period}.`,
  })
  if (format === 'table') io.note(restOf(proposal))
}

/** What taught nothing, so that the dollars above and these are the whole bill. */
function restOf({ unread, apart, total }: LearnedProposal): string {
  const lines = [`${grouped(total.lines)} lines read, USD ${total.usd}.`]
  if (unread.length > 0) {
    const table = renderTable(
      [
        { name: 'reason', align: 'left' },
        { name: 'usage_type', heading: 'usage type', align: 'left' },
        { name: 'lines', align: 'right' },
        { name: 'usd', heading: 'USD', align: 'right' },
      ],
      unread,
    )
    lines.push('No rate was learned from:', table.trimEnd())
  }
  if (apart.length > 0) {
    const kinds = apart.map(({ line_item_type: type, usd }) => `${visible(type)} USD ${usd}`)
    lines.push(`Left apart: ${kinds.join(', ')}.`)
  }
  return `${lines.join('\n')}\n`
}

function tableRow(rate: LearnedRate): Readonly<Record<string, unknown>> {
  const remarks = [
    rate.withheld === null ? null : `withheld: ${rate.withheld}`,
    rate.ratio === null ? null : `× ${rate.ratio}`,
    rate.price_basis === 'rounded' ? 'rounded' : null,
    rate.cost_basis === 'net' ? 'net' : null,
  ]
  return {
    ...rate,
    ...rateCells(rate),
    scope: rate.scopes.join(', '),
    each: per(rate),
    note: remarks.filter((remark) => remark !== null).join(', '),
    learned_from: learnedFrom(rate),
  }
}

/** A list has no place in a cell; each usage type is named with what it supports the rate by. */
function csvRow(rate: LearnedRate): Row {
  const supports = rate.usage_types.map(({ usage_type: type, lines, usd }) => {
    return `${type} (${lines} lines, USD ${usd})`
  })
  return { ...rate, usage_types: supports.join('; ') }
}

/** One is what the row's own figures are of; several share them. */
function learnedFrom({ usage_types: types }: LearnedRate): string {
  if (types.length === 1) return types[0]?.usage_type ?? ''
  return types.map(({ usage_type: type, lines }) => `${type} (${grouped(lines)})`).join(', ')
}

function addLearned(prices: Command, context: CommandContext): void {
  const command = prices
    .command('learned')
    .description('what was learned and accepted: month by month, or one month with its support')
    .argument('[period]', 'the billing month: 2026-10')
    .action((period: string | undefined) =>
      withApi(context, command, async (api, format) => {
        if (period !== undefined) {
          const route = `prices/learned/${encodeURIComponent(period)}`
          return printProposal(context.io, format, await api.get(route))
        }
        const { text, json } = await api.get('prices/learned')
        const { items } = json as { readonly items: readonly Row[] }
        await printRows(context.io, format, {
          text,
          rows: items,
          csvColumns: columnsOf(items),
          tableColumns: LEARNED_COLUMNS,
          empty: 'Nothing was learned yet.',
        })
      }),
    )
  addExamples(command, 'prices learned', 'prices learned 2026-10 --format csv')
}

function addAccept(prices: Command, context: CommandContext): void {
  const command = prices
    .command('accept')
    .description('put the learned rates of a month in force, as a layer above the price list')
    .argument('<period>', 'the billing month: 2026-10')
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((period: string, { reason }: { readonly reason?: string }) =>
      withApi(context, command, async (api, format) => {
        const route = `prices/learned/${encodeURIComponent(period)}/accept`
        const answer = await api.send('POST', route, reason === undefined ? {} : { reason })
        await printOne(context.io, format, answer, () => acceptedText(answer.json as Accepted))
        noteMissing(context, answer.json)
      }),
    )
  addExamples(
    command,
    'prices accept 2026-10',
    'prices accept 2026-10 --reason "agreed with finance"',
  )
}

function acceptedText({ period, book_version: version, changed }: Accepted): string {
  const { added, changed: different, removed } = changed
  return (
    `The rates of ${visible(period)} are in force by price book ${visible(version)}: ` +
    `added ${grouped(added)}, changed ${grouped(different)}, removed ${grouped(removed)}.\n` +
    'Calls already made keep their price until "ledgerock prices rerate".\n'
  )
}
