// Requests per second at concurrency 32 through one worker with keys, journal and ledger on, next to nginx and to a bare Node
// proxy on the same machine in the same run; HTTP/2 next to our own HTTP/1.1; and the CPU time a call costs each of them.
// Afterwards the ledger is asked how many calls it holds: a gateway that drops its accounting under load would be fast, too.

import { join } from 'node:path'
import { startServer, type Server } from './child.ts'
import { figureOf, type Figure, type Section, type Skipped } from './figure.ts'
import { startLoad, type Load, type LoadSpec } from './load/load.ts'
import { converseRequest, type RequestShape } from './load/request.ts'
import { paced, pacedCalls, pacedMs, startBudget } from './pace.ts'
import { cpuUsOf, whenIdle } from './process-cpu.ts'
import { byRound, interleave } from './rounds.ts'
import { startLedgerock, type Ledgerock } from './systems/ledgerock.ts'
import { NGINX_MISSING, startNginx } from './systems/nginx.ts'

const CONCURRENCY = 32
const HTTP2_SESSIONS = 4
const ROUNDS = 5
const MEASURE_MS = 1_500
/** Ledgerock's covers a shipment to the ledger, so that what is measured is the steady state. */
const WARMUP_MS = { peer: 500, ledgerock: 1_200 } as const
/** After a round, Ledgerock ships what is left, so that it does not do so while another is measured. */
const SHIPPING_PATIENCE_MS = 6_000
/** The ledger is asked to ship once a second. */
const SHIPPING_MS_MIN = 1_100
/** Before the first round, each system serves as many calls as the JIT compiler needs to have seen it all. */
const FIRST_CALLS = 12_000
const FIRST_MS_MAX = 4_000
const CALLS_MAX = 200_000
const LEDGER_PATIENCE_MS = 20_000

/** Two thirds of the time. */
const MAIN_SHARE = 1.5

const SYSTEMS = join(import.meta.dirname, 'systems')

type Measured = {
  readonly perSecond: number
  /** Of the proxy itself; of Ledgerock's worker. */
  readonly cpuUsPerCall: number | null
  /** Of all its processes. */
  readonly cpuUsPerCallInAll: number | null
  readonly p99Ms: number
}

export async function benchThroughput(): Promise<Section> {
  const budget = startBudget()
  const load = await startLoad()
  try {
    const until = { main: budget.until(MAIN_SHARE), all: budget.until(1) }
    const responder = join(SYSTEMS, 'fixed-responder.ts')
    const fixed = await against(load, 'fixed responder', responder, true, until.main)
    const simulator = join(SYSTEMS, 'simulator.ts')
    const simulated = await against(load, 'simulator', simulator, false, until.all)
    return {
      bench: 'throughput',
      figures: [...fixed.figures, ...simulated.figures],
      skipped: fixed.skipped,
      notes: NOTES,
    }
  } finally {
    await load.stop()
  }
}

const NOTES = [
  `Concurrency ${CONCURRENCY}, bodies of 2 KiB, up to ${ROUNDS} rounds by turns of ${MEASURE_MS} ms; ratios are taken within a round.`,
  'Upstream, load generator and proxy share the cores. The fixed responder costs least, so the proxy is what is measured.',
  'nginx: proxy_pass, one worker process, keep-alive to the upstream, no access log. Bare: node:http and undici, bytes piped.',
  `HTTP/2: ${HTTP2_SESSIONS} connections of node:http2 with ${CONCURRENCY / HTTP2_SESSIONS} calls in flight each.`,
  'CPU per call is the proxy process alone (Ledgerock: its worker), unless it says all processes.',
]

async function against(
  load: Load,
  upstreamName: string,
  script: string,
  isMain: boolean,
  until: number,
): Promise<{ figures: readonly Figure[]; skipped: readonly Skipped[] }> {
  const started: { stop: () => Promise<void> }[] = []
  const keep = <Started extends { stop: () => Promise<void> }>(server: Started): Started => {
    started.unshift(server)
    return server
  }
  try {
    const upstream = keep(await startServer(script))
    const nginx = await startNginx(upstream.url)
    if (nginx !== null) keep(nginx)
    const bare = keep(await startServer(join(SYSTEMS, 'bare-proxy.ts'), { upstream: upstream.url }))
    const ledgerock = keep(await startLedgerock({ upstream: upstream.url }))
    const request = converseRequest(ledgerock.key, 'converse')
    const sent = { calls: 0 }
    const variants: Record<string, () => Promise<Measured>> = {
      ...(nginx === null ? {} : { nginx: () => measurePeer(load, nginx, request) }),
      bare: () => measurePeer(load, bare, request),
      h1: () => measureLedgerock(load, ledgerock, request, 'h1', sent),
      ...(isMain ? { h2: () => measureLedgerock(load, ledgerock, request, 'h2', sent) } : {}),
    }
    for (const peer of nginx === null ? [bare] : [bare, nginx]) {
      await load.run(firstSpec(peer.url, request, 'h1'))
    }
    for (const protocol of isMain ? (['h1', 'h2'] as const) : (['h1'] as const)) {
      const run = await load.run(firstSpec(ledgerock.url, request, protocol))
      sent.calls += run.callsInAll
      await whenShipped(ledgerock)
    }
    const rounds = paced(isMain ? ROUNDS : Math.ceil(ROUNDS / 2))
    const runs = await interleave(variants, rounds, until)
    const missing = await callsMissing(ledgerock, sent.calls)
    return {
      figures: [
        ...figuresOf(runs, upstreamName, isMain),
        figureOf(
          `${upstreamName}: calls answered that the ledger does not hold`,
          'calls',
          [missing],
          {
            atMost: 0,
          },
        ),
      ],
      skipped: nginx === null && isMain ? [NGINX_MISSING] : [],
    }
  } finally {
    for (const server of started) await server.stop()
  }
}

