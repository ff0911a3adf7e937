// One machine whose power can go at any moment, and whose processes can be killed: worker, journal recovery and shipper run for
// real on a disk that forgets what was not synced, and time moves only when told to. What they await ends one operation at a
// time, so the end can come between any two.

import {
  createForgetfulDisk,
  type ForgetfulDisk,
} from '../../src/journal/testing/forgetful-files.ts'
import { seededRandom, type Random } from '../../src/journal/testing/seeded-random.ts'
import type { FileLayer } from '../../src/journal/file-layer.ts'
import type { JournalOwner, ProcessIdentity } from '../../src/journal/owner.ts'
import { recoverJournals } from '../../src/journal/recovery.ts'
import type { Scheduler } from '../../src/journal/scheduler.ts'
import { openJournal } from '../../src/journal/writer.ts'
import type { JournalWriter } from '../../src/journal/journal-writer.ts'
import { createShipper, type Shipper } from '../../src/ledger/shipper.ts'
import { picodollars } from '../../src/kernel/money.ts'
import { createHonestStore, type HonestStore } from './honest-store.ts'

export const JOURNALS = '/data/journal'
export const STATE = '/data/ledger/state'
export const SYNC_MS = 20
export const SHIP_PAUSE_MS = 50
const START_MS = 1_795_219_200_000
const SEGMENT_BYTES = 48 * 1024
/** Small, so that a boot has many batches. */
const BATCH_ROWS_MAX = 5

/** An event of the log that says something was lost or set aside. */
export type Told = { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }

export type Boot = {
  readonly writer: JournalWriter
  readonly shipper: Shipper
}

export type Machine = {
  readonly disk: ForgetfulDisk
  readonly store: HonestStore
  readonly told: readonly Told[]
  /** Disk and store operations that have ended since the first boot. */
  readonly operations: () => number
  /** Recovers, begins to ship, opens a journal: as the processes of a node do when it starts. Null: the end came before. */
  readonly boot: (sync: 'each' | 'interval') => Promise<Boot | null>
  readonly endOperation: () => Promise<void>
  readonly endTurn: () => Promise<void>
  readonly passTime: (ms: number) => Promise<void>
  /** Everything that waits ends, and nothing is left to ship. */
  readonly calmDown: (shipper: Shipper) => Promise<void>
  /** The end comes as soon as so many operations have ended, whoever waits for them. */
  readonly endAfter: (operations: number, ending: Ending) => void
  readonly end: (ending: Ending) => void
  readonly isAlive: () => boolean
}

/** Both end every process; a killed one leaves to the kernel what it has written. */
export type Ending = 'power_loss' | 'kill'

