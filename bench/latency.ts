// What a call through Ledgerock takes longer than the same call to the simulator itself: unary at concurrency 1, 32 and 256, and
// the first byte of a stream. Direct and through run in turn; the added time is taken within a round.

import { join } from 'node:path'
import { startServer } from './child.ts'
import { plateauFigure } from './contest-figures.ts'
import { figureOf, type Figure, type Goal, type Section } from './figure.ts'
import { startLoad, type Load, type LoadSpec } from './load/load.ts'
import { converseRequest, type RequestShape } from './load/request.ts'
import type { LoadResult, Quantiles } from './load/tally.ts'
import { paced, pacedCalls, pacedMs, startBudget } from './pace.ts'
import { whenIdle } from './process-cpu.ts'
import { byRound, interleave } from './rounds.ts'
import { startLedgerock, type Ledgerock } from './systems/ledgerock.ts'

const ROUNDS = 5
const WARMUP_MS = 300
const MEASURE_MS = 800
const CALLS_MAX = 20_000
const CONCURRENCIES = [1, 32, 256] as const
/** Before the first round, as many calls as the JIT compiler needs to have seen it all. */
const FIRST_CALLS = 10_000
const FIRST_MS_MAX = 3_000
/** After a round, Ledgerock ships what is left, so that it does not do so while the simulator is called directly. */
const SHIPPING_PATIENCE_MS = 6_000

export async function benchLatency(): Promise<Section> {
  const budget = startBudget()
  const systems = join(import.meta.dirname, 'systems')
  const simulator = await startServer(join(systems, 'simulator.ts'))
  const upstream = { upstream: simulator.url }
  const bare = await startServer(join(systems, 'bare-proxy.ts'), upstream)
  const load = await startLoad()
  try {
    const ledgerock = await startLedgerock(upstream)
    try {
      const unary = converseRequest(ledgerock.key, 'converse')
      const stream = converseRequest(ledgerock.key, 'converse-stream')
      const first = { measureMs: FIRST_MS_MAX, callsMax: pacedCalls(FIRST_CALLS) }
      for (const url of [simulator.url, bare.url, ledgerock.url]) {
        for (const request of [unary, stream]) {
          await load.run({ ...specOf(url, request, 32, 0), ...first })
        }
      }
      await whenIdle(ledgerock.pids, SHIPPING_PATIENCE_MS)
      const paths: Paths = { direct: simulator.url, bare: bare.url, ledgerock }
      const figures: Figure[] = []
      for (const [index, concurrency] of CONCURRENCIES.entries()) {
        const until = budget.until(CONCURRENCIES.length - index + 1)
        const runs = await compare(load, paths, unary, concurrency, until)
        figures.push(...unaryFigures(runs, concurrency))
      }
      const runs = await compare(load, paths, stream, 1, budget.until(1))
      figures.push(...streamFigures(runs))
      return { bench: 'latency', figures, skipped: [], notes: NOTES }
    } finally {
      await ledgerock.stop()
    }
  } finally {
    await load.stop()
    await bare.stop()
    await simulator.stop()
  }
}

const NOTES = [
  `Upstream: the simulator at latency 0, a process of its own; direct and through in up to ${ROUNDS} rounds by turns, ` +
    `${MEASURE_MS} ms each.`,
  'From concurrency 32 on the load generator, Ledgerock and the simulator share the cores, so the added time is mostly queueing.',
]

type Paths = { readonly direct: string; readonly bare: string; readonly ledgerock: Ledgerock }
type Runs = {
  readonly direct: readonly LoadResult[]
  /** Through the bare node proxy, for scale. */
  readonly bare: readonly LoadResult[]
  readonly through: readonly LoadResult[]
}

async function compare(
  load: Load,
  { direct, bare, ledgerock }: Paths,
  request: RequestShape,
  concurrency: number,
  until: number,
): Promise<Runs> {
  const runs = await interleave(
    {
      direct: () => load.run(specOf(direct, request, concurrency, WARMUP_MS)),
      bare: () => load.run(specOf(bare, request, concurrency, WARMUP_MS)),
      async through() {
        const run = await load.run(specOf(ledgerock.url, request, concurrency, WARMUP_MS))
        await whenIdle(ledgerock.pids, SHIPPING_PATIENCE_MS)
        return run
      },
    },
    paced(ROUNDS),
    until,
  )
  const { direct: base = [], bare: scale = [], through = [] } = runs
  return { direct: base, bare: scale, through }
}

function specOf(
  url: string,
  request: RequestShape,
  connections: number,
  warmupMs: number,
): LoadSpec {
  return {
    url,
    protocol: 'h1',
    request,
    connections,
    streams: 1,
    warmupMs: pacedMs(warmupMs),
    measureMs: pacedMs(MEASURE_MS),
    callsMax: CALLS_MAX,
  }
}

type Goals = { readonly p50: Goal | null; readonly p99: Goal | null }

const NO_GOALS: Goals = { p50: null, p99: null }
const ALONE_GOALS: Goals = { p50: { atMost: 0.15 }, p99: { atMost: 1 } }
const FIRST_BYTE_GOALS: Goals = { p50: null, p99: { atMost: 1 } }

function unaryFigures(runs: Runs, concurrency: number): readonly Figure[] {
  const name = `unary Converse, concurrency ${concurrency}`
  const isAlone = concurrency === 1
  const latency = (run: LoadResult): Quantiles => run.latencyMs
  return [
    ...addedFigures(name, runs, latency, isAlone ? ALONE_GOALS : NO_GOALS),
    ...(isAlone ? plateauFigures(name, runs) : rateFigures(name, runs)),
  ]
}

function streamFigures(runs: Runs): readonly Figure[] {
  const name = 'ConverseStream, concurrency 1'
  return [
    ...addedFigures(`${name}, first byte`, runs, (run) => run.firstByteMs, FIRST_BYTE_GOALS),
    ...plateauFigures(name, runs),
  ]
}

function plateauFigures(name: string, { direct, through }: Runs): readonly Figure[] {
  return [
    plateauFigure(`${name}: 38 to 45 ms slower than the fastest, direct`, direct, false),
    plateauFigure(`${name}: 38 to 45 ms slower than the fastest, through`, through, true),
  ]
}

function rateFigures(name: string, { direct, through }: Runs): readonly Figure[] {
  const rates = (runs: readonly LoadResult[]): readonly number[] => runs.map((run) => run.perSecond)
  return [
    figureOf(`${name}: direct`, 'requests/s', rates(direct)),
    figureOf(`${name}: through`, 'requests/s', rates(through)),
  ]
}

function addedFigures(
  name: string,
  { direct, bare, through }: Runs,
  timesOf: (run: LoadResult) => Quantiles,
  goals: Goals,
): readonly Figure[] {
  const p50 = (runs: readonly LoadResult[]): readonly number[] =>
    runs.map((run) => timesOf(run).p50)
  const added = (runs: readonly LoadResult[], quantile: keyof Quantiles): readonly number[] =>
    byRound(runs, direct, (left, right) => timesOf(left)[quantile] - timesOf(right)[quantile])
  return [
    figureOf(`${name}: direct p50`, 'ms', p50(direct)),
    figureOf(`${name}: through p50`, 'ms', p50(through)),
    figureOf(`${name}: added p50`, 'ms', added(through, 'p50'), goals.p50),
    figureOf(`${name}: added p99`, 'ms', added(through, 'p99'), goals.p99),
    figureOf(`${name}: added p50 of a bare node proxy`, 'ms', added(bare, 'p50')),
    figureOf(`${name}: added p99 of a bare node proxy`, 'ms', added(bare, 'p99')),
  ]
}
