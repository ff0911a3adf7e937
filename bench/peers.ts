// OpenAI's chat completions through Ledgerock with everything on, next to Portkey's gateway, which does no accounting, and to nginx
// and a bare Node proxy, which do nothing at all: requests per second at concurrency 32, added time at concurrency 1.

import { join } from 'node:path'
import { startServer } from './child.ts'
import { addedFigure, cpuFigures, rateFigure, ratioFigure } from './contest-figures.ts'
import { ours, peer, takeTurns, warmUp, type Contestant } from './contest.ts'
import type { Figure, Section, Skipped } from './figure.ts'
import { startLoad } from './load/load.ts'
import { chatRequest } from './load/request.ts'
import { startBudget } from './pace.ts'
import { startLedgerock } from './systems/ledgerock.ts'
import { NGINX_MISSING, startNginx } from './systems/nginx.ts'
import { PORTKEY, startPortkey } from './systems/portkey.ts'
import { withSystems } from './with-systems.ts'

const PATH = '/openai/v1/chat/completions'
const CROWD = 32
const ROUNDS = 5
const LENGTH = { warmupMs: 500, measureMs: 1_200 } as const
const FIRST_CALLS = 8_000
const SYSTEMS = join(import.meta.dirname, 'systems')

export function benchPeers(): Promise<Section> {
  const budget = startBudget()
  return withSystems(async (keep) => {
    const load = keep(await startLoad())
    const upstream = keep(await startServer(join(SYSTEMS, 'fixed-responder.ts')))
    const bare = keep(await startServer(join(SYSTEMS, 'bare-proxy.ts'), { upstream: upstream.url }))
    const nginx = await startNginx(upstream.url)
    if (nginx !== null) keep(nginx)
    const portkey = await startPortkey(upstream.url)
    const skipped: Skipped[] = nginx === null ? [NGINX_MISSING] : []
    if ('unavailable' in portkey) {
      skipped.push({ name: `what is compared to ${PORTKEY}`, skipped: portkey.unavailable })
    } else keep(portkey)
    const ledgerock = keep(await startLedgerock({ upstream: upstream.url }))
    const request = chatRequest(ledgerock.key, PATH)
    const contestants: Record<string, Contestant> = {
      direct: peer(upstream, request),
      ...(nginx === null ? {} : { nginx: peer(nginx, request) }),
      bare: peer(bare, request),
      ...('unavailable' in portkey
        ? {}
        : {
            portkey: peer(portkey, chatRequest(ledgerock.key, portkey.path, portkey.headers)),
          }),
      ours: ours(ledgerock, request),
    }
    await warmUp(load, contestants, FIRST_CALLS)
    const many = { ...LENGTH, concurrency: CROWD }
    const crowd = await takeTurns(load, contestants, many, ROUNDS, budget.until(2))
    const one = { ...LENGTH, concurrency: 1 }
    const alone = await takeTurns(load, contestants, one, ROUNDS, budget.until(1))
    return {
      bench: 'peers',
      figures: [...crowdFigures(crowd), ...aloneFigures(alone)],
      skipped,
      notes: NOTES,
    }
  })
}

const NOTES = [
  'Chat completions of 2 KiB to a fixed responder; every proxy is one process. Ledgerock has a key, attribution, journal and ledger on.',
  `${PORTKEY}: from npm, on Node, provider openai with a custom host, headless, its own logs off; it meters and attributes nothing.`,
  'Added: to the same call made to the upstream itself, at concurrency 1.',
]

type AllTurns = Awaited<ReturnType<typeof takeTurns>>

const PROXIES = [
  ['nginx', 'nginx'],
  ['bare', 'bare node proxy'],
  ['portkey', 'Portkey'],
  ['ours', 'Ledgerock'],
] as const

function crowdFigures(turns: AllTurns): readonly Figure[] {
  const { nginx = [], bare = [], portkey = [], ours: own = [] } = turns
  const figures: Figure[] = []
  for (const [key, name] of PROXIES) {
    const list = turns[key] ?? []
    if (list.length === 0) continue
    figures.push(rateFigure(name, 'requests/s', list), ...cpuFigures(`CPU per call, ${name}`, list))
  }
  if (portkey.length > 0) {
    figures.push(ratioFigure('ratio to Portkey', own, portkey, { atLeast: 8 }))
  }
  if (nginx.length > 0) figures.push(ratioFigure('ratio to nginx', own, nginx))
  return [...figures, ratioFigure('ratio to the bare node proxy', own, bare)]
}

function aloneFigures(turns: AllTurns): readonly Figure[] {
  const { direct = [] } = turns
  return PROXIES.flatMap(([key, name]) => {
    const list = turns[key] ?? []
    if (list.length === 0) return []
    const latency = (turn: (typeof list)[number]): (typeof turn)['latencyMs'] => turn.latencyMs
    return [
      addedFigure(`concurrency 1: added p50, ${name}`, list, direct, latency, 'p50'),
      addedFigure(`concurrency 1: added p99, ${name}`, list, direct, latency, 'p99'),
    ]
  })
}