export function createMachine(seed: number): Machine {
  const random: Random = seededRandom(seed)
  const waiting: (() => void)[] = []
  const turns: (() => void)[] = []
  const timers = new Map<number, { readonly at: number; readonly run: () => void }>()
  const later = (run: () => void): void => void waiting.push(run)
  const disk = createForgetfulDisk(later)
  const store = createHonestStore(later, random)
  const told: Told[] = []
  let nowMs = START_MS
  let timerCount = 0
  let ended = 0
  let boots = 0
  let planned: { readonly at: number; readonly ending: Ending } | null = null
  let alive = true
  const kills: (() => void)[] = []

  const clock = { now: () => nowMs, monotonic: () => nowMs }
  const scheduler: Scheduler = {
    nextTurn: (run) => turns.push(run),
    atOnce: (run) => turns.push(run),
    after: (ms, run) => {
      timerCount += 1
      const id = timerCount
      timers.set(id, { at: nowMs + ms, run })
      return () => timers.delete(id)
    },
  }

  const isAlive = (): boolean => alive

  function end(ending: Ending): void {
    alive = false
    planned = null
    waiting.length = 0
    turns.length = 0
    timers.clear()
    for (const kill of kills.splice(0)) kill()
    store.break()
    if (ending === 'power_loss') disk.losePower(random)
  }

  function newProcess(): FileLayer {
    const { files, kill } = disk.process()
    kills.push(kill)
    return files
  }

  async function endOperation(): Promise<void> {
    if (planned !== null && ended >= planned.at) end(planned.ending)
    const run = waiting.shift()
    if (run === undefined) return
    ended += 1
    run()
    await promisesToRun()
  }

  async function endTurn(): Promise<void> {
    for (const run of turns.splice(0)) run()
    await promisesToRun()
  }

  async function passTime(ms: number): Promise<void> {
    nowMs += ms
    for (const [id, { at, run }] of timers) {
      if (at <= nowMs && timers.delete(id)) run()
    }
    await promisesToRun()
  }

  /** Awaits what needs operations to end; null where the end comes meanwhile. */
  async function until<Value>(promise: Promise<Value>): Promise<Value | null> {
    const state = { isOver: false }
    const settle = (): void => void (state.isOver = true)
    promise.then(settle, settle)
    await promisesToRun()
    while (!state.isOver && isAlive()) {
      await endOperation()
      await endTurn()
    }
    return state.isOver ? promise : null
  }

  async function boot(sync: 'each' | 'interval'): Promise<Boot | null> {
    boots += 1
    alive = true
    const identity = { bootId: `boot-${boots}`, pid: 100, startTime: '1' }
    const ledger = newProcess()
    const note = (event: string, fields: Told['fields']): void => void told.push({ event, fields })
    if ((await until(recover(ledger, identity, note, clock.now))) === null) return null
    const shipper = await until(
      createShipper(
        { files: ledger, clock, scheduler, store, log: note },
        {
          journalDirectory: JOURNALS,
          stateDirectory: STATE,
          nodeId: 'node-1',
          rowsMax: BATCH_ROWS_MAX,
          pauseMs: SHIP_PAUSE_MS,
        },
      ),
    )
    if (shipper === null) return null
    shipper.start()
    const writer = await until(
      openJournal(
        {
          files: newProcess(),
          clock,
          random: (count) => new Uint8Array(count).fill(boots),
          process: identity,
          scheduler,
        },
        {
          dir: JOURNALS,
          nodeId: 'node-1',
          role: 'worker-1',
          sync,
          segmentBytes: SEGMENT_BYTES,
          syncMs: SYNC_MS,
        },
      ),
    )
    return writer === null ? null : { writer, shipper }
  }

  async function calmDown(shipper: Shipper): Promise<void> {
    const QUIET_ROUNDS = 20
    for (let round = 0; round < QUIET_ROUNDS && isAlive(); round += 1) {
      await until(shipper.shipNow())
      await passTime(SHIP_PAUSE_MS)
    }
  }

  return {
    disk,
    store,
    told,
    operations: () => ended,
    boot,
    endOperation,
    endTurn,
    passTime,
    calmDown,
    endAfter: (operations, ending) => {
      planned = { at: operations, ending }
    },
    end,
    isAlive,
  }
}

/** What an interrupted call is taken to have used does not matter here. */
const ESTIMATE = {
  usage: { input: 7 },
  cost: picodollars(7n),
  charges: [],
  unpricedReason: null,
  priceBookVersion: 'test',
} as const

async function recover(
  files: FileLayer,
  current: ProcessIdentity,
  note: (event: string, fields: Told['fields']) => void,
  now: () => number,
): Promise<true> {
  const isAlive = ({ bootId }: ProcessIdentity): boolean => bootId === current.bootId
  const isSameBoot = ({ process }: JournalOwner): boolean => process.bootId === current.bootId
  const deps = { files, isAlive, isSameBoot, now, estimate: () => ESTIMATE }
  for (const { journalId, findings } of await recoverJournals(deps, JOURNALS)) {
    for (const finding of findings) note('journal_damaged', { journal_id: journalId, ...finding })
  }
  return true
}

/** Lets every promise that can go on do so. */
function promisesToRun(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
