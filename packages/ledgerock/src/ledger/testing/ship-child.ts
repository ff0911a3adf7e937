// A ledger process that ships once and ends, or kills itself at the given step on the way, as kill -9 does: no handler runs,
// nothing is flushed. Usage: node ship-child.ts <store> <journals> <state> [<step> <count>]

import { systemClock } from '../../platform/clock.ts'
import { nodeFiles } from '../../platform/node-files.ts'
import { openLedger } from '../ledger.ts'
import { TEST_DIMENSIONS } from './store-rooms.ts'

const [path = '', journalDirectory = '', stateDirectory = '', step, count] = process.argv.slice(2)
let left = Number(count ?? 0)

const ledger = await openLedger(
  {
    clock: systemClock,
    files: nodeFiles,
    log: (event, fields) => process.stderr.write(`${JSON.stringify({ event, ...fields })}\n`),
    onStep: (name) => {
      if (name !== step) return
      left -= 1
      if (left === 0) process.kill(process.pid, 'SIGKILL')
    },
  },
  {
    store: { kind: 'embedded', path },
    journalDirectory,
    stateDirectory,
    dimensions: TEST_DIMENSIONS,
    retention: { callsDays: null, rawUsageDays: null },
    nodeId: 'node-1',
  },
)
process.stdout.write('open\n')
await ledger.shipNow()
await ledger.close()
process.stdout.write('shipped\n')
