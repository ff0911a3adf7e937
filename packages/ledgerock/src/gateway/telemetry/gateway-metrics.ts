// What a worker counts for `/metrics`. Labels are closed sets (operation, status, code) or names from the configuration (target,
// dimension, rule), never a key, model or user, so that cardinality is bounded. Dollars here are a float for dashboards; money that
// counts is in the ledger.

import type { MetricObject } from 'prom-client'
import type { RefusalCode } from '@ledgerock/contract'
import type { BudgetUnit } from '../../governance/budget/budget.ts'
import type { WalletFigures } from '../../governance/budget/wallet-figures.ts'
import type { OpenedLine, SettledLine } from '../../journal/line.ts'
import type { JournalStatus } from '../../journal/journal-writer.ts'
import type { TraceStatus } from './call-traces.ts'
import type { BreakerState } from '../attempt/circuit-breaker.ts'
import type { ListenerStatus } from '../server/listener.ts'
import {
  Counter,
  counterFamily,
  gaugeFamily,
  Histogram,
  PairCounter,
  type Labels,
  type MetricFamily,
} from './metric-family.ts'
import type { OverloadStatus } from '../server/overload.ts'
import { createRefusalSample } from './refusal-sample.ts'

export type GatewayMetrics = {
  readonly settled: (line: SettledLine, opened: OpenedLine) => void
  readonly refused: (code: RefusalCode) => void
  /** By which rule of access, limits or guardrails, or which budget; `pause` for all pauses. */
  readonly ruleRefused: (code: RefusalCode, rule: string) => void
  /** A rule in shadow would have refused the call. */
  readonly shadowRefused: (code: RefusalCode, rule: string) => void
  readonly credentialRefused: (reason: string) => void
  /** Answered without being anybody's call: unknown route, malformed body, no credential. */
  readonly turnedAway: (reason: string) => void
  /** Whether this refusal of this key is still within the rate that is written to the ledger. */
  readonly refusalSampled: (keyName: string) => boolean
  /** An attempt was followed by another one at the same target. */
  readonly retried: (reason: string) => void
  /** An attempt was followed by one elsewhere, as a route says. */
  readonly fellBack: (reason: string) => void
  /** Dimensions with `required: report` that a call came without. */
  readonly dimensionsMissing: (names: readonly string[]) => void
  /** Entries of ours that found no room in a call's request metadata. */
  readonly metadataDropped: (entries: number) => void
  /** A call was charged more than was held back for it. */
  readonly boundExceeded: () => void
  readonly report: () => Promise<readonly MetricObject[]>
}

export type UpstreamStatus = {
  /** The target's name in the configuration. */
  readonly target: string
  readonly connected: number
  readonly running: number
  readonly queued: number
  readonly breaker: BreakerState
}

/** What is read when somebody asks; a part that a worker does not have is left out. */
export type GatewayGauges = {
  readonly connections: () => number
  readonly heldBytes: () => number
  readonly journal: () => JournalStatus
  readonly now: () => number
  readonly upstreams?: () => readonly UpstreamStatus[]
  /** Answers that are read to their end though their client has left. */
  readonly drains?: () => number
  readonly overload?: () => OverloadStatus
  readonly listener?: () => ListenerStatus
  /** Requests whose client stopped sending. */
  readonly slowBodies?: () => number
  readonly traces?: () => TraceStatus
  readonly wallet?: () => WalletFigures
  /** Of a budget in force, by its name. */
  readonly budgetUnit?: (name: string) => BudgetUnit | null
  /** When the certificate in use ends, in milliseconds since the epoch. */
  readonly certificateEndsAt?: () => number
}

const DOLLARS_PER_PICODOLLAR = 1e-12
const OVERHEAD_BUCKETS_S = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1]
const UPSTREAM_BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]

