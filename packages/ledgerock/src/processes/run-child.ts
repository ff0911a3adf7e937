// The entry of every child process: waits for its start message, becomes what it says, and reports a failure to start in a
// form the supervisor can show to a person.

import { exhaustive } from '../kernel/assert.ts'
import { Fault } from '../kernel/fault.ts'
import { createLogger, type Logger } from '../platform/logging.ts'
import type { StartMessage } from './messages.ts'
import { awaitStart, connectParent, type Parent } from './parent.ts'

export async function runChild(): Promise<void> {
  // A supervisor that dies while its child is only starting leaves nothing to finish; what comes next listens for itself.
  const abandoned = (): void => process.exit(0)
  process.once('disconnect', abandoned)
  const parent = connectParent()
  const start = await awaitStart()
  process.title = `ledgerock ${start.name}`
  const logger = createLogger(start.name, start.logLevel)
  process.on('uncaughtException', (error) => {
    logger.fatal({ reason: error.message, stack: error.stack }, 'uncaught')
    process.exit(70)
  })
  // Signals of the terminal and of process groups are the supervisor's to translate.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => undefined)
  try {
    await become(logger, parent, start)
    process.removeListener('disconnect', abandoned)
  } catch (error) {
    const code = error instanceof Fault ? error.code : 'start_failed'
    const message = error instanceof Error ? error.message : String(error)
    logger.error({ code, reason: message }, 'start_failed')
    parent.send({ kind: 'failed', code, message: `${start.name}: ${message}` })
    // Lets the message out before the process, and its channel, end.
    setTimeout(() => process.exit(1), 50)
  }
}

/** Each role loads only what it runs: a worker never loads a database engine. */
async function become(logger: Logger, parent: Parent, start: StartMessage): Promise<void> {
  switch (start.role) {
    case 'worker':
      return (await import('./worker/run-worker.ts')).runWorker(logger, parent, start)
    case 'ledger':
      return (await import('./ledger/run-ledger.ts')).runLedger(logger, parent, start)
    case 'control':
      return (await import('./control/run-control.ts')).runControl(logger, parent, start)
    case 'simulator':
      return (await import('./run-simulator.ts')).runSimulator(parent, start)
    default:
      return exhaustive(start.role)
  }
}
