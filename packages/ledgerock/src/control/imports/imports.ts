// Imports: of a place the configuration allows, of files somebody sends, and again and again of what the configuration names. A name
// runs once at a time, on whichever node; the store decides, so that two clicks, two nodes or a click and the clock are one run.

import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { uuidV7 } from '../../kernel/ids.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, MS_PER_DAY, MS_PER_MINUTE, type Clock } from '../../kernel/time.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Actor } from '../people/actor.ts'
import { billProblem, type BillProblem } from '../month/bill-problem.ts'
import {
  alreadyRuns,
  died,
  importUnknown,
  refusedFile,
  uploadFault,
  wantedFault,
} from './import-faults.ts'
import { NO_PROGRESS, startImportRun, type ImportRun } from './import-run.ts'
import { allowedSource } from './import-source.ts'
import { createImportUploads, type ImportUploads, type UploadedFile } from './import-uploads.ts'
import { importView, lastView, type ImportView, type RecurringView } from './import-view.ts'
import type { OutcomeService } from '../outcomes/outcomes.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { ImportFilter, StoredImport } from '../store/import-table.ts'
import type { ImportRules, NewImport, RecurringImport } from './import-rules.ts'

export type ImportService = {
  readonly page: (filter: ImportFilter) => Promise<readonly ImportView[]>
  readonly find: (importId: string) => Promise<Result<ImportView, BillProblem>>
  /** With a source it runs at once; without one it takes files until it is run. */
  readonly create: (
    actor: Pick<Actor, 'name' | 'by'>,
    wanted: NewImport,
  ) => Promise<Result<ImportView, BillProblem>>
  readonly put: (
    importId: string,
    name: string,
    body: ReadableStream<Uint8Array> | null,
  ) => Promise<Result<UploadedFile, BillProblem>>
  readonly run: (actor: string, importId: string) => Promise<Result<ImportView, BillProblem>>
  readonly recurring: () => Promise<readonly RecurringView[]>
  readonly runName: (actor: string, name: string) => Promise<Result<ImportView, BillProblem>>
  /** Before anything else: ends what died with the last process of this node, and its files. */
  readonly recover: () => Promise<void>
  /** Runs what is due, and forgets uploads nobody finishes. */
  readonly tick: () => Promise<void>
  /** When none runs any more in this process. */
  readonly idle: () => Promise<void>
}

export type ImportServiceDeps = {
  readonly store: ControlStore
  readonly ledger: Pick<Ledger, 'importBill'>
  readonly outcomes: OutcomeService
  readonly clock: Pick<Clock, 'now'>
  readonly random: (bytes: number) => Uint8Array
  readonly nodeId: string
  /** This node's own; emptied at start. The ledger's process reads it too. */
  readonly directory: string
  readonly rules: () => ImportRules
  /** Where S3 is asked first. */
  readonly region: () => string
  /** Periods that have another bill in force than before. */
  readonly onImported: (periods: readonly string[]) => Promise<void>
  readonly onError: (error: unknown) => void
}

/** In the place of a person's name. */
export const SCHEDULE = 'schedule'

const ID_BYTES = 10
const BEAT_EVERY_MS = 2_000
/** A run that was silent for so long has no process any more. */
const SILENT_MS = 2 * MS_PER_MINUTE
const UPLOAD_MS_MAX = MS_PER_DAY

export function createImportService(deps: ImportServiceDeps): ImportService {
  const desk = new ImportDesk(deps)
  return {
    page: (filter) => desk.page(filter),
    find: (importId) => desk.find(importId),
    create: (actor, wanted) => desk.create(actor, wanted),
    put: (importId, name, body) => desk.put(importId, name, body),
    run: (actor, importId) => desk.run(actor, importId),
    recurring: () => desk.recurring(),
    runName: (actor, name) => desk.runName(actor, name),
    recover: () => desk.recover(),
    tick: () => desk.tick(),
    idle: () => desk.idle(),
  }
}

class ImportDesk implements ImportService {
  readonly #deps: ImportServiceDeps
  readonly #stagingDirectory: string
  readonly #uploads: ImportUploads
  readonly #running = new Map<string, ImportRun>()
  readonly #ends = new Set<Promise<void>>()

