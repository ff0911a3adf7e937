// What statements are made from: months as reconciled while a period is open, the frozen rows once it is closed, the adjustments posted
// in it, and what came of it.

import type { Ledger } from '../../ledger/ledger.ts'
import type { PeriodService } from '../periods/periods.ts'
import type { ReconciliationService } from '../month/reconciliations.ts'

export type StatementSource = Pick<ReconciliationService, 'month' | 'wholeMonth'> &
  Pick<PeriodService, 'frozen' | 'adjustmentsIn'> &
  Pick<Ledger, 'outcomeTotals'>
