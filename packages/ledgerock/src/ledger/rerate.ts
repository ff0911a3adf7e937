// Prices calls of a stretch of time anew and enters what changed, month by month: the old version is reversed, the new one stands
// beside it. All months are prepared where nobody sees them, then entered; death before that leaves the books as they
// were, death after it is made good by the next start.
//
//   groups ─▶ prices ─▶ sums ─▶ stage every month ─▶ remember ─▶ enter every month ─▶ forget

import { Fault } from '../kernel/fault.ts'
import { isoTime, MS_PER_DAY } from '../kernel/time.ts'
import type { FileLayer } from '../journal/file-layer.ts'
import type { Repricer } from '../pricing/reprice-facts.ts'
import type { RerateSlice, RerateStore, StagedRerate } from './rerate-plan.ts'
import type { RerateQuestion, RerateReport } from './rerate-question.ts'
import {
  addCost,
  addGroup,
  decide,
  isLinear,
  newTally,
  ordersOf,
  tallied,
  totalOf,
  type Tally,
} from './rerate-report.ts'
import { clearRerateState, loadRerateState, saveRerateState } from './rerate-state.ts'
import { formatUsd, picodollars } from '../kernel/money.ts'

export const RERATE_STEPS = ['planned', 'staged', 'remembered', 'entered', 'forgotten'] as const
export type RerateStep = (typeof RERATE_STEPS)[number]

export type ReraterDeps = {
  readonly files: FileLayer
  readonly store: RerateStore
  readonly prices: (() => Repricer) | null
  /** Nothing is shipped, verified or mended while `work` runs. */
  readonly whilePaused: <Value>(work: () => Promise<Value>) => Promise<Value>
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void
  /** Called between the steps; a test dies here. */
  readonly onStep?: (step: RerateStep) => void
}

export type Rerater = {
  readonly rerate: (question: RerateQuestion) => Promise<RerateReport>
  /** Resolves when nothing of it runs any more. */
  readonly idle: () => Promise<void>
}

/** Makes good first what an earlier process could not finish. */
export async function createRerater(deps: ReraterDeps, stateDirectory: string): Promise<Rerater> {
  const rerater = new SignedRerater(deps, stateDirectory)
  await rerater.recover()
  return rerater
}

class SignedRerater implements Rerater {
  readonly #deps: ReraterDeps
  readonly #stateDirectory: string
  #running: Promise<RerateReport> | null = null

  constructor(deps: ReraterDeps, stateDirectory: string) {
    this.#deps = deps
    this.#stateDirectory = stateDirectory
  }

  readonly rerate = async (question: RerateQuestion): Promise<RerateReport> => {
    if (this.#running !== null) {
      throw new Fault('rerate_running', 'calls are being re-rated already', { retryable: true })
    }
    this.#running = this.#run(question)
    try {
      return await this.#running
    } finally {
      this.#running = null
    }
  }

  readonly idle = async (): Promise<void> => {
    await this.#running?.catch(() => undefined)
  }

