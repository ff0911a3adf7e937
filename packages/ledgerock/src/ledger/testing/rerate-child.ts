// A ledger process that re-rates once and ends, or kills itself at the given step on the way, as kill -9 does: no handler runs,
// nothing is flushed. Its book is the random one of the seed. Usage: node rerate-child.ts <store> <state> <seed> [<step> <count>]

import fc from 'fast-check'
import { systemClock } from '../../platform/clock.ts'
import { nodeFiles } from '../../platform/node-files.ts'
import { repricerOf } from '../../pricing/reprice/repricer.ts'
import { openLedger } from '../ledger.ts'
import { arbitraryBook, PRICED_FROM, PRICED_TO } from './priced-calls.ts'
import { TEST_DIMENSIONS } from './store-rooms.ts'

const [path = '', stateDirectory = '', seed, step, count] = process.argv.slice(2)
let left = Number(count ?? 0)
const [book] = fc.sample(arbitraryBook(true), { numRuns: 1, seed: Number(seed) })
if (book === undefined) throw new Error('there is always a book')

const ledger = await openLedger(
  {
    clock: systemClock,
    files: nodeFiles,
    log: (event, fields) => process.stderr.write(`${JSON.stringify({ event, ...fields })}\n`),
    prices: () => repricerOf(book),
    onStep: (name) => {
      if (name !== step) return
      left -= 1
      if (left === 0) process.kill(process.pid, 'SIGKILL')
    },
  },
  {
    store: { kind: 'embedded', path },
    journalDirectory: `${stateDirectory}/journal`,
    stateDirectory,
    dimensions: TEST_DIMENSIONS,
    retention: { callsDays: null, rawUsageDays: null },
    nodeId: 'node-1',
  },
)
await ledger.rerate({
  fromMs: PRICED_FROM,
  toMs: PRICED_TO,
  dryRun: false,
  rerateId: 'child',
  bookVersion: book.version,
  closedPeriods: [],
})
await ledger.close()
process.stdout.write('rerated\n')
