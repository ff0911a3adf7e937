// What control shows on the metrics page: what it granted of budgets, how far its clock is from the store's, and what it told of alerts.

import { Counter, Gauge, Registry } from 'prom-client'
import type { RunningLeases } from '../../control/leases/lease-service.ts'
import type { Alerts } from '../../control/alerts/alerts.ts'
import { MS_PER_SECOND } from '../../kernel/time.ts'
import type { MetricsReport } from '../messages.ts'

export type ControlMeasured = {
  readonly leases: Pick<RunningLeases, 'figures' | 'health'>
  readonly alerts: Pick<Alerts, 'figures'>
}

export function controlMetrics({ leases, alerts }: ControlMeasured): Promise<MetricsReport> {
  const registry = new Registry()
  const registers = [registry]
  const { recalls, ...answers } = leases.figures()
  const asked = new Counter({
    name: 'ledgerock_budget_lease_answers_total',
    help: 'What workers that asked for balance were answered',
    labelNames: ['answer'],
    registers,
  })
  for (const [answer, count] of Object.entries(answers)) asked.inc({ answer }, count)
  new Counter({
    name: 'ledgerock_budget_recalls_total',
    help: 'Workers told to give back what they hold idle',
    registers,
  }).inc(recalls)
  const { clockOffsetMs, stop } = leases.health()
  new Gauge({
    name: 'ledgerock_clock_offset_seconds',
    help: 'The clock of the control store less that of this node',
    registers,
  }).set(clockOffsetMs / MS_PER_SECOND)
  new Gauge({
    name: 'ledgerock_budget_grants_stopped',
    help: '1 while this node may grant nothing: its clock is off, or a database took over',
    registers,
  }).set(stop === null ? 0 : 1)
  const { raised, deliveries } = alerts.figures()
  new Counter({
    name: 'ledgerock_alerts_raised_total',
    help: 'Alerts that began to fire',
    registers,
  }).inc(raised)
  const told = new Counter({
    name: 'ledgerock_alert_deliveries_total',
    help: 'Messages to sinks, by what became of them',
    labelNames: ['sink_type', 'outcome'],
    registers,
  })
  for (const { type, outcome, count } of deliveries) told.inc({ sink_type: type, outcome }, count)
  return registry.getMetricsAsJSON()
}
