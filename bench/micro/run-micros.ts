// The process in which the micro-benches run: finds out how many operations fill a round, then runs all of them by turns.

import { childArgument, tellParent } from '../child.ts'
import { paced } from '../pace.ts'
import { interleave } from '../rounds.ts'
import { journalMicros } from './journal.ts'
import type { Micro } from './micro.ts'
import { hotPathMicros } from './hot-path.ts'
import { priceMicros } from './prices.ts'

export type MicroAnswer = Readonly<
  Record<string, { readonly unit: string; readonly values: readonly number[] }>
>

const ROUNDS = 15
const ROUND_MS = 25
const WARMUP_MS = 150
const TIMES_MAX = 10_000_000

async function timed({ run }: Micro, times: number): Promise<number> {
  const began = performance.now()
  await run(times)
  return performance.now() - began
}

async function timesFor(micro: Micro): Promise<number> {
  const until = performance.now() + WARMUP_MS
  let times = 1
  let took = await timed(micro, times)
  while (performance.now() < until || took < ROUND_MS / 4) {
    if (took < ROUND_MS / 4) times = Math.min(times * 2, TIMES_MAX)
    took = await timed(micro, times)
  }
  return Math.max(1, Math.round((times * ROUND_MS) / took))
}

async function runAll(micros: readonly Micro[]): Promise<MicroAnswer> {
  const variants: Record<string, () => Promise<number>> = {}
  for (const micro of micros) {
    const times = await timesFor(micro)
    variants[micro.name] = async () => ((await timed(micro, times)) / times) * 1_000
  }
  const measured = await interleave(variants, paced(ROUNDS))
  return Object.fromEntries(
    micros.map(({ name, unit }) => [name, { unit, values: measured[name] ?? [] }]),
  )
}

childArgument()
const journal = await journalMicros()
const answer = await runAll([...hotPathMicros(), ...priceMicros(), ...journal.micros])
await journal.close()
tellParent(answer)
