// `ledgerock calls`: the ledger call by call, or as it grows.

import { setTimeout } from 'node:timers/promises'
import type { Command } from 'commander'
import { connectApi, type ApiClient, type Query } from '../api-client.ts'
import { columnsOf, formatOf, printRows, type Format, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { failed, wrongUsage } from '../command-error.ts'
import { collectCondition, wholeNumberBetween } from '../conditions.ts'
import { csvHeader, csvLine } from '../csv.ts'
import { addExamples } from '../examples.ts'
import { globalsOf } from '../global-options.ts'
import { serverEvents } from '../server-events.ts'
import { visible, type Column } from '../table.ts'

type CallsOptions = {
  readonly where?: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly limit?: number
  readonly cursor?: string
  readonly all?: true
  readonly tail?: true
}

const TABLE_COLUMNS: readonly Column[] = [
  { name: 'started_at', align: 'left' },
  { name: 'status', align: 'left' },
  { name: 'team', align: 'left' },
  { name: 'application', align: 'left' },
  { name: 'model_id', align: 'left' },
  { name: 'input_tokens', heading: 'input', align: 'right' },
  { name: 'output_tokens', heading: 'output', align: 'right' },
  { name: 'cost_usd', heading: 'cost USD', align: 'right' },
  { name: 'call_id', align: 'left' },
]

const PAGE_MAX = 1_000
const RECONNECT_PAUSE_MS = 200

export function addCalls(program: Command, context: CommandContext): void {
  const command = program
    .command('calls')
    .description('the per-request ledger, newest first')
    .option('--where <field=value,…>', 'only these; may be repeated', collectCondition)
    .option('--from <time>', 'from when: a date, a timestamp or -7d (default: start of the month)')
    .option('--to <time>', 'to when, exclusive (default: now)')
    .option('--limit <n>', 'at most so many', wholeNumberBetween(1, PAGE_MAX))
    .option('--cursor <cursor>', 'go on after an earlier page')
    .option('--all', 'every page (ndjson or csv)')
    .option('--tail', 'show calls as they arrive, until stopped')
    .action((options: CallsOptions) => calls(context, command, options))
  addExamples(
    command,
    'calls --where team=search --from -1d',
    'calls --tail --where status=refused,throttled',
    'calls --from 2026-10-01 --to 2026-11-01 --all --format csv > october.csv',
  )
}

async function calls(
  context: CommandContext,
  command: Command,
  options: CallsOptions,
): Promise<void> {
  const flags = globalsOf(command)
  const format = formatOf(context.io, flags.format)
  if (options.all === true && format !== 'ndjson' && format !== 'csv') {
    throw wrongUsage('--all needs --format ndjson or csv: there is no end to how much it may be')
  }
  const { all, tail, from, to, limit, cursor } = options
  const isPast = [all, from, to, limit, cursor].some((option) => option !== undefined)
  if (tail === true && isPast) {
    throw wrongUsage('--tail begins now: it goes with --where only')
  }
  const api = await connectApi(context, flags)
  try {
    if (tail === true) await tailCalls(context, api, format, options)
    else if (all === true) await allCalls(context, api, format, options)
    else await onePage(context, api, format, options)
  } finally {
    await api.close()
  }
}

async function onePage(
  { io }: CommandContext,
  api: ApiClient,
  format: Format,
  options: CallsOptions,
): Promise<void> {
  const { text, rows, next } = await page(api, { ...queryOf(options), cursor: options.cursor })
  await printRows(io, format, {
    text,
    rows,
    csvColumns: columnsOf(rows),
    tableColumns: TABLE_COLUMNS,
    empty: 'No calls in this time.',
  })
  if (next !== null && format === 'table') io.note(`There are more: --cursor ${next}\n`)
}

/** Streams page after page; the first page's columns are the columns. */
async function allCalls(
  { io }: CommandContext,
  api: ApiClient,
  format: Format,
  options: CallsOptions,
): Promise<void> {
  const write = rowWriter(format)
  let cursor = options.cursor
  do {
    const query = { ...queryOf(options), limit: String(options.limit ?? PAGE_MAX), cursor }
    const { rows, next } = await page(api, query)
    for (const row of rows) await io.out(write(row))
    cursor = next ?? undefined
  } while (cursor !== undefined)
}

/** A server ends a stream now and then; the next one goes on where it ended, so nothing is missed or shown twice. */
async function tailCalls(
  { io }: CommandContext,
  api: ApiClient,
  format: Format,
  options: CallsOptions,
): Promise<void> {
  const stopped = io.untilStopped()
  const write = rowWriter(format)
  let last: string | null = null
  try {
    while (!stopped.aborted) {
      const body = await api.stream('calls/stream', { where: options.where }, stopped, last)
      for await (const { event, data, id } of serverEvents(body)) {
        if (event === 'call') await io.out(write(JSON.parse(data) as Row))
        if (id !== '') last = id
      }
      await setTimeout(RECONNECT_PAUSE_MS, undefined, { signal: stopped })
    }
  } catch (error) {
    if (stopped.aborted) return
    // What undici throws where the connection breaks off in the middle.
    if (error instanceof TypeError) throw failed('the server broke off the stream')
    throw error
  }
}

function rowWriter(format: Format): (row: Row) => string {
  if (format === 'json' || format === 'ndjson') return (row) => `${JSON.stringify(row)}\n`
  if (format === 'table') return tailLine
  let columns: readonly string[] | null = null
  return (row) => {
    const header = columns === null ? csvHeader(Object.keys(row)) : ''
    columns ??= Object.keys(row)
    return header + csvLine(columns, row)
  }
}

/** Rows that arrive one by one cannot be aligned by their widest; two spaces keep them apart. */
function tailLine(row: Row): string {
  const cells = TABLE_COLUMNS.map(({ name }) => {
    const cell = row[name]
    return typeof cell === 'string' || typeof cell === 'number' ? visible(String(cell)) : '-'
  })
  return `${cells.join('  ')}\n`
}

async function page(
  api: ApiClient,
  query: Query,
): Promise<{ readonly text: string; readonly rows: readonly Row[]; readonly next: string | null }> {
  const { text, json } = await api.get('calls', query)
  const { items, next_cursor: next } = json as {
    readonly items: readonly Row[]
    readonly next_cursor: string | null
  }
  return { text, rows: items, next }
}

function queryOf({ where, from, to, limit }: CallsOptions): Query {
  return { where, from, to, limit: limit === undefined ? undefined : String(limit) }
}
