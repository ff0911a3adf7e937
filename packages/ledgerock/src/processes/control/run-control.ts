// The control process: serves API and page, publishes policy. The gateway goes on without it.

import { serve, type ServerType } from '@hono/node-server'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { AggregatorRegistry } from 'prom-client'
import { ADMIN_USER } from '../../control/people/access-person.ts'
import type { Readiness } from '../../control/api/health-routes.ts'
import { PERIOD_TICK_MS } from '../../control/periods/period-clock.ts'
import { STATEMENT_MAIL_TICK_MS } from '../../control/statements/statement-mails.ts'
import type { LimitRule } from '../../governance/limit/rate-limits.ts'
import { Fault } from '../../kernel/fault.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import type { Config } from '../../config.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logging.ts'
import { runBudgetControl, type BudgetControl } from './budget-control.ts'
import { configFromWire } from '../config-wire.ts'
import { controlMetrics } from './control-metrics.ts'
import { declaredPolicy, openControlPlane, type ControlPlane } from './control-plane.ts'
import { createDampedReport } from '../damped-report.ts'
import { connectLedger, ledgerSocketPath, type RemoteLedger } from '../ledger/ledger-rpc.ts'
import { IMPORT_TICK_MS } from './import-services.ts'
import { openLimitSharing, type LimitSharing } from './limit-shares.ts'
import type { Acks, MetricsReport, StartMessage, ToChild } from '../messages.ts'
import type { Parent } from '../parent.ts'
import { repeat } from '../repeat.ts'

/** Between looks for what another node changed, and between confirmations that let workers trust their policy on. */
const FOLLOW_EVERY_MS = 500
const CONFIRM_EVERY_MS = 60_000
/** As long as a question waits for a ledger that is starting too. */
const BUDGETS_OPEN_MS_MAX = 10_000
const BUDGETS_LEAVE_MS_MAX = 3_000
/** A file of a large bill comes as one request. */
const UPLOAD_MS_MAX = MS_PER_HOUR

export async function runControl(
  logger: Logger,
  parent: Parent,
  start: StartMessage,
): Promise<void> {
  const live: Live = { config: configFromWire(start.config) }
  let gatewayUrl: string | null = null
  const shutdown = new AbortController()
  const ask = createAsker(parent)
  parent.onMessage(ask.onMessage)
  const ledger = connectLedger(ledgerSocketPath(start.runtimeDirectory))
  const origins: string[] = []
  // Opened with the plane's store.
  let sharing: LimitSharing | null = null
  const plane: ControlPlane = await openControlPlane({
    logger,
    config: () => live.config,
    ledger,
    version: start.version,
    nodeId: start.nodeId,
    tellWallets: (holder, message) => parent.send({ kind: 'budget-tell', holder, message }),
    broadcast: ask.policy,
    broadcastPrices: ask.prices,
    readiness: () => readinessOf(ledger, gatewayUrl),
    metricsText: async () => metricsPage([...(await ask.metrics()), await controlMetrics(plane)]),
    origins: () => origins,
    shutdown: shutdown.signal,
    limitUse: () => sharing?.uses() ?? [],
  })
  // Before the policy, with which workers begin to serve.
  await plane.prices.publish()
  await plane.publisher.publish()
  // Nobody is told that a budget is untouched because nobody has looked yet.
  await plane.leases.follow()
  const server = await listen(plane, live.config)
  const url = urlOf(server, live.config)
  origins.push(...originsOf(url, live.config))
  const report = createDampedReport(logger, systemClock.monotonic)
  const reportAs: ReportAs = (event) => (error) => report(event, error)
  const timers = keepTime(plane, live, reportAs)
  sharing = shareLimits(parent, start, live, plane, reportAs('limits_not_shared'))
  let budgets: BudgetControl | null = null
  plane.alerts.start()

  async function end(): Promise<void> {
    if (shutdown.signal.aborted) return
    for (const timer of timers) clearInterval(timer)
    sharing?.stop()
    shutdown.abort()
    server.close()
    await plane.alerts.stop()
    await budgets?.stop()
    await leaveBudgets(plane, reportAs('budgets_not_left'))
    await plane.store.close()
    process.exit(0)
  }

  parent.onMessage((message: ToChild) => {
    if (message.kind === 'config') void tryConfig(parent, plane, live, message)
    if (message.kind === 'gateway-ready') gatewayUrl = message.url
    if (message.kind === 'stop') void end()
  })
  parent.onGone(() => void end())
  await openBudgets(plane, reportAs('budgets_not_asked'))
  budgets = keepBudgets(parent, plane, reportAs('budgets_not_kept'))
  const link = plane.adminToken === 'made' ? await loginLink(plane, url) : null
  parent.send({ kind: 'ready', url, ...(link === null ? {} : { link }) })
}

