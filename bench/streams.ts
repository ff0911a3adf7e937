// ConverseStream at concurrency 1, 32 and 256: streams per second, and how much later the first byte comes, next to nginx and to
// a bare Node proxy. The upstream sends each answer in several writes; every one is read in passing by Ledgerock's meter.

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

const CONCURRENCIES = [1, 32, 256] as const
const ROUNDS = 4
const LENGTH = { warmupMs: 300, measureMs: 1_000 } as const
const FIRST_CALLS = 6_000
const SYSTEMS = join(import.meta.dirname, 'systems')

export function benchStreams(): Promise<Section> {
  const budget = startBudget()
  return withSystems(async (keep) => {
    const load = keep(await startLoad())
    const upstream = keep(await startServer(join(SYSTEMS, 'fixed-responder.ts')))
    const bare = keep(await startServer(join(SYSTEMS, 'bare-proxy.ts'), { upstream: upstream.url }))
    const nginx = await startNginx(upstream.url)
    if (nginx !== null) keep(nginx)
    const ledgerock = keep(await startLedgerock({ upstream: upstream.url }))
    const request = converseRequest(ledgerock.key, 'converse-stream')
    const contestants: Record<string, Contestant> = {
      direct: peer(upstream, request),
      ...(nginx === null ? {} : { nginx: peer(nginx, request) }),
      bare: peer(bare, request),
      h1: ours(ledgerock, request),
      h2: ours(ledgerock, request, 'h2'),
    }
    await warmUp(load, contestants, FIRST_CALLS)
    const figures: Figure[] = []
    for (const [index, concurrency] of CONCURRENCIES.entries()) {
      const length = { ...LENGTH, concurrency }
      const until = budget.until(CONCURRENCIES.length - index)
      const turns = await takeTurns(load, contestants, length, ROUNDS, until)
      figures.push(...figuresOf(concurrency, turns))
    }
    return {
      bench: 'streams',
      figures,
      skipped: nginx === null ? [NGINX_MISSING] : [],
      notes: NOTES,
    }
  })
}

const NOTES = [
  'Upstream: a fixed responder that sends 60 frames in 12 writes, one in each turn of its event loop. nginx does not buffer.',
  'Added: to the same call made to the upstream itself, quantile by quantile within a round.',
  'HTTP/2: connections of node:http2 with up to 8 streams each; its client costs the load generator more than raw sockets do.',
]

function figuresOf(
  concurrency: number,
  turns: Awaited<ReturnType<typeof takeTurns>>,
): readonly Figure[] {
  const { direct = [], nginx = [], bare = [], h1 = [], h2 = [] } = turns
  const name = (text: string): string => `concurrency ${concurrency}: ${text}`
  const isAlone = concurrency === 1
  const goal = isAlone ? { atMost: 1 } : null
  const firstByte = (turn: (typeof h1)[number]): (typeof turn)['firstByteMs'] => turn.firstByteMs
  return [
    addedFigure(name('first byte, added p50'), h1, direct, firstByte, 'p50'),
    addedFigure(name('first byte, added p99'), h1, direct, firstByte, 'p99', goal),
    addedFigure(name('first byte, added p99 of a bare node proxy'), bare, direct, firstByte, 'p99'),
    addedFigure(name('first byte, added p99 over HTTP/2'), h2, direct, firstByte, 'p99'),
    rateFigure(name('Ledgerock HTTP/1.1'), 'streams/s', h1),
    rateFigure(name('Ledgerock HTTP/2'), 'streams/s', h2),
    rateFigure(name('bare node proxy'), 'streams/s', bare),
    ...(nginx.length === 0
      ? []
      : [
          rateFigure(name('nginx'), 'streams/s', nginx),
          ratioFigure(name('ratio to nginx'), h1, nginx),
        ]),
    ratioFigure(name('ratio to the bare node proxy'), h1, bare),
    ...cpuFigures(name('CPU per stream, Ledgerock HTTP/1.1'), h1),
    ...cpuFigures(name('CPU per stream, bare node proxy'), bare),
    ...(isAlone ? [plateauFigure(name('38 to 45 ms slower than the fastest'), h1, true)] : []),
  ]
}
