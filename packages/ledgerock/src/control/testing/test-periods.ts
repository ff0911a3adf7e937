// Periods over the bill of a test's control plane.

import { randomBytes } from 'node:crypto'
import { createPeriodService } from '../periods/period-service.ts'
import type { PeriodServiceDeps } from '../periods/period-clock.ts'
import type { PeriodService } from '../periods/periods.ts'
import type { TestBill } from './fake-month.ts'

export function testPeriods({
  bill,
  ...deps
}: Pick<PeriodServiceDeps, 'store' | 'clock' | 'onError'> & {
  readonly bill: Pick<TestBill, 'reconciliations' | 'month' | 'billing'>
}): PeriodService {
  const versionsOf: PeriodServiceDeps['ledger']['billVersions'] = async ({ period }) =>
    bill.month.bills
      .map(({ version }) => version)
      .filter((version) => period === null || version.period === period)
  return createPeriodService({
    ...deps,
    reconciliations: bill.reconciliations,
    ledger: { billVersions: versionsOf, billSummary: async () => null },
    graceMs: () => bill.billing.graceMs,
    random: (bytes) => randomBytes(bytes),
  })
}
