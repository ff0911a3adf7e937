// How long it takes to price ten million calls anew when all of them change, and how much memory that needs. The calls are copies of
// a day of traffic, spread over a month; the book makes every price ten times as dear.

import { join } from 'node:path'
import { loadavg } from 'node:os'
import type { Rerated, RerateRequest } from './at-rest/rerate-ledger.ts'
import { runTask } from './child.ts'
import { figureOf, type Section } from './figure.ts'
import { isShort } from './pace.ts'

const CALLS = isShort ? 200_000 : 10_000_000
const BASE = isShort ? 5_000 : 50_000
const PATIENCE_MS = 1_200_000
const SECONDS_MOST = 60
const MEMORY_MIB_MOST = 3_072

export async function benchRerate(): Promise<Section> {
  const request: RerateRequest = { seed: 11, calls: CALLS, base: BASE }
  const [load = 0] = loadavg()
  const script = join(import.meta.dirname, 'at-rest/rerate-ledger.ts')
  const done = await runTask<Rerated>(script, request, PATIENCE_MS)
  if (done.findings > 0) throw new Error(`the books have ${done.findings} findings afterwards`)
  const goals = isShort ? undefined : ({ atMost: SECONDS_MOST } as const)
  return {
    bench: 'rerate',
    figures: [
      figureOf('calls in the books', 'calls', [done.calls]),
      figureOf('calls that changed', 'calls', [done.changed]),
      figureOf('dry run', 's', [done.dryRunSeconds]),
      figureOf('re-rating', 's', [done.seconds], goals),
      figureOf('re-rating, CPU', 's', [done.cpuSeconds]),
      figureOf('peak memory of the process', 'MiB', [done.peakRssMib], { atMost: MEMORY_MIB_MOST }),
    ],
    skipped: [],
    notes: [
      `Load average when it began: ${load.toFixed(1)}. Calls without usage (errors, throttled) do not change.`,
      'Durable: every part is synced as any insert is.',
    ],
  }
}