async function measurePeer(load: Load, peer: Server, request: RequestShape): Promise<Measured> {
  const before = cpuUsOf([peer.pid])
  const run = await load.run(specOf(peer.url, request, 'h1', WARMUP_MS.peer))
  const cpu = perCall(before, cpuUsOf([peer.pid]), run.callsInAll)
  return {
    perSecond: run.perSecond,
    cpuUsPerCall: cpu,
    cpuUsPerCallInAll: cpu,
    p99Ms: run.latencyMs.p99,
  }
}

async function measureLedgerock(
  load: Load,
  ledgerock: Ledgerock,
  request: RequestShape,
  protocol: 'h1' | 'h2',
  sent: { calls: number },
): Promise<Measured> {
  const before = { worker: cpuUsOf([ledgerock.workerPid]), all: cpuUsOf(ledgerock.pids) }
  const run = await load.run(specOf(ledgerock.url, request, protocol, WARMUP_MS.ledgerock))
  sent.calls += run.callsInAll
  const worker = cpuUsOf([ledgerock.workerPid])
  await whenShipped(ledgerock)
  return {
    perSecond: run.perSecond,
    cpuUsPerCall: perCall(before.worker, worker, run.callsInAll),
    cpuUsPerCallInAll: perCall(before.all, cpuUsOf(ledgerock.pids), run.callsInAll),
    p99Ms: run.latencyMs.p99,
  }
}

async function whenShipped(ledgerock: Ledgerock): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SHIPPING_MS_MIN))
  await whenIdle(ledgerock.pids, SHIPPING_PATIENCE_MS)
}

function specOf(
  url: string,
  request: RequestShape,
  protocol: 'h1' | 'h2',
  warmupMs: number,
): LoadSpec {
  const isHttp2 = protocol === 'h2'
  return {
    url,
    protocol,
    request,
    connections: isHttp2 ? HTTP2_SESSIONS : CONCURRENCY,
    streams: isHttp2 ? CONCURRENCY / HTTP2_SESSIONS : 1,
    warmupMs: pacedMs(warmupMs),
    measureMs: pacedMs(MEASURE_MS),
    callsMax: CALLS_MAX,
  }
}

function firstSpec(url: string, request: RequestShape, protocol: 'h1' | 'h2'): LoadSpec {
  const spec = specOf(url, request, protocol, 0)
  return { ...spec, measureMs: FIRST_MS_MAX, callsMax: pacedCalls(FIRST_CALLS) }
}

function perCall(before: number | null, after: number | null, calls: number): number | null {
  return before === null || after === null ? null : (after - before) / calls
}

/** How many of the calls that were answered are not in the ledger, once it had time to take them. */
async function callsMissing(ledgerock: Ledgerock, sent: number): Promise<number> {
  const giveUpAt = performance.now() + LEDGER_PATIENCE_MS
  for (;;) {
    const missing = sent - (await ledgerock.callsInLedger())
    if (missing === 0 || performance.now() > giveUpAt) return Math.abs(missing)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function figuresOf(
  runs: Readonly<Record<string, readonly Measured[]>>,
  upstream: string,
  isMain: boolean,
): readonly Figure[] {
  const { nginx = [], bare = [], h1 = [], h2 = [] } = runs
  const rate = (run: Measured): number => run.perSecond
  const ratio = (left: readonly Measured[], right: readonly Measured[]): readonly number[] =>
    byRound(left, right, (one, other) => one.perSecond / other.perSecond)
  const figures: Figure[] = []
  const name = (text: string): string => `${upstream}: ${text}`
  const goal = (atLeast: number): { atLeast: number } | null => (isMain ? { atLeast } : null)
  for (const [who, list] of [
    ['nginx', nginx],
    ['bare node proxy', bare],
    ['Ledgerock HTTP/1.1', h1],
    ['Ledgerock HTTP/2', h2],
  ] as const) {
    if (list.length === 0) continue
    figures.push(figureOf(name(who), 'requests/s', list.map(rate)))
    figures.push(...cpuFigures(name(`CPU per call, ${who}`), list))
  }
  if (nginx.length > 0) {
    figures.push(figureOf(name('ratio to nginx'), '×', ratio(h1, nginx), goal(0.45)))
  }
  figures.push(figureOf(name('ratio to the bare node proxy'), '×', ratio(h1, bare), goal(0.7)))
  if (h2.length > 0) {
    figures.push(figureOf(name('HTTP/2 to our own HTTP/1.1'), '×', ratio(h2, h1), goal(0.6)))
  }
  figures.push(
    figureOf(
      name('Ledgerock HTTP/1.1, p99'),
      'ms',
      h1.map((run) => run.p99Ms),
    ),
  )
  return figures
}

function cpuFigures(name: string, runs: readonly Measured[]): readonly Figure[] {
  const known = (pick: (run: Measured) => number | null): readonly number[] =>
    runs.map(pick).filter((value) => value !== null)
  const own = known((run) => run.cpuUsPerCall)
  const inAll = known((run) => run.cpuUsPerCallInAll)
  if (own.length === 0) return []
  const figures = [figureOf(name, 'µs', own)]
  const differs = runs.some((run) => run.cpuUsPerCall !== run.cpuUsPerCallInAll)
  return differs ? [...figures, figureOf(`${name}, all processes`, 'µs', inAll)] : figures
}
