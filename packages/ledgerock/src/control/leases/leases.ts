// Budgets as people's side sees the granting of them: how each stands, who holds what of it, and the two things only a person may
// decide: to write off what a holder cannot give back any more, and a node that is gone for good.

import type { Result } from '../../kernel/result.ts'
import type { LeaseState } from '../../governance/budget/lease.ts'
import type { BudgetState } from './budget-state.ts'

/** What one worker's journal holds of one budget instance; amounts in the budget's unit. */
export type LeaseView = {
  readonly instance: string
  readonly budget: string
  readonly counter: string | null
  readonly fromMs: number
  readonly holder: string
  readonly nodeId: string
  readonly state: LeaseState
  readonly granted: bigint
  readonly returned: bigint
  readonly settled: bigint
  /** What it counts against the limit beyond what was settled: calls in flight, idle balance, or what nobody can say of a lost one. */
  readonly held: bigint
  /** Its node has not been heard of for a while: it may spend `held` without anybody knowing. */
  readonly cutOff: boolean
}

export const LEASE_PROBLEMS = [
  'lease_unknown',
  'lease_not_lost',
  'node_unknown',
  'node_alive',
] as const
export type LeaseProblem = {
  readonly code: (typeof LEASE_PROBLEMS)[number]
  readonly detail: string
}

/** What a reclaim or an eviction gave free, by instance; amounts in the budget's unit. */
export type Freed = { readonly instance: string; readonly holder: string; readonly freed: bigint }

/** At rest a counter is the sum of the ledger; where it is not, by how much. Amounts in the budget's unit. */
export type BudgetFinding = {
  readonly instance: string
  readonly budget: string
  readonly counter: string | null
  readonly counted: bigint
  readonly ledger: bigint
}

/** What lost leases hold of a counter: written off as spent, for nobody can say whether it was, until they are reclaimed. */
export type LostAmount = {
  readonly instance: string
  readonly budget: string
  readonly counter: string | null
  readonly amount: bigint
}

/** What was compared, too: a check of nothing finds nothing. `moving`: calls kept coming, so nothing could be said. */
export type BudgetCheck = {
  readonly checked: number
  readonly moving: number
  readonly findings: readonly BudgetFinding[]
  readonly lost: readonly LostAmount[]
}

export type LeaseService = {
  /** As of the last second. A counter without any use is not in it, but a budget without counters always is. */
  readonly states: () => readonly BudgetState[]
  /** Of instances that still count, the largest hold first. */
  readonly leases: () => Promise<readonly LeaseView[]>
  /** Only what is lost can be reclaimed: it counts as what the ledger has of it from then on. Audited. */
  readonly reclaim: (
    instance: string,
    holder: string,
    actor: string,
    reason: string,
  ) => Promise<Result<Freed, LeaseProblem>>
  /** For a node that never comes back: its leases are lost, with all they may have spent. Audited. */
  readonly evict: (
    nodeId: string,
    actor: string,
    reason: string,
  ) => Promise<Result<readonly LeaseView[], LeaseProblem>>
  /** Compares every counter that stands still with the ledger. */
  readonly check: () => Promise<BudgetCheck>
}
