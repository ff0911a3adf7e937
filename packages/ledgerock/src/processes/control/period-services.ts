// Billing periods of the control plane, put together.

import { randomBytes } from 'node:crypto'
import { createPeriodService } from '../../control/periods/period-service.ts'
import type { PeriodService } from '../../control/periods/periods.ts'
import type { ReconciliationService } from '../../control/month/reconciliations.ts'
import type { ControlStore } from '../../control/store/control-store.ts'
import { systemClock } from '../../platform/clock.ts'
import type { ControlPlaneDeps } from './control-plane-deps.ts'

export function periodServices(
  { config, ledger, logger }: Pick<ControlPlaneDeps, 'config' | 'ledger' | 'logger'>,
  store: ControlStore,
  reconciliations: Pick<ReconciliationService, 'month' | 'rulesNow'>,
): PeriodService {
  return createPeriodService({
    store,
    ledger,
    reconciliations,
    clock: systemClock,
    random: (bytes) => randomBytes(bytes),
    graceMs: () => config().billing.graceMs,
    onError: (error) => {
      const isProblem = typeof error === 'object' && error !== null && 'detail' in error
      const stack = error instanceof Error ? error.stack : undefined
      const reason = isProblem ? String(error.detail) : String(error)
      logger.warn({ reason, stack }, 'period_not_adjusted')
    },
  })
}