export function createGatewayMetrics(worker: string, gauges: GatewayGauges): GatewayMetrics {
  const totals = { dollars: 0, saved: 0, anonymous: 0, metadataDropped: 0, exceeded: 0 }
  const counts = createCounters()
  const times = createHistograms()
  const families: readonly MetricFamily[] = [
    ...Object.values(counts),
    ...Object.values(times),
    counterFamily('ledgerock_cost_usd_total', 'Metered cost, rounded', () => totals.dollars),
    counterFamily('ledgerock_anonymous_calls_total', 'Calls of nobody', () => totals.anonymous),
    counterFamily(
      'ledgerock_metadata_dropped_total',
      'Request metadata of ours that found no room',
      () => totals.metadataDropped,
    ),
    counterFamily(
      'ledgerock_saved_usd_total',
      'What routes have saved, rounded',
      () => totals.saved,
    ),
    counterFamily(
      'ledgerock_bound_exceeded_total',
      'Calls that were charged more than was held back for them',
      () => totals.exceeded,
    ),
    ...gaugeFamilies(gauges),
    ...budgetFamilies(gauges),
  ]

  return {
    settled(line, opened) {
      const { operation } = opened
      counts.calls.add(operation, line.status)
      for (const kind in line.usage) counts.tokens.add(kind, line.usage[kind as 'input'] ?? 0)
      if (line.cost !== null) totals.dollars += Number(line.cost) * DOLLARS_PER_PICODOLLAR
      if (line.saved !== null && line.saved > 0n) {
        totals.saved += Number(line.saved) * DOLLARS_PER_PICODOLLAR
      }
      if (line.unpricedReason !== null) counts.unpriced.add(line.unpricedReason)
      if (opened.keyName === null && opened.principalArn === null) totals.anonymous += 1
      if (line.gatewayOverheadUs === null) return
      times.overhead.observe(line.gatewayOverheadUs / 1_000_000)
      const outsideMs = line.latencyMs - line.gatewayOverheadUs / 1_000
      times.upstream.observe(Math.max(0, outsideMs) / 1_000, operation)
      if (line.firstByteMs !== null) times.firstByte.observe(line.firstByteMs / 1_000, operation)
    },
    refused: (code) => counts.refusals.add(code),
    ruleRefused: (code, rule) => counts.rules.add(code, rule),
    shadowRefused: (code, rule) => counts.shadows.add(code, rule),
    credentialRefused: (reason) => counts.credentials.add(reason),
    turnedAway: (reason) => counts.turned.add(reason),
    refusalSampled: createRefusalSample(gauges.now),
    retried: (reason) => counts.retries.add(reason),
    fellBack: (reason) => counts.fallbacks.add(reason),
    dimensionsMissing(names) {
      for (const name of names) counts.missing.add(name)
    },
    metadataDropped(entries) {
      totals.metadataDropped += entries
    },
    boundExceeded() {
      totals.exceeded += 1
    },
    report: () => Promise.resolve(families.map((family) => family.report({ worker }))),
  }
}

function createCounters() {
  return {
    calls: new PairCounter('ledgerock_calls_total', 'Calls settled', ['operation', 'status']),
    tokens: new Counter('ledgerock_tokens_total', 'Units metered, by usage kind', 'kind'),
    unpriced: new Counter('ledgerock_unpriced_calls_total', 'Calls without a cost', 'reason'),
    refusals: new Counter('ledgerock_refusals_total', 'Calls refused', 'code'),
    rules: new PairCounter('ledgerock_rule_refusals_total', 'Calls refused, by rule', [
      'code',
      'rule',
    ]),
    shadows: new PairCounter(
      'ledgerock_shadow_refusals_total',
      'Calls that a rule in shadow would have refused',
      ['code', 'rule'],
    ),
    credentials: new Counter('ledgerock_credential_refusals_total', 'Bad credentials', 'reason'),
    turned: new Counter('ledgerock_turned_away_total', 'Requests that are no calls', 'reason'),
    retries: new Counter('ledgerock_retries_total', 'Attempts tried again', 'reason'),
    fallbacks: new Counter('ledgerock_fallbacks_total', 'Attempts tried elsewhere', 'reason'),
    missing: new Counter(
      'ledgerock_dimensions_missing_total',
      'Calls without a dimension that is to be reported',
      'dimension',
    ),
  }
}

function createHistograms() {
  return {
    overhead: new Histogram(
      'ledgerock_gateway_overhead_seconds',
      'Time a call spent in the gateway itself',
      OVERHEAD_BUCKETS_S,
    ),
    upstream: new Histogram(
      'ledgerock_upstream_latency_seconds',
      'Time a call spent outside the gateway, its body on the way in included',
      UPSTREAM_BUCKETS_S,
      'operation',
    ),
    firstByte: new Histogram(
      'ledgerock_upstream_first_byte_seconds',
      'Time until the first byte of an answer came',
      UPSTREAM_BUCKETS_S,
      'operation',
    ),
  }
}

function gaugeFamilies(gauges: GatewayGauges): readonly MetricFamily[] {
  const { journal, drains, certificateEndsAt } = gauges
  return [
    gaugeFamily('ledgerock_gateway_connections', 'Open client connections', gauges.connections),
    gaugeFamily('ledgerock_gateway_held_body_bytes', 'Request bodies in memory', gauges.heldBytes),
    gaugeFamily('ledgerock_journal_bytes', 'Journal on disk', () => journal().bytes),
    gaugeFamily('ledgerock_journal_open_calls', 'Calls not settled', () => journal().inFlight),
    gaugeFamily('ledgerock_journal_failovers', 'Segments given up', () => journal().failovers),
    gaugeFamily('ledgerock_journal_writable', '1 while calls can be recorded', () =>
      journal().state === 'open' ? 1 : 0,
    ),
    ...(drains === undefined
      ? []
      : [gaugeFamily('ledgerock_drains_running', 'Answers read for nobody', drains)]),
    ...(certificateEndsAt === undefined
      ? []
      : [
          gaugeFamily(
            'ledgerock_tls_certificate_end_seconds',
            'When the certificate in use ends, in seconds since the epoch',
            () => certificateEndsAt() / 1_000,
          ),
        ]),
    ...upstreamFamilies(gauges.upstreams),
    ...overloadFamilies(gauges.overload),
    ...outcomeFamilies(gauges),
  ]
}

