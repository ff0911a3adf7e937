// The parent of everything: owns the data directory and the gateway's listening socket, starts the other processes in order,
// starts them again when they die, hands messages between them, reloads the configuration, and ends them in order. It holds
// no business logic and does nothing that can block, so that it is the one process that never needs restarting.

import { createServer, type Server } from 'node:net'
import { rmSync } from 'node:fs'
import { exhaustive } from '../../kernel/assert.ts'
import { Fault } from '../../kernel/fault.ts'
import { liveConfig, type Config } from '../../config.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import type { Logger } from '../../platform/logging.ts'
import { createBudgetRelay, type BudgetRelay } from './budget-relay.ts'
import { Child, type Environment } from './child.ts'
import { configToWire } from '../config-wire.ts'
import { createHandOver, type HandOver } from './hand-over.ts'
import { createLimitShareRelay, type LimitShareRelay } from './limit-shares-relay.ts'
import { runFile } from '../data-layout.ts'
import type { FromChild, Role, SimulatorAccess, StartMessage } from '../messages.ts'
import { simulatorAccess } from '../simulator-access.ts'
import { createPolicyRelay, type PolicyRelay } from './policy-relay.ts'
import { createPriceRelay, type PriceRelay } from './price-relay.ts'
import { createMetricsRelay, type MetricsRelay } from './metrics-relay.ts'

export type SupervisorOptions = {
  readonly config: Config
  readonly entry: string
  /** What the children get as theirs; AWS's provider chain reads it. */
  readonly environment: Environment
  readonly version: string
  readonly nodeId: string
  readonly logLevel: string
  readonly runtimeDirectory: string
  readonly simulate: boolean
  readonly simulatorSeed: number
}

export type Ready = {
  readonly gatewayUrl: string
  readonly controlUrl: string
  /** On the first start: a link into the dashboard that works once, for ten minutes. */
  readonly loginLink: string | null
}

export type Supervisor = {
  /** Resolves when every process is ready; rejects with the first reason why one cannot be. */
  readonly ready: Promise<Ready>
  /** Reads the gateway's certificate again, wherever it is used. */
  readonly reloadCertificate: () => void
  /** Takes over what can change while running. Resolves with why not; empty: it is in force. */
  readonly reload: (wanted: Config) => Promise<readonly string[]>
  /** No new calls, running ones finish within the drain time-out, everything is synced and shipped. */
  readonly stop: () => Promise<void>
}

const PATIENCE_MS = 15_000
const RELOAD_PATIENCE_MS = 10_000
const LISTEN_BACKLOG = 1_024

export function startSupervisor(logger: Logger, options: SupervisorOptions): Supervisor {
  return new NodeSupervisor(logger, options)
}

class NodeSupervisor implements Supervisor {
  readonly ready: Promise<Ready>
  readonly #options: SupervisorOptions
  readonly #logger: Logger
  readonly #children: Child[] = []
  readonly #urls = new Map<string, string | null>()
  readonly #readiness = Promise.withResolvers<Ready>()
  readonly #handOver: HandOver
  readonly #policy: PolicyRelay
  readonly #prices: PriceRelay
  readonly #metrics: MetricsRelay
  readonly #limits: LimitShareRelay
  readonly #budgets: BudgetRelay
  readonly #server: Server
  #config: Config
  #simulator: SimulatorAccess | null = null
  #reloads = 0
  readonly #verdicts = new Map<number, (faults: readonly string[]) => void>()
  #loginLink: string | null = null

