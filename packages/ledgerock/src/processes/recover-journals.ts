// Finds journals whose writer is gone and settles what it left open, priced as far as it is known.

import type { Config } from '../config.ts'
import { estimateInterrupted } from '../gateway/settle.ts'
import { recoverJournals } from '../journal/recovery.ts'
import { systemClock } from '../platform/clock.ts'
import type { Logger } from '../platform/logging.ts'
import { nodeFiles } from '../platform/node-files.ts'
import { isProcessAlive, isSameBoot } from '../platform/process-identity.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import { journalDirectory } from './data-layout.ts'

export type JournalRecovery = {
  /** One run at a time; asked again while one runs, it runs once more. */
  readonly run: () => Promise<void>
}

export function createJournalRecovery(
  logger: Logger,
  config: Config,
  book: () => PriceBook,
): JournalRecovery {
  let running: Promise<void> | null = null
  let again = false

  async function once(): Promise<void> {
    const recovered = await recoverJournals(
      {
        files: nodeFiles,
        isAlive: isProcessAlive,
        isSameBoot: ({ process, createdAt }) => isSameBoot(process, createdAt),
        now: systemClock.now,
        estimate: (opened) => estimateInterrupted(book(), opened),
      },
      journalDirectory(config.dataDir),
    )
    for (const journal of recovered) {
      if (journal.outcome !== 'recovered') continue
      logger.warn(
        {
          journal_id: journal.journalId,
          interrupted_calls: journal.interruptedCalls,
          findings: journal.findings.length,
        },
        'journal_recovered',
      )
    }
  }

  async function run(): Promise<void> {
    if (running !== null) {
      again = true
      return running
    }
    running = (async () => {
      do {
        again = false
        await once()
      } while (again)
    })().finally(() => {
      running = null
    })
    return running
  }

  return { run }
}
