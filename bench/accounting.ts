// What accounting costs a call in CPU time: the same gateway, put together from its own modules three times, with everything, without
// injected request metadata, and without any accounting. The process says itself what it has used, so that threads that write and
// sync the journal are in it; the difference is taken within a round.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endChild, forkScript, nextMessage, startServer } from './child.ts'
import { figureOf, type Figure, type Section } from './figure.ts'
import { startLoad, type Load } from './load/load.ts'
import { converseRequest, type RequestShape } from './load/request.ts'
import { paced, pacedCalls, startBudget } from './pace.ts'
import { byRound, interleave } from './rounds.ts'
import type { Accounting, GatewayPartsArgument } from './systems/gateway-parts.ts'
import { withSystems } from './with-systems.ts'

const ROUNDS = 12
const CONCURRENCY = 32
const CALLS = 3_000
const FIRST_CALLS = 8_000
/** Of the load; a round ends with its calls. */
const ROUND_MS_MAX = 10_000
const ANSWER_PATIENCE_MS = 20_000
const GOAL_US = 15
const SYSTEMS = join(import.meta.dirname, 'systems')

type Parts = {
  readonly url: string
  readonly cpuUs: () => Promise<number>
  readonly stop: () => Promise<void>
}

export function benchAccounting(): Promise<Section> {
  const budget = startBudget()
  return withSystems(async (keep) => {
    const load = keep(await startLoad())
    const { url: upstream } = keep(await startServer(join(SYSTEMS, 'fixed-responder.ts')))
    const key = randomBytes(24).toString('hex')
    const start = async (accounting: Accounting): Promise<Parts> =>
      keep(await startParts(upstream, key, accounting))
    const parts = {
      metadata: await start('metadata'),
      accounting: await start('accounting'),
      none: await start('none'),
    }
    const unary = converseRequest(key, 'converse')
    const stream = converseRequest(key, 'converse-stream')
    for (const { url } of Object.values(parts)) {
      for (const request of [unary, stream]) await runCalls(load, url, request, FIRST_CALLS)
    }
    const unaryFigures = await compare(load, parts, unary, 'unary', budget.until(2))
    const streamFigures = await compare(load, parts, stream, 'stream', budget.until(1))
    return {
      bench: 'accounting',
      figures: [...unaryFigures, ...streamFigures],
      skipped: [],
      notes: NOTES,
    }
  })
}

const NOTES = [
  `Concurrency ${CONCURRENCY}, ${CALLS} calls in each of up to ${ROUNDS} rounds by turns, bodies of 2 KiB, a fixed responder; streams of 60 ` +
    'frames in 12 writes. User and system time of the whole process.',
  'Accounting: reading the request, attribution, both journal lines with their syncs, meter, price, metrics. The gateway without it also ' +
    'lacks the choice of a target, the circuit breaker and the readiness to try again, so the difference has those in it.',
  'Both have key, body, hash, signature, relay and the time limit of a call.',
]

async function compare(
  load: Load,
  parts: Readonly<Record<Accounting, Parts>>,
  request: RequestShape,
  what: string,
  until: number,
): Promise<readonly Figure[]> {
  const variant =
    ({ url, cpuUs }: Parts): (() => Promise<number>) =>
    async () => {
      const before = await cpuUs()
      const calls = await runCalls(load, url, request, CALLS)
      return ((await cpuUs()) - before) / calls
    }
  const measured = await interleave(
    {
      metadata: variant(parts.metadata),
      accounting: variant(parts.accounting),
      none: variant(parts.none),
    },
    paced(ROUNDS),
    until,
  )
  const { metadata = [], accounting = [], none = [] } = measured
  const difference = (one: number, other: number): number => one - other
  return [
    figureOf(`${what}: CPU per call, everything on`, 'µs', metadata),
    figureOf(`${what}: CPU per call, no request metadata injected`, 'µs', accounting),
    figureOf(`${what}: CPU per call, accounting off`, 'µs', none),
    figureOf(`${what}: accounting`, 'µs', byRound(accounting, none, difference), {
      atMost: GOAL_US,
    }),
    figureOf(
      `${what}: injecting request metadata`,
      'µs',
      byRound(metadata, accounting, difference),
    ),
  ]
}

async function runCalls(
  load: Load,
  url: string,
  request: RequestShape,
  calls: number,
): Promise<number> {
  const result = await load.run({
    url,
    protocol: 'h1',
    request,
    connections: CONCURRENCY,
    streams: 1,
    warmupMs: 0,
    measureMs: ROUND_MS_MAX,
    callsMax: Math.max(pacedCalls(calls), CONCURRENCY),
  })
  return result.callsInAll
}

async function startParts(upstream: string, key: string, accounting: Accounting): Promise<Parts> {
  const script = join(SYSTEMS, 'gateway-parts.ts')
  const directory = mkdtempSync(join(tmpdir(), 'bench-parts-'))
  const argument: GatewayPartsArgument = { upstream, key, directory, accounting }
  const child = forkScript(script, argument)
  const { url } = (await nextMessage(child, script, ANSWER_PATIENCE_MS)) as { url: string }
  return {
    url,
    async cpuUs() {
      child.send('cpu')
      const answer = (await nextMessage(child, script, ANSWER_PATIENCE_MS)) as { cpuUs: number }
      return answer.cpuUs
    },
    async stop() {
      await endChild(child)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
