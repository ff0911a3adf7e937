// `ledgerock statement`: what one owner, or everybody, pays for a month: for a program, a spreadsheet or the files of finance.

import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import type { Statement } from '../../reconciliation/statement/statement.ts'
import type { StatementLine } from '../../reconciliation/statement/statement-lines.ts'
import { formatOf, printRows, type FileFormat } from '../answer-format.ts'
import { connectApi, type ApiClient } from '../api-client.ts'
import type { CommandContext } from '../cli-deps.ts'
import type { CliIo } from '../cli-io.ts'
import { CommandError, failed, wrongUsage } from '../command-error.ts'
import { readAssignments } from '../conditions.ts'
import { addExamples } from '../examples.ts'
import { globalsOf } from '../global-options.ts'
import type { Column } from '../table.ts'

type StatementOptions = {
  readonly period: string
  readonly owner?: Readonly<Record<string, string>>
  readonly out?: string
}

const LINE_COLUMNS: readonly Column[] = [
  { name: 'application', align: 'left' },
  { name: 'feature', align: 'left' },
  { name: 'workflow_id', heading: 'workflow', align: 'left' },
  { name: 'tenant_id', heading: 'tenant', align: 'left' },
  { name: 'model_id', heading: 'model', align: 'left' },
  { name: 'basis', align: 'left' },
  { name: 'metered_usd', heading: 'metered', align: 'right' },
  { name: 'billed_usd', heading: 'billed', align: 'right' },
]
/** As bytes, they would only upset a terminal. */
const BINARY: ReadonlySet<string> = new Set(['pdf', 'focus-parquet'])

export function addStatement(program: Command, context: CommandContext): void {
  const command = program
    .command('statement')
    .description('a chargeback statement: --format json, csv, html, pdf, focus or focus-parquet')
    .requiredOption('--period <month>', 'the billing month: 2026-10')
    .option('--owner <dimension=value>', 'whose; default: the whole', readAssignments)
    .option('--out <file>', 'write it there instead of to stdout')
    .action((options: StatementOptions) => statement(context, command, options))
  addExamples(
    command,
    'statement --period 2026-10',
    'statement --period 2026-10 --owner team=search --format pdf --out search.pdf',
    'statement --period 2026-10 --format focus-parquet --out focus.parquet',
  )
}

async function statement(
  context: CommandContext,
  command: Command,
  { period, owner, out }: StatementOptions,
): Promise<void> {
  const { io } = context
  const flags = globalsOf(command)
  const format = flags.format ?? (io.outIsTerminal && out === undefined ? 'table' : 'json')
  if (BINARY.has(format) && out === undefined && io.outIsTerminal) {
    throw wrongUsage(
      `${format} is not for a terminal; name a file: --out statement.${ending(format)}`,
    )
  }
  const api = await connectApi(context, flags)
  try {
    const route = `periods/${encodeURIComponent(period)}/statements`
    const whose =
      owner === undefined
        ? {}
        : { owner: Object.entries(owner).map(([name, value]) => `${name}=${value}`) }
    if (format === 'table' || format === 'ndjson') {
      if (out !== undefined) throw wrongUsage(`--out takes a file format, not ${format}`)
      return await printLines(io, api, route, whose, format)
    }
    const chunks = await api.download(route, { ...whose, format })
    if (out === undefined) return await printAll(io, chunks, format)
    await writeAll(path.resolve(io.cwd, out), chunks)
    io.note(`${out} written\n`)
  } finally {
    await api.close()
  }
}

function ending(format: string): string {
  return format === 'focus-parquet' ? 'parquet' : format
}

async function printLines(
  io: CliIo,
  api: ApiClient,
  route: string,
  whose: { readonly owner?: readonly string[] },
  asked: 'table' | 'ndjson',
): Promise<void> {
  const { text, json } = await api.get(route, whose)
  const made = json as Statement
  const lines: readonly StatementLine[] = made.lines
  await printRows(io, formatOf(io, asked), {
    text,
    rows: lines,
    csvColumns: LINE_COLUMNS.map(({ name }) => name),
    tableColumns: LINE_COLUMNS,
    empty: 'There is no use of its own.',
  })
  if (asked === 'table') io.note(summaryOf(made))
}

function summaryOf(made: Statement): string {
  const { usage_usd: usage, shared_usd: shared, adjustments_usd: adjustments } = made
  const before = made.previous_total_usd
  const lines = [
    `Own use USD ${usage}, shared costs USD ${shared}, adjustments USD ${adjustments}.`,
    `Total USD ${made.total_usd}${before === null ? '' : `; the month before USD ${before}`}.`,
    `${made.statement_id}, version ${made.version}, ${made.state}.`,
  ]
  return `${lines.join('\n')}\n`
}

async function printAll(
  io: CliIo,
  chunks: AsyncIterable<Uint8Array>,
  format: 'json' | 'csv' | FileFormat,
): Promise<void> {
  for await (const chunk of chunks) await io.out(chunk)
  if (format === 'json') await io.out('\n')
}

/** What breaks off on its way here is no fault of the file. */
async function* received(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch {
    throw failed('the answer broke off before its end; nothing was written')
  }
}

/** Under its name only when it is whole. */
async function writeAll(file: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const part = `${file}.part`
  try {
    await pipeline(Readable.from(received(chunks)), createWriteStream(part))
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true })
    if (error instanceof CommandError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (typeof code !== 'string') throw error
    throw failed(`${file} cannot be written (${code})`)
  }
}
