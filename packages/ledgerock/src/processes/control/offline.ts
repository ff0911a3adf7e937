// The control API without a server: the command line opens the data directory itself, so that questions are answered the same
// way whether Ledgerock runs or not. It takes the directory's lock, brings the ledger up to date from the journals, and
// answers in this process.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { inProcess } from '../../control/api.ts'
import type { Config } from '../../config.ts'
import { Fault } from '../../kernel/fault.ts'
import { takeDataDirectory } from '../../platform/data-directory.ts'
import { waitForFileLock } from '../../platform/file-lock.ts'
import type { Logger } from '../../platform/logging.ts'
import { openControlPlane } from './control-plane.ts'
import { ledgerDirectory, priceFile } from '../data-layout.ts'
import { nodeIdOf } from '../node-id.ts'
import { openPriceBookHolder } from '../price-book-holder.ts'
import { createJournalRecovery } from '../ledger/recover-journals.ts'
import { openConfiguredLedger } from '../ledger/run-ledger.ts'

export type OfflineApi = {
  readonly request: (path: string, init?: RequestInit) => Promise<Response>
  readonly close: () => Promise<void>
}

const PREDECESSOR_PATIENCE_MS = 15_000
const NOBODY = { acked: [], missing: [] }

export async function openOffline(
  logger: Logger,
  config: Config,
  version: string,
): Promise<OfflineApi> {
  const data = takeDataDirectory(config.dataDir)
  const directory = ledgerDirectory(config.dataDir)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const lock = await waitForFileLock(join(directory, 'lock'), PREDECESSOR_PATIENCE_MS)
  if (lock === null) throw new Fault('ledger_locked', `another process holds ${directory}`)
  const prices = openPriceBookHolder(logger, priceFile(config.dataDir))
  const recovery = createJournalRecovery(logger, config, prices.current)
  await recovery.run()
  const ledger = await openConfiguredLedger(logger, config, 'offline', prices, recovery.settleOpen)
  await ledger.shipNow()
  const shutdown = new AbortController()
  const plane = await openControlPlane({
    logger,
    config: () => config,
    ledger,
    version,
    nodeId: nodeIdOf(config.dataDir),
    // No worker is connected; the ones of the next start read the policy file.
    broadcast: () => Promise.resolve(NOBODY),
    // The ledger in this process is the only one to tell.
    broadcastPrices: () => {
      prices.load()
      return Promise.resolve(NOBODY)
    },
    readiness: () => ({ ready: false, checks: { gateway: 'not running' } }),
    metricsText: () => '',
    origins: () => [],
    shutdown: shutdown.signal,
  })
  await plane.prices.publish()
  await plane.leases.catchUp()
  const request = inProcess(plane.api, { name: 'command-line', role: 'admin', by: 'in-process' })
  return {
    request,
    async close() {
      shutdown.abort()
      await plane.imports.idle()
      // It was on the store for a command only. A node that could not leave is awaited, no more.
      await plane.leases.leave().catch(() => {})
      await plane.store.close()
      await ledger.close()
      lock.release()
      data.release()
    },
  }
}