  async recover(): Promise<void> {
    const left = await loadRerateState(this.#deps.files, this.#stateDirectory)
    if (left === null) return
    this.#deps.log('rerate_resumed', { rerate_id: left.rerate_id, months: left.months })
    await this.#enter(left.rerate_id, left.months, true)
  }

  async #run(question: RerateQuestion): Promise<RerateReport> {
    const { store, whilePaused } = this.#deps
    const repricer = repricerFor(this.#deps, question)
    // What an earlier try in this process left half done.
    await this.recover()
    // Nothing is on its way into the store at this instant.
    const arrivedBeforeMs = await whilePaused(store.arrivedBefore)
    const tally = newTally()
    const closed: RerateReport['closed'][number][] = []
    const open: StagedRerate[] = []
    for (const slice of monthsOf(question, repricer, arrivedBeforeMs)) {
      const period = periodOf(slice.fromMs)
      const isClosed = question.closedPeriods.includes(period)
      const own = isClosed ? newTally() : tally
      const staged = await planned(store, repricer, question, slice, own)
      if (!isClosed) {
        open.push(staged)
        continue
      }
      const { changed, before, after } = totalOf(own)
      const difference_usd = formatUsd(picodollars(after - before))
      if (changed > 0) closed.push({ period, changed, difference_usd })
    }
    this.#step('planned')
    const changing = open.filter(({ orders }) => orders.length > 0)
    if (!question.dryRun && changing.length > 0) await this.#apply(question.rerateId, changing)
    return {
      rerate_id: question.rerateId,
      dry_run: question.dryRun,
      book_version: repricer.bookVersion,
      from: isoTime(question.fromMs),
      to: isoTime(question.toMs),
      ...tallied(tally),
      closed,
    }
  }

  async #apply(rerate_id: string, changing: readonly StagedRerate[]): Promise<void> {
    const { files, store } = this.#deps
    let isFirst = true
    for (const staged of changing) {
      await store.stage(staged, isFirst)
      isFirst = false
    }
    this.#step('staged')
    const months = changing.map(({ slice }) => Number(periodOf(slice.fromMs).replace('-', '')))
    await saveRerateState(files, this.#stateDirectory, { format: 1, rerate_id, months })
    this.#step('remembered')
    await this.#enter(rerate_id, months, false)
  }

  async #enter(rerateId: string, months: readonly number[], again: boolean): Promise<void> {
    const { files, store, whilePaused } = this.#deps
    await whilePaused(async () => {
      for (const month of months) {
        await store.enter(month, rerateId, again)
        this.#step('entered')
      }
    })
    await clearRerateState(files, this.#stateDirectory)
    this.#step('forgotten')
    await store.discard()
  }

  #step(step: RerateStep): void {
    this.#deps.onStep?.(step)
  }
}

function repricerFor({ prices }: ReraterDeps, question: RerateQuestion): Repricer {
  const { fromMs, toMs, rerateId, bookVersion, closedPeriods } = question
  const isSound =
    Number.isSafeInteger(fromMs) &&
    Number.isSafeInteger(toMs) &&
    fromMs >= 0 &&
    fromMs < toMs &&
    /^[A-Za-z0-9_-]{1,64}$/.test(rerateId) &&
    closedPeriods.every((period) => /^\d{4}-\d{2}$/.test(period))
  if (!isSound) throw new Fault('invalid_question', 'not a stretch of time and an id to re-rate by')
  if (prices === null) throw new Fault('prices_missing', 'the ledger was given no prices')
  const repricer = prices()
  if (repricer.bookVersion !== bookVersion) {
    const message = `the ledger has the prices ${repricer.bookVersion}, the question was asked with ${bookVersion}`
    throw new Fault('prices_differ', message, { retryable: true })
  }
  return repricer
}

/** The stretch cut at the months, because the books are. */
function* monthsOf(
  { fromMs, toMs }: RerateQuestion,
  repricer: Repricer,
  arrivedBeforeMs: number,
): Generator<RerateSlice> {
  const lastMs = Math.min(toMs, arrivedBeforeMs + FUTURE_MS)
  const { contextBorders } = repricer
  let at = fromMs
  while (at < lastMs) {
    const date = new Date(at)
    const end = Math.min(toMs, Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1))
    const timeBorders = repricer.timeBorders(at, end)
    yield { fromMs: at, toMs: end, arrivedBeforeMs, contextBorders, timeBorders }
    at = end
  }
}

/** No call begins later than this after it arrived, whatever the clocks of others say. */
const FUTURE_MS = 366 * MS_PER_DAY

async function planned(
  store: RerateStore,
  repricer: Repricer,
  { rerateId }: RerateQuestion,
  slice: RerateSlice,
  tally: Tally,
): Promise<StagedRerate> {
  const decided = decide(repricer, await store.groups(slice))
  for (const one of decided) addGroup(tally, one)
  const { bookVersion } = repricer
  const staged = { slice, rerateId, bookVersion, orders: ordersOf(decided) }
  const fine = ordersOf(decided.filter(({ answer }) => !isLinear(answer)))
  if (fine.length > 0) {
    for (const { team, usd } of await store.costs({ ...staged, orders: fine })) {
      addCost(tally, team, usd)
    }
  }
  return staged
}

function periodOf(ms: number): string {
  return isoTime(ms).slice(0, 7)
}
