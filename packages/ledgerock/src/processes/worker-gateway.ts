// The data plane of one worker, put together from the configuration: what its gateway is made of, opened in order and closed
// again. How the worker lives among the other processes is `run-worker.ts`'s business.

import { randomBytes, randomFillSync } from 'node:crypto'
import type { Config } from '../config.ts'
import type { CallTraces } from '../gateway/call-traces.ts'
import { createDrainRoom } from '../gateway/disconnect.ts'
import { watchEventLoop } from '../gateway/event-loop-delay.ts'
import { createGatewayMetrics, type GatewayMetrics } from '../gateway/gateway-metrics.ts'
import { createCallHandler } from '../gateway/handle-call.ts'
import { answerHealth } from '../gateway/health.ts'
import { createListener, type Listener } from '../gateway/listener.ts'
import { createOverloadGuard, DELAY_MAX_MS_DEFAULT } from '../gateway/overload.ts'
import { createBodyReader } from '../gateway/read-body.ts'
import { RetryBudget } from '../gateway/retry-budget.ts'
import { createTlsContext } from '../gateway/tls.ts'
import type { JournalWriter } from '../journal/writer.ts'
import { compileGlob } from '../kernel/glob.ts'
import { systemClock } from '../platform/clock.ts'
import type { Logger } from '../platform/logging.ts'
import { createSealer } from '../platform/sealing.ts'
import { buildPriceBook } from '../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'
import { configuredMasterKey } from './configured-master-key.ts'
import type { StartMessage } from './messages.ts'
import { createPolicyHolder, type PolicyHolder } from './policy-holder.ts'
import { openAwsSide } from './worker-aws.ts'

export type WorkerGateway = {
  readonly listener: Listener
  readonly metrics: GatewayMetrics
  readonly policy: PolicyHolder
  /** The policy in force changed: what it says of keys is made ready. */
  readonly policyTaken: () => void
  /** SIGHUP: the certificate is read again. */
  readonly reloadCertificate: () => void
  readonly close: () => Promise<void>
}

export async function openWorkerGateway(
  logger: Logger,
  config: Config,
  start: StartMessage,
  journal: JournalWriter,
  draining: () => boolean,
): Promise<WorkerGateway> {
  const { limits, maxPolicyAgeMs, workers } = config.gateway
  const { bedrock } = config
  const master = configuredMasterKey(config)
  const policy = createPolicyHolder(
    logger,
    systemClock.now,
    {
      pepper: master.subKey('pepper'),
      sealing: createSealer(master.subKey('sealing'), (bytes) => randomBytes(bytes)),
    },
    maxPolicyAgeMs,
  )
  const tls = config.gateway.tls === null ? null : createTlsContext(config.gateway.tls, logger)
  const aws = openAwsSide(logger, config, start.simulator)
  const traces = await openTraces(logger, config, start)
  const bodies = createBodyReader(limits)
  const drains = createDrainRoom(bedrock.drain)
  const overload = createOverloadGuard({
    callsMax: limits.callsMax,
    delayMaxMs: DELAY_MAX_MS_DEFAULT,
  })
  const eventLoop = watchEventLoop(systemClock.monotonic, overload.sample)
  const metrics = createGatewayMetrics(start.name, {
    connections: () => listener.connections(),
    heldBytes: bodies.heldBytes,
    slowBodies: bodies.timedOut,
    journal: journal.status,
    now: systemClock.now,
    drains: drains.running,
    overload: overload.status,
    listener: () => listener.status(),
    upstreams: () => aws.targets.map((target) => target.status()),
    ...(traces === null ? {} : { traces: traces.status }),
    ...(tls === null ? {} : { certificateEndsAt: tls.endsAt }),
  })
  const book = buildPriceBook([SNAPSHOT_LAYER])
  const handleCall = createCallHandler({
    clock: systemClock,
    random: createRandomPool(),
    jitter: Math.random,
    logger,
    policy: policy.current,
    journal,
    book: () => book,
    targets: aws.targets,
    bodies,
    metrics,
    traces,
    identities: aws.identities,
    profiles: aws.profiles,
    overload,
    drains,
    retryBudget: new RetryBudget(bedrock.retry.budgetPercent),
    draining,
    settings: {
      defaultRegion: bedrock.defaultRegion,
      callTimeoutMs: limits.callTimeoutMs,
      injectMetadata: bedrock.injectMetadata,
      disconnect: bedrock.onClientDisconnect,
      attemptsMax: bedrock.retry.attempts,
      routes: config.routes.map((rule) => ({ ...rule, from: compileGlob(rule.from) })),
    },
  })
  const isReady = (): boolean =>
    policy.current() !== null && !draining() && journal.status().state === 'open'
  const connectionsMax = Math.ceil(limits.connectionsMax / workers)
  const listener = createListener(
    { ...limits, connectionsMax },
    (request, response) => {
      if (!answerHealth(isReady, request, response)) handleCall(request, response)
    },
    tls,
  )
  return {
    listener,
    metrics,
    policy,
    policyTaken: () => aws.prefetch(policy.current()?.bindings ?? []),
    reloadCertificate: () => tls?.reload(),
    async close() {
      eventLoop.stop()
      tls?.stop()
      await Promise.all([aws.close(), traces?.close()])
    },
  }
}

/** The exporter brings a whole library with it: only for those who ask for traces. */
async function openTraces(
  logger: Logger,
  config: Config,
  start: StartMessage,
): Promise<CallTraces | null> {
  const { traces } = config.telemetry
  if (traces === null) return null
  const { createCallTraces } = await import('../gateway/call-traces.ts')
  const headers = Object.fromEntries(
    Object.entries(traces.headers).map(([name, value]) => [name, value.reveal()]),
  )
  const { endpoint, sampleRatio } = traces
  const instance = `${start.nodeId}/${start.name}`
  return createCallTraces(
    { endpoint, headers, sampleRatio, version: start.version, instance },
    { clock: systemClock, logger },
  )
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
