// The data plane of one worker, put together from the configuration: what its gateway is made of, opened in order and closed
// again. How the worker lives among the other processes is `run-worker.ts`'s business.

import { randomBytes, randomFillSync } from 'node:crypto'
import type { Config } from '../../config.ts'
import type { GatewaySettings } from '../../gateway/call.ts'
import type { CallTraces } from '../../gateway/telemetry/call-traces.ts'
import { createDrainRoom, type DrainRoom } from '../../gateway/attempt/disconnect.ts'
import { watchEventLoop } from '../../gateway/server/event-loop-delay.ts'
import {
  createGatewayMetrics,
  type GatewayMetrics,
} from '../../gateway/telemetry/gateway-metrics.ts'
import { createCallHandler } from '../../gateway/handle-call.ts'
import { answerHealth } from '../../gateway/server/health.ts'
import { createListener, type Listener } from '../../gateway/server/listener.ts'
import {
  createOverloadGuard,
  DELAY_MAX_MS_DEFAULT,
  type OverloadGuard,
} from '../../gateway/server/overload.ts'
import { createBodyReader, type BodyReader } from '../../gateway/server/read-body.ts'
import { RetryBudget } from '../../gateway/attempt/retry-budget.ts'
import { createTlsContext, type TlsContext } from '../../gateway/server/tls.ts'
import type { Target } from '../../gateway/attempt/upstream.ts'
import type { FromWallet } from '../../governance/budget/lease.ts'
import type { JournalWriter } from '../../journal/journal-writer.ts'
import { compileGlob } from '../../kernel/glob.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logging.ts'
import { createSealer } from '../../platform/sealing.ts'
import { createWorkerBudgets, type WorkerBudgets } from './budget-worker.ts'
import { configuredMasterKey } from '../configured-master-key.ts'
import { priceFile } from '../data-layout.ts'
import type { StartMessage } from '../messages.ts'
import { createPolicyHolder, type PolicyHolder } from './policy-holder.ts'
import { openPriceBookHolder, type PriceBookHolder } from '../price-book-holder.ts'
import { openAwsSide } from './worker-aws.ts'

export type WorkerGateway = {
  readonly listener: Listener
  readonly metrics: GatewayMetrics
  readonly policy: PolicyHolder
  readonly prices: PriceBookHolder
  readonly budgets: WorkerBudgets
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
  send: (message: FromWallet) => void,
): Promise<WorkerGateway> {
  const policy = openPolicyHolder(logger, config)
  const tls = config.gateway.tls === null ? null : createTlsContext(config.gateway.tls, logger)
  const aws = await openAwsSide(logger, config, start.simulator)
  const traces = await openTraces(logger, config, start)
  const bodies = createBodyReader(config.gateway.limits)
  const drains = createDrainRoom(config.bedrock.drain)
  const overload = openOverloadGuard(config)
  const eventLoop = watchEventLoop(systemClock.monotonic, overload.sample)
  const budgets = createWorkerBudgets(systemClock, journal, policy.current, send)
  const { targets } = aws
  const parts = { bodies, journal, drains, overload, targets, traces, tls, budgets, policy }
  const metrics = openMetrics(start.name, { ...parts, listener: () => listener })
  const prices = openPriceBookHolder(logger, priceFile(config.dataDir))
  const handleCall = createCallHandler({
    clock: systemClock,
    random: createRandomPool(),
    jitter: Math.random,
    logger,
    policy: policy.current,
    journal,
    wallet: budgets.wallet,
    book: prices.current,
    targets: aws.targets,
    bodies,
    metrics,
    traces,
    identities: aws.identities,
    ownAccounts: aws.ownAccounts,
    profiles: aws.profiles,
    overload,
    drains,
    draining,
    retryBudget: new RetryBudget(config.bedrock.retry.budgetPercent),
    settings: settingsOf(config),
  })
  const isReady = readiness(policy, journal, draining)
  const listener = openListener(config, tls, (request, response) => {
    if (!answerHealth(isReady, request, response)) handleCall(request, response)
  })
  return {
    listener,
    metrics,
    policy,
    prices,
    budgets,
    policyTaken: () => aws.prefetch(policy.current()?.bindings ?? []),
    reloadCertificate: () => tls?.reload(),
    async close() {
      eventLoop.stop()
      tls?.stop()
      await Promise.all([aws.close(), traces?.close()])
    },
  }
}

function openListener(
  { gateway: { limits, workers } }: Config,
  tls: TlsContext | null,
  handle: Parameters<typeof createListener>[1],
): Listener {
  const connectionsMax = Math.ceil(limits.connectionsMax / workers)
  return createListener({ ...limits, connectionsMax }, handle, tls)
}

function openOverloadGuard({ gateway }: Config): OverloadGuard {
  const { callsMax } = gateway.limits
  return createOverloadGuard({ callsMax, delayMaxMs: DELAY_MAX_MS_DEFAULT })
}

function readiness(policy: PolicyHolder, journal: JournalWriter, draining: () => boolean) {
  return (): boolean =>
    policy.current() !== null && !draining() && journal.status().state === 'open'
}

type Measured = {
  readonly bodies: BodyReader
  readonly journal: JournalWriter
  readonly drains: DrainRoom
  readonly overload: OverloadGuard
  readonly targets: readonly Target[]
  readonly traces: CallTraces | null
  readonly tls: TlsContext | null
  readonly budgets: WorkerBudgets
  readonly policy: PolicyHolder
  /** Opened after the metrics it counts into. */
  readonly listener: () => Listener
}

function openMetrics(worker: string, parts: Measured): GatewayMetrics {
  const { bodies, journal, drains, overload, targets, traces, tls, budgets, policy, listener } =
    parts
  return createGatewayMetrics(worker, {
    connections: () => listener().connections(),
    heldBytes: bodies.heldBytes,
    slowBodies: bodies.timedOut,
    journal: journal.status,
    now: systemClock.now,
    drains: drains.running,
    overload: overload.status,
    listener: () => listener().status(),
    wallet: budgets.wallet.figures,
    budgetUnit: (name) => policy.current()?.budgets.byName(name)?.unit ?? null,
    upstreams: () => targets.map((target) => target.status()),
    ...(traces === null ? {} : { traces: traces.status }),
    ...(tls === null ? {} : { certificateEndsAt: tls.endsAt }),
  })
}

function openPolicyHolder(logger: Logger, config: Config): PolicyHolder {
  const master = configuredMasterKey(config)
  const sealing = createSealer(master.subKey('sealing'), (bytes) => randomBytes(bytes))
  const secrets = { pepper: master.subKey('pepper'), sealing }
  return createPolicyHolder(
    logger,
    systemClock.now,
    secrets,
    config.gateway.maxPolicyAgeMs,
    1 / config.gateway.workers,
  )
}

function settingsOf({ gateway, control, bedrock, routes }: Config): GatewaySettings {
  return {
    defaultRegion: bedrock.defaultRegion,
    callTimeoutMs: gateway.limits.callTimeoutMs,
    injectMetadata: bedrock.injectMetadata,
    disconnect: bedrock.onClientDisconnect,
    attemptsMax: bedrock.retry.attempts,
    routes: routes.map((rule) => ({ ...rule, from: compileGlob(rule.from) })),
    dashboardUrl: control.publicUrl,
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
  const { createCallTraces } = await import('../../gateway/telemetry/call-traces.ts')
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
