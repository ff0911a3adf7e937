import { AggregatorRegistry } from 'prom-client'
import { expect, it } from 'vitest'
import { controlMetrics } from './control-metrics.ts'

it('[Z24] control’s part of the page: grants, recalls, its clock, and what was told of alerts', async () => {
  const report = await controlMetrics({
    leases: {
      figures: () => ({ granted: 12, spent: 3, unavailable: 2, recalls: 4 }),
      health: () => ({ clockOffsetMs: -1_500, stop: 'failover', awaited: ['b'] }),
    },
    alerts: {
      figures: () => ({
        raised: 5,
        deliveries: [
          { type: 'slack', outcome: 'delivered', count: 4 },
          { type: 'email', outcome: 'failed', count: 6 },
        ],
      }),
    },
  })
  const page = await AggregatorRegistry.aggregate([[...report]]).metrics()
  const lines = page.split('\n')
  for (const line of [
    'ledgerock_budget_lease_answers_total{answer="granted"} 12',
    'ledgerock_budget_lease_answers_total{answer="spent"} 3',
    'ledgerock_budget_lease_answers_total{answer="unavailable"} 2',
    'ledgerock_budget_recalls_total 4',
    'ledgerock_clock_offset_seconds -1.5',
    'ledgerock_budget_grants_stopped 1',
    'ledgerock_alerts_raised_total 5',
    'ledgerock_alert_deliveries_total{sink_type="slack",outcome="delivered"} 4',
    'ledgerock_alert_deliveries_total{sink_type="email",outcome="failed"} 6',
  ]) {
    expect(lines).toContain(line)
  }
})
