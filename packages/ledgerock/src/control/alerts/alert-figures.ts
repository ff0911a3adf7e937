// What this node has done about alerts since control began, for the metrics page.

import type { SinkType } from '../../governance/alert-rule.ts'
import type { DeliveryOutcome } from './outbox.ts'

export type Delivery = {
  /** `gone`: the sink is not declared any more. */
  readonly type: SinkType | 'gone'
  readonly outcome: DeliveryOutcome['outcome']
  readonly count: number
}

export type AlertFigures = { readonly raised: number; readonly deliveries: readonly Delivery[] }

export function createAlertFigures() {
  let raised = 0
  const deliveries = new Map<string, Delivery>()
  return {
    raised: (count: number): void => {
      raised += count
    },
    told: (type: Delivery['type'], outcome: Delivery['outcome']): void => {
      const key = `${type} ${outcome}`
      deliveries.set(key, { type, outcome, count: (deliveries.get(key)?.count ?? 0) + 1 })
    },
    read: (): AlertFigures => ({ raised, deliveries: [...deliveries.values()] }),
  }
}
