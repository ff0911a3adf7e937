// Request bodies of 2 KiB, 150 KiB and 5 MiB: what each adds at concurrency 1, and how many calls go through at concurrency 8, next
// to nginx and to a bare Node proxy. Ledgerock has to hold a body whole: its hash is in the signature, which travels first.

import { join } from 'node:path'
import { startServer } from './child.ts'
import {
  addedFigure,
  cpuFigures,
  plateauFigure,
  rateFigure,
  ratioFigure,
} from './contest-figures.ts'
import { ours, peer, takeTurns, warmUp, type Contestant } from './contest.ts'
import type { Figure, Section } from './figure.ts'
import { startLoad } from './load/load.ts'
import { converseRequest } from './load/request.ts'
import { startBudget } from './pace.ts'
import { startLedgerock } from './systems/ledgerock.ts'
import { NGINX_MISSING, startNginx } from './systems/nginx.ts'
import { withSystems } from './with-systems.ts'

const BODIES = [
  { name: '2 KiB', bytes: 2_048, firstCalls: 8_000, measureMs: 800 },
  { name: '150 KiB', bytes: 150 * 1_024, firstCalls: 1_500, measureMs: 800 },
  { name: '5 MiB', bytes: 5 * 1_048_576, firstCalls: 60, measureMs: 1_500 },
] as const
/** A larger one takes so long by itself that 40 ms more or less are no sign of a plateau. */
const PLATEAU_BODY_BYTES_MAX = 1_048_576
const CROWD = 8
const ROUNDS = 3
const WARMUP_MS = 200
const SYSTEMS = join(import.meta.dirname, 'systems')

export function benchBodies(): Promise<Section> {
  const budget = startBudget()
  return withSystems(async (keep) => {
    const load = keep(await startLoad())
    const upstream = keep(await startServer(join(SYSTEMS, 'fixed-responder.ts')))
    const bare = keep(await startServer(join(SYSTEMS, 'bare-proxy.ts'), { upstream: upstream.url }))
    const nginx = await startNginx(upstream.url)
    if (nginx !== null) keep(nginx)
    const ledgerock = keep(await startLedgerock({ upstream: upstream.url }))
    const figures: Figure[] = []
    for (const [index, { name, bytes, firstCalls, measureMs }] of BODIES.entries()) {
      const request = converseRequest(ledgerock.key, 'converse', bytes)
      const contestants: Record<string, Contestant> = {
        direct: peer(upstream, request),
        ...(nginx === null ? {} : { nginx: peer(nginx, request) }),
        bare: peer(bare, request),
        ours: ours(ledgerock, request),
      }
      await warmUp(load, contestants, firstCalls)
      const parts = 2 * (BODIES.length - index)
      const one = { warmupMs: WARMUP_MS, measureMs, concurrency: 1 }
      const alone = await takeTurns(load, contestants, one, ROUNDS, budget.until(parts))
      const many = { ...one, concurrency: CROWD }
      const crowd = await takeTurns(load, contestants, many, ROUNDS, budget.until(parts - 1))
      figures.push(
        ...aloneFigures(name, alone, bytes < PLATEAU_BODY_BYTES_MAX),
        ...crowdFigures(name, crowd),
      )
    }
    return {
      bench: 'bodies',
      figures,
      skipped: nginx === null ? [NGINX_MISSING] : [],
      notes: NOTES,
    }
  })
}

const NOTES = [
  'Converse with request metadata injected, as by default: the body that goes upstream is not the one that came, and is hashed anew.',
  `Added: to the same call made to the upstream itself. Rates at concurrency ${CROWD}; the load generator shares the cores.`,
]

type AllTurns = Awaited<ReturnType<typeof takeTurns>>

function aloneFigures(body: string, turns: AllTurns, isQuick: boolean): readonly Figure[] {
  const { direct = [], nginx = [], bare = [], ours: own = [] } = turns
  const latency = (turn: (typeof own)[number]): (typeof turn)['latencyMs'] => turn.latencyMs
  return [
    addedFigure(`${body}, concurrency 1: added p50`, own, direct, latency, 'p50'),
    addedFigure(`${body}, concurrency 1: added p99`, own, direct, latency, 'p99'),
    addedFigure(
      `${body}, concurrency 1: added p50 of a bare node proxy`,
      bare,
      direct,
      latency,
      'p50',
    ),
    ...(nginx.length === 0
      ? []
      : [addedFigure(`${body}, concurrency 1: added p50 of nginx`, nginx, direct, latency, 'p50')]),
    plateauFigure(`${body}, concurrency 1: 38 to 45 ms slower than the fastest`, own, isQuick),
  ]
}

function crowdFigures(body: string, turns: AllTurns): readonly Figure[] {
  const { nginx = [], bare = [], ours: own = [] } = turns
  const name = (text: string): string => `${body}, concurrency ${CROWD}: ${text}`
  return [
    rateFigure(name('Ledgerock'), 'requests/s', own),
    ...(nginx.length === 0 ? [] : [ratioFigure(name('ratio to nginx'), own, nginx)]),
    ratioFigure(name('ratio to the bare node proxy'), own, bare),
    ...cpuFigures(name('CPU per call, Ledgerock'), own),
    ...cpuFigures(name('CPU per call, bare node proxy'), bare),
  ]
}
