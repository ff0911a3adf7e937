// Several systems under the same load, by turns: how fast each is, how long its calls take, and what a call costs it in CPU time.
// Ledgerock ships what is left to its ledger after each turn, so that it does not do so while another is measured.

import type { Server } from './child.ts'
import type { Load, LoadSpec } from './load/load.ts'
import type { RequestShape } from './load/request.ts'
import type { LoadResult } from './load/tally.ts'
import { paced, pacedCalls, pacedMs } from './pace.ts'
import { cpuUsOf, whenIdle } from './process-cpu.ts'
import { interleave } from './rounds.ts'
import type { Ledgerock } from './systems/ledgerock.ts'

export type Contestant = {
  readonly url: string
  readonly protocol: LoadSpec['protocol']
  readonly request: RequestShape
  /** Whose CPU time a call is charged to: the proxy's, of Ledgerock its worker's. */
  readonly pid: number
  /** All that must come to rest before another is measured. */
  readonly pids: readonly number[]
}

export type Turn = LoadResult & {
  /** Of the process that handles calls; null where it cannot be known. */
  readonly cpuUsPerCall: number | null
}

export type TurnLength = {
  readonly concurrency: number
  readonly warmupMs: number
  readonly measureMs: number
}

const CALLS_MAX = 200_000
const HTTP2_STREAMS = 8
const FIRST_CONCURRENCY = 32
const FIRST_MS_MAX = 5_000
const SHIPPING_PATIENCE_MS = 6_000

export function peer(server: Server, request: RequestShape): Contestant {
  return { url: server.url, protocol: 'h1', request, pid: server.pid, pids: [] }
}

export function ours(
  ledgerock: Ledgerock,
  request: RequestShape,
  protocol: LoadSpec['protocol'] = 'h1',
): Contestant {
  const { url, workerPid: pid, pids } = ledgerock
  return { url, protocol, request, pid, pids }
}

/** As many calls as the JIT compiler needs to have seen it all. */
export async function warmUp(
  load: Load,
  contestants: Readonly<Record<string, Contestant>>,
  calls: number,
): Promise<void> {
  for (const contestant of Object.values(contestants)) {
    const length = { concurrency: FIRST_CONCURRENCY, warmupMs: 0, measureMs: FIRST_MS_MAX }
    const spec = specOf(contestant, length)
    await load.run({ ...spec, callsMax: Math.max(pacedCalls(calls), FIRST_CONCURRENCY) })
    await whenIdle(contestant.pids, SHIPPING_PATIENCE_MS)
  }
}

export function takeTurns(
  load: Load,
  contestants: Readonly<Record<string, Contestant>>,
  length: TurnLength,
  rounds: number,
  until: number,
): Promise<Readonly<Record<string, readonly Turn[]>>> {
  const variants: Record<string, () => Promise<Turn>> = {}
  for (const [name, contestant] of Object.entries(contestants)) {
    variants[name] = () => takeTurn(load, contestant, length)
  }
  return interleave(variants, paced(rounds), until)
}

async function takeTurn(load: Load, contestant: Contestant, length: TurnLength): Promise<Turn> {
  const { pid, pids } = contestant
  const before = cpuUsOf([pid])
  const result = await load.run(specOf(contestant, length))
  const after = cpuUsOf([pid])
  if (pids.length > 0) await whenIdle(pids, SHIPPING_PATIENCE_MS)
  const cpuUsPerCall =
    before === null || after === null ? null : (after - before) / result.callsInAll
  return { ...result, cpuUsPerCall }
}

function specOf(
  { url, protocol, request }: Contestant,
  { concurrency, warmupMs, measureMs }: TurnLength,
): LoadSpec {
  const streams = protocol === 'h1' ? 1 : Math.min(HTTP2_STREAMS, concurrency)
  return {
    url,
    protocol,
    request,
    connections: Math.ceil(concurrency / streams),
    streams,
    warmupMs: pacedMs(warmupMs),
    measureMs: pacedMs(measureMs),
    callsMax: CALLS_MAX,
  }
}
