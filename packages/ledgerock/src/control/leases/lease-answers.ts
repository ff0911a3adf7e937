// What control makes of workers' messages inside one transaction: words enter the leases, asks are answered, and what is to be said
// afterwards is collected. Pure but for the draft it writes to: nothing is said before the store has taken all of it.

import type { Budget } from '../../governance/budget/budget.ts'
import type { PeriodInstance } from '../../governance/budget/budget-period.ts'
import { effectiveLimit } from '../../governance/budget/budget-limit.ts'
import { answerAsk, askOf } from '../../governance/budget/lease-grants.ts'
import {
  heardOf,
  newLease,
  type FromWallet,
  type InstanceName,
  type LeaseAnswer,
  type LeaseAsk,
  type LeaseGrant,
  type LeaseWord,
} from '../../governance/budget/lease.ts'
import { MS_PER_MINUTE } from '../../kernel/time.ts'
import { counterOf, instanceNamed, newInstance } from './budget-counter.ts'
import type { BookDraft } from './lease-book.ts'
import type { StoredInstance, StoredLease } from '../store/lease-tables.ts'

/** A message and whether it is the latest its holder has sent. */
export type HeardMessage = {
  readonly message: FromWallet
  readonly isLatest: boolean
}

export type AnswerDeps = {
  readonly nodeId: string
  readonly budgetNamed: (name: string) => Budget | null
  /** By the store's clock. */
  readonly nowMs: number
  /** False: this node may grant nothing now. */
  readonly mayGrant: boolean
  readonly isSilent: (lease: StoredLease) => boolean
  /** What an instance that begins holds already; null: the ledger has to be asked. */
  readonly firstOther: (budget: Budget, name: InstanceName, draft: BookDraft) => bigint | null
}

export type Answers = {
  readonly grants: readonly {
    readonly holder: string
    readonly id: number
    readonly grants: readonly LeaseGrant[]
  }[]
  readonly recalls: readonly { readonly holder: string; readonly instance: string }[]
  /** Counters that cannot be judged before the ledger was asked. */
  readonly unasked: readonly string[]
}

/** So long before its period, and after, an instance is granted from: workers' clocks are not exact. */
const EARLY_MS_MAX = 2 * MS_PER_MINUTE
const LATE_MS_MAX = MS_PER_MINUTE

export function answerAll(
  deps: AnswerDeps,
  draft: BookDraft,
  messages: readonly HeardMessage[],
): Answers {
  const recalls: { readonly holder: string; readonly instance: string }[] = []
  const unasked: string[] = []
  for (const { message, isLatest } of messages) {
    const words = message.kind === 'budget-ask' ? message.asks : message.leases
    for (const word of words) hear(deps, draft, message.holder, word, isLatest)
  }
  const grants = messages.flatMap(({ message }) => {
    if (message.kind !== 'budget-ask') return []
    const { holder, id, asks } = message
    const answered = asks.map((ask) => {
      const { grant, recall, isUnasked } = answerOne(deps, draft, holder, ask)
      recalls.push(...recall)
      if (isUnasked) unasked.push(ask.instance)
      return grant
    })
    return [{ holder, id, grants: answered }]
  })
  return { grants, recalls, unasked }
}

function hear(
  deps: AnswerDeps,
  draft: BookDraft,
  holder: string,
  word: (LeaseWord & InstanceName) | LeaseAsk,
  isLatest: boolean,
): void {
  const { instance } = word
  if (draft.entry(instance) === null) {
    // A wallet that has forgotten a lease gives it back without its name; nothing is left to be given back to.
    if (word.budget === '') return
    const budget = deps.budgetNamed(word.budget)
    const period = budget === null ? null : instanceNamed(budget, word)
    // A budget that the policy has no more is written all the same: its calls were charged to it.
    const other = budget === null || period === null ? null : deps.firstOther(budget, word, draft)
    draft.putInstance(newInstance(word, period?.toMs ?? null, other))
  }
  const known = draft.entry(instance)?.leases.get(holder)
  const before = known ?? { ...newLease(instance, holder), nodeId: deps.nodeId }
  const heard = { ...heardOf(before, word, isLatest), nodeId: before.nodeId }
  // A store that was restored may have forgotten a grant; its holder has not.
  const knows = 'knows' in word ? BigInt(word.knows) : 0n
  const isForgotten = heard.state === 'open' && knows > heard.granted
  const after = isForgotten ? { ...heard, granted: knows } : heard
  if (known === undefined || !isSame(known, after)) draft.putLease(after)
}

