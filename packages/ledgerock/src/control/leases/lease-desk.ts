// Where workers' wallets are heard and answered. What has come in meanwhile goes into one transaction; grants, confirmations and recalls
// are sent when it is committed. If the store does not take it nothing is said: a wallet says everything again.

import type { Budget } from '../../governance/budget/budget.ts'
import {
  SILENT_MS,
  type FromWallet,
  type LeaseAnswer,
  type ToWallet,
} from '../../governance/budget/lease.ts'
import type { Clock } from '../../kernel/time.ts'
import { answerAll, grantOf, type Answers, type HeardMessage } from './lease-answers.ts'
import type { FirstOther } from './first-other.ts'
import type { BookDraft } from './lease-book.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { overdrawn } from './lease-overdrawn.ts'
import type { StoredLease } from '../store/lease-tables.ts'

export type LeaseDesk = {
  readonly said: (worker: string, message: FromWallet) => void
  readonly workerDied: (worker: string) => void
  /** Holders heard of just now. */
  readonly heard: () => ReadonlySet<string>
  readonly isHeard: (holder: string) => boolean
  /** Whether its worker is known to be gone. */
  readonly isDead: (holder: string) => boolean
  /** Passes on recalls that other nodes have written into these instances. */
  readonly recalled: (instances: readonly string[]) => void
  /** Asks the holders this node hears to give back what is idle of counters beyond their limits. Once a second. */
  readonly recallOverdrawn: () => void
  /** Resolves when all that was said up to now is written, or was tried to be. */
  readonly idle: () => Promise<void>
  /** Totals since control began. */
  readonly figures: () => DeskFigures
}

export type DeskFigures = Readonly<Record<LeaseAnswer | 'recalls', number>>

export type DeskDeps = {
  readonly keeper: LeaseKeeper
  readonly clock: Clock
  readonly nodeId: string
  readonly budgetNamed: (name: string) => Budget | null
  readonly firstOther: Pick<FirstOther, 'otherOf' | 'stale' | 'forgotten'>
  readonly tell: (holder: string | null, message: ToWallet) => void
  /** Counters cannot be judged before the ledger was asked, or a holder is new. */
  readonly onUnasked: () => void
  /** Of a worker that has just begun: it knows no states yet. */
  readonly onNewHolder: (holder: string) => void
  readonly onError: (error: unknown) => void
}

type Holder = { worker: string; heardAtMs: number; latestId: number; isDead: boolean }

/** The same recall is not said again sooner: its answer is under way. */
const RECALL_AGAIN_MS = 200
const HOLDERS_KEPT_MAX = 1_000

export function createLeaseDesk(deps: DeskDeps): LeaseDesk {
  return new Desk(deps)
}

class Desk implements LeaseDesk {
  readonly #deps: DeskDeps
  readonly #holders = new Map<string, Holder>()
  readonly #recalledAt = new Map<string, number>()
  readonly #recallsSeen = new Map<string, number>()
  readonly #figures = { granted: 0, spent: 0, unavailable: 0, recalls: 0 }
  #queue: HeardMessage[] = []
  #running: Promise<void> | null = null

  constructor(deps: DeskDeps) {
    this.#deps = deps
  }

  readonly said: LeaseDesk['said'] = (worker, message) => {
    const isLatest = this.#note(worker, message)
    if (message.kind === 'budget-report' && message.leases.length === 0) {
      this.#deps.tell(message.holder, { kind: 'budget-heard', id: message.id })
      return
    }
    this.#queue.push({ message, isLatest })
    this.#start()
  }

