// A gateway worker: takes connections from the supervisor, serves calls, keeps its own journal. It knows no database and needs
// neither control nor ledger to serve. When it is told to drain, or its supervisor dies, it finishes what it began, syncs,
// and ends.

import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Config } from '../../config.ts'
import { SEGMENT_BYTES_DEFAULT } from '../../journal/segment.ts'
import { openJournal } from '../../journal/writer.ts'
import type { JournalWriter } from '../../journal/journal-writer.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logging.ts'
import { nodeFiles } from '../../platform/node-files.ts'
import { currentProcess } from '../../platform/process-identity.ts'
import { BUDGET_REPORT_EVERY_MS } from './budget-worker.ts'
import { configFromWire } from '../config-wire.ts'
import { journalDirectory } from '../data-layout.ts'
import { openEventually } from './eventual-journal.ts'
import { createWorkerShares, SHARE_EVERY_MS } from './limit-shares-worker.ts'
import type { StartMessage, ToChild } from '../messages.ts'
import type { Parent } from '../parent.ts'
import { openWorkerGateway, type WorkerGateway } from './worker-gateway.ts'

const SEGMENTS_MIN = 4
/** What waits for others at the end (a collector of traces, connections) may wait this long. */
const CLOSE_MS = 3_000

export async function runWorker(
  logger: Logger,
  parent: Parent,
  start: StartMessage,
): Promise<void> {
  const worker = await openWorker(logger, parent, start)
  const shares = createWorkerShares(
    () => worker.policy.current()?.limits ?? null,
    parent.send,
    systemClock.monotonic,
  )
  parent.onMessage((message: ToChild, socket: Socket | undefined) => {
    switch (message.kind) {
      case 'connection':
        // A socket that closed on the way arrives as nothing; either way it is not the supervisor's any more.
        parent.send({ kind: 'connection-taken', id: message.id })
        if (socket !== undefined) worker.listener.accept(socket)
        return
      case 'policy':
        return worker.takePolicy(message.envelope)
      case 'prices':
        parent.send({ kind: 'prices-ack', version: worker.prices.load() })
        return
      case 'metrics':
        void worker.metrics
          .report()
          .then((report) => parent.send({ kind: 'metrics', id: message.id, report }))
        return
      case 'limit-shares':
        return shares.taken(message.round, message.shares)
      case 'budget-grant':
      case 'budget-recall':
      case 'budget-heard':
      case 'budget-states':
        return worker.budgets.taken(message)
      case 'reload-certificate':
        return worker.reloadCertificate()
      case 'drain':
        void worker.end()
        return
      default:
    }
  })
  parent.onGone(() => void worker.end())
  void worker.budgets.over.then(() => {
    logger.error({}, 'budget_leases_given_up')
    parent.send({ kind: 'leaving' })
  })
  if (start.policy !== null) worker.takePolicy(start.policy)
  setInterval(shares.report, SHARE_EVERY_MS).unref()
  setInterval(worker.budgets.report, BUDGET_REPORT_EVERY_MS).unref()
}

type Worker = Pick<
  WorkerGateway,
  'listener' | 'metrics' | 'policy' | 'prices' | 'budgets' | 'reloadCertificate'
> & {
  readonly takePolicy: (envelope: string) => void
  readonly end: () => Promise<void>
}

async function openWorker(logger: Logger, parent: Parent, start: StartMessage): Promise<Worker> {
  const config = configFromWire(start.config)
  const journal = await openEventually(
    () => openWorkerJournal(config, start),
    (reason) => logger.error({ reason }, 'journal_not_opened'),
  )
  let draining = false
  const isDraining = (): boolean => draining
  const gateway = await openWorkerGateway(logger, config, start, journal, isDraining, parent.send)

  let isOpening = false
  const sayReady = (): void => parent.send({ kind: 'ready', url: null })
  function takePolicy(envelope: string): void {
    const position = gateway.policy.take(envelope)
    if (position === null) return
    gateway.policyTaken()
    if (!isOpening) void gateway.budgets.firstWord().then(sayReady)
    isOpening = true
    parent.send({ kind: 'policy-ack', ...position })
  }

  async function end(): Promise<void> {
    if (draining) return
    draining = true
    const patience = new Promise((resolve) => setTimeout(resolve, config.gateway.drainTimeoutMs))
    await Promise.race([gateway.listener.drain(), patience])
    gateway.budgets.wallet.close()
    await journal.close()
    await Promise.race([gateway.close(), new Promise((resolve) => setTimeout(resolve, CLOSE_MS))])
    process.exit(0)
  }

  return { ...gateway, takePolicy, end }
}

function openWorkerJournal(config: Config, start: StartMessage): Promise<JournalWriter> {
  const { sync, maxBytes } = config.journal
  const ownBytesMax = Math.floor(maxBytes / config.gateway.workers)
  return openJournal(
    {
      files: nodeFiles,
      clock: systemClock,
      random: (bytes) => randomBytes(bytes),
      process: currentProcess(),
    },
    {
      dir: journalDirectory(config.dataDir),
      nodeId: start.nodeId,
      role: start.name,
      sync: sync.kind,
      ...(sync.kind === 'interval' ? { syncMs: sync.intervalMs } : {}),
      maxBytes: ownBytesMax,
      // A journal needs room for several segments, or the first one could never be shipped and deleted.
      segmentBytes: Math.min(SEGMENT_BYTES_DEFAULT, Math.floor(ownBytesMax / SEGMENTS_MIN)),
    },
  )
}
