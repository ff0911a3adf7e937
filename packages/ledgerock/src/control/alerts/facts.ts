// What alert rules are held against. Each fact is asked for only where a rule needs it, and `null` means that it is not known now:
// the ledger is away, the store was never heard. Then alerts stay as they are.

import type { SpendMeasures } from './spend-measures.ts'
import type { AlertRule } from '../../governance/alert-rule.ts'
import type { BudgetState } from '../leases/budget-state.ts'

export type AlertFacts = {
  readonly nodeId: string
  readonly nowMs: number
  readonly budgets: readonly BudgetState[] | null
  /** Of the rule's scope over its stretch of time. */
  readonly spend: (rule: AlertRule) => SpendMeasures | null
  /** Journal that the ledger has not confirmed, of what there is room for. */
  readonly journal: { readonly usedBytes: number; readonly maxBytes: number } | null
  /** How long the store of calls, or the control store, did not answer; 0: they do. */
  readonly storeDown: { readonly ledgerMs: number; readonly controlMs: number }
  /** How far this node's clock is from the store's. */
  readonly clockOffsetMs: number | null
}