function budgetFamilies({
  wallet: read,
  budgetUnit = () => null,
}: GatewayGauges): readonly MetricFamily[] {
  if (read === undefined) return []
  return [
    gaugeFamily(
      'ledgerock_budget_counters',
      'Counters of budgets that this worker knows',
      () => read().accounts,
    ),
    gaugeFamily(
      'ledgerock_budget_waiting_calls',
      'Calls that wait for room in a budget',
      () => read().waiting,
    ),
    counterFamily('ledgerock_budget_waits_total', 'Calls that had to wait', () => read().waited),
    counterFamily('ledgerock_budget_refusals_total', 'Calls a budget let not through', () => [
      [{ reason: 'spent' }, read().spent],
      [{ reason: 'unavailable' }, read().unavailable],
    ]),
    gaugeFamily(
      'ledgerock_budget_lease_usd',
      'Balance of this worker in hard budgets, rounded',
      () => balances(read(), 'usd', budgetUnit, DOLLARS_PER_PICODOLLAR),
    ),
    gaugeFamily('ledgerock_budget_lease_tokens', 'Balance of this worker in hard budgets', () =>
      balances(read(), 'tokens', budgetUnit, 1),
    ),
  ]
}

/** Of budgets in force only: what was once declared is no label for ever. */
function balances(
  figures: WalletFigures,
  unit: BudgetUnit,
  unitOf: (name: string) => BudgetUnit | null,
  scale: number,
): readonly (readonly [Labels, number])[] {
  return [...figures.balances].flatMap(([budget, { atHand, held }]) => {
    if (unitOf(budget) !== unit) return []
    return [
      [{ budget, state: 'at_hand' }, Number(atHand) * scale] as const,
      [{ budget, state: 'held' }, Number(held) * scale] as const,
    ]
  })
}

const BREAKER_NUMBERS: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 }

function upstreamFamilies(read: GatewayGauges['upstreams']): readonly MetricFamily[] {
  if (read === undefined) return []
  return [
    gaugeFamily(
      'ledgerock_breaker_state',
      'Whether a target is kept from: 0 no, 1 one call tries it, 2 yes',
      () => read().map(({ target, breaker }) => [{ target }, BREAKER_NUMBERS[breaker]]),
    ),
    gaugeFamily('ledgerock_upstream_connections', 'Connections to a target', () =>
      read().map(({ target, connected }) => [{ target }, connected]),
    ),
    gaugeFamily('ledgerock_upstream_calls', 'Calls at a target, or waiting for a connection', () =>
      read().flatMap(({ target, running, queued }) => [
        [{ target, state: 'running' }, running] as const,
        [{ target, state: 'queued' }, queued] as const,
      ]),
    ),
  ]
}

function overloadFamilies(read: GatewayGauges['overload']): readonly MetricFamily[] {
  if (read === undefined) return []
  return [
    gaugeFamily('ledgerock_calls_in_flight', 'Calls taken on and not over', () => read().calls),
    gaugeFamily(
      'ledgerock_event_loop_delay_seconds',
      'How late the event loop ran when it was last looked at',
      () => read().delayMs / 1_000,
    ),
    gaugeFamily(
      'ledgerock_shed_share',
      'Share of new calls refused because the worker is late',
      () => read().shedShare,
    ),
    counterFamily('ledgerock_shed_calls_total', 'Calls refused to stay fast', () =>
      Object.entries(read().shed).map(([reason, count]) => [{ reason }, count]),
    ),
  ]
}

function outcomeFamilies({
  listener,
  slowBodies = () => 0,
  traces,
}: GatewayGauges): readonly MetricFamily[] {
  const families: MetricFamily[] = []
  if (listener !== undefined) {
    families.push(
      counterFamily('ledgerock_connections_cut_total', 'Connections and streams ended', () =>
        Object.entries({ ...listener().cut, slow_body: slowBodies() }).map(([reason, count]) => [
          { reason },
          count,
        ]),
      ),
    )
  }
  if (traces !== undefined) {
    families.push(
      counterFamily('ledgerock_trace_spans_total', 'Spans, by what became of them', () =>
        Object.entries(traces()).map(([outcome, count]) => [{ outcome }, count]),
      ),
    )
  }
  return families
}
