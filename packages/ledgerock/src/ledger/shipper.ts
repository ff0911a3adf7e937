// Moves settled calls from the journals into the store, in order and exactly once. It can die anywhere: what it was trying is
// saved before the first try and tried again with the same token, where it stands is asked of the store, and a journal's
// segments go only after the store has confirmed them. A store that is down costs disk, not memory.
//
//   read ─▶ sync ─▶ save bounds ─▶ insert ─▶ clear bounds ─▶ delete segments
//                        ▲            │ outcome unknown
//                        └────────────┘ the same batch again, then looked up

import { assert } from '../kernel/assert.ts'
import { Fault } from '../kernel/fault.ts'
import { isoTime, MS_PER_SECOND, type Clock } from '../kernel/time.ts'
import type { FileLayer } from '../journal/file-layer.ts'
import type { Scheduler } from '../journal/scheduler.ts'
import { hidesLines } from '../journal/finding-kinds.ts'
import type { JournalEndState } from './budget-question.ts'
import { cutBatch } from './cut-batch.ts'
import { entryOf } from './entry.ts'
import type { TailedCall } from './journal-tail.ts'
import { JournalTails } from './journal-tails.ts'
import type { LedgerStatus } from './ledger-status.ts'
import { openEndLog, type EndLog } from './end-log.ts'
import { journalEndOf } from './journal-end.ts'
import { openPoisonLog, type PoisonedCall, type PoisonLog } from './poison-log.ts'
import { loadShipState, saveShipState, type PendingBatch, type ShipState } from './ship-state.ts'
import type { LedgerStore } from './store.ts'

export const SHIP_STEPS = [
  'opened',
  'synced',
  'bounds_saved',
  'inserted',
  'bounds_cleared',
  'segments_deleted',
] as const
export type ShipStep = (typeof SHIP_STEPS)[number]

export type ShipperDeps = {
  readonly files: FileLayer
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly store: Pick<LedgerStore, 'insertBatch' | 'lastSeqs'>
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void
  /** See `TailsDeps`. */
  readonly settleOpen?: (journalId: string) => Promise<void>
  /** Called between the steps; a test dies here. */
  readonly onStep?: (step: ShipStep) => void
}

export type ShipperOptions = {
  readonly journalDirectory: string
  readonly stateDirectory: string
  readonly nodeId: string
  readonly rowsMax?: number
  /** Between two inserts, unless there is more than one can hold. */
  readonly pauseMs?: number
}

export type Shipper = {
  readonly start: () => void
  /** Ships what is there now; rejects with the Fault that stands in the way. */
  readonly shipNow: () => Promise<void>
  readonly status: () => Promise<LedgerStatus['shipping']>
  /** Nothing is shipped while `work` runs. */
  readonly whilePaused: <Value>(work: () => Promise<Value>) => Promise<Value>
  /** Calls set aside for good. */
  readonly poisoned: () => readonly PoisonedCall[]
  /** Whether all calls of a writer's journal are in the store. */
  readonly endOf: (journalId: string) => Promise<JournalEndState>
  readonly stop: () => Promise<void>
}

const ROWS_MAX_DEFAULT = 4_096
const PAUSE_MS_DEFAULT = MS_PER_SECOND
const BACKOFF_MS_FIRST = 250
const BACKOFF_MS_MAX = 30_000
const DOUBLINGS_MAX = 10

export async function createShipper(deps: ShipperDeps, options: ShipperOptions): Promise<Shipper> {
  await deps.files.makeDirectory(options.stateDirectory)
  const state = await loadShipState(deps.files, options.stateDirectory)
  const poison = await openPoisonLog(deps.files, options.stateDirectory)
  const ends = await openEndLog(deps.files, options.stateDirectory)
  return new JournalShipper(deps, options, state, poison, ends)
}

class JournalShipper implements Shipper {
  readonly #deps: ShipperDeps
  readonly #options: ShipperOptions
  readonly #poison: PoisonLog
  readonly #ends: EndLog
  readonly #tails: JournalTails
  readonly #rowsMax: number
  #state: ShipState
  /** Smaller while a batch with a poisoned call is being cut up. */
  #rowsNow: number
  #failures = 0
  #findings = 0
  #lastError: LedgerStatus['shipping']['last_error'] = null
  #lastShippedAt: string | null = null
  #running: Promise<unknown> = Promise.resolve()
  #busy = false
  #stopped = true
  #cancelTimer: () => void = () => undefined

