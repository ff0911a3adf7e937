import { AggregatorRegistry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { openedLine, settledLine } from '../../journal/testing/sample-lines.ts'
import { picodollars } from '../../kernel/money.ts'
import { CUT_REASONS, type CutReason } from '../server/listener-limits.ts'
import { createGatewayMetrics, type GatewayGauges, type GatewayMetrics } from './gateway-metrics.ts'

const JOURNAL = { state: 'open', bytes: 4_096, inFlight: 3, failovers: 0 }
const GAUGES: GatewayGauges = {
  connections: () => 11,
  heldBytes: () => 2_048,
  journal: () => JOURNAL as ReturnType<GatewayGauges['journal']>,
  now: () => 0,
}

const NOTHING_CUT = Object.fromEntries(CUT_REASONS.map((reason) => [reason, 0])) as Record<
  CutReason,
  number
>

/** The page as control puts it together. */
async function page(metrics: GatewayMetrics): Promise<readonly string[]> {
  const reports = [await metrics.report()]
  const text = await AggregatorRegistry.aggregate(reports).metrics()
  return text.split('\n')
}

describe('gateway metrics', () => {
  it('[Y9] writes refusals up to a rate, each key and each second for itself', () => {
    const clock = { ms: 1_000_000 }
    const metrics = createGatewayMetrics('worker-1', { ...GAUGES, now: () => clock.ms })
    const written = (key: string): number =>
      Array.from({ length: 50 }, () => metrics.refusalSampled(key)).filter(Boolean).length
    expect(written('search')).toBe(20)
    expect(written('search')).toBe(0)
    expect(written('support')).toBe(20)
    clock.ms += 1_000
    expect(written('search')).toBe(20)
  })

  it('[Y26] counts a settled call once in each place it belongs', async () => {
    const metrics = createGatewayMetrics('worker-1', GAUGES)
    const opened = openedLine(1, { operation: 'converse' })
    const line = settledLine(1, {
      status: 'ok',
      usage: { input: 10, output: 5 },
      cost: picodollars(2_500_000_000_000n),
      saved: picodollars(250_000_000_000n),
      latencyMs: 750,
      firstByteMs: 400,
      gatewayOverheadUs: 150,
    })
    metrics.settled(line, opened)
    metrics.settled(line, opened)
    const text = await page(metrics)
    expect(text).toEqual(
      expect.arrayContaining([
        'ledgerock_calls_total{operation="converse",status="ok",worker="worker-1"} 2',
        'ledgerock_tokens_total{kind="input",worker="worker-1"} 20',
        'ledgerock_tokens_total{kind="output",worker="worker-1"} 10',
        'ledgerock_cost_usd_total{worker="worker-1"} 5',
        'ledgerock_saved_usd_total{worker="worker-1"} 0.5',
        'ledgerock_anonymous_calls_total{worker="worker-1"} 0',
        'ledgerock_gateway_overhead_seconds_count{worker="worker-1"} 2',
        'ledgerock_gateway_overhead_seconds_bucket{le="0.0002",worker="worker-1"} 2',
        'ledgerock_gateway_overhead_seconds_bucket{le="0.0001",worker="worker-1"} 0',
        'ledgerock_upstream_latency_seconds_bucket{le="0.5",operation="converse",worker="worker-1"} 0',
        'ledgerock_upstream_latency_seconds_bucket{le="1",operation="converse",worker="worker-1"} 2',
        'ledgerock_upstream_first_byte_seconds_sum{operation="converse",worker="worker-1"} 0.8',
      ]),
    )
  })

  it('[Y26] counts what is unpriced and what is nobody’s, and times nothing that never went out', async () => {
    const metrics = createGatewayMetrics('worker-1', GAUGES)
    const line = settledLine(1, {
      status: 'refused',
      cost: null,
      unpricedReason: 'unknown_model',
      gatewayOverheadUs: null,
      usage: {},
    })
    metrics.settled(line, openedLine(1, { keyName: null, principalArn: null }))
    metrics.settled(line, openedLine(1, { keyName: null, principalArn: 'arn:aws:iam::1:user/x' }))
    const text = await page(metrics)
    expect(text).toContain('ledgerock_anonymous_calls_total{worker="worker-1"} 1')
    const unpriced = 'ledgerock_unpriced_calls_total{reason="unknown_model",worker="worker-1"} 2'
    expect(text).toContain(unpriced)
    expect(text.filter((row) => row.startsWith('ledgerock_upstream_latency_seconds_'))).toEqual([])
  })

  it('[Y26] counts the decisions of a call by their reasons', async () => {
    const metrics = createGatewayMetrics('worker-1', GAUGES)
    metrics.refused('overload')
    metrics.credentialRefused('expired')
    metrics.turnedAway('unknown_route')
    metrics.retried('throttled')
    metrics.fellBack('unreachable')
    metrics.dimensionsMissing(['tenant_id', 'feature'])
    metrics.metadataDropped(3)
    metrics.boundExceeded()
    metrics.ruleRefused('budget', 'search-monthly')
    const text = await page(metrics)
    for (const row of [
      'ledgerock_refusals_total{code="overload",worker="worker-1"} 1',
      'ledgerock_credential_refusals_total{reason="expired",worker="worker-1"} 1',
      'ledgerock_turned_away_total{reason="unknown_route",worker="worker-1"} 1',
      'ledgerock_retries_total{reason="throttled",worker="worker-1"} 1',
      'ledgerock_fallbacks_total{reason="unreachable",worker="worker-1"} 1',
      'ledgerock_dimensions_missing_total{dimension="feature",worker="worker-1"} 1',
      'ledgerock_metadata_dropped_total{worker="worker-1"} 3',
      'ledgerock_bound_exceeded_total{worker="worker-1"} 1',
      'ledgerock_rule_refusals_total{code="budget",rule="search-monthly",worker="worker-1"} 1',
    ]) {
      expect(text).toContain(row)
    }
  })

  it('[Y26] shows the state of every part a worker has', async () => {
    const target = { connected: 4, running: 3, queued: 1 }
    const metrics = createGatewayMetrics('worker-1', {
      ...GAUGES,
      wallet: () => ({
        accounts: 7,
        waiting: 2,
        waited: 40,
        spent: 5,
        unavailable: 1,
        balances: new Map([
          ['company', { atHand: 2_500_000_000_000n, held: 500_000_000_000n }],
          ['tokens', { atHand: 70n, held: 3n }],
          ['gone', { atHand: 1n, held: 1n }],
        ]),
      }),
      budgetUnit: (name) => ({ company: 'usd' as const, tokens: 'tokens' as const })[name] ?? null,
      upstreams: () => [
        { target: 'default', ...target, breaker: 'open' },
        { target: 'eu', ...target, breaker: 'closed' },
      ],
      drains: () => 2,
      overload: () => ({
        calls: 7,
        delayMs: 12,
        shedShare: 0.25,
        shed: { calls: 5, event_loop: 6 },
      }),
      traces: () => ({ exported: 8, dropped: 9, failed: 10 }),
      listener: () => ({ cut: NOTHING_CUT }),
      slowBodies: () => 13,
      certificateEndsAt: () => 1_790_000_000_000,
    })
    const text = await page(metrics)
    for (const row of [
      'ledgerock_gateway_connections{worker="worker-1"} 11',
      'ledgerock_gateway_held_body_bytes{worker="worker-1"} 2048',
      'ledgerock_journal_writable{worker="worker-1"} 1',
      'ledgerock_breaker_state{target="default",worker="worker-1"} 2',
      'ledgerock_breaker_state{target="eu",worker="worker-1"} 0',
      'ledgerock_upstream_connections{target="eu",worker="worker-1"} 4',
      'ledgerock_upstream_calls{target="eu",state="queued",worker="worker-1"} 1',
      'ledgerock_drains_running{worker="worker-1"} 2',
      'ledgerock_budget_counters{worker="worker-1"} 7',
      'ledgerock_budget_waiting_calls{worker="worker-1"} 2',
      'ledgerock_budget_waits_total{worker="worker-1"} 40',
      'ledgerock_budget_refusals_total{reason="spent",worker="worker-1"} 5',
      'ledgerock_budget_refusals_total{reason="unavailable",worker="worker-1"} 1',
      'ledgerock_budget_lease_usd{budget="company",state="at_hand",worker="worker-1"} 2.5',
      'ledgerock_budget_lease_usd{budget="company",state="held",worker="worker-1"} 0.5',
      'ledgerock_budget_lease_tokens{budget="tokens",state="at_hand",worker="worker-1"} 70',
      'ledgerock_budget_lease_tokens{budget="tokens",state="held",worker="worker-1"} 3',
      'ledgerock_calls_in_flight{worker="worker-1"} 7',
      'ledgerock_event_loop_delay_seconds{worker="worker-1"} 0.012',
      'ledgerock_shed_calls_total{reason="event_loop",worker="worker-1"} 6',
      'ledgerock_trace_spans_total{outcome="dropped",worker="worker-1"} 9',
      'ledgerock_connections_cut_total{reason="not_http",worker="worker-1"} 0',
      'ledgerock_connections_cut_total{reason="slow_body",worker="worker-1"} 13',
      'ledgerock_tls_certificate_end_seconds{worker="worker-1"} 1790000000',
    ]) {
      expect(text).toContain(row)
    }
    // A budget that is declared no more is no label.
    expect(text.join('\n')).not.toContain('gone')
  })
})
