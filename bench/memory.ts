// What an open stream costs a worker in memory: 1,000 slow ConverseStream answers held open, resident size above that of the same
// worker after it had served a few quick ones. Over HTTP/1.1, over h2c, and with TLS to an upstream of each protocol. Each
// round starts a Ledgerock of its own, since memory once taken is not given back.

import { mkdtempSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { generate } from 'selfsigned'
import { endChild, forkScript, nextMessage, startServer } from './child.ts'
import { figureOf, median, type Figure, type Section } from './figure.ts'
import type { Held, HoldSpec } from './load/hold-streams.ts'
import { startLoad, type Load } from './load/load.ts'
import { converseRequest } from './load/request.ts'
import { paced, pacedMs, startBudget } from './pace.ts'
import { residentBytes, whenIdle } from './process-cpu.ts'
import { interleave } from './rounds.ts'
import { startLedgerock, type Ledgerock } from './systems/ledgerock.ts'
import { withSystems } from './with-systems.ts'

const STREAMS = 1_000
const ROUNDS = 3
const GOAL_KIB = 96
const KIB = 1_024
/** Few: room the worker takes for a crowd of quick ones it keeps, and the slow ones would find it there. */
const FIRST_CALLS = 300
const FIRST_MS_MAX = 5_000
const FIRST_CONCURRENCY = 8
const IDLE_PATIENCE_MS = 5_000
/** Between two frames of a slow answer: it has dozens of them, so that it outlasts the measuring. */
const FRAME_MS = 1_500
const OPEN_PATIENCE_MS = 20_000
const HOLD_MS = 1_500
const SAMPLE_MS = 100
const SYSTEMS = join(import.meta.dirname, 'systems')

type Upstreams = {
  readonly plain: string
  /** HTTP/1.1 alone: a connection for each stream. */
  readonly tls: string
  /** HTTP/2 by ALPN. */
  readonly tlsHttp2: string
  readonly certificateFile: string
}

type Variant = {
  readonly name: string
  readonly protocol: HoldSpec['protocol']
  readonly upstream: Exclude<keyof Upstreams, 'certificateFile'>
}

const VARIANTS: readonly Variant[] = [
  { name: 'HTTP/1.1', protocol: 'h1', upstream: 'plain' },
  { name: 'h2c', protocol: 'h2', upstream: 'plain' },
  { name: 'h2c, TLS upstream over HTTP/1.1', protocol: 'h2', upstream: 'tls' },
  { name: 'h2c, TLS upstream over HTTP/2', protocol: 'h2', upstream: 'tlsHttp2' },
]

/** Bytes per stream. */
type PerStream = {
  readonly resident: number
  readonly heap: number
  readonly external: number
  readonly baseResident: number
}

export function benchMemory(): Promise<Section> {
  const budget = startBudget()
  return withSystems(async (keep) => {
    const directory = mkdtempSync(join(tmpdir(), 'bench-memory-'))
    keep({ stop: () => Promise.resolve(rmSync(directory, { recursive: true, force: true })) })
    const load = keep(await startLoad())
    const upstreams = await startUpstreams(keep, directory)
    const variants: Record<string, () => Promise<PerStream>> = {}
    for (const variant of VARIANTS) variants[variant.name] = () => measure(load, upstreams, variant)
    const measured = await interleave(variants, paced(ROUNDS), budget.until(1))
    return {
      bench: 'memory',
      figures: VARIANTS.flatMap(({ name }) => figuresOf(name, measured[name] ?? [])),
      skipped: [],
      notes: NOTES,
    }
  })
}

const NOTES = [
  `${STREAMS} streams of the simulator, a frame every ${FRAME_MS} ms; up to ${ROUNDS} rounds by turns, each with a Ledgerock of its own.`,
  `Base: the worker after ${FIRST_CALLS} quick streams, at rest, its garbage collected. With the streams open, resident size is taken as ` +
    'it is, garbage and all; what lives is the difference once that is collected too: heap, and what lies outside of it (buffers).',
  'Held to the goal is the larger of the two: a worker that has room left from before takes less from the system than its streams need.',
  'OpenSSL’s and nghttp2’s own memory, and that of the allocator, is in the resident size alone.',
]

async function startUpstreams(
  keep: <System extends { stop: () => Promise<void> }>(system: System) => System,
  directory: string,
): Promise<Upstreams> {
  const script = join(SYSTEMS, 'simulator.ts')
  const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const certificateFile = join(directory, 'certificate.pem')
  writeFileSync(certificateFile, cert)
  const plain = keep(await startServer(script))
  const front = join(SYSTEMS, 'tls-front.ts')
  const tls = keep(await startServer(front, { cert, key, upstream: plain.url }))
  const tlsHttp2 = keep(await startServer(script, { cert, key }))
  return { plain: plain.url, tls: tls.url, tlsHttp2: tlsHttp2.url, certificateFile }
}

async function measure(load: Load, upstreams: Upstreams, variant: Variant): Promise<PerStream> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-memory-worker-'))
  const hook = pathToFileURL(join(import.meta.dirname, 'memory-hook.ts')).href
  const ledgerock = await startLedgerock({
    upstream: upstreams[variant.upstream],
    env: {
      NODE_OPTIONS: `--import=${hook}`,
      NODE_EXTRA_CA_CERTS: upstreams.certificateFile,
      BENCH_MEMORY_DIRECTORY: directory,
    },
  })
  try {
    await serveQuickStreams(load, ledgerock, variant)
    // What the quick streams left behind would hide what the slow ones take.
    const baseLiving = await livingBytes(ledgerock, directory, 1)
    const baseResident = await residentOverTime(ledgerock)
    const held = await holdStreams(ledgerock, variant)
    try {
      const resident = await residentOverTime(ledgerock)
      const living = await livingBytes(ledgerock, directory, 2)
      return {
        resident: (resident - baseResident) / STREAMS,
        heap: (living.heapUsed - baseLiving.heapUsed) / STREAMS,
        external: (living.external - baseLiving.external) / STREAMS,
        baseResident,
      }
    } finally {
      await held.stop()
    }
  } finally {
    await ledgerock.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function serveQuickStreams(
  load: Load,
  ledgerock: Ledgerock,
  variant: Variant,
): Promise<void> {
  const isHttp1 = variant.protocol === 'h1'
  await load.run({
    url: ledgerock.url,
    protocol: variant.protocol,
    request: converseRequest(ledgerock.key, 'converse-stream'),
    connections: isHttp1 ? FIRST_CONCURRENCY : 4,
    streams: isHttp1 ? 1 : FIRST_CONCURRENCY / 4,
    warmupMs: 0,
    measureMs: FIRST_MS_MAX,
    callsMax: FIRST_CALLS,
  })
  await whenIdle(ledgerock.pids, IDLE_PATIENCE_MS)
}

async function holdStreams(
  ledgerock: Ledgerock,
  { protocol }: Variant,
): Promise<{ stop: () => Promise<void> }> {
  const { path, headers, body } = converseRequest(ledgerock.key, 'converse-stream')
  const spec: HoldSpec = {
    url: ledgerock.url,
    protocol,
    path,
    headers: { ...headers, 'x-simulator-fault': `slow_chunks:${FRAME_MS}` },
    body: body.toString(),
    streams: STREAMS,
  }
  const script = join(import.meta.dirname, 'load/hold-streams.ts')
  const child = forkScript(script, spec)
  const answer = (await nextMessage(child, script, OPEN_PATIENCE_MS).catch((error: unknown) => ({
    failed: String(error),
  }))) as Held
  if ('failed' in answer) {
    await endChild(child)
    throw new Error(`the streams could not be held open: ${answer.failed}`)
  }
  let failure: string | null = null
  child.on('message', (message: Held) => {
    if ('failed' in message) failure ??= message.failed
  })
  return {
    async stop() {
      await endChild(child)
      if (failure !== null) throw new Error(`a stream did not stay open: ${failure}`)
    },
  }
}

async function residentOverTime({ workerPid }: Ledgerock): Promise<number> {
  const samples: number[] = []
  const until = performance.now() + pacedMs(HOLD_MS)
  while (performance.now() < until) {
    const resident = residentBytes(workerPid)
    if (resident === null) throw new Error('resident sizes are read from /proc, which is not here')
    samples.push(resident)
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))
  }
  return median(samples)
}