  constructor(
    deps: ShipperDeps,
    options: ShipperOptions,
    state: ShipState,
    poison: PoisonLog,
    ends: EndLog,
  ) {
    this.#deps = deps
    this.#ends = ends
    this.#options = options
    this.#poison = poison
    this.#state = state
    this.#rowsMax = options.rowsMax ?? ROWS_MAX_DEFAULT
    this.#rowsNow = this.#rowsMax
    this.#tails = new JournalTails(
      {
        files: deps.files,
        shippedSeqs: (journalIds) => this.#shippedSeqs(journalIds),
        onFinding: async (journalId, finding) => {
          if (hidesLines(finding)) await ends.lacks(journalId)
          this.#findings += 1
          deps.log('journal_damaged', { journal_id: journalId, ...finding })
        },
        onShipped: (journalId, mark) => ends.shipped(journalId, mark),
        ...(deps.settleOpen === undefined ? {} : { onUnsettled: deps.settleOpen }),
        onOrphan: ({ journalId, seq }) => {
          const fault = new Fault('opened_line_lost', 'a settled line whose opened line was lost')
          return this.#setAside({ journal_id: journalId, seq, record: null }, fault)
        },
      },
      { dir: options.journalDirectory, nodeId: options.nodeId },
    )
  }

  readonly start = (): void => {
    this.#stopped = false
    this.#schedule(0)
  }

  readonly shipNow = (): Promise<void> => this.#exclusively(() => this.#shipAll())

  readonly whilePaused = <Value>(work: () => Promise<Value>): Promise<Value> =>
    this.#exclusively(work)

  readonly stop = async (): Promise<void> => {
    this.#stopped = true
    this.#cancelTimer()
    await this.#running.catch(() => undefined)
    this.#tails.close()
  }

  readonly poisoned = (): readonly PoisonedCall[] => this.#poison.all()

  readonly endOf = (journalId: string): Promise<JournalEndState> =>
    journalEndOf(
      {
        ends: this.#ends,
        progressOf: (id) => this.#tails.progressOf(id),
        isPoisoned: (id) => this.#poison.all().some((call) => call.journal_id === id),
      },
      journalId,
    )

  readonly status = async (): Promise<LedgerStatus['shipping']> => {
    const now = this.#deps.clock.now()
    const oldest = this.#tails
      .waiting()
      .flatMap(({ calls }) => calls[0]?.record.ended_at ?? [])
      .reduce((least, ended) => Math.min(least, Date.parse(ended)), now)
    return {
      state: this.#stateWord(),
      lag_bytes: await this.#tails.lagBytes(),
      lag_seconds: (now - oldest) / MS_PER_SECOND,
      journals: this.#tails.count(),
      shipped_calls: this.#state.shipped_calls,
      quarantined: this.#findings + this.#poison.all().length,
      last_shipped_at: this.#lastShippedAt,
      last_error: this.#lastError,
    }
  }

  #stateWord(): LedgerStatus['shipping']['state'] {
    if (this.#lastError !== null) return 'retrying'
    if (this.#busy) return 'shipping'
    return this.#stopped ? 'stopped' : 'idle'
  }

  #schedule(ms: number): void {
    if (this.#stopped) return
    this.#cancelTimer()
    this.#cancelTimer = this.#deps.scheduler.after(ms, () => {
      void this.#tick()
    })
  }

  async #tick(): Promise<void> {
    try {
      await this.shipNow()
      this.#schedule(this.#options.pauseMs ?? PAUSE_MS_DEFAULT)
    } catch {
      // The error stands in `status` and in the log.
      const backoff = BACKOFF_MS_FIRST * 2 ** Math.min(this.#failures - 1, DOUBLINGS_MAX)
      this.#schedule(Math.min(BACKOFF_MS_MAX, backoff))
    }
  }

  #exclusively<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#running.catch(() => undefined).then(work)
    this.#running = result
    return result
  }

  async #shipAll(): Promise<void> {
    this.#busy = true
    try {
      let more = true
      while (more) more = await this.#shipOne()
      this.#failures = 0
      this.#lastError = null
    } catch (error) {
      this.#failures += 1
      this.#noteError(error)
      throw error
    } finally {
      this.#busy = false
    }
  }

  /** One batch: the one that was being tried, or the next. Answers whether to go on at once. */
  async #shipOne(): Promise<boolean> {
    await this.#tails.openNew()
    this.#step('opened')
    const { pending } = this.#state
    if (pending !== null) {
      await this.#enter(await this.#tails.callsOf(pending), pending, true)
      return true
    }
    const { full, error } = await this.#tails.fill(this.#rowsNow)
    this.#step('synced')
    const cut = cutBatch(this.#tails.waiting(), this.#rowsNow)
    if (cut === null) {
      await this.#tails.removeFinished()
      if (error !== null) throw error
      return this.#tails.settleOpen()
    }
    await this.#save({ ...this.#state, pending: cut.batch })
    this.#step('bounds_saved')
    const whole = await this.#enter(cut.calls, cut.batch, false)
    return cut.more || full || !whole
  }

  /** Answers false where the batch holds a call that can never be entered, and is to be cut smaller. */
  async #enter(
    calls: readonly TailedCall[],
    batch: PendingBatch,
    again: boolean,
  ): Promise<boolean> {
    const entries = calls.map(({ record }) => entryOf(record))
    let entered = entries.length
    try {
      await this.#deps.store.insertBatch({ entries, token: batch.token, again })
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'row_invalid') throw error
      if (calls.length > 1) {
        // Nothing of it was entered: an insert is refused as a whole.
        await this.#save({ ...this.#state, pending: null })
        this.#rowsNow = Math.ceil(calls.length / 2)
        return false
      }
      const [only] = calls
      const [range] = batch.ranges
      assert(only !== undefined && range !== undefined, 'an empty batch is never invalid')
      const { journal_id } = range
      await this.#setAside({ journal_id, seq: only.seq, record: only.record }, error)
      entered = 0
    }
    this.#step('inserted')
    this.#rowsNow = Math.min(this.#rowsMax, this.#rowsNow * 2)
    const shipped_calls = this.#state.shipped_calls + entered
    await this.#save({ ...this.#state, pending: null, shipped_calls })
    this.#lastShippedAt = isoTime(this.#deps.clock.now())
    this.#step('bounds_cleared')
    await this.#tails.confirm(batch)
    this.#step('segments_deleted')
    return true
  }

  async #shippedSeqs(journalIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const stored = await this.#deps.store.lastSeqs(journalIds)
    return new Map(
      journalIds.map((journalId) => {
        const pending = this.#state.pending?.ranges.find((one) => one.journal_id === journalId)
        if (pending !== undefined) return [journalId, pending.first - 1]
        // A call is set aside only once everything before it is confirmed.
        const aside = this.#poison
          .all()
          .filter((call) => call.journal_id === journalId && call.record !== null)
          .map((call) => call.seq)
        return [journalId, Math.max(stored.get(journalId) ?? 0, ...aside)]
      }),
    )
  }

  async #setAside(
    call: Pick<PoisonedCall, 'journal_id' | 'seq' | 'record'>,
    fault: Fault,
  ): Promise<void> {
    const { code, message } = fault
    await this.#poison.add({ ...call, code, message, at: isoTime(this.#deps.clock.now()) })
    const { journal_id, seq } = call
    this.#deps.log('call_quarantined', { journal_id, seq, code, reason: message })
  }

  #noteError(error: unknown): void {
    const fault = error instanceof Fault ? error : null
    const code = fault?.code ?? 'ship_failed'
    const message = error instanceof Error ? error.message : String(error)
    const at = isoTime(this.#deps.clock.now())
    this.#lastError = { code, message, at, retryable: fault?.retryable ?? true }
    this.#deps.log('ship_failed', { code, reason: message, failures: this.#failures })
  }

  async #save(state: ShipState): Promise<void> {
    await saveShipState(this.#deps.files, this.#options.stateDirectory, state)
    this.#state = state
  }

  #step(step: ShipStep): void {
    this.#deps.onStep?.(step)
  }
}
