// The bill in the control plane, put together: months reconciled, and the pools by which shared costs are divided.

import { randomBytes } from 'node:crypto'
import type { DimensionRules } from '../../attribution/dimension-rule.ts'
import type { OwnerService } from '../../control/month/owners.ts'
import { createPoolService, type PoolService } from '../../control/month/pools.ts'
import type { PricePublisher } from '../../control/prices/price-publisher.ts'
import { reconcileApart } from '../../control/month/reconcile-apart.ts'
import {
  createReconciliations,
  type ReconciliationService,
} from '../../control/month/reconciliations.ts'
import type { ControlStore } from '../../control/store/control-store.ts'
import { systemClock } from '../../platform/clock.ts'
import type { ControlPlaneDeps } from './control-plane-deps.ts'

export type BillParts = {
  readonly store: ControlStore
  readonly owners: Pick<OwnerService, 'ownersInForce'>
  readonly prices: Pick<PricePublisher, 'current'>
  readonly rules: () => DimensionRules
}

export type BillServices = {
  readonly reconciliations: ReconciliationService
  readonly pools: PoolService
}

export function billServices(
  { logger, config, ledger }: Pick<ControlPlaneDeps, 'logger' | 'config' | 'ledger'>,
  { store, owners, prices, rules }: BillParts,
): BillServices {
  const clock = systemClock
  const reconciliations = createReconciliations({
    store,
    ledger,
    config,
    owners: owners.ownersInForce,
    pools: () => pools.inForce(),
    priceBookVersion: () => prices.current().version,
    clock,
    reconciler: reconcileApart,
    toleranceUsd: () => config().billing.toleranceUsd,
    log: (event, fields) => logger.error(fields, event),
  })
  const pools = createPoolService({
    store,
    declared: () => config().billing,
    reconciliations,
    rules,
    random: (bytes) => randomBytes(bytes),
    clock,
  })
  return { reconciliations, pools }
}
