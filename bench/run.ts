// `npm run bench`: all benches, or the ones named: `npm run bench -- latency micro`. `npm run bench -- profile` is apart: it shows
// where a worker spends its time and writes no results. `--short` shows that the benches work, and writes none either. A goal that
// is missed is shown and is no failure; a bench that cannot be carried out is.

import { loadavg } from 'node:os'
import { benchAccounting } from './accounting.ts'
import { benchAtRest } from './at-rest.ts'
import { benchBill } from './bill.ts'
import { benchBodies } from './bodies.ts'
import { benchBudgets } from './budgets.ts'
import type { Section } from './figure.ts'
import { benchLatency } from './latency.ts'
import { describeMachine, describeRevision } from './machine.ts'
import { benchMemory } from './memory.ts'
import { benchMicro } from './micro.ts'
import { isShort, withoutFlags } from './pace.ts'
import { benchPeers } from './peers.ts'
import { profileUnaryLoad } from './profile.ts'
import { tableOf, writeResults, type Measurement } from './report.ts'
import { benchRerate } from './rerate.ts'
import { benchStreams } from './streams.ts'
import { benchThroughput } from './throughput.ts'

const BENCHES: Readonly<Record<string, () => Promise<Section>>> = {
  latency: benchLatency,
  throughput: benchThroughput,
  streams: benchStreams,
  bodies: benchBodies,
  memory: benchMemory,
  accounting: benchAccounting,
  budgets: benchBudgets,
  peers: benchPeers,
  'at-rest': benchAtRest,
  micro: benchMicro,
  rerate: benchRerate,
  bill: benchBill,
}
const BUSY_LOAD = 0.5

async function main(names: readonly string[]): Promise<number> {
  const wrong = names.filter((name) => name !== 'profile' && !(name in BENCHES))
  if (wrong.length > 0) {
    console.error(
      `no such bench: ${wrong.join(', ')}. Benches: ${Object.keys(BENCHES).join(', ')}, profile.`,
    )
    return 2
  }
  if (names.includes('profile')) console.log(await profileUnaryLoad())
  const chosen = names.length === 0 ? Object.keys(BENCHES) : names.filter((name) => name in BENCHES)
  const [load = 0] = loadavg()
  if (load > BUSY_LOAD)
    console.error(`The machine is busy (load average ${load.toFixed(1)}): expect noise.`)
  let failures = 0
  for (const name of chosen) {
    const measured = await carryOut(name).catch((error: unknown) => {
      failures += 1
      console.error(`${name} could not be carried out:`, error)
      return null
    })
    if (measured === null) continue
    console.log(`\n${name} (${measured.took_s} s)\n${tableOf(measured)}`)
    if (!isShort) writeResults([measured], Object.keys(BENCHES))
  }
  return failures === 0 ? 0 : 1
}

async function carryOut(name: string): Promise<Measurement> {
  const machine = describeMachine()
  const began = performance.now()
  const bench = BENCHES[name] as () => Promise<Section>
  console.error(`${name} …`)
  const section = await bench()
  return {
    ...section,
    measured_at: new Date(performance.timeOrigin + began).toISOString().replace(/\.\d+/, ''),
    took_s: Math.round((performance.now() - began) / 1_000),
    machine,
    revision: describeRevision(),
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
process.exitCode = await main(withoutFlags(process.argv.slice(2)))
