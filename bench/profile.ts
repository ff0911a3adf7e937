// `npm run bench -- profile`: where a worker's time goes under unary load, over HTTP/1.1 and over HTTP/2, in microseconds per call.
// It profiles the real worker of a running Ledgerock. The profiles are left in `results/` (not committed) for a closer look.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startServer } from './child.ts'
import { readCpuProfile, type CpuProfile, type ProfileReading, type Share } from './cpu-profile.ts'
import { startLoad } from './load/load.ts'
import { converseRequest } from './load/request.ts'
import { cpuUs } from './process-cpu.ts'
import { startLedgerock } from './systems/ledgerock.ts'

const FIRST_CALLS = 20_000
const FIRST_MS_MAX = 10_000
/** Until so many calls were seen, but no longer than this. */
const PROFILED_CALLS = 30_000
const PROFILE_MS_MAX = 20_000
const CONCURRENCY = 32
const FILE_PATIENCE_MS = 20_000
const SHOWN = 40
const RESULTS = join(import.meta.dirname, 'results')

export async function profileUnaryLoad(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-profile-'))
  const upstream = await startServer(join(import.meta.dirname, 'systems/fixed-responder.ts'))
  const load = await startLoad()
  try {
    const hook = pathToFileURL(join(import.meta.dirname, 'profile-hook.ts')).href
    const ledgerock = await startLedgerock({
      upstream: upstream.url,
      env: { NODE_OPTIONS: `--import=${hook}`, BENCH_PROFILE_DIRECTORY: directory },
    })
    try {
      const request = converseRequest(ledgerock.key, 'converse')
      const toggle = (): void => void process.kill(ledgerock.workerPid, 'SIGUSR2')
      const texts: string[] = []
      for (const [index, protocol] of (['h1', 'h2'] as const).entries()) {
        const spec = {
          url: ledgerock.url,
          protocol,
          request,
          connections: protocol === 'h1' ? CONCURRENCY : 4,
          streams: protocol === 'h1' ? 1 : CONCURRENCY / 4,
        }
        await load.run({ ...spec, warmupMs: 0, measureMs: FIRST_MS_MAX, callsMax: FIRST_CALLS })
        toggle()
        await fileAt(join(directory, `${index + 1}.started`))
        const before = cpuUs(ledgerock.workerPid)
        const { callsInAll } = await load.run({
          ...spec,
          warmupMs: 0,
          measureMs: PROFILE_MS_MAX,
          callsMax: PROFILED_CALLS,
        })
        const after = cpuUs(ledgerock.workerPid)
        toggle()
        const text = await fileAt(join(directory, `${index + 1}.cpuprofile`))
        mkdirSync(RESULTS, { recursive: true })
        writeFileSync(join(RESULTS, `worker-${protocol}.cpuprofile`), text)
        const reading = readCpuProfile(JSON.parse(text) as CpuProfile)
        const used = before === null || after === null ? reading.busyUs : after - before
        texts.push(described(protocol, reading, callsInAll, used))
      }
      return texts.join('\n')
    } finally {
      await ledgerock.stop()
    }
  } finally {
    await load.stop()
    await upstream.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/**
 * `cpuUsed`: processor time of the worker. The profiler's clock runs on while the worker has to wait for a core, so its times
 * are scaled to this.
 */
function described(
  protocol: string,
  reading: ProfileReading,
  calls: number,
  cpuUsed: number,
): string {
  const scale = cpuUsed / reading.busyUs
  const perCall = (us: number): string => ((us * scale) / calls).toFixed(1)
  const list = (shares: readonly Share[]): string =>
    shares
      .slice(0, SHOWN)
      .map(({ name, us }) => {
        const share = ((us / reading.busyUs) * 100).toFixed(1)
        return `${perCall(us).padStart(8)} µs ${share.padStart(5)} %  ${name}`
      })
      .join('\n')
  const idle = (reading.idleUs / (reading.idleUs + reading.busyUs)) * 100
  return [
    `worker over ${protocol}: ${calls} calls, ${perCall(reading.busyUs)} µs of CPU per call, ` +
      `idle ${idle.toFixed(0)} % of the time`,
    `\nby place\n${list(reading.byPlace)}`,
    `\non behalf of our functions, with what they call\n${list(reading.onBehalfOf)}`,
    `\nby function, itself\n${list(reading.byFunction)}\n`,
  ].join('\n')
}

async function fileAt(path: string): Promise<string> {
  const giveUpAt = performance.now() + FILE_PATIENCE_MS
  while (!existsSync(path)) {
    if (performance.now() > giveUpAt) throw new Error(`the worker did not write ${path}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return readFileSync(path, 'utf8')
}