  constructor(logger: Logger, options: SupervisorOptions) {
    const { config } = options
    this.#options = options
    this.#logger = logger
    this.#config = config
    this.ready = this.#readiness.promise
    this.#handOver = createHandOver(() => this.#workers())
    this.#policy = createPolicyRelay(logger, config.dataDir, () => this.#workers())
    this.#prices = createPriceRelay(() => [...this.#workers(), ...this.#ledger()])
    this.#metrics = createMetricsRelay(() =>
      this.#children.filter(({ role }) => role !== 'control'),
    )
    const control = (): Child | undefined => this.#byRole('control')
    const workers = (): readonly Child[] => this.#workers()
    this.#limits = createLimitShareRelay(control, workers)
    this.#budgets = createBudgetRelay(control, workers)
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, this.#handOver.accept)
    this.#server.once('error', (cause: NodeJS.ErrnoException) =>
      this.#readiness.reject(listenFault(cause, config)),
    )
    const { host, port } = config.gateway
    // Listening comes first: a port in use is found out before anything is started.
    this.#server.listen({ host, port, backlog: LISTEN_BACKLOG }, () => {
      if (options.simulate) this.#start('simulator', 'simulator')
      else this.#startServing()
    })
  }

  reloadCertificate(): void {
    for (const worker of this.#workers()) worker.send({ kind: 'reload-certificate' })
  }

  reload(wanted: Config): Promise<readonly string[]> {
    const control = this.#byRole('control')
    if (control?.ready() !== true) return Promise.resolve(['control is not running; try again'])
    const next = liveConfig(this.#config, wanted)
    const id = ++this.#reloads
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(['control did not answer']), RELOAD_PATIENCE_MS)
      const settle = (faults: readonly string[]): void => {
        clearTimeout(timer)
        this.#verdicts.delete(id)
        // A process that starts again must start with what is in force, never with what was refused.
        if (faults.length === 0) this.#config = next
        resolve(faults)
      }
      this.#verdicts.set(id, settle)
      control.send({ kind: 'config', id, config: configToWire(next) })
    })
  }

  async stop(): Promise<void> {
    rmSync(runFile(this.#config.dataDir), { force: true })
    this.#server.close()
    const drainMs = this.#config.gateway.drainTimeoutMs + PATIENCE_MS
    await Promise.all(this.#workers().map((worker) => worker.stop({ kind: 'drain' }, drainMs)))
    await this.#byRole('control')?.stop({ kind: 'stop' }, PATIENCE_MS)
    await this.#byRole('ledger')?.stop({ kind: 'stop' }, 2 * PATIENCE_MS)
    await this.#byRole('simulator')?.stop({ kind: 'stop' }, PATIENCE_MS)
  }

  #workers(): readonly Child[] {
    return this.#children.filter(({ role }) => role === 'worker')
  }

  #ledger(): readonly Child[] {
    return this.#children.filter(({ role }) => role === 'ledger')
  }

  #byRole(role: Role): Child | undefined {
    return this.#children.find((child) => child.role === role)
  }

  #start(role: Role, name: string): void {
    const { nodeId, runtimeDirectory, version, logLevel, entry, environment, simulatorSeed } =
      this.#options
    const startMessage = (): StartMessage => ({
      kind: 'start',
      role,
      name,
      config: configToWire(this.#config),
      nodeId,
      runtimeDirectory,
      version,
      logLevel,
      simulator: this.#simulator,
      simulatorSeed,
      policy: this.#policy.latest(),
    })
    const child = new Child(this.#logger, entry, environment, startMessage, {
      onMessage: (message) => this.#onMessage(child, message),
      onExit: () => this.#onExit(child),
    })
    this.#children.push(child)
    child.run()
  }

  /** Everything but the simulator, which has to be there first where it is wanted. */
  #startServing(): void {
    if (this.#byRole('ledger') !== undefined) return
    this.#start('ledger', 'ledger')
    this.#start('control', 'control')
    for (let n = 1; n <= this.#config.gateway.workers; n += 1) this.#start('worker', `worker-${n}`)
  }

  #onMessage(child: Child, message: FromChild): void {
    switch (message.kind) {
      case 'ready':
        return this.#onReady(child, message.url, message.link)
      case 'failed':
        return this.#readiness.reject(new Fault(message.code, message.message))
      case 'leaving':
        // After the last connection that was handed to it; it is started again when it is gone.
        return child.send({ kind: 'drain' })
      case 'connection-taken':
        return this.#handOver.taken(message.id)
      case 'publish-policy':
        return this.#policy.publish(child, message.id, message.envelope)
      case 'policy-ack':
        return this.#policy.acknowledged(child, message)
      case 'publish-prices':
        return this.#prices.publish(child, message.id, message.version)
      case 'prices-ack':
        return this.#prices.acknowledged(child, message.version)
      case 'config-verdict':
        return this.#verdicts.get(message.id)?.(message.faults)
      case 'collect-metrics':
        return this.#metrics.collect(child, message.id)
      case 'metrics':
        return this.#metrics.collected(message.id, message.report)
      case 'limit-demand':
        return this.#limits.demanded(child, message.report)
      case 'limit-shares':
        return this.#limits.divided(message.round, message.shares)
      case 'budget-ask':
      case 'budget-report':
        return this.#budgets.said(child, message)
      case 'budget-tell':
        return this.#budgets.told(message.holder, message.message)
      default:
        return exhaustive(message)
    }
  }

  #onReady(child: Child, url: string | null, link: string | undefined): void {
    this.#urls.set(child.name, url)
    this.#loginLink ??= link ?? null
    this.#prices.ready(child)
    if (child.role === 'simulator') {
      this.#simulator = simulatorAccess(url ?? '', this.#options.simulatorSeed)
      this.#startServing()
    }
    if (child.role === 'worker') this.#handOver.workerReady()
    if (child.role === 'control') this.#keepControlPort(url)
    this.#reportReadiness()
  }

  /** Whoever knows where control is must find it there again after a restart, also where it chose its port itself. */
  #keepControlPort(url: string | null): void {
    if (url === null) return
    const port = Number(new URL(url).port)
    this.#config = { ...this.#config, control: { ...this.#config.control, port } }
  }

  #onExit(child: Child): void {
    this.#prices.died(child)
    if (child.role !== 'worker') return
    this.#handOver.workerDied(child)
    this.#policy.workerDied(child)
    this.#limits.workerDied(child)
    this.#budgets.workerDied(child)
    this.#byRole('ledger')?.send({ kind: 'worker-died', name: child.name })
  }

  #reportReadiness(): void {
    const started = this.#byRole('ledger') !== undefined
    if (!started || this.#children.some((child) => !child.ready())) return
    const { host, tls } = this.#config.gateway
    const gatewayUrl = urlOf(this.#server, tls === null ? 'http' : 'https', host)
    const controlUrl = this.#urls.get('control') ?? ''
    const run = {
      gateway_url: gatewayUrl,
      control_url: controlUrl,
      pid: process.pid,
      version: this.#options.version,
    }
    writeFileAtomically(runFile(this.#config.dataDir), `${JSON.stringify(run)}\n`)
    this.#byRole('control')?.send({ kind: 'gateway-ready', url: gatewayUrl })
    this.#readiness.resolve({ gatewayUrl, controlUrl, loginLink: this.#loginLink })
  }
}

function urlOf(server: Server, scheme: 'http' | 'https', host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function listenFault(cause: NodeJS.ErrnoException, config: Config): Fault {
  const where = `${config.gateway.host}:${config.gateway.port}`
  const advice =
    cause.code === 'EADDRINUSE'
      ? `${where} is already in use; choose another port with --gateway-port`
      : `cannot listen on ${where}: ${cause.message}`
  return new Fault('gateway_port', advice, { cause })
}
