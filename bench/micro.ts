// What the parts of the hot path cost one by one, in microseconds: credential, attribution, scan, hash, signature, price,
// journal, meters. Run in a process of its own, in rounds by turns, each long enough for the clock.

import { join } from 'node:path'
import { runTask } from './child.ts'
import { figureOf, type Section } from './figure.ts'
import type { MicroAnswer } from './micro/run-micros.ts'

const PATIENCE_MS = 90_000

export async function benchMicro(): Promise<Section> {
  const script = join(import.meta.dirname, 'micro/run-micros.ts')
  const answer = await runTask<MicroAnswer>(script, null, PATIENCE_MS)
  return {
    bench: 'micro',
    figures: Object.entries(answer).map(([name, { unit, values }]) => figureOf(name, unit, values)),
    skipped: [],
    notes: [
      'One thread, warm caches, no other load: in the gateway the same work costs more.',
      'Journal: both lines of a call to a real file, group-committed as in production; wall time with that many calls in flight.',
    ],
  }
}
