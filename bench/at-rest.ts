// What a call costs in bytes once it is over: in the journal until it is shipped, in the ledger for as long as calls are kept.
// The journal's lines are encoded by its own codec; the ledger is filled through its own insert path and asked for its parts.

import { join } from 'node:path'
import { encodeLine } from '../packages/ledgerock/src/journal/line-codec.ts'
import { RECORD_BYTES_MAX, RECORD_HEADER_BYTES } from '../packages/ledgerock/src/journal/record.ts'
import { runTask } from './child.ts'
import { figureOf, type Figure, type Section } from './figure.ts'
import type { FillRequest, Filled } from './at-rest/fill-ledger.ts'
import { traffic } from './at-rest/traffic.ts'
import { pacedCalls } from './pace.ts'

const SEEDS = [11, 12] as const
const JOURNAL_SEEDS = [1, 2, 3, 4, 5] as const
const JOURNAL_CALLS = 2_000
const LEDGER_CALLS = pacedCalls(50_000)
/** What a busy second ships. */
const BATCH_CALLS = 2_500
const FILL_PATIENCE_MS = 120_000
const FROM_MS = Date.UTC(2026, 10, 10)
const HOUR_MS = 3_600_000

export async function benchAtRest(): Promise<Section> {
  const journal = JOURNAL_SEEDS.map(journalBytes)
  const filled: Filled[] = []
  for (const seed of SEEDS) {
    const request: FillRequest = { seed, calls: LEDGER_CALLS, batchCalls: BATCH_CALLS }
    const script = join(import.meta.dirname, 'at-rest/fill-ledger.ts')
    filled.push(await runTask<Filled>(script, request, FILL_PATIENCE_MS))
  }
  return {
    bench: 'at-rest',
    figures: [
      figureOf(
        'journal: opened line',
        'bytes/call',
        journal.map(({ opened }) => opened),
      ),
      figureOf(
        'journal: settled line',
        'bytes/call',
        journal.map(({ settled }) => settled),
      ),
      figureOf(
        'journal: both',
        'bytes/call',
        journal.map(({ opened, settled }) => opened + settled),
        { atMost: 900 },
      ),
      ...ledgerFigures(filled),
    ],
    skipped: [],
    notes: [
      `Journal: records with their headers, ${JOURNAL_CALLS} calls for each of ${JOURNAL_SEEDS.length} seeds.`,
      `Ledger: a day of ${LEDGER_CALLS} calls of 12 teams in batches of ${BATCH_CALLS}, for each of ${SEEDS.length} seeds; ` +
        'active parts of all tables after the engine’s own merges, nothing optimised by hand.',
      `Largest columns of calls, bytes per call: ${largestColumns(filled)}.`,
    ],
  }
}

function journalBytes(seed: number): { opened: number; settled: number } {
  const into = Buffer.alloc(RECORD_BYTES_MAX)
  let opened = 0
  let settled = 0
  for (const call of traffic(seed, JOURNAL_CALLS, FROM_MS, HOUR_MS)) {
    opened += RECORD_HEADER_BYTES + encodeLine(call.opened, into, 0)
    settled += RECORD_HEADER_BYTES + encodeLine(call.settled, into, 0)
  }
  return { opened: opened / JOURNAL_CALLS, settled: settled / JOURNAL_CALLS }
}

function ledgerFigures(filled: readonly Filled[]): readonly Figure[] {
  for (const { calls } of filled) {
    if (calls !== LEDGER_CALLS)
      throw new Error(`${calls} of ${LEDGER_CALLS} calls are in the ledger`)
  }
  const perCall = (bytesOf: (tables: Filled['tables']) => number): readonly number[] =>
    filled.map(({ calls, tables }) => bytesOf(tables) / calls)
  const all = (tables: Filled['tables']): number =>
    Object.values(tables).reduce((sum, bytes) => sum + bytes, 0)
  const calls = (tables: Filled['tables']): number => tables['calls'] ?? 0
  return [
    figureOf('ledger: calls', 'bytes/call', perCall(calls)),
    figureOf(
      'ledger: rollups and the rest',
      'bytes/call',
      perCall((tables) => all(tables) - calls(tables)),
    ),
    figureOf('ledger: all tables', 'bytes/call', perCall(all), { atMost: 150 }),
    figureOf(
      'ledger: active parts',
      'parts',
      filled.map(({ activeParts }) => activeParts),
    ),
    figureOf(
      'ledger: insert, one statement at a time',
      'calls/s',
      filled.map((one) => one.insertCallsPerSecond),
    ),
    figureOf(
      'ledger: CPU per call inserted',
      'µs',
      filled.map((one) => one.insertCpuUsPerCall),
    ),
  ]
}

function largestColumns(filled: readonly Filled[]): string {
  const [first] = filled
  if (first === undefined) return 'none'
  return Object.entries(first.columns)
    .map(([column, bytes]) => `${column} ${(bytes / first.calls).toFixed(1)}`)
    .join(', ')
}
