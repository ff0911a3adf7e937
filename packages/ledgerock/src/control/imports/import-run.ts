// One run of an import: opens the source, brings and reads its deliveries, says how far it is while it lasts, and never throws: what goes
// wrong is how the run ends.

import { createHash } from 'node:crypto'
import type { BillPlace } from '../../billing/bill-place.ts'
import { Fault } from '../../kernel/fault.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { ExchangeRule } from '../month/exchange.ts'
import { importBills, nothingNew, type ImportReport } from './import-bills.ts'
import { importOutcomes } from '../outcomes/import-outcomes.ts'
import { openPlace, type OpenPlace } from './import-source.ts'
import type { OutcomeService } from '../outcomes/outcomes.ts'
import type { ImportEnd, ImportProgress, StoredImport } from '../store/import-table.ts'

export type ImportRunDeps = {
  readonly ledger: Pick<Ledger, 'importBill'>
  readonly outcomes: OutcomeService
  readonly stagingDirectory: string
  /** Where S3 is asked first. */
  readonly region: string
  readonly exchange: readonly ExchangeRule[]
  readonly onError: (error: unknown) => void
}

export type ImportRunOrder = Pick<
  StoredImport,
  'importId' | 'kind' | 'name' | 'period' | 'createdBy'
> & {
  /** Resolved: it was allowed before. */
  readonly source: string
  /** As reports name it. */
  readonly shown: string
  /** What lay there when it was last taken: if it is the same, nothing is brought. Null: it is taken anyway. */
  readonly seenBefore: string | null
}

export type ImportOutcome = Omit<ImportEnd, 'endedAt' | 'progress'>

export type ImportRun = {
  readonly progress: () => ImportProgress
  readonly ended: Promise<ImportOutcome>
}

export const NO_PROGRESS: ImportProgress = {
  stage: 'waiting',
  files: { done: 0, total: null },
  bytes: { done: 0, total: null },
}

export function startImportRun(deps: ImportRunDeps, order: ImportRunOrder): ImportRun {
  const progress = new RunProgress()
  return { progress: () => progress.now(), ended: outcomeOf(deps, order, progress) }
}

async function outcomeOf(
  deps: ImportRunDeps,
  order: ImportRunOrder,
  progress: RunProgress,
): Promise<ImportOutcome> {
  let open: OpenPlace | null = null
  let seen: string | null = null
  try {
    progress.looking()
    open = await openPlace(order.source, deps.region, progress.arrived)
    const place = await listedOnce(open.place, order.shown)
    seen = await fingerprint(place)
    if (seen === order.seenBefore) {
      return {
        state: 'done',
        report: nothingNew(order.importId),
        problem: null,
        seen,
        isNews: false,
      }
    }
    const report = await imported(deps, order, place, progress)
    const isRefused = isNothing(report) && report.rejected.length > 0
    const isNews = report.versions.some(({ state }) => state === 'imported') || report.new > 0
    // What was refused in part is looked at again, though nothing changes there.
    const isWhole = report.rejected.length === 0
    return {
      state: isRefused ? 'refused' : 'done',
      report,
      problem: null,
      seen: isWhole ? seen : null,
      isNews,
    }
  } catch (error) {
    deps.onError(error)
    const problem =
      error instanceof Fault ? error.message : 'an unexpected error; the server’s log has more'
    return { state: 'failed', report: null, problem, seen: null, isNews: false }
  } finally {
    open?.close()
    progress.ended()
  }
}

function imported(
  { ledger, outcomes, stagingDirectory, exchange }: ImportRunDeps,
  { importId, kind, name, period, createdBy }: ImportRunOrder,
  place: BillPlace,
  progress: RunProgress,
): Promise<ImportReport> {
  const bringing = { place: progress.within(place), stagingDirectory, onFound: progress.found }
  return kind === 'outcomes'
    ? importOutcomes({ ...bringing, outcomes }, { importId, name, period })
    : importBills(
        { ...bringing, ledger: progress.around(ledger) },
        { importId, bill: name, period, importedBy: createdBy, exchange },
      )
}

function isNothing({ versions, new: added, duplicate, left_aside: aside }: ImportReport): boolean {
  return versions.length === 0 && added + duplicate + aside.rows === 0
}

/** What is decided by a listing and what is brought is the same listing. */
async function listedOnce(place: BillPlace, shown: string): Promise<BillPlace> {
  const files = await place.list()
  return { ...place, name: shown, list: () => Promise.resolve(files) }
}

async function fingerprint(place: BillPlace): Promise<string> {
  const files = (await place.list()).map(({ path, bytes, mark = '' }) => [path, bytes, mark])
  return createHash('sha256').update(JSON.stringify(files)).digest('hex')
}

/** How far a run is, as the place and the ledger are asked. */
class RunProgress {
  #stage: ImportProgress['stage'] = 'waiting'
  #files = { done: 0, total: null as number | null }
  #bytes = { done: 0, total: null as number | null }
  /** Of the file that is on its way. */
  #arrived = 0

  now(): ImportProgress {
    const bytes = { ...this.#bytes, done: this.#bytes.done + this.#arrived }
    return { stage: this.#stage, files: { ...this.#files }, bytes }
  }

  looking(): void {
    this.#stage = 'looking'
  }

  ended(): void {
    this.#stage = 'ended'
  }

  readonly found = (files: number, bytes: number): void => {
    this.#files.total = files
    this.#bytes.total = bytes
  }

  readonly arrived = (bytes: number): void => {
    this.#arrived += bytes
  }

  within(place: BillPlace): BillPlace {
    return {
      ...place,
      bring: async (file, into) => {
        this.#stage = 'bringing'
        const sizes = await place.list()
        const local = await place.bring(file, into)
        this.#arrived = 0
        this.#files.done += 1
        this.#bytes.done += sizes.find(({ path }) => path === file)?.bytes ?? 0
        return local
      },
    }
  }

  around(ledger: ImportRunDeps['ledger']): ImportRunDeps['ledger'] {
    return {
      importBill: (order) => {
        this.#stage = 'reading'
        return ledger.importBill(order)
      },
    }
  }
}