  constructor(deps: ImportServiceDeps) {
    this.#deps = deps
    this.#stagingDirectory = path.join(deps.directory, 'runs')
    this.#uploads = createImportUploads({
      directory: path.join(deps.directory, 'uploads'),
      bytesMax: () => deps.rules().uploadBytesMax,
    })
  }

  #now(): string {
    return isoTime(this.#deps.clock.now())
  }

  #newRow(by: string, wanted: NewImport, state: 'open' | 'running'): StoredImport {
    return {
      importId: uuidV7(this.#deps.clock.now(), this.#deps.random(ID_BYTES)),
      ...wanted,
      state,
      nodeId: this.#deps.nodeId,
      beatAt: this.#now(),
      progress: NO_PROGRESS,
      report: null,
      problem: null,
      seen: null,
      isNews: false,
      createdAt: this.#now(),
      createdBy: by,
      endedAt: null,
    }
  }

  /** The row runs, if nothing else of its name does; `isDue` is asked again where nobody can come between. */
  async #claim(
    by: string,
    row: StoredImport,
    isNew: boolean,
    isDue: (last: StoredImport | null) => boolean,
  ): Promise<Result<StoredImport, BillProblem>> {
    return this.#deps.store.write(async ({ imports, audit }) => {
      for (const other of await imports.inState('running')) {
        // One node at a time gives bills to a ledger that nodes share; within a node the ledger's process sees to that.
        if (other.name !== row.name && other.nodeId === row.nodeId) continue
        if (Date.parse(other.beatAt) >= this.#deps.clock.now() - SILENT_MS) {
          return err(alreadyRuns(other))
        }
        await imports.end(other.importId, died(other, this.#now()))
      }
      const [last = null] = await imports.page({ ...LAST, name: row.name })
      if (!isDue(last)) return err(alreadyRuns(row))
      if (isNew) await imports.insert(row)
      else if ((await imports.find(row.importId))?.state !== 'open') return err(alreadyRuns(row))
      else await imports.begin(row.importId, this.#now())
      if (by !== SCHEDULE) {
        const { importId: id, kind, source, period } = row
        const after = { import_id: id, kind, source: source ?? 'upload', period }
        await audit.append({
          actor: by,
          action: 'import.run',
          subject: row.name,
          before: null,
          after,
        })
      }
      return ok({ ...row, state: 'running' as const })
    })
  }

  #start(row: StoredImport, source: string, seenBefore: string | null): ImportView {
    const { importId, kind, name, period, createdBy } = row
    const shown = row.source ?? 'upload'
    const order = { importId, kind, name, period, createdBy, source, shown, seenBefore }
    const { ledger, outcomes, onError } = this.#deps
    const region = this.#deps.region()
    const { exchange } = this.#deps.rules()
    const run = startImportRun(
      { ledger, outcomes, stagingDirectory: this.#stagingDirectory, region, exchange, onError },
      order,
    )
    this.#running.set(importId, run)
    const beats = setInterval(() => {
      const beat = this.#deps.store.write(({ imports }) =>
        imports.beat(importId, this.#now(), run.progress()),
      )
      beat.catch(this.#deps.onError)
    }, BEAT_EVERY_MS)
    const end = this.#finish(row, run)
      .catch(this.#deps.onError)
      .finally(() => {
        clearInterval(beats)
        this.#running.delete(importId)
        this.#ends.delete(end)
      })
    this.#ends.add(end)
    return importView(row, run.progress())
  }

  async #finish(row: StoredImport, run: ImportRun): Promise<void> {
    const outcome = await run.ended
    const { importId, name, createdBy } = row
    const periods = (outcome.report?.versions ?? [])
      .filter(({ state }) => state === 'imported')
      .map(({ period }) => period)
    if (outcome.isNews)
      await this.#deps.onImported([...new Set(periods)].toSorted()).catch(this.#deps.onError)
    if (row.source === null) await this.#uploads.drop(importId).catch(this.#deps.onError)
    await this.#deps.store.write(async ({ imports, audit }) => {
      await imports.end(importId, { ...outcome, progress: run.progress(), endedAt: this.#now() })
      if (createdBy === SCHEDULE) {
        const isIdle = outcome.state === 'done' && !outcome.isNews
        if (isIdle) await imports.forgetIdle(name, SCHEDULE, importId)
      }
      if (!outcome.isNews) return
      const versions = (outcome.report?.versions ?? []).map(({ period, version, usd }) => ({
        period,
        version,
        usd,
      }))
      const after = { import_id: importId, versions }
      const entry = { actor: createdBy, action: 'import.done', subject: name, before: null, after }
      await audit.append(entry)
    })
  }

  async #runRecurring(
    by: string,
    wanted: RecurringImport,
    isDue: (last: StoredImport | null) => boolean,
  ): Promise<Result<ImportView, BillProblem>> {
    const { name, kind, from } = wanted
    const row = this.#newRow(by, { name, kind, period: null, source: from }, 'running')
    const claimed = await this.#claim(by, row, true, isDue)
    if (!claimed.ok) return claimed
    const seenBefore = by === SCHEDULE ? await this.#seenLast(name, from) : null
    return ok(this.#start(claimed.value, from, seenBefore))
  }

  /** What was there when it was last taken as a whole. */
  async #seenLast(name: string, source: string): Promise<string | null> {
    const filter = { name, state: 'done' as const, before: null, limit: 1 }
    const [last] = await this.#deps.store.read.imports.page(filter)
    return last?.source === source ? last.seen : null
  }

  async page(filter: ImportFilter): Promise<readonly ImportView[]> {
    const rows = await this.#deps.store.read.imports.page(filter)
    return rows.map((row) => importView(row, this.#running.get(row.importId)?.progress()))
  }

  async find(importId: string): Promise<Result<ImportView, BillProblem>> {
    const row = await this.#deps.store.read.imports.find(importId)
    if (row === null) return err(importUnknown(importId))
    return ok(importView(row, this.#running.get(importId)?.progress()))
  }

  async create(
    { name: by, by: how }: Pick<Actor, 'name' | 'by'>,
    wanted: NewImport,
  ): Promise<Result<ImportView, BillProblem>> {
    const fault = wantedFault(wanted)
    if (fault !== null) return err(fault)
    if (wanted.source === null) {
      const row = this.#newRow(by, wanted, 'open')
      await this.#uploads.open(row.importId)
      await this.#deps.store.write(({ imports }) => imports.insert(row))
      return ok(importView(row))
    }
    const { roots, imports } = this.#deps.rules()
    const declared = imports.map(({ from }) => from)
    const isAnything = how === 'in-process'
    const allowed = await allowedSource(wanted.source, { roots, declared, isAnything })
    if (!allowed.ok) return err(billProblem('source_refused', allowed.problem))
    const claimed = await this.#claim(by, this.#newRow(by, wanted, 'running'), true, always)
    return claimed.ok ? ok(this.#start(claimed.value, allowed.value, null)) : claimed
  }

  async put(
    importId: string,
    name: string,
    body: ReadableStream<Uint8Array> | null,
  ): Promise<Result<UploadedFile, BillProblem>> {
    const row = await this.#deps.store.read.imports.find(importId)
    const fault = uploadFault(row, importId, this.#deps.nodeId)
    if (fault !== null) return err(fault)
    const put = await this.#uploads.put(importId, name, body)
    return put.ok ? put : err(refusedFile(name, put.problem, this.#deps.rules().uploadBytesMax))
  }

  async run(actor: string, importId: string): Promise<Result<ImportView, BillProblem>> {
    const row = await this.#deps.store.read.imports.find(importId)
    const fault = uploadFault(row, importId, this.#deps.nodeId)
    if (fault !== null || row === null) return err(fault ?? importUnknown(importId))
    const claimed = await this.#claim(actor, row, false, always)
    return claimed.ok
      ? ok(this.#start(claimed.value, this.#uploads.folder(importId), null))
      : claimed
  }

  async recurring(): Promise<readonly RecurringView[]> {
    return Promise.all(
      this.#deps.rules().imports.map(async ({ name, kind, from, everyMs }) => {
        const [last] = await this.#deps.store.read.imports.page({ ...LAST, name })
        const next = everyMs === null ? null : dueAtMs(last, everyMs, this.#deps.clock.now())
        return {
          name,
          kind,
          from,
          every_ms: everyMs,
          next_at: next === null ? null : isoTime(next),
          last: last === undefined ? null : lastView(last),
        }
      }),
    )
  }

  async runName(actor: string, name: string): Promise<Result<ImportView, BillProblem>> {
    const wanted = this.#deps.rules().imports.find((each) => each.name === name)
    if (wanted === undefined) {
      return err(billProblem('import_unknown', `imports of the configuration has no ${name}`))
    }
    return this.#runRecurring(actor, wanted, always)
  }

  async recover(): Promise<void> {
    await rm(this.#deps.directory, { recursive: true, force: true })
    await mkdir(this.#stagingDirectory, { recursive: true, mode: 0o700 })
    await this.#deps.store.write(async ({ imports }) => {
      const open = [...(await imports.inState('running')), ...(await imports.inState('open'))]
      for (const row of open) {
        if (row.nodeId === this.#deps.nodeId)
          await imports.end(row.importId, died(row, this.#now()))
      }
    })
  }

  async tick(): Promise<void> {
    for (const wanted of this.#deps.rules().imports) {
      const { name, everyMs } = wanted
      if (everyMs === null) continue
      const isDue = (last: StoredImport | null): boolean =>
        dueAtMs(last ?? undefined, everyMs, this.#deps.clock.now()) <= this.#deps.clock.now()
      const [last] = await this.#deps.store.read.imports.page({ ...LAST, name })
      if (isDue(last ?? null)) await this.#runRecurring(SCHEDULE, wanted, isDue)
    }
    for (const row of await this.#deps.store.read.imports.inState('open')) {
      const isOld = Date.parse(row.createdAt) < this.#deps.clock.now() - UPLOAD_MS_MAX
      if (!isOld || row.nodeId !== this.#deps.nodeId) continue
      await this.#uploads.drop(row.importId)
      const problem = 'its files were not complete after a day'
      await this.#deps.store.write(({ imports }) =>
        imports.end(row.importId, { ...died(row, this.#now()), problem }),
      )
    }
  }

  async idle(): Promise<void> {
    await Promise.all(this.#ends)
  }
}

const LAST = { state: null, before: null, limit: 1 } as const
const always = (): boolean => true

/** Counted from the last time it began. A clock set back does not keep it waiting. */
function dueAtMs(last: StoredImport | undefined, everyMs: number, nowMs: number): number {
  if (last === undefined) return nowMs
  return Math.min(Date.parse(last.createdAt), nowMs) + everyMs
}