type OneAnswer = {
  readonly grant: LeaseGrant
  readonly recall: readonly { readonly holder: string; readonly instance: string }[]
  readonly isUnasked: boolean
}

function answerOne(deps: AnswerDeps, draft: BookDraft, holder: string, ask: LeaseAsk): OneAnswer {
  const entry = draft.entry(ask.instance)
  const lease = entry?.leases.get(holder)
  if (entry === null || lease === undefined) throw new Error('an ask that was not heard')
  const budget = deps.budgetNamed(ask.budget)
  const instance = budget === null ? null : instanceNamed(budget, ask)
  const refused: OneAnswer = { grant: grantOf(lease, 'unavailable'), recall: [], isUnasked: false }
  const isHard = budget !== null && budget.mode === 'hard' && !budget.shadow
  if (!isHard || instance === null || lease.state !== 'open') return refused
  if (!deps.mayGrant || !isNear(instance, deps.nowMs)) return refused
  const sums = counterOf(draft, { budget, counter: ask.counter }, instance)
  if (sums.other === null) return { ...refused, isUnasked: true }
  const limit = effectiveLimit(budget, ask.counter, instance, entry.row.carried, deps.nowMs)
  const leases = [...sums.leases, ...sums.ahead]
  const silent = leases.filter(
    (other) => other.state === 'open' && other.holder !== holder && deps.isSilent(other),
  )
  const book = {
    limit,
    other: sums.other,
    leases,
    silent: new Set(silent.map((other) => other.holder)),
  }
  const { answer, granted, bare, recall, left } = answerAsk(book, askOf(holder, ask))
  const after = { ...lease, granted, bare }
  if (!isSame(lease, after)) draft.putLease(after)
  if (answer === 'spent' && ask.mayShrink !== true) noteRefusal(draft, entry.row, limit, deps.nowMs)
  const grant = grantOf(after, answer)
  return {
    grant: answer === 'spent' ? { ...grant, left: String(left) } : grant,
    recall,
    isUnasked: false,
  }
}

/** Once for each limit: people are told that calls are refused, however much seems to be left. */
function noteRefusal(draft: BookDraft, row: StoredInstance, limit: bigint, atMs: number): void {
  if (row.refused !== null && row.refused.limit >= limit) return
  draft.putInstance({ ...row, refused: { atMs, limit } })
}

function isNear({ fromMs, toMs }: PeriodInstance, nowMs: number): boolean {
  return nowMs >= fromMs - EARLY_MS_MAX && (toMs === null || nowMs < toMs + LATE_MS_MAX)
}

/** `answer` null: nothing was asked for. */
export function grantOf(lease: StoredLease, answer: LeaseAnswer | null): LeaseGrant {
  const { instance, granted, returned, settled, bare, state } = lease
  return {
    instance,
    granted: String(granted),
    returned: String(returned),
    settled: String(settled),
    bare,
    answer,
    ...(state === 'open' ? {} : { isOver: true }),
  }
}

function isSame(one: StoredLease, other: StoredLease): boolean {
  return (
    one.granted === other.granted &&
    one.returned === other.returned &&
    one.settled === other.settled &&
    one.reserved === other.reserved &&
    one.bare === other.bare &&
    one.state === other.state
  )
}