/** The configuration in force. */
type Live = { config: Config }

/** What becomes of a failure of something that is tried again anyway. */
type ReportAs = (event: string) => (error: unknown) => void

function keepTime(plane: ControlPlane, live: Live, reportAs: ReportAs): readonly NodeJS.Timeout[] {
  const { imports, periods, mailing } = plane
  return [
    ...keepPublished(plane, live, reportAs),
    repeat(imports.tick, IMPORT_TICK_MS, reportAs('imports_not_run')),
    repeat(periods.tick, PERIOD_TICK_MS, reportAs('periods_not_kept')),
    repeat(mailing.tick, STATEMENT_MAIL_TICK_MS, reportAs('statements_not_mailed')),
  ]
}

function keepPublished(
  { publisher, prices }: ControlPlane,
  live: Live,
  reportAs: ReportAs,
): readonly NodeJS.Timeout[] {
  const follow = (): void => {
    publisher.follow().catch(reportAs('policy_not_published'))
    prices.follow().catch(reportAs('prices_not_published'))
  }
  const confirm = (): void => {
    publisher.publish().catch(reportAs('policy_not_published'))
    prices.publish().catch(reportAs('prices_not_published'))
  }
  return [setInterval(follow, FOLLOW_EVERY_MS), setInterval(confirm, confirmEveryMs(live.config))]
}

function shareLimits(
  parent: Parent,
  { nodeId }: StartMessage,
  live: Live,
  { store }: ControlPlane,
  onError: (error: unknown) => void,
): LimitSharing {
  const { workers } = live.config.gateway
  const limits = (): readonly LimitRule[] => declaredPolicy(live.config).limits
  const { send } = parent
  const sharing = openLimitSharing({ store, nodeId, workers, limits, send, onError })
  parent.onMessage(sharing.onMessage)
  return sharing
}

/** A store or a ledger that is away is not waited for: then the node is awaited after a failover, or evicted. */
async function leaveBudgets(
  { leases }: ControlPlane,
  onError: (error: unknown) => void,
): Promise<void> {
  const patience = new AbortController()
  const left = leases.leave().catch(onError)
  await Promise.race([left, pause(BUDGETS_LEAVE_MS_MAX, null, patience)])
  patience.abort()
}

/** Workers that begin wait for it, so that no call is refused because nobody has looked yet; a ledger that is down is not waited for. */
async function openBudgets(
  { leases }: ControlPlane,
  onError: (error: unknown) => void,
): Promise<void> {
  const patience = new AbortController()
  const opened = leases.open().catch(onError)
  await Promise.race([opened, pause(BUDGETS_OPEN_MS_MAX, null, patience)])
  patience.abort()
}

function keepBudgets(
  parent: Parent,
  { leases, store }: ControlPlane,
  onError: (error: unknown) => void,
): BudgetControl {
  const budgets = runBudgetControl({ leases, isShared: store.kind === 'postgres', onError })
  parent.onMessage(budgets.onMessage)
  return budgets
}

async function tryConfig(
  parent: Parent,
  plane: ControlPlane,
  live: Live,
  { id, config }: Extract<ToChild, { kind: 'config' }>,
): Promise<void> {
  const faults = await takeOver(plane, live, configFromWire(config)).catch((error: unknown) => [
    String(error),
  ])
  parent.send({ kind: 'config-verdict', id, faults })
}

/** Why a new configuration cannot be in force; empty: it is. */
async function takeOver(plane: ControlPlane, live: Live, next: Config): Promise<readonly string[]> {
  const errors = [
    ...(await plane.publisher.check(declaredPolicy(next))),
    ...(await plane.prices.check(next.prices.overrides)),
  ]
  if (errors.length > 0) return errors.map(({ path, message }) => `${path}: ${message}`)
  const before = live.config
  live.config = next
  try {
    await plane.prices.publish()
    await plane.publisher.publish()
    return []
  } catch (error) {
    live.config = before
    return [String(error)]
  }
}

