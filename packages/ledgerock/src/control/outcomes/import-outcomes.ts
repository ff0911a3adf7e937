// An import of outcomes: files of rows (CSV with a heading, or one JSON object a line), read as they come and recorded in batches. A row
// without a key of its own is known by what it says and where it stands, so the same files again change nothing.

import path from 'node:path'
import { rm } from 'node:fs/promises'
import type { BillPlace, PlacedFile } from '../../billing/bill-place.ts'
import { Fault } from '../../kernel/fault.ts'
import { formatUsd, parseUsd, picodollars } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { isoTime } from '../../kernel/time.ts'
import type { Outcome } from '../../ledger/outcome.ts'
import { parseInstant } from '../../pricing/parse-instant.ts'
import type { ImportRejection, ImportReport } from '../imports/import-bills.ts'
import { readOutcomeRows, type OutcomeRow } from './outcome-rows.ts'
import { OUTCOMES_SENT_MAX, type OutcomeService } from './outcomes.ts'

export type ImportOutcomesDeps = {
  readonly outcomes: OutcomeService
  readonly place: BillPlace
  /** A directory for what is on its way. */
  readonly stagingDirectory: string
  /** What there is to bring, before the first file is. */
  readonly onFound?: (files: number, bytes: number) => void
}

export type ImportOutcomesOrder = {
  readonly importId: string
  /** Of the import: rows without keys are told apart by it, too. */
  readonly name: string
  /** Only rows of this month; null: all. */
  readonly period: string | null
}

export const OUTCOME_FILE = /\.(?:csv|ndjson|jsonl)(?:\.gz)?$/i
/** So many faults are listed; what is beyond them is counted. */
const REJECTED_MAX = 1_000

export async function importOutcomes(
  deps: ImportOutcomesDeps,
  order: ImportOutcomesOrder,
): Promise<ImportReport> {
  const files = (await deps.place.list()).filter((file) => OUTCOME_FILE.test(file.path))
  const report = new Tally(order.importId)
  if (files.length === 0) {
    const detail = 'no .csv, .ndjson or .jsonl is here'
    report.reject({ file: deps.place.name, row: null, reason: 'no_files', detail })
  }
  deps.onFound?.(files.length, sum(files))
  const folder = path.join(deps.stagingDirectory, `${order.importId}-outcomes`)
  try {
    for (const file of files) await importFile(deps, order, file.path, folder, report)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return report.finish()
}

async function importFile(
  { outcomes, place }: ImportOutcomesDeps,
  { name, period }: ImportOutcomesOrder,
  file: string,
  folder: string,
  report: Tally,
): Promise<void> {
  const local = await place.bring(file, folder)
  let batch: OutcomeRow[] = []
  const flush = async (): Promise<void> => {
    const rows = batch
    batch = []
    const taken = await outcomes.record(
      null,
      rows.map(({ line, entry }) => ({ entry, place: [name, file, String(line)] })),
    )
    report.add(taken.accepted, taken.duplicate, taken.stands)
    for (const { index, code, message } of taken.rejected) {
      report.reject({ file, row: rows[index]?.line ?? null, reason: code, detail: message })
    }
  }
  try {
    const rows = readOutcomeRows(local, file, outcomes.unknownFields)
    for await (const row of rows) {
      if ('fault' in row) {
        report.readOne()
        report.reject({ file, row: row.line, reason: row.reason, detail: row.fault })
        continue
      }
      report.readOne()
      if (period !== null && isElsewhere(row.entry, period)) report.leaveAside()
      else batch.push(row)
      if (batch.length === OUTCOMES_SENT_MAX) await flush()
    }
  } catch (error) {
    // Faults of the ledger end the run; a file that cannot be read is told of like a row.
    if (!(error instanceof Fault) || error.code !== 'outcome_file') throw error
    report.reject({ file, row: null, reason: 'file', detail: error.message })
  }
  if (batch.length > 0) await flush()
}

/** What has no time that can be read is refused as a row, not left aside. */
function isElsewhere(entry: unknown, period: string): boolean {
  const at = (entry as { readonly at?: unknown } | null)?.at
  const instant = typeof at === 'string' ? parseInstant(at, 0) : null
  return instant !== null && instant.ok && isoTime(instant.value).slice(0, 7) !== period
}

function sum(files: readonly PlacedFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0)
}

/** What is reported, while it adds up. */
class Tally {
  readonly #importId: string
  readonly #rejected: ImportRejection[] = []
  readonly #periods = new Set<string>()
  #unlisted = 0
  #read = 0
  #accepted = 0
  #duplicate = 0
  #aside = 0
  #value = 0n

  constructor(importId: string) {
    this.#importId = importId
  }

  readOne(): void {
    this.#read += 1
  }

  leaveAside(): void {
    this.#aside += 1
  }

  reject(rejection: ImportRejection): void {
    if (this.#rejected.length < REJECTED_MAX) this.#rejected.push(rejection)
    else this.#unlisted += 1
  }

  add(accepted: number, duplicate: number, stands: readonly Outcome[]): void {
    this.#accepted += accepted
    this.#duplicate += duplicate
    for (const { at, value_usd: value } of stands) {
      this.#periods.add(at.slice(0, 7))
      if (value !== null) this.#value += mustOk(parseUsd(value))
    }
  }

  finish(): ImportReport {
    const detail = `${this.#unlisted} more rows were refused`
    const more = { file: '', row: null, reason: 'too_many', detail }
    return {
      import_id: this.#importId,
      read: this.#read,
      new: this.#accepted,
      duplicate: this.#duplicate,
      changed: 0,
      removed: 0,
      rejected: this.#unlisted === 0 ? this.#rejected : [...this.#rejected, more],
      left_aside: { rows: this.#aside, usd: '0' },
      usd: formatUsd(picodollars(this.#value)),
      periods: [...this.#periods].toSorted(),
      versions: [],
    }
  }
}
