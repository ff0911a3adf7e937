// Finds journals whose writer is gone and settles what it left open, priced as far as it is known.

import type { Config } from '../../config.ts'
import { estimateInterrupted } from '../../gateway/attempt/settle.ts'
import {
  recoverJournal,
  recoverJournals,
  type Recovered,
  type RecoveryDeps,
} from '../../journal/recovery.ts'
import { createTurns } from '../../kernel/turns.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logging.ts'
import { nodeFiles } from '../../platform/node-files.ts'
import { isProcessAlive, isSameBoot } from '../../platform/process-identity.ts'
import type { PriceBook } from '../../pricing/price-book.ts'
import { journalDirectory } from '../data-layout.ts'

export type JournalRecovery = {
  /** One run at a time; asked again while one runs, it runs once more. */
  readonly run: () => Promise<void>
  /** Of a journal its writer closed: calls that are open all the same, because their settled lines were lost. */
  readonly settleOpen: (journalId: string) => Promise<void>
}

export function createJournalRecovery(
  logger: Logger,
  config: Config,
  book: () => PriceBook,
): JournalRecovery {
  const directory = journalDirectory(config.dataDir)
  const deps: RecoveryDeps = {
    files: nodeFiles,
    isAlive: isProcessAlive,
    isSameBoot: ({ process, createdAt }) => isSameBoot(process, createdAt),
    now: systemClock.now,
    estimate: (opened) => estimateInterrupted(book(), opened),
  }
  let running: Promise<void> | null = null
  let again = false
  // Two must not make the same journal at once.
  const inTurn = createTurns()

  function report({ journalId, outcome, interruptedCalls, findings }: Recovered): void {
    if (outcome !== 'recovered') return
    const fields = {
      journal_id: journalId,
      interrupted_calls: interruptedCalls,
      findings: findings.length,
    }
    logger.warn(fields, 'journal_recovered')
  }

  async function run(): Promise<void> {
    if (running !== null) {
      again = true
      return running
    }
    running = (async () => {
      do {
        again = false
        for (const journal of await inTurn(() => recoverJournals(deps, directory))) report(journal)
      } while (again)
    })().finally(() => {
      running = null
    })
    return running
  }

  return {
    run,
    async settleOpen(journalId) {
      report(await inTurn(() => recoverJournal(deps, directory, journalId)))
    },
  }
}