  readonly workerDied: LeaseDesk['workerDied'] = (worker) => {
    for (const one of this.#holders.values()) if (one.worker === worker) one.isDead = true
  }

  readonly heard: LeaseDesk['heard'] = () => new Set([...this.#holders.keys()].filter(this.isHeard))

  readonly isHeard = (holder: string): boolean => {
    const known = this.#holders.get(holder)
    if (known === undefined || known.isDead) return false
    return this.#deps.clock.monotonic() - known.heardAtMs <= SILENT_MS
  }

  readonly isDead: LeaseDesk['isDead'] = (holder) => this.#holders.get(holder)?.isDead === true

  readonly recalled: LeaseDesk['recalled'] = (instances) => {
    const book = this.#deps.keeper.book()
    for (const instance of instances) {
      const entry = book.entry(instance)
      if (entry === null) continue
      const { recalls } = entry.row
      const before = this.#recallsSeen.get(instance) ?? 0
      this.#recallsSeen.set(instance, recalls)
      if (before === recalls) continue
      for (const lease of entry.leases.values()) this.#recall(lease)
    }
  }

  readonly recallOverdrawn: LeaseDesk['recallOverdrawn'] = () => {
    const { keeper, budgetNamed } = this.#deps
    for (const lease of overdrawn(keeper.book(), budgetNamed, keeper.nowMs())) this.#recall(lease)
  }

  readonly idle: LeaseDesk['idle'] = async () => {
    for (let turn = this.#running; turn !== null; turn = this.#running) await turn
  }

  readonly figures: LeaseDesk['figures'] = () => ({ ...this.#figures })

  #note(worker: string, { holder, id }: FromWallet): boolean {
    const known = this.#holders.get(holder)
    const isLatest = known === undefined || id >= known.latestId
    const latestId = known === undefined ? id : Math.max(id, known.latestId)
    // Whoever was said to be dead stays so: this was on its way when it died.
    const isDead = known?.isDead === true
    const heardAtMs = this.#deps.clock.monotonic()
    this.#holders.set(holder, { worker, heardAtMs, latestId, isDead })
    if (known !== undefined) return isLatest
    // A worker has one journal at a time.
    for (const [other, one] of this.#holders) {
      if (one.worker === worker && other !== holder) one.isDead = true
    }
    forgetDead(this.#holders)
    this.#deps.onNewHolder(holder)
    return isLatest
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
      if (this.#queue.length > 0) this.#start()
    })
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const messages = this.#queue
      this.#queue = []
      try {
        this.#speak(messages, await this.#write(messages))
      } catch (error) {
        this.#deps.onError(error)
      }
    }
  }

  async #write(messages: readonly HeardMessage[]): Promise<Answers> {
    const { keeper, nodeId, budgetNamed, firstOther: first } = this.#deps
    const stale = first.stale()
    const answers = await keeper.write(({ draft, stop }) => {
      unask(draft, stale)
      const { isSilent } = keeper
      const nowMs = keeper.nowMs()
      const mayGrant = stop === null
      const firstOther = first.otherOf
      const asked = { nodeId, budgetNamed, nowMs, mayGrant, isSilent, firstOther }
      const made = answerAll(asked, draft, messages)
      for (const instance of this.#afar(draft, made.recalls)) {
        const entry = draft.entry(instance)
        if (entry !== null) draft.putInstance({ ...entry.row, recalls: entry.row.recalls + 1 })
      }
      return made
    })
    first.forgotten(stale)
    return answers
  }

  /** Instances of which holders on other nodes are to give back, and were not told just now. */
  #afar(draft: BookDraft, recalls: Answers['recalls']): ReadonlySet<string> {
    const found = new Set<string>()
    for (const { holder, instance } of recalls) {
      const lease = draft.entry(instance)?.leases.get(holder)
      if (lease === undefined || lease.nodeId === this.#deps.nodeId) continue
      if (this.#isDue(`${instance} afar`)) found.add(instance)
    }
    return found
  }

  #isDue(what: string): boolean {
    const nowMs = this.#deps.clock.monotonic()
    for (const [other, atMs] of this.#recalledAt) {
      if (nowMs - atMs >= RECALL_AGAIN_MS) this.#recalledAt.delete(other)
    }
    if (this.#recalledAt.has(what)) return false
    this.#recalledAt.set(what, nowMs)
    return true
  }

  #speak(messages: readonly HeardMessage[], { grants, recalls, unasked }: Answers): void {
    const { tell, keeper, onUnasked } = this.#deps
    for (const { message } of messages) {
      if (message.kind !== 'budget-report') continue
      tell(message.holder, { kind: 'budget-heard', id: message.id })
    }
    for (const { holder, id, grants: given } of grants) {
      for (const { answer } of given) if (answer !== null) this.#figures[answer] += 1
      tell(holder, { kind: 'budget-grant', id, grants: given })
    }
    for (const { holder, instance } of recalls) {
      const lease = keeper.book().entry(instance)?.leases.get(holder)
      if (lease !== undefined && this.#isDue(`${instance} ${holder}`)) this.#recall(lease)
    }
    if (unasked.length > 0) onUnasked()
  }

  #recall(lease: StoredLease): void {
    const known = this.#holders.get(lease.holder)
    if (lease.state !== 'open' || known === undefined || known.isDead) return
    this.#figures.recalls += 1
    const grant = { ...grantOf(lease, null), bare: true }
    this.#deps.tell(lease.holder, { kind: 'budget-recall', grants: [grant] })
  }
}

/** As `LeaseWrites.unask`: an answer of the ledger that is on its way is about the budgets as they were. */
function unask(draft: BookDraft, budgets: readonly string[]): void {
  if (budgets.length === 0) return
  const rows = [...draft.entries()].map(({ row }) => row)
  for (const row of rows) {
    if (!budgets.includes(row.budget)) continue
    draft.putInstance({ ...row, other: null, folded: row.folded + 1, refused: null })
  }
}

/** The dead are remembered for a while, the oldest go first. */
function forgetDead(holders: Map<string, Holder>): void {
  if (holders.size <= HOLDERS_KEPT_MAX) return
  for (const [holder, { isDead }] of holders) {
    if (isDead) holders.delete(holder)
    if (holders.size <= HOLDERS_KEPT_MAX) return
  }
}
