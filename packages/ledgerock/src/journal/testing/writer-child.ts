// A process that writes calls to a journal on real files as fast as it can until it is killed, and says on stdout what it
// was told is safe: `journal <id>` once, then one sequence number a line. Usage: node writer-child.ts <directory>
// <interval|each>

import { randomBytes } from 'node:crypto'
import { systemClock } from '../../platform/clock.ts'
import { nodeFiles } from '../../platform/node-files.ts'
import { currentProcess } from '../../platform/process-identity.ts'
import { uuidV7 } from '../../kernel/ids.ts'
import { openJournal } from '../writer.ts'
import { openedLine, settledLine } from './sample-lines.ts'

const CALLS_PER_TURN = 4
const SEGMENT_BYTES = 256 * 1024

const [dir = '', sync] = process.argv.slice(2)
const writer = await openJournal(
  { files: nodeFiles, clock: systemClock, random: randomBytes, process: currentProcess() },
  {
    dir,
    nodeId: 'node-1',
    role: 'gateway',
    sync: sync === 'each' ? 'each' : 'interval',
    segmentBytes: SEGMENT_BYTES,
  },
)
process.stdout.write(`journal ${writer.journalId}\n`)
setImmediate(writeTurn)

function writeTurn(): void {
  for (let count = 0; count < CALLS_PER_TURN; count += 1) writeCall()
  setImmediate(writeTurn)
}

function writeCall(): void {
  const reservation = writer.reserve()
  if (reservation === null) return
  const callId = uuidV7(systemClock.now(), randomBytes(10))
  const openedSeq = writer.append(
    reservation,
    openedLine(1, { callId, logicalId: callId }),
    (error) => {
      if (error !== null) return
      say(openedSeq)
      setImmediate(() => {
        const seq = writer.append(reservation, settledLine(openedSeq), (failure) => {
          if (failure === null) say(seq)
        })
      })
    },
  )
}

function say(seq: number): void {
  process.stdout.write(`${seq}\n`)
}
