// What a worker counts for `/metrics`. Labels are closed sets (operation, status, code), never a key, model or user, so that
// cardinality is bounded. Dollars here are a float for dashboards; money that counts is in the ledger.

import { Counter, Gauge, Histogram, Registry, type MetricObject } from 'prom-client'
import type { RefusalCode } from '@ledgerock/contract'
import type { OpenedLine, SettledLine } from '../journal/line.ts'
import type { JournalStatus } from '../journal/writer.ts'

export type GatewayMetrics = {
  readonly settled: (line: SettledLine, opened: OpenedLine) => void
  readonly refused: (code: RefusalCode) => void
  readonly credentialRefused: (reason: string) => void
  /** Answered without being anybody's call: unknown route, malformed body, no credential. */
  readonly turnedAway: (reason: string) => void
  /** Whether this refusal of this key is still within the rate that is written to the ledger. */
  readonly refusalSampled: (keyName: string) => boolean
  readonly report: () => Promise<readonly MetricObject[]>
}

export type GatewayGauges = {
  readonly connections: () => number
  readonly heldBytes: () => number
  readonly journal: () => JournalStatus
  readonly now: () => number
}

const REFUSALS_WRITTEN_PER_SECOND = 20
const DOLLARS_PER_PICODOLLAR = 1e-12
const OVERHEAD_BUCKETS_S = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1]

export function createGatewayMetrics(worker: string, gauges: GatewayGauges): GatewayMetrics {
  const registry = new Registry()
  registry.setDefaultLabels({ worker })
  const registers = [registry]
  const counter = <Label extends string>(
    name: string,
    help: string,
    ...labelNames: Label[]
  ): Counter<Label> => new Counter({ name, help, labelNames, registers })
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })

  const calls = counter('ledgerock_calls_total', 'Calls settled', 'operation', 'status')
  const tokens = counter('ledgerock_tokens_total', 'Units metered, by usage kind', 'kind')
  const dollars = counter('ledgerock_cost_usd_total', 'Metered cost, rounded')
  const unpriced = counter('ledgerock_unpriced_calls_total', 'Calls without a cost', 'reason')
  const refusals = counter('ledgerock_refusals_total', 'Calls refused', 'code')
  const credentials = counter('ledgerock_credential_refusals_total', 'Bad credentials', 'reason')
  const turned = counter('ledgerock_turned_away_total', 'Requests that are no calls', 'reason')
  const overhead = new Histogram({
    name: 'ledgerock_gateway_overhead_seconds',
    help: 'Time a call spent in the gateway itself',
    buckets: OVERHEAD_BUCKETS_S,
    registers,
  })
  gauge('ledgerock_gateway_connections', 'Open client connections', gauges.connections)
  gauge('ledgerock_gateway_held_body_bytes', 'Request bodies in memory', gauges.heldBytes)
  gauge('ledgerock_journal_bytes', 'Journal on disk', () => gauges.journal().bytes)
  gauge('ledgerock_journal_open_calls', 'Calls not settled', () => gauges.journal().inFlight)
  gauge('ledgerock_journal_failovers', 'Segments given up', () => gauges.journal().failovers)
  gauge('ledgerock_journal_writable', '1 while calls can be recorded', () =>
    gauges.journal().state === 'open' ? 1 : 0,
  )

  const sampled = new Map<string, { second: number; count: number }>()

  return {
    settled(line, opened) {
      calls.inc({ operation: opened.operation, status: line.status })
      for (const kind in line.usage) tokens.inc({ kind }, line.usage[kind as 'input'] ?? 0)
      if (line.cost !== null) dollars.inc(Number(line.cost) * DOLLARS_PER_PICODOLLAR)
      if (line.unpricedReason !== null) unpriced.inc({ reason: line.unpricedReason })
      if (line.gatewayOverheadUs !== null) overhead.observe(line.gatewayOverheadUs / 1_000_000)
    },
    refused: (code) => refusals.inc({ code }),
    credentialRefused: (reason) => credentials.inc({ reason }),
    turnedAway: (reason) => turned.inc({ reason }),
    refusalSampled(keyName) {
      const second = Math.floor(gauges.now() / 1_000)
      const seen = sampled.get(keyName)
      if (seen?.second === second) return ++seen.count <= REFUSALS_WRITTEN_PER_SECOND
      sampled.set(keyName, { second, count: 1 })
      return true
    },
    report: () => registry.getMetricsAsJSON(),
  }
}
