// `ledgerock export parquet`: calls, allocation, statements and FOCUS rows as partitioned files that a warehouse reads.

import path from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { s3Target } from '../../aws/s3-target.ts'
import { monthBounds } from '../../reconciliation/focus/focus-period.ts'
import { isoTime, MS_PER_DAY } from '../../kernel/time.ts'
import { folderTarget, type ExportTarget } from '../../platform/export-target.ts'
import { printRows } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { wrongUsage } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { exportParquet } from './export-parquet.ts'
import { withApi } from '../with-api.ts'

type ExportOptions = { readonly to: readonly string[]; readonly from?: string }

/** A month is its first day. */
const DAY = /^(\d{4})-(0[1-9]|1[0-2])(?:-(\d\d))?$/
const DAYS_MAX = 1_100
const REGION = 'us-east-1'
/** Where a folder's files will lie is not known here. */
const PLACEHOLDER = 's3://your-bucket/your-prefix'

export function addExport(program: Command, context: CommandContext): void {
  const family = program.command('export').description('data for other tools')
  addExamples(family, 'export parquet --to s3://analytics/ledgerock --from 2026-10')
  const command = family
    .command('parquet')
    .description('calls, allocation, statements and FOCUS rows, partitioned for Athena')
    .requiredOption(
      '--to <place>',
      'a folder or s3://bucket/prefix; a second one, a date: until when',
      collected,
    )
    .option('--from <date>', 'from which day, UTC (default: start of the month)', day)
    .action((options: ExportOptions) => run(context, command, options))
  addExamples(
    command,
    'export parquet --to s3://analytics/ledgerock --from 2026-10-01 --to 2026-11-01',
    'export parquet --to ./export --from 2026-10',
  )
}

async function run(
  context: CommandContext,
  command: Command,
  { to, from }: ExportOptions,
): Promise<void> {
  const { io } = context
  const places = to.filter((text) => !DAY.test(text))
  const ends = to.filter((text) => DAY.test(text))
  const [place] = places
  if (place === undefined || places.length > 1 || ends.length > 1)
    throw wrongUsage('--to names one folder or s3:// prefix, and may name one date: until when')
  const [end] = ends
  const toMs = end === undefined ? nextDay(io.now()) : dayMs(end)
  const fromMs =
    from === undefined ? monthBounds(isoTime(toMs - 1).slice(0, 7)).fromMs : dayMs(from)
  if (fromMs >= toMs) throw wrongUsage('--from must lie before the date of --to')
  if (toMs - fromMs > DAYS_MAX * MS_PER_DAY)
    throw wrongUsage(`one export holds at most ${DAYS_MAX} days`)
  const target = targetOf(place, context)
  const location = place.startsWith('s3://') ? place.replace(/\/+$/, '') : PLACEHOLDER
  try {
    await withApi(context, command, async (api, format) => {
      const report = await exportParquet(api, target, { fromMs, toMs, location })
      await printRows(io, format, {
        text: JSON.stringify(report),
        rows: report.files,
        csvColumns: ['file', 'rows', 'bytes'],
        tableColumns: [
          { name: 'file', align: 'left' },
          { name: 'rows', align: 'right' },
          { name: 'bytes', align: 'right' },
        ],
        empty: 'Nothing to export in this time.',
      })
      for (const period of report.without_bill)
        io.note(`There is no bill of ${period}: its calls are exported, its allocation is not.\n`)
    })
  } finally {
    target.close()
  }
}

function targetOf(place: string, { io }: CommandContext): ExportTarget {
  if (!place.startsWith('s3://')) return folderTarget(path.resolve(io.cwd, place))
  const { AWS_REGION: region = REGION, AWS_ENDPOINT_URL_S3: endpoint } = io.env
  return s3Target(place, { region, ...(endpoint === undefined ? {} : { endpoint }) })
}

function collected(text: string, earlier: readonly string[] = []): readonly string[] {
  if (DAY.test(text)) day(text)
  return [...earlier, text]
}

function day(text: string): string {
  if (!DAY.test(text) || Number.isNaN(dayMs(text)))
    throw new InvalidArgumentError('It must be a day such as 2026-10-01, or a month.')
  return text
}

function dayMs(text: string): number {
  return Date.parse(`${text.length === 7 ? `${text}-01` : text}T00:00:00Z`)
}

function nextDay(ms: number): number {
  return Math.floor(ms / MS_PER_DAY) * MS_PER_DAY + MS_PER_DAY
}
