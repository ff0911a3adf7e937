// Gathers what rules are held against. Budgets are at hand; the ledger is asked in the background, each question at most every five
// seconds and for at most a twentieth of the time, so that a slow answer delays no other alert.

import type { AlertRule } from '../../governance/alert-rule.ts'
import { MS_PER_MINUTE, type Clock } from '../../kernel/time.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { BudgetState } from '../leases/budget-state.ts'
import type { AlertFacts } from './facts.ts'
import { measuresOf, spendQuestionOf, type SpendMeasures } from './spend-measures.ts'

export type FactSource = (rules: readonly AlertRule[], controlDownMs: number) => AlertFacts

export type FactSourceDeps = {
  readonly ledger: Pick<Ledger, 'spend' | 'status'>
  /** Null: not known yet. */
  readonly budgets: () => readonly BudgetState[] | null
  readonly journalMaxBytes: () => number
  readonly clockOffsetMs: () => number | null
  readonly nodeId: string
  readonly clock: Clock
}

const ASK_EVERY_MS = 5_000
const SHARE_OF_TIME = 20
/** What is older is not known any more. */
const OLD_MS = 5 * MS_PER_MINUTE

const SPEND_KINDS: readonly string[] = ['unattributed', 'unpriced', 'spend_rate']

export function createFactSource(deps: FactSourceDeps): FactSource {
  const { clock, ledger } = deps
  const spends = new Map<string, Answered<SpendMeasures>>()
  const status = background(
    clock,
    () => ledger.status(),
    ({ store }) => store.state === 'ok',
  )

  function spendOf(rule: AlertRule): Answered<SpendMeasures> {
    const key = JSON.stringify([rule.when, rule.overMs, rule.scope])
    const known = spends.get(key)
    if (known !== undefined) return known
    const asked = background(clock, async () => {
      const answer = await ledger.spend(spendQuestionOf(rule, clock.now()))
      if (!answer.ok) throw new Error(answer.problem.detail)
      return measuresOf(answer.value.rows, answer.value.total)
    })
    spends.set(key, asked)
    return asked
  }

  return (rules, controlDownMs) => {
    const wanted = rules.filter(({ when }) => SPEND_KINDS.includes(when))
    const asked = new Set(wanted.map(spendOf))
    for (const [key, one] of spends) if (!asked.has(one)) spends.delete(key)
    for (const one of asked) one.refresh()
    if (rules.some(({ when }) => when === 'journal' || when === 'store')) status.refresh()
    const now = status.value()
    return {
      nodeId: deps.nodeId,
      nowMs: clock.now(),
      budgets: deps.budgets(),
      spend: (rule) => spendOf(rule).value(),
      journal:
        now === null
          ? null
          : { usedBytes: now.shipping.lag_bytes, maxBytes: deps.journalMaxBytes() },
      storeDown: { ledgerMs: status.failingMs(), controlMs: controlDownMs },
      clockOffsetMs: deps.clockOffsetMs(),
    }
  }
}

type Answered<Value> = {
  readonly refresh: () => void
  /** The last answer, unless it is old. */
  readonly value: () => Value | null
  /** For how long there has been no good answer; 0: the last one was. */
  readonly failingMs: () => number
}

function background<Value>(
  clock: Clock,
  ask: () => Promise<Value>,
  isGood: (value: Value) => boolean = () => true,
): Answered<Value> {
  let last: { readonly value: Value; readonly atMs: number } | null = null
  let failingSinceMs: number | null = null
  let nextMs = Number.NEGATIVE_INFINITY
  let isAsking = false

  async function run(): Promise<void> {
    const startedMs = clock.monotonic()
    try {
      last = { value: await ask(), atMs: clock.monotonic() }
      failingSinceMs = isGood(last.value) ? null : (failingSinceMs ?? startedMs)
    } catch {
      failingSinceMs ??= startedMs
    }
    const endedMs = clock.monotonic()
    nextMs = Math.max(startedMs + ASK_EVERY_MS, endedMs + (endedMs - startedMs) * SHARE_OF_TIME)
    isAsking = false
  }

  return {
    refresh() {
      if (isAsking || clock.monotonic() < nextMs) return
      isAsking = true
      void run()
    },
    value: () => (last !== null && clock.monotonic() - last.atMs < OLD_MS ? last.value : null),
    failingMs: () => (failingSinceMs === null ? 0 : clock.monotonic() - failingSinceMs),
  }
}
