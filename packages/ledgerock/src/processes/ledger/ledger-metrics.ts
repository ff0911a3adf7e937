// What the ledger process shows on the metrics page: how far it is behind the journals, and whether anything is wrong.

import { Gauge, Registry, type MetricObject } from 'prom-client'
import type { Ledger } from '../../ledger/ledger.ts'

export async function ledgerMetrics(ledger: Ledger): Promise<readonly MetricObject[]> {
  const { store, shipping } = await ledger.status()
  const registry = new Registry()
  const show = (name: string, help: string, value: number): void => {
    new Gauge({ name, help, registers: [registry] }).set(value)
  }
  show('ledgerock_ledger_store_up', '1 while the store answers', store.state === 'ok' ? 1 : 0)
  show('ledgerock_ledger_lag_bytes', 'Journal not yet in the store', shipping.lag_bytes)
  show(
    'ledgerock_ledger_lag_seconds',
    'Age of the oldest call not in the store',
    shipping.lag_seconds,
  )
  show('ledgerock_ledger_shipped_calls', 'Calls shipped since this start', shipping.shipped_calls)
  show(
    'ledgerock_ledger_quarantined',
    'Damaged or refused records kept aside',
    shipping.quarantined,
  )
  return registry.getMetricsAsJSON()
}
