// A run of an import followed to its end, with a bar meanwhile, and what became of it: the report to stdout, what a person must look
// at to stderr, and whether it failed.

import { setTimeout as pause } from 'node:timers/promises'
import type { ImportReport, ImportedVersion } from '../../control/imports/import-bills.ts'
import type { ImportView } from '../../control/imports/import-view.ts'
import { printOne, type Format } from '../answer-format.ts'
import type { ApiAnswer, ApiClient } from '../api-client.ts'
import type { CliIo } from '../cli-io.ts'
import { failed } from '../command-error.ts'
import { grouped, visible } from '../table.ts'

const POLL_EVERY_MS = 200
/** More than this and a screen is full. */
const REASONS_SHOWN_MAX = 20

export async function followImport(
  io: CliIo,
  api: ApiClient,
  format: Format,
  started: ApiAnswer,
): Promise<void> {
  const ended = await waitFor(io, api, started.json as ImportView)
  const { report, problem, state, name } = ended
  if (report === null) throw failed(`${visible(name)}: ${visible(problem ?? state)}`)
  const answer = { text: JSON.stringify(report), json: report }
  await printOne(io, format, answer, () => layOut(ended, report))
  const reasons = rejections(report)
  if (state !== 'done') throw failed('nothing was imported:', ...reasons)
  if (reasons.length > 0) io.note(`Not imported:\n${reasons.join('\n')}\n`)
  for (const version of report.versions) for (const line of warnings(version)) io.note(`${line}\n`)
}

async function waitFor(io: CliIo, api: ApiClient, started: ImportView): Promise<ImportView> {
  const route = `imports/${encodeURIComponent(started.import_id)}`
  const bar = await io.progress('importing')
  try {
    for (let view = started; ; view = (await api.get(route)).json as ImportView) {
      if (view.state !== 'running') return view
      const { stage, bytes } = view.progress
      bar.update(bytes.done, bytes.total, stage)
      await pause(POLL_EVERY_MS)
    }
  } finally {
    bar.stop()
  }
}

function layOut({ name, kind, import_id: id }: ImportView, report: ImportReport): string {
  if (kind === 'outcomes') return `${outcomesTaken(name, report)}\nimport ${visible(id)}\n`
  const { read, new: added, duplicate, changed, removed, left_aside: aside, usd } = report
  const lines = report.versions.map(
    ({ period, version, state, usd: billed, rows }) =>
      `${visible(name)} ${visible(period)}: version ${version}, ${grouped(rows)} rows of Bedrock, ${visible(billed)} USD` +
      (state === 'unchanged' ? ' (as it was)' : ''),
  )
  if (report.versions.length === 0 && report.rejected.length === 0) {
    lines.push(`${visible(name)}: nothing has changed there`)
  }
  if (report.versions.length > 0) {
    lines.push(
      `read ${grouped(read)}, new ${grouped(added)}, the same ${grouped(duplicate)}, changed ${grouped(changed)}, removed ${grouped(removed)}`,
      `together ${visible(usd)} USD; left aside ${grouped(aside.rows)} rows of other services, ${visible(aside.usd)} USD`,
    )
  }
  return `${[...lines, `import ${visible(id)}`].join('\n')}\n`
}

function outcomesTaken(name: string, report: ImportReport): string {
  const { read, new: added, duplicate, left_aside: aside, usd } = report
  const worth = usd === '0' ? '' : `, worth ${visible(usd)} USD together`
  const elsewhere = aside.rows === 0 ? '' : `, ${grouped(aside.rows)} of other months left aside`
  return (
    `${visible(name)}: read ${grouped(read)}, new ${grouped(added)}, ` +
    `there already ${grouped(duplicate)}${elsewhere}${worth}`
  )
}

function rejections({ rejected }: ImportReport): readonly string[] {
  const shown = rejected
    .slice(0, REASONS_SHOWN_MAX)
    .map(({ file, row, reason, detail }) =>
      visible(`  ${file}${row === null ? '' : `, row ${row}`}: ${detail} (${reason})`),
    )
  const more = rejected.length - shown.length
  return more > 0 ? [...shown, `  and ${grouped(more)} more`] : shown
}

function warnings({
  period,
  unmapped,
  rate_mismatches: rates,
}: ImportedVersion): readonly string[] {
  const lines: string[] = []
  if (unmapped.rows > 0) {
    lines.push(
      `${period}: ${grouped(unmapped.rows)} rows, ${unmapped.usd} USD, have a usage type that could not be read; they are in every total`,
    )
  }
  if (rates.rows > 0) {
    lines.push(
      `${period}: of ${grouped(rates.rows)} rows, ${rates.usd} USD, amount × rate is not the cost`,
    )
  }
  return lines.map(visible)
}
