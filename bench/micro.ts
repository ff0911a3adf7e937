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
    figures: [
      ...Object.entries(answer).map(([name, { unit, values }]) => figureOf(name, unit, values)),
      figureOf('calls priced, one core, 4 kinds', '1/s', callsPerSecond(answer), {
        atLeast: 1_000_000,
      }),
      figureOf('price book of four layers: load', 'ms', loadInMs(answer), { atMost: 50 }),
      figureOf('accounting of a unary call, these steps together', 'µs', accountingByRound(answer)),
    ],
    skipped: [],
    notes: [
      'One thread, warm caches, no other load: in the gateway the same work costs more.',
      `Accounting: ${ACCOUNTING_STEPS.join('; ')}.`,
      'Journal: both lines of a call to a real file, group-committed as in production; wall time with that many calls in flight.',
    ],
  }
}

/** What a call would not need if nobody counted; the journal's step has its encodings in it. */
const ACCOUNTING_STEPS = [
  'request scan, 2 KiB',
  'attribute: 4 bound, 4 from headers',
  'request ids',
  'resolve model',
  'usage of a unary answer',
  'cost of usage, 4 kinds',
  'journal: a call, 32 in flight',
] as const

function callsPerSecond(answer: MicroAnswer): readonly number[] {
  return valuesOf(answer, 'cost of usage, 4 kinds').map((us) => 1_000_000 / us)
}

function loadInMs(answer: MicroAnswer): readonly number[] {
  return valuesOf(answer, 'price book: load').map((us) => us / 1_000)
}

function valuesOf(answer: MicroAnswer, step: string): readonly number[] {
  const found = Object.entries(answer).find(([name]) => name.startsWith(step))
  if (found === undefined) throw new Error(`no micro-bench is called: ${step}`)
  return found[1].values
}

function accountingByRound(answer: MicroAnswer): readonly number[] {
  const steps = ACCOUNTING_STEPS.map((step) => valuesOf(answer, step))
  const [first = []] = steps
  return first.map((_, round) => steps.reduce((sum, values) => sum + (values[round] as number), 0))
}