/** Often enough that a policy never gets too old while control is well. */
function confirmEveryMs(config: Config): number {
  return Math.min(CONFIRM_EVERY_MS, config.gateway.maxPolicyAgeMs / 4)
}

async function readinessOf(ledger: RemoteLedger, gatewayUrl: string | null): Promise<Readiness> {
  const store = await ledger.status().then(
    (status) => status.store.state,
    () => 'not answering',
  )
  const gateway = gatewayUrl === null ? 'starting' : 'ok'
  return { ready: gateway === 'ok' && store === 'ok', checks: { gateway, ledger: store } }
}

/** The link carries a one-time code in its fragment, which browsers do not send anywhere; never the token. */
async function loginLink(plane: ControlPlane, url: string): Promise<string> {
  const { code } = await plane.access.createLoginCode({ name: 'system' }, ADMIN_USER)
  return `${url}/#code=${code}`
}

function listen(plane: ControlPlane, config: Config): Promise<ServerType> {
  const { host, port } = config.control
  return new Promise((resolve, reject) => {
    const serverOptions = { requestTimeout: UPLOAD_MS_MAX }
    const options = { fetch: plane.api.fetch, hostname: host, port, serverOptions }
    const server = serve(options, () => resolve(server))
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const advice =
        cause.code === 'EADDRINUSE'
          ? `${host}:${port} is already in use; choose another port with --control-port`
          : `cannot listen on ${host}:${port}: ${cause.message}`
      reject(new Fault('control_port', advice, { cause }))
    })
  })
}

function urlOf(server: ServerType, config: Config): string {
  const { port } = server.address() as AddressInfo
  const { host } = config.control
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The addresses a browser may use: the public one first, then this one, by name too where it is the loopback. */
function originsOf(url: string, config: Config): string[] {
  const origins =
    config.control.publicUrl === null ? [] : [new URL(config.control.publicUrl).origin]
  origins.push(url)
  const { hostname, port } = new URL(url)
  if (hostname === '127.0.0.1') origins.push(`http://localhost:${port}`)
  return origins
}

/** Questions to the supervisor, matched with their answers by number. */
function createAsker(parent: Parent): {
  readonly policy: (envelope: string) => Promise<Acks>
  readonly prices: (version: string) => Promise<Acks>
  readonly metrics: () => Promise<readonly MetricsReport[]>
  readonly onMessage: (message: ToChild) => void
} {
  let ids = 0
  const waiting = new Map<number, (message: ToChild) => void>()
  const next = (answer: (message: ToChild) => void): number => {
    ids += 1
    waiting.set(ids, answer)
    return ids
  }
  return {
    policy: (envelope) =>
      new Promise((resolve) => {
        const id = next((message) => {
          if (message.kind === 'policy-acks') resolve(message.acks)
        })
        parent.send({ kind: 'publish-policy', id, envelope })
      }),
    prices: (version) =>
      new Promise((resolve) => {
        const id = next((message) => {
          if (message.kind === 'prices-acks') resolve(message.acks)
        })
        parent.send({ kind: 'publish-prices', id, version })
      }),
    metrics: () =>
      new Promise((resolve) => {
        const id = next((message) => {
          if (message.kind === 'all-metrics') resolve(message.reports)
        })
        parent.send({ kind: 'collect-metrics', id })
      }),
    onMessage(message) {
      if (!isAnswer(message)) return
      const answer = waiting.get(message.id)
      waiting.delete(message.id)
      answer?.(message)
    },
  }
}

type Answer = Extract<ToChild, { kind: 'policy-acks' | 'prices-acks' | 'all-metrics' }>

function isAnswer(message: ToChild): message is Answer {
  const { kind } = message
  return kind === 'policy-acks' || kind === 'prices-acks' || kind === 'all-metrics'
}

/** One page for all processes: samples of one metric stand together, told apart by their labels. */
function metricsPage(reports: readonly MetricsReport[]): Promise<string> {
  return AggregatorRegistry.aggregate(reports.map((report) => [...report])).metrics()
}
