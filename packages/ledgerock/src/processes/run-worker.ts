// A gateway worker: takes connections from the supervisor, serves calls, keeps its own journal. It knows no database and needs
// neither control nor ledger to serve. When it is told to drain, or its supervisor dies, it finishes what it began, syncs,
// and ends.

import { randomBytes, randomFillSync } from 'node:crypto'
import type { Socket } from 'node:net'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { askCallerIdentity, findCallerIdentity } from '../aws/caller-identity.ts'
import { createUpstreamCredentials, type CredentialSource } from '../aws/upstream-credentials.ts'
import type { Config } from '../config.ts'
import { createGatewayMetrics, type GatewayMetrics } from '../gateway/gateway-metrics.ts'
import type { BilledIdentity } from '../gateway/call.ts'
import { createCallHandler } from '../gateway/handle-call.ts'
import { answerHealth } from '../gateway/health.ts'
import { createListener, type Listener } from '../gateway/listener.ts'
import { createBodyReader } from '../gateway/read-body.ts'
import { createUpstream, type Upstream } from '../gateway/upstream.ts'
import { SEGMENT_BYTES_DEFAULT } from '../journal/segment.ts'
import { openJournal, type JournalWriter } from '../journal/writer.ts'
import { systemClock } from '../platform/clock.ts'
import type { Logger } from '../platform/logging.ts'
import { nodeFiles } from '../platform/node-files.ts'
import { currentProcess } from '../platform/process-identity.ts'
import { buildPriceBook } from '../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'
import { configFromWire } from './config-wire.ts'
import { configuredMasterKey } from './configured-master-key.ts'
import { journalDirectory } from './data-layout.ts'
import { openEventually } from './eventual-journal.ts'
import type { SimulatorAccess, StartMessage, ToChild } from './messages.ts'
import type { Parent } from './parent.ts'
import { createPolicyHolder } from './policy-holder.ts'

/** All bodies a worker may hold at once, in multiples of the largest single one. */
const HELD_BODIES_MAX = 16
const SEGMENTS_MIN = 4

export async function runWorker(
  logger: Logger,
  parent: Parent,
  start: StartMessage,
): Promise<void> {
  const worker = await openWorker(logger, parent, start)
  parent.onMessage((message: ToChild, socket: Socket | undefined) => {
    switch (message.kind) {
      case 'connection':
        // A socket that closed on the way arrives as nothing; either way it is not the supervisor's any more.
        parent.send({ kind: 'connection-taken', id: message.id })
        if (socket !== undefined) worker.listener.accept(socket)
        return
      case 'policy':
        return worker.takePolicy(message.envelope)
      case 'metrics':
        void worker.metrics
          .report()
          .then((report) => parent.send({ kind: 'metrics', id: message.id, report }))
        return
      case 'drain':
        void worker.end()
        return
      default:
    }
  })
  parent.onGone(() => void worker.end())
  if (start.policy !== null) worker.takePolicy(start.policy)
}

type Worker = {
  readonly listener: Listener
  readonly metrics: GatewayMetrics
  readonly takePolicy: (envelope: string) => void
  readonly end: () => Promise<void>
}

async function openWorker(logger: Logger, parent: Parent, start: StartMessage): Promise<Worker> {
  const config = configFromWire(start.config)
  const { limits, drainTimeoutMs, maxPolicyAgeMs } = config.gateway
  const journal = await openEventually(
    () => openWorkerJournal(config, start),
    (reason) => logger.error({ reason }, 'journal_not_opened'),
  )
  const bodies = createBodyReader({
    bodyBytesMax: limits.bodyBytesMax,
    heldBytesMax: HELD_BODIES_MAX * limits.bodyBytesMax,
  })
  const book = buildPriceBook([SNAPSHOT_LAYER])
  const policy = createPolicyHolder(
    logger,
    systemClock.now,
    configuredMasterKey(config).subKey('pepper'),
    maxPolicyAgeMs,
  )
  const upstream = openUpstream(logger, config, start.simulator)
  let draining = false
  const metrics = createGatewayMetrics(start.name, {
    connections: () => listener.connections(),
    heldBytes: bodies.heldBytes,
    journal: journal.status,
    now: systemClock.now,
  })
  const handleCall = createCallHandler({
    clock: systemClock,
    random: createRandomPool(),
    logger,
    policy: policy.current,
    journal,
    book: () => book,
    upstream,
    bodies,
    metrics,
    identity: upstream.identity,
    draining: () => draining,
    callTimeoutMs: limits.callTimeoutMs,
  })
  const isReady = (): boolean =>
    policy.current() !== null && !draining && journal.status().state === 'open'
  const listenerLimits = {
    ...limits,
    connectionsMax: Math.ceil(limits.connectionsMax / config.gateway.workers),
  }
  const listener = createListener(listenerLimits, (request, response) => {
    if (!answerHealth(isReady, request, response)) handleCall(request, response)
  })

  let saidReady = false
  function takePolicy(envelope: string): void {
    const position = policy.take(envelope)
    if (position === null) return
    if (!saidReady) parent.send({ kind: 'ready', url: null })
    saidReady = true
    parent.send({ kind: 'policy-ack', ...position })
  }

  async function end(): Promise<void> {
    if (draining) return
    draining = true
    const patience = new Promise((resolve) => setTimeout(resolve, drainTimeoutMs))
    await Promise.race([listener.drain(), patience])
    await journal.close()
    process.exit(0)
  }

  return { listener, metrics, takePolicy, end }
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

type OpenUpstream = Upstream & { readonly identity: () => BilledIdentity | null }

function openUpstream(
  logger: Logger,
  config: Config,
  simulator: SimulatorAccess | null,
): OpenUpstream {
  const { region, accountId } = config.bedrock
  const endpoint =
    simulator?.endpoint ??
    config.bedrock.endpoint ??
    `https://bedrock-runtime.${region}.amazonaws.com`
  const chain = fromNodeProviderChain()
  const source: CredentialSource =
    simulator === null ? () => chain() : () => Promise.resolve(simulator)
  const { callTimeoutMs, idleTimeoutMs } = config.gateway.limits
  const upstream = createUpstream(
    systemClock,
    createUpstreamCredentials(systemClock, source),
    { region, endpoint },
    { headersMs: callTimeoutMs, idleMs: idleTimeoutMs },
  )
  const known =
    simulator?.identity ?? (accountId === null ? null : { accountId, principalArn: null })
  if (known !== null) return { ...upstream, identity: () => known }
  const asked = findCallerIdentity(
    () => askCallerIdentity(region, source),
    (reason) => logger.warn({ reason }, 'account_unknown'),
  )
  return { ...upstream, identity: asked.current }
}

/** Random bytes for call ids, drawn from the system by the page: one system call for hundreds of calls. */
function createRandomPool(): () => Uint8Array {
  const BYTES = 10
  const pool = new Uint8Array(BYTES * 400)
  let at = pool.length
  return () => {
    if (at === pool.length) {
      randomFillSync(pool)
      at = 0
    }
    at += BYTES
    return pool.subarray(at - BYTES, at)
  }
}
