// `ledgerock import KIND SOURCE`: a bill, or outcomes, from a file, a folder, a glob or S3. What lies on this machine is sent to the
// server; where no server runs it is read where it lies.

import path from 'node:path'
import type { Command } from 'commander'
import { billFolder } from '../../billing/bill-folder.ts'
import { OUTCOME_FILE } from '../../control/outcomes/import-outcomes.ts'
import { isUploadName } from '../../control/imports/import-uploads.ts'
import { IMPORT_KINDS } from '../../control/imports/import-rules.ts'
import type { ImportView } from '../../control/imports/import-view.ts'
import { Fault } from '../../kernel/fault.ts'
import type { ApiAnswer, ApiClient } from '../api-client.ts'
import type { CommandContext } from '../cli-deps.ts'
import type { CliIo } from '../cli-io.ts'
import { failed, wrongUsage } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { followImport } from './follow-import.ts'
import { withApi } from '../with-api.ts'

const KINDS_LATER = [
  'focus',
  'invocation-logs',
  'cloudtrail',
  'cloudwatch',
  'batch-output',
  'litellm',
  'portkey',
  'otel',
  'sdk',
  'api-gateway',
  'logs',
]

const FILES_OF: Readonly<Record<string, string>> = {
  cur: 'Parquet, CSV, ZIP or manifest',
  outcomes: '.csv, .ndjson or .jsonl',
}

type ImportOptions = { readonly period?: string; readonly name?: string }
type Wanted = { readonly kind: string; readonly name: string; readonly period: string | null }

export function addImport(program: Command, context: CommandContext): void {
  const command = program
    .command('import')
    .description(
      'take a bill (CUR 2.0 or the legacy report, as AWS delivers it) or outcomes (CSV, NDJSON); safe to repeat',
    )
    .argument('<kind>', `what it is: ${IMPORT_KINDS.join(', ')}`)
    .argument('<source>', 'a file, a folder, a glob in quotes, or s3://bucket/prefix')
    .option('--period <month>', 'only this month, such as 2026-10')
    .option(
      '--name <name>',
      'deliveries of a bill under one name replace each other (default: the kind)',
    )
    .action((kind: string, source: string, options: ImportOptions) =>
      importBill(context, command, kind, source, options),
    )
  addExamples(
    command,
    'import cur s3://acme-billing/exports/ledgerock',
    'import cur ./exports --period 2026-10',
    'import cur "cur2/*.csv.gz" --name second-payer',
    'import outcomes tickets.csv',
  )
}

async function importBill(
  context: CommandContext,
  command: Command,
  kind: string,
  source: string,
  { period, name = kind }: ImportOptions,
): Promise<void> {
  if (KINDS_LATER.includes(kind)) throw wrongUsage(`import ${kind}: not supported yet`)
  if (!(IMPORT_KINDS as readonly string[]).includes(kind)) {
    throw wrongUsage(`there is no kind ${kind}; it must be ${IMPORT_KINDS.join(', ')}`)
  }
  const { io } = context
  const wanted = { kind, name, period: period ?? null }
  const isS3 = /^s3:\/\//i.test(source)
  const place = isS3 ? source : path.resolve(io.cwd, source)
  await withApi(context, command, async (api, format) => {
    const isSent = !isS3 && api.kind === 'server'
    const started = isSent
      ? await sendFiles(io, api, place, wanted)
      : await api.send('POST', 'imports', { ...wanted, source: place })
    await followImport(io, api, format, started)
  })
}

type LocalFile = { readonly name: string; readonly place: string; readonly bytes: number }

async function sendFiles(
  io: CliIo,
  api: ApiClient,
  source: string,
  wanted: Wanted,
): Promise<ApiAnswer> {
  const files = await localFiles(source, wanted)
  if (files.length === 0)
    throw failed(`there is no ${FILES_OF[wanted.kind] ?? 'file'} in ${source}`)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const made = (await api.send('POST', 'imports', wanted)).json as ImportView
  const route = `imports/${encodeURIComponent(made.import_id)}`
  const bar = await io.progress('sending')
  try {
    let before = 0
    for (const { name, place, bytes } of files) {
      const to = `${route}/files/${encodeURIComponent(name)}`
      await api.sendFile(to, place, (sent) => bar.update(before + sent, total))
      before += bytes
    }
  } finally {
    bar.stop()
  }
  return api.send('POST', `${route}/run`)
}

/** Of another month's folder nothing is sent. */
async function localFiles(source: string, { kind, period }: Wanted): Promise<readonly LocalFile[]> {
  try {
    const place = await billFolder(source)
    const files = (await place.list()).filter(({ path: name }) => {
      const [, month = period] = /BILLING_PERIOD=(\d{4}-\d{2})(?=\/)/.exec(name) ?? []
      const isOfKind = kind !== 'outcomes' || OUTCOME_FILE.test(name)
      return isUploadName(name) && isOfKind && (period === null || month === period)
    })
    return await Promise.all(
      files.map(async ({ path: name, bytes }) => ({
        name,
        bytes,
        place: await place.bring(name, ''),
      })),
    )
  } catch (error) {
    throw error instanceof Fault ? failed(error.message) : error
  }
}
