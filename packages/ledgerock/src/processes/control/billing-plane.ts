// All that the control plane does with the bill, put together in the order in which one part needs another: who owns what, months
// reconciled, periods closed, statements, and the imports that set all of it going.

import type { ApiDeps } from '../../control/api.ts'
import type { ImportService } from '../../control/imports/imports.ts'
import type { KeyCheckDeps } from '../../control/keys/key-holder.ts'
import type { PeriodService } from '../../control/periods/periods.ts'
import type { StatementMails } from '../../control/statements/statement-mails.ts'
import { billServices, type BillParts } from './bill-services.ts'
import type { ControlPlaneDeps } from './control-plane-deps.ts'
import { importServices } from './import-services.ts'
import { outcomeServices } from './outcome-services.ts'
import { ownerServices, type OwnerServicesDeps } from './owner-services.ts'
import { periodServices } from './period-services.ts'
import { statementServices } from './statement-services.ts'

export type BillingParts = Pick<BillParts, 'prices'> &
  Pick<KeyCheckDeps, 'pepper' | 'sealer'> &
  Pick<OwnerServicesDeps, 'store' | 'publisher' | 'random' | 'clock' | 'rules' | 'declared'>

export type BillingPlane = {
  readonly services: Pick<
    ApiDeps,
    | 'owners'
    | 'principals'
    | 'reconciliations'
    | 'pools'
    | 'periods'
    | 'statements'
    | 'statementMails'
    | 'imports'
    | 'outcomes'
    | 'keyCheck'
  >
  /** What is looked after again and again. */
  readonly kept: {
    readonly imports: ImportService
    readonly periods: PeriodService
    readonly mailing: StatementMails
  }
}

export async function openBilling(
  deps: ControlPlaneDeps,
  parts: BillingParts,
): Promise<BillingPlane> {
  const { store } = parts
  const owning = ownerServices({ ...parts, config: deps.config, ledger: deps.ledger })
  const bill = billServices(deps, { ...parts, owners: owning.owners })
  const periods = periodServices(deps, store, bill.reconciliations)
  const { mailing, ...stating } = statementServices(deps, store, {
    ...bill.reconciliations,
    ...periods,
    outcomeTotals: deps.ledger.outcomeTotals,
  })
  const telling = outcomeServices({ ...parts, ledger: deps.ledger })
  // Who must know of another bill in force is told here.
  const { imports } = importServices(deps, store, telling, periods.onImport)
  await imports.recover()
  return {
    services: { ...owning, ...bill, ...stating, ...telling, periods, imports },
    kept: { imports, periods, mailing },
  }
}
