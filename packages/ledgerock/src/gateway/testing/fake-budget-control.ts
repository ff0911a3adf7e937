// Control as one worker's wallet sees it, in the process of a test: grants out of limits the test sets, and does as it is told: refuses,
// says nothing, or keeps its answers until it is asked for them. The wallet is the real one.

import { createBudgetWallet, type BudgetWallet } from '../../governance/budget/budget-wallet.ts'
import type {
  FromWallet,
  LeaseAnswer,
  LeaseAsk,
  LeaseGrant,
  ToWallet,
} from '../../governance/budget/lease.ts'
import { systemClock } from '../../platform/clock.ts'

type Lease = { granted: bigint; returned: bigint; settled: bigint; reserved: bigint }

/** `keeping`: answers wait for `letGo`; `silent`: there are none; `unsure`: control cannot say. */
type Mood = 'granting' | 'keeping' | 'silent' | 'unsure'

export type FakeControl = {
  readonly wallet: (holder: string) => BudgetWallet
  /** Of every counter of this budget, in its unit; `generous`: all that is left is granted at once, and kept. */
  readonly setLimit: (budget: string, limit: bigint, generous?: boolean) => void
  readonly setMood: (mood: Mood) => void
  /** What was kept is answered, as is what comes. */
  readonly letGo: () => void
  readonly keeps: () => boolean
  /** Tells the wallet how the counter stands, as control does every second. */
  readonly tell: (instance: string, limit: bigint, spent: bigint) => void
  /** By instance, as the wallet says it; called, the wallet is made to say it. */
  readonly leases: () => ReadonlyMap<string, Readonly<Lease>>
}

/** A call waits so long where the test says when it is answered, and no longer than it must where it never is. */
const PATIENCE_MS = { keeping: 60_000, granting: 60_000, silent: 50, unsure: 50 }

export function createFakeControl(): FakeControl {
  const limits = new Map<string, { limit: bigint; generous: boolean }>()
  const leases = new Map<string, Lease>()
  let mood: Mood = 'granting'
  let kept: (() => void)[] = []
  let wallet: BudgetWallet | null = null

  const say = (message: ToWallet): void => wallet?.taken(message)

  function leaseOf(instance: string): Lease {
    const lease = leases.get(instance) ?? { granted: 0n, returned: 0n, settled: 0n, reserved: 0n }
    leases.set(instance, lease)
    return lease
  }

  function grantOf(ask: LeaseAsk): LeaseGrant {
    const lease = leaseOf(ask.instance)
    hear(lease, ask)
    const { limit, generous } = limits.get(ask.budget) ?? { limit: 0n, generous: false }
    const answer = answerTo(ask, lease, limit, generous)
    const left = limit - (lease.granted - lease.returned)
    return {
      instance: ask.instance,
      granted: String(lease.granted),
      returned: String(lease.returned),
      settled: String(lease.settled),
      bare: !generous,
      answer,
      ...(answer === 'spent' ? { left: String(left > 0n ? left : 0n) } : {}),
    }
  }

  function answerTo(
    ask: LeaseAsk,
    lease: Lease,
    limit: bigint,
    generous: boolean,
  ): LeaseAnswer | null {
    const need = BigInt(ask.need)
    if (need === 0n) return null
    if (mood === 'unsure') return 'unavailable'
    const left = limit - (lease.granted - lease.returned)
    if (BigInt(ask.least) > left) return 'spent'
    lease.granted += generous || need > left ? left : need
    return 'granted'
  }

  function heard(message: FromWallet): void {
    if (message.kind === 'budget-report') {
      for (const word of message.leases) hear(leaseOf(word.instance), word)
      // As every message: never in the turn that it answers.
      setImmediate(() => say({ kind: 'budget-heard', id: message.id }))
      return
    }
    if (mood === 'silent') return
    const answer = (): void => {
      say({ kind: 'budget-grant', id: message.id, grants: message.asks.map(grantOf) })
    }
    if (mood === 'keeping') kept.push(answer)
    else setImmediate(answer)
  }

  return {
    wallet(holder) {
      wallet = createBudgetWallet({
        holder,
        send: heard,
        now: systemClock.monotonic,
        after(ms, run) {
          const timer = setTimeout(run, ms)
          return () => clearTimeout(timer)
        },
        get patienceMs() {
          return PATIENCE_MS[mood]
        },
      })
      return wallet
    },
    setLimit: (budget, limit, generous = false) => void limits.set(budget, { limit, generous }),
    setMood: (next) => void (mood = next),
    letGo() {
      const answers = kept
      kept = []
      mood = 'granting'
      for (const answer of answers) answer()
    },
    keeps: () => kept.length > 0,
    tell: (instance, limit, spent) =>
      say({
        kind: 'budget-states',
        states: [{ instance, limit: String(limit), spent: String(spent) }],
      }),
    leases() {
      wallet?.report()
      return leases
    },
  }
}

function hear(lease: Lease, word: Pick<LeaseAsk, 'returned' | 'settled' | 'reserved'>): void {
  lease.returned = BigInt(word.returned)
  lease.settled = BigInt(word.settled)
  lease.reserved = BigInt(word.reserved)
}
