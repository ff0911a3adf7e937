// The ledger as others see it: what was spent, call by call, and whether the books are sound. Arguments and results are plain
// data, so a process without a database can ask over a socket.

import type { SpendAnswer } from '@ledgerock/contract'
import { MS_PER_DAY, type Clock } from '../kernel/time.ts'
import type { FileLayer } from '../journal/file-layer.ts'
import { eventLoop, type Scheduler } from '../journal/scheduler.ts'
import type { Repricer } from '../pricing/reprice-facts.ts'
import type { BillBooks, ReadBillWord } from './bill.ts'
import type { BudgetSpend, BudgetSpendQuestion, JournalEnd } from './budget-question.ts'
import { askCall, askCalls, askCallsSince } from './calls.ts'
import { openLedgerStore } from './clickhouse/open-ledger-store.ts'
import type { VerifyReport } from './finding.ts'
import type { LedgerStatus } from './ledger-status.ts'
import type { MeteredBooks, SortOfRate } from './metered-use.ts'
import type { OutcomeBooks } from './outcome.ts'
import type {
  Answer,
  CallExplained,
  CallsPage,
  CallsQuestion,
  CallsSince,
  CallsSinceQuestion,
  SpendQuestion,
} from './question.ts'
import type { RerateQuestion, RerateReport } from './rerate-question.ts'
import { createRerater, type RerateStep } from './rerate.ts'
import { createShipper, type ShipStep } from './shipper.ts'
import { askJournalEnds } from './journal-ends.ts'
import { askSpend } from './spend.ts'
import type { LedgerRetention, LedgerStoreTarget } from './store.ts'
import { verifyLedger } from './verify.ts'

export type LedgerOptions = {
  readonly store: LedgerStoreTarget
  /** The directory under which every worker keeps its journals. */
  readonly journalDirectory: string
  /** A directory of its own for what the shipper must remember; made if missing. */
  readonly stateDirectory: string
  /** Names of all declared dimensions, the eight default ones included. */
  readonly dimensions: readonly string[]
  /** Days that calls and raw usage are kept; null is for ever. */
  readonly retention: LedgerRetention
  readonly nodeId: string
}

export type LedgerDeps = {
  readonly clock: Clock
  readonly files: FileLayer
  /** One structured event per line, for the log; never prompt text, never a credential. */
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void
  /** Default: the event loop. */
  readonly scheduler?: Scheduler
  /** Settles what is open in a journal its writer closed; without it such calls stay open. */
  readonly settleOpen?: (journalId: string) => Promise<void>
  /** The prices in force; without them nothing can be re-rated. */
  readonly prices?: () => Repricer
  /** How a bill's words are read with the prices in force; without it no bill can be imported. */
  readonly billWords?: () => ReadBillWord
  /** What rates are for within their kind, by the prices in force; without it every rate is for nothing special. */
  readonly sortOfRate?: SortOfRate
  /** Called between the steps of shipping and re-rating; a test dies here. */
  readonly onStep?: (step: ShipStep | RerateStep) => void
}

export type Ledger = BillBooks &
  MeteredBooks &
  OutcomeBooks & {
    readonly spend: (question: SpendQuestion) => Promise<Answer<SpendAnswer>>
    readonly calls: (question: CallsQuestion) => Promise<Answer<CallsPage>>
    /** Null where no such call is known. */
    readonly call: (callId: string) => Promise<CallExplained | null>
    readonly callsSince: (question: CallsSinceQuestion) => Promise<Answer<CallsSince>>
    readonly verify: (options: { readonly repair: boolean }) => Promise<VerifyReport>
    /**
     * Prices calls of a stretch of time anew. Faults: `prices_missing`, `prices_differ` (the asker has other prices),
     * `rerate_running`, `invalid_question`.
     */
    readonly rerate: (question: RerateQuestion) => Promise<RerateReport>
    /** Fault `invalid_question` where a window names what is no dimension. */
    readonly budgetSpend: (question: BudgetSpendQuestion) => Promise<readonly BudgetSpend[]>
    /** One for each id, in their order; ids of writers, not of what recovery made of them. */
    readonly journalEnds: (journalIds: readonly string[]) => Promise<readonly JournalEnd[]>
    readonly status: () => Promise<LedgerStatus>
    /** Ships all that is written now, without waiting for the next second; for a question that must see its own writes. */
    readonly shipNow: () => Promise<void>
    /** Starts shipping in the background. */
    readonly start: () => void
    readonly close: () => Promise<void>
  }

export async function openLedger(deps: LedgerDeps, options: LedgerOptions): Promise<Ledger> {
  const { clock, files, log, scheduler = eventLoop } = deps
  const { journalDirectory, stateDirectory, dimensions, retention, nodeId } = options
  if (options.store.kind === 'embedded') await files.makeDirectory(options.store.path)
  const bill = { clock, readWord: deps.billWords ?? null }
  const sorts = deps.sortOfRate === undefined ? {} : { sortOfRate: deps.sortOfRate }
  const store = await openLedgerStore(options.store, { dimensions, retention, bill, ...sorts })
  const onStep = deps.onStep === undefined ? {} : { onStep: deps.onStep }
  const settling = deps.settleOpen === undefined ? {} : { settleOpen: deps.settleOpen }
  const shipper = await createShipper(
    { files, clock, scheduler, store, log, ...settling, ...onStep },
    { journalDirectory, stateDirectory, nodeId },
  )
  const rerater = await createRerater(
    {
      files,
      store: store.rerating,
      prices: deps.prices ?? null,
      whilePaused: shipper.whilePaused,
      log,
      ...onStep,
    },
    stateDirectory,
  )
  const keptSinceMs = (): number | null =>
    retention.callsDays === null
      ? null
      : Math.floor(clock.now() / MS_PER_DAY - retention.callsDays) * MS_PER_DAY
  const callsDeps = { store, dimensions }
  const verifyDeps = { files, journalDirectory, store, poisoned: shipper.poisoned, keptSinceMs }
  return {
    spend: (question) => askSpend({ spend: store.spend, dimensions, keptSinceMs }, question),
    calls: (question) => askCalls(callsDeps, question),
    call: (callId) => askCall(callsDeps, callId),
    callsSince: (question) => askCallsSince(callsDeps, question),
    // An insert reaches calls and rollups one after the other: in between they differ.
    verify: (how) => shipper.whilePaused(() => verifyLedger(verifyDeps, how)),
    rerate: rerater.rerate,
    budgetSpend: store.budgetSpend,
    ...store.bill,
    meteredUse: store.meteredUse,
    principalsSeen: store.principalsSeen,
    recordOutcomes: store.recordOutcomes,
    outcomeSums: store.outcomeSums,
    outcomesKept: store.outcomesKept,
    outcomeTotals: store.outcomeTotals,
    outcomeNames: store.outcomeNames,
    journalEnds: (journalIds) => askJournalEnds({ store, endOf: shipper.endOf }, journalIds),
    status: async () => ({
      store: {
        kind: store.kind,
        state: (await store.isReachable()) ? 'ok' : 'unreachable',
        schema_version: store.schemaVersion,
      },
      shipping: await shipper.status(),
    }),
    shipNow: shipper.shipNow,
    start: shipper.start,
    close: async () => {
      await rerater.idle()
      await shipper.stop()
      await store.close()
    },
  }
}

export type { LedgerStoreTarget } from './store.ts'
