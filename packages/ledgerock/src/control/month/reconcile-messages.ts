// What the control process and a thread that reconciles say to each other.

import type { BilledLine, MeteredUse } from '../../reconciliation/cell.ts'
import type { ReconcileAsk, Reconciliation } from '../../reconciliation/reconcile.ts'
import type { EvidenceFacts } from './month-evidence.ts'

export type ToThread =
  | { readonly kind: 'lines'; readonly rows: readonly BilledLine[] }
  | { readonly kind: 'metered'; readonly rows: readonly MeteredUse[] }
  | {
      readonly kind: 'reconcile'
      readonly facts: EvidenceFacts
      readonly terms: Omit<ReconcileAsk, 'lines' | 'metered' | 'evidence'>
    }

export type FromThread =
  | { readonly kind: 'taken' }
  | { readonly kind: 'done'; readonly reconciliation: Reconciliation }
  | { readonly kind: 'failed'; readonly isAssertion: boolean; readonly reason: string }