async function livingBytes(
  { workerPid }: Ledgerock,
  directory: string,
  times: number,
): Promise<{ heapUsed: number; external: number }> {
  process.kill(workerPid, 'SIGUSR2')
  const file = join(directory, `${times}.json`)
  const giveUpAt = performance.now() + IDLE_PATIENCE_MS
  while (!existsSync(file)) {
    if (performance.now() > giveUpAt) throw new Error('the worker did not say what lives in it')
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))
  }
  return JSON.parse(readFileSync(file, 'utf8')) as { heapUsed: number; external: number }
}

function figuresOf(name: string, rounds: readonly PerStream[]): readonly Figure[] {
  const kib = (pick: (one: PerStream) => number): readonly number[] =>
    rounds.map((one) => pick(one) / KIB)
  return [
    figureOf(
      `${name}: per open stream`,
      'KiB',
      kib((one) => Math.max(one.resident, one.heap + Math.max(one.external, 0))),
      { atMost: GOAL_KIB },
    ),
    figureOf(
      `${name}: resident, per open stream`,
      'KiB',
      kib((one) => one.resident),
    ),
    figureOf(
      `${name}: living heap, per open stream`,
      'KiB',
      kib((one) => one.heap),
    ),
    figureOf(
      `${name}: living outside the heap, per open stream`,
      'KiB',
      kib((one) => one.external),
    ),
    figureOf(
      `${name}: worker at rest`,
      'MiB',
      kib((one) => one.baseResident / KIB),
    ),
  ]
}
