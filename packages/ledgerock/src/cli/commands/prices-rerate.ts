// `ledgerock prices rerate`: past calls at the prices of the book in force. It shows what it would do before it does it.

import type { Command } from 'commander'
import { printRows, type Format, type Row } from '../answer-format.ts'
import type { ApiClient } from '../api-client.ts'
import type { CommandContext } from '../cli-deps.ts'
import { failed, wrongUsage } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { day } from './prices-layout.ts'
import { grouped, renderTable, visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type RerateOptions = {
  readonly from: string
  readonly to: string
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly reason?: string
}

type Report = {
  readonly dry_run: boolean
  readonly book_version: string
  readonly from: string
  readonly to: string
  readonly calls: number
  readonly changed: number
  readonly newly_priced: number
  readonly newly_unpriced: number
  readonly before_usd: string
  readonly after_usd: string
  readonly difference_usd: string
  readonly by: readonly (Row & { readonly difference_usd: string })[]
  readonly unpriced: readonly Row[]
  readonly kept: readonly { readonly calls: number }[]
  readonly closed: readonly {
    readonly period: string
    readonly changed: number
    readonly difference_usd: string
  }[]
}

const CSV_COLUMNS = [
  'team',
  'calls',
  'changed',
  'before_usd',
  'after_usd',
  'difference_usd',
] as const
const TABLE_COLUMNS: readonly Column[] = [
  { name: 'team', align: 'left' },
  { name: 'calls', align: 'right' },
  { name: 'changed', align: 'right' },
  { name: 'before_usd', heading: 'before USD', align: 'right' },
  { name: 'after_usd', heading: 'after USD', align: 'right' },
  { name: 'difference_usd', heading: 'difference USD', align: 'right' },
]

export function addPricesRerate(prices: Command, context: CommandContext): void {
  const command = prices
    .command('rerate')
    .description('price past calls by the book in force; shows the difference per team first')
    .requiredOption('--from <time>', 'from when: a date, a timestamp or -7d')
    .requiredOption('--to <time>', 'to when, exclusive')
    .option('--dry-run', 'only show the difference')
    .option('--yes', 'do not ask')
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((options: RerateOptions) => rerate(context, command, options))
  addExamples(
    command,
    'prices rerate --from 2026-10-01 --to 2026-11-01 --dry-run',
    'prices rerate --from 2026-10-01 --to 2026-11-01 --reason "EDP since October"',
    'prices rerate --from 2026-10-01 --to 2026-11-01 --yes --format json',
  )
}

async function rerate(
  context: CommandContext,
  command: Command,
  { from, to, dryRun = false, yes = false, reason }: RerateOptions,
): Promise<void> {
  const { io } = context
  if (!dryRun && !yes && io.confirm === null) {
    throw wrongUsage('nobody is here to be asked: give --yes, or --dry-run to only look')
  }
  await withApi(context, command, async (api, format) => {
    const preview = await ask(api, { from, to, dry_run: true })
    const { from: fromAt, to: toAt, changed, book_version: book } = preview.report
    if (dryRun || (changed === 0 && !yes)) return printReport(context, format, preview)
    io.note(reportText(preview.report))
    if (!yes) {
      const go = await io.confirm?.(`Write ${grouped(changed)} corrected calls?`)
      if (go !== true) throw failed('nothing was changed')
    }
    // The instants the preview was for: `-7d` means another time by now.
    const why = reason === undefined ? {} : { reason }
    const done = await ask(api, { from: fromAt, to: toAt, dry_run: false, ...why })
    if (done.report.book_version !== book) {
      io.note('The price book changed meanwhile; what was written is by the new one.\n')
    }
    await printReport(context, format, done)
  })
}

type Asked = { readonly text: string; readonly report: Report }

async function ask(api: ApiClient, question: Readonly<Record<string, unknown>>): Promise<Asked> {
  const { text, json } = await api.send('POST', 'prices/rerate', question)
  return { text, report: json as Report }
}

async function printReport(
  { io }: CommandContext,
  format: Format,
  { text, report }: Asked,
): Promise<void> {
  if (format === 'table') return io.out(reportText(report))
  await printRows(io, format, {
    text,
    rows: report.by,
    csvColumns: CSV_COLUMNS,
    tableColumns: TABLE_COLUMNS,
    empty: '',
  })
}

function reportText(report: Report): string {
  const { by, unpriced, closed, dry_run: isDry, newly_priced: priced } = report
  const where = `from ${day(report.from)} to ${day(report.to)}, by price book ${report.book_version}`
  const lines = [
    `${grouped(report.calls)} calls ${visible(where)}`,
    `${grouped(report.changed)} ${isDry ? 'would change' : 'changed'}: USD ${report.before_usd} → ${report.after_usd} (${signed(report.difference_usd)})`,
  ]
  if (priced > 0) lines.push(`${grouped(priced)} had no price and get one`)
  if (report.newly_unpriced > 0) {
    lines.push(`${grouped(report.newly_unpriced)} had a price and have none in this book`)
  }
  const kept = report.kept.reduce((sum, { calls }) => sum + calls, 0)
  if (kept > 0) {
    lines.push(
      `${grouped(kept)} keep their price: which of several variants they asked for is not known`,
    )
  }
  for (const { period, changed, difference_usd: difference } of closed) {
    lines.push(
      `${visible(period)} is closed and stays as it is: ${grouped(changed)} calls, ${signed(difference)} USD`,
    )
  }
  const parts = [`${lines.join('\n')}\n`]
  if (by.length > 0) {
    const rows = by.map((row) => ({
      ...row,
      difference_usd: signed(row.difference_usd),
    }))
    parts.push(renderTable(TABLE_COLUMNS, rows, totalOf(report)))
  }
  if (unpriced.length > 0) {
    const rows = unpriced.map((row) => ({
      ...row,
      model: row['model_id'] ?? row['model_requested'],
    }))
    parts.push(
      `Still without a price:\n${renderTable(
        [
          { name: 'reason', align: 'left' },
          { name: 'model', align: 'left' },
          { name: 'calls', align: 'right' },
        ],
        rows,
      )}`,
    )
  }
  return parts.join('\n')
}

function totalOf({ calls, changed, before_usd, after_usd, difference_usd }: Report): Row {
  const difference = signed(difference_usd)
  return { team: 'total', calls, changed, before_usd, after_usd, difference_usd: difference }
}

function signed(usd: string): string {
  return usd.startsWith('-') || usd === '0' ? usd : `+${usd}`
}
