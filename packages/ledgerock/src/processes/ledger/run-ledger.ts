// The ledger process: the only one that knows the ledger store. Recovers the journals of dead workers, ships all journals,
// answers questions. Its crash takes down neither control nor workers.

import { mkdirSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { billWordReader } from '../../billing/read-bill-word.ts'
import type { Config } from '../../config.ts'
import { Fault } from '../../kernel/fault.ts'
import { MS_PER_DAY } from '../../kernel/time.ts'
import { openLedger, type Ledger, type LedgerStoreTarget } from '../../ledger/ledger.ts'
import { systemClock } from '../../platform/clock.ts'
import { waitForFileLock } from '../../platform/file-lock.ts'
import type { Logger } from '../../platform/logging.ts'
import { nodeFiles } from '../../platform/node-files.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { findRate } from '../../pricing/find-rate.ts'
import { repricerOf } from '../../pricing/reprice/repricer.ts'
import { sortOf } from '../../reconciliation/line-of-cell.ts'
import { configFromWire } from '../config-wire.ts'
import { journalDirectory, ledgerDirectory, priceFile } from '../data-layout.ts'
import { ledgerSocketPath, serveLedger } from './ledger-rpc.ts'
import { ledgerMetrics } from './ledger-metrics.ts'
import type { StartMessage } from '../messages.ts'
import type { Parent } from '../parent.ts'
import { openPriceBookHolder, type PriceBookHolder } from '../price-book-holder.ts'
import { createJournalRecovery, type JournalRecovery } from './recover-journals.ts'

const SHIPPING_PRIORITY = constants.priority.PRIORITY_BELOW_NORMAL
/** The ledger process of a supervisor that just died may need this long to let go of its directory. */
const PREDECESSOR_PATIENCE_MS = 30_000
/** Journals of workers that outlive their supervisor become recoverable without anybody saying so. */
const RECOVERY_EVERY_MS = 2_000

export async function runLedger(
  logger: Logger,
  parent: Parent,
  start: StartMessage,
): Promise<void> {
  const config = configFromWire(start.config)
  // Analytics gives way to calls: with few cores, a shipment must not delay a worker.
  setPriority(SHIPPING_PRIORITY)
  const directory = ledgerDirectory(config.dataDir)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const lock = await waitForFileLock(join(directory, 'lock'), PREDECESSOR_PATIENCE_MS)
  if (lock === null) throw new Fault('ledger_locked', `another process holds ${directory}`)
  const prices = openPriceBookHolder(logger, priceFile(config.dataDir))
  const recovery = createJournalRecovery(logger, config, prices.current)
  await recovery.run()
  const ledger = await openConfiguredLedger(
    logger,
    config,
    start.nodeId,
    prices,
    recovery.settleOpen,
  )
  ledger.start()
  const rpc = await serveLedger(logger, ledger, ledgerSocketPath(start.runtimeDirectory))
  const recover = (): void => {
    recovery.run().catch((error: unknown) => {
      logger.error({ reason: String(error) }, 'journal_recovery_failed')
    })
  }
  const timer = setInterval(recover, RECOVERY_EVERY_MS)

  let ending = false
  const end = async (ship: boolean): Promise<void> => {
    if (ending) return
    ending = true
    clearInterval(timer)
    await rpc.close()
    // What cannot be shipped now stays in the journal and is shipped at the next start.
    if (ship) {
      await recovery.run().catch(() => undefined)
      await ledger.shipNow().catch((error: unknown) => {
        logger.warn({ reason: String(error) }, 'last_shipment_failed')
      })
    }
    await ledger.close()
    lock.release()
    process.exit(0)
  }
  parent.onMessage((message) => {
    if (message.kind === 'worker-died') recover()
    if (message.kind === 'stop') void end(true)
    if (message.kind === 'prices') parent.send({ kind: 'prices-ack', version: prices.load() })
    if (message.kind !== 'metrics') return
    void ledgerMetrics(ledger)
      .then((report) => parent.send({ kind: 'metrics', id: message.id, report }))
      .catch((error: unknown) => logger.warn({ reason: String(error) }, 'metrics_failed'))
  })
  parent.onGone(() => void end(false))
  parent.send({ kind: 'ready', url: null })
}

export function openConfiguredLedger(
  logger: Logger,
  config: Config,
  nodeId: string,
  prices: Pick<PriceBookHolder, 'current'>,
  settleOpen: JournalRecovery['settleOpen'],
): Promise<Ledger> {
  const directory = ledgerDirectory(config.dataDir)
  const days = (ms: number | null): number | null =>
    ms === null ? null : Math.max(1, Math.round(ms / MS_PER_DAY))
  return openLedger(
    {
      clock: systemClock,
      files: nodeFiles,
      log: (event, fields) => logger.info(fields, event),
      prices: () => repricerOf(prices.current()),
      billWords: () => billWordReader(bedrockWords(prices.current()), prices.current()),
      sortOfRate: (rateId) => {
        const rate = findRate(prices.current(), rateId)
        return rate === null ? '' : sortOf(rate.contextAbove > 0, rate.variant ?? '')
      },
      settleOpen,
    },
    {
      store: storeTarget(config, directory),
      journalDirectory: journalDirectory(config.dataDir),
      stateDirectory: join(directory, 'state'),
      dimensions: config.dimensions.map((dimension) => dimension.name),
      retention: {
        callsDays: days(config.retention.callsMs),
        rawUsageDays: days(config.retention.rawUsageMs),
      },
      nodeId,
    },
  )
}

function storeTarget(config: Config, directory: string): LedgerStoreTarget {
  const { ledger } = config.stores
  if (ledger.kind === 'embedded') return { kind: 'embedded', path: join(directory, 'chdb') }
  const url = new URL(ledger.url.reveal())
  const user = decodeURIComponent(url.username)
  const password = decodeURIComponent(url.password)
  const database = url.pathname.replace(/^\//, '')
  url.username = ''
  url.password = ''
  url.pathname = ''
  return {
    kind: 'server',
    url: url.toString(),
    ...(user === '' ? {} : { user }),
    ...(password === '' ? {} : { password }),
    ...(database === '' ? {} : { database }),
  }
}
