// The control plane put together: store, access, keys, policy, API. The control process serves it on a port; the command line
// uses it in its own process where no server runs.

import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { mustOk } from '../kernel/result.ts'
import { compileDimensionRules, type DimensionRules } from '../attribution/dimension-rule.ts'
import type { Config } from '../config.ts'
import { candidateRules, triedRoutes } from '../config/candidate-rules.ts'
import { createAccess, type Access } from '../control/access.ts'
import { createAccessRequestService } from '../control/access-requests.ts'
import { ensureAdminToken } from '../control/admin-token.ts'
import { createAlerts, type Alerts } from '../control/alerts/alerts.ts'
import { createApi, type ApiDeps } from '../control/api.ts'
import type { HealthRouteDeps } from '../control/api/health-routes.ts'
import type { Api } from '../control/api/route.ts'
import { createBudgetService } from '../control/budgets.ts'
import { createBudgetRequestService } from '../control/budget-requests.ts'
import { checkBind } from '../control/check-bind.ts'
import type { DeclaredPolicy } from '../control/declared-policy.ts'
import { createKeyService } from '../control/keys.ts'
import { createLeaseService, type RunningLeases } from '../control/lease-service.ts'
import { checkMasterKey } from '../control/master-key-check.ts'
import { createPauseService, type PauseServiceDeps } from '../control/pauses.ts'
import { createPolicyPublisher, type PolicyPublisher } from '../control/policy-publisher.ts'
import { createPolicyTrials, type PolicyTrials } from '../control/policy-trials.ts'
import { createPricePublisher, type PricePublisher } from '../control/price-publisher.ts'
import { createPriceService } from '../control/prices.ts'
import { createRuleViews } from '../control/rule-views.ts'
import { checkScope } from '../control/scope.ts'
import { openControlStore, type ControlStore } from '../control/store/control-store.ts'
import { createTokenService } from '../control/tokens.ts'
import { createUserService } from '../control/users.ts'
import type { Budget } from '../governance/budget.ts'
import type { ToWallet } from '../governance/lease.ts'
import type { WorkerUse } from '../governance/share-divider.ts'
import { systemClock } from '../platform/clock.ts'
import type { Logger } from '../platform/logging.ts'
import type { MasterKey } from '../platform/master-key.ts'
import { answerPriceQuestion } from '../pricing/price-question.ts'
import { createSealer } from '../platform/sealing.ts'
import { configuredMasterKey } from './configured-master-key.ts'
import { adminTokenFile, controlDatabase, policyFile, priceFile } from './data-layout.ts'
import type { RemoteLedger } from './ledger-rpc.ts'
import type { Acks } from './messages.ts'
import { priceTools } from './price-tools.ts'

export type ControlPlaneDeps = {
  readonly logger: Logger
  /** The configuration in force; read anew at each use, for reloads. */
  readonly config: () => Config
  readonly ledger: RemoteLedger
  readonly version: string
  readonly nodeId: string
  /** To the wallet that pays for this journal, or to all; left out: no worker is connected. */
  readonly tellWallets?: (holder: string | null, message: ToWallet) => void
  readonly broadcast: (envelope: string) => Promise<Acks>
  /** Tells whoever prices calls that the price file holds the book of this version. */
  readonly broadcastPrices: (version: string) => Promise<Acks>
  /** What workers last said of the limits; left out: no worker is connected. */
  readonly limitUse?: () => readonly WorkerUse[]
  readonly readiness: HealthRouteDeps['readiness']
  readonly metricsText: HealthRouteDeps['metricsText']
  readonly origins: () => readonly string[]
  readonly shutdown: AbortSignal
}

export type ControlPlane = {
  readonly api: Api
  readonly access: Access
  readonly publisher: PolicyPublisher
  readonly prices: PricePublisher
  readonly store: ControlStore
  readonly leases: RunningLeases
  readonly alerts: Alerts
  /** Whether this start made the admin token, that is, whether it is the first. */
  readonly adminToken: 'made' | 'kept'
}

const STREAM_PAUSE_MS = 500

export async function openControlPlane(deps: ControlPlaneDeps): Promise<ControlPlane> {
  const { logger } = deps
  const config = deps.config()
  const master = configuredMasterKey(config)
  const store = await openControlStore(
    {
      clock: systemClock,
      onConnectionError: (error) => logger.warn({ reason: error.message }, 'control_store_lost'),
    },
    storeTarget(config),
  )
  try {
    return await build(deps, store, master)
  } catch (error) {
    await store.close()
    throw error
  }
}

async function build(
  deps: ControlPlaneDeps,
  store: ControlStore,
  master: MasterKey,
): Promise<ControlPlane> {
  const [pepper, tokenKey, sessionKey] = [
    master.subKey('pepper'),
    master.subKey('token'),
    master.subKey('session'),
  ]
  await checkMasterKey(store, pepper)
  const random = (bytes: number): Uint8Array => randomBytes(bytes)
  const clock = systemClock
  const access = createAccess({ store, tokenKey, sessionKey, random, clock })
  const tokenDeps = { store, access, tokenKey, random, clock }
  const adminToken = await ensureAdminToken(tokenDeps, adminTokenFile(deps.config().dataDir))
  const declared = (): DeclaredPolicy => declaredPolicy(deps.config())
  // What the file declares was compiled when it was read.
  const rules = (): DimensionRules => mustOk(compileDimensionRules(declared().dimensions))
  const path = policyFile(deps.config().dataDir)
  const { broadcast } = deps
  const publisher = createPolicyPublisher({ store, pepper, clock, path, declared, broadcast })
  const keys = createKeyService({
    store,
    publisher,
    pepper,
    sealer: createSealer(master.subKey('sealing'), random),
    random,
    clock,
    declared,
    checkBind: (bind) => checkBind(rules(), bind),
    regions: () => deps.config().bedrock.targets.map(({ region }) => region),
  })
  const prices = openPrices(deps, store)
  const budgets = (): readonly Budget[] => publisher.current()?.policy.budgets ?? declared().budgets
  const leases = openLeases(deps, store, budgets)
  const ledger = whoseRerates(deps.ledger, leases.refreshSoon)
  const alerts = openAlerts(deps, store, leases, budgets)
  const priceDeps = { store, publisher: prices, tools: priceTools, ledger, clock, random }
  const api = createApi({
    ledger,
    price: (question) => answerPriceQuestion(prices.current(), question, defaultsOf(deps.config())),
    prices: createPriceService(priceDeps),
    keys,
    budgets: createBudgetService({ budgets, states: leases.states, clock }),
    leases,
    alerts: alerts.service,
    ...ruling({ store, publisher, random, clock, rules }, declared, deps.limitUse ?? (() => [])),
    policyTrials: openTrials(deps, store),
    access,
    ...people(tokenDeps, rules),
    auditTrail: store.read.audit,
    verifyAuditTrail: () => store.read.audit.verify(),
    readiness: deps.readiness,
    metricsText: deps.metricsText,
    clock,
    version: deps.version,
    dimensions: () => dimensionNames(deps.config()),
    origins: deps.origins,
    shutdown: deps.shutdown,
    streamPauseMs: STREAM_PAUSE_MS,
    onError: reportTo(deps.logger),
  })
  return { api, access, publisher, prices, store, leases, alerts, adminToken }
}

function reportTo(logger: Logger): ApiDeps['onError'] {
  return (error, request) => {
    const stack = error instanceof Error ? error.stack : undefined
    logger.error({ request, reason: String(error), stack }, 'api_error')
  }
}

function people(
  deps: Parameters<typeof createTokenService>[0],
  rules: () => DimensionRules,
): Pick<ApiDeps, 'users' | 'tokens'> {
  return {
    users: createUserService({
      ...deps,
      checkScope: (role, scope) => checkScope(rules(), role, scope),
    }),
    tokens: createTokenService(deps),
  }
}

function dimensionNames({ dimensions }: Config): readonly string[] {
  return dimensions.map(({ name }) => name)
}

function openTrials({ config, ledger }: ControlPlaneDeps, store: ControlStore): PolicyTrials {
  return createPolicyTrials({
    store,
    ledger,
    inForce: () => ({ ...declaredPolicy(config()), routes: triedRoutes(config().routes) }),
    readRules: (written) => candidateRules(written, dimensionNames(config())),
  })
}

function openAlerts(
  { logger, config, ledger, nodeId, origins }: ControlPlaneDeps,
  store: ControlStore,
  leases: RunningLeases,
  budgets: () => readonly Budget[],
): Alerts {
  return createAlerts({
    store,
    ledger,
    config: () => config().alerts,
    budgets,
    // A budget always has a state, once they have been read.
    budgetStates: () => {
      const states = leases.states()
      return states.length === 0 && budgets().length > 0 ? null : states
    },
    journalMaxBytes: () => config().journal.maxBytes,
    clockOffsetMs: () => leases.health().clockOffsetMs,
    nodeId,
    origin: () => origins()[0] ?? '',
    clock: systemClock,
    random: (bytes) => randomBytes(bytes),
    dice: Math.random,
    log: (event, fields) => logger.warn(fields, event),
  })
}

/** What is paused, opened and limited, and who may say so. */
function ruling(
  deps: PauseServiceDeps,
  declared: () => DeclaredPolicy,
  limitUse: () => readonly WorkerUse[],
): Pick<ApiDeps, 'pauses' | 'accessRequests' | 'budgetRequests' | 'rules'> {
  const { store, clock } = deps
  return {
    pauses: createPauseService(deps),
    accessRequests: createAccessRequestService(deps),
    budgetRequests: createBudgetRequestService({ ...deps, budgets: () => declared().budgets }),
    rules: createRuleViews({ store, declared, limitUse, clock }),
  }
}

function openLeases(
  { logger, ledger, nodeId, tellWallets = () => {} }: ControlPlaneDeps,
  store: ControlStore,
  budgets: () => readonly Budget[],
): RunningLeases {
  return createLeaseService({
    store,
    ledger,
    budgets,
    clock: systemClock,
    nodeId,
    tell: tellWallets,
    pause: (ms) => pause(ms),
    onError: (error) => logger.warn({ reason: String(error) }, 'budgets_not_kept'),
  })
}

/** Calls priced anew move counters of budgets. */
function whoseRerates(ledger: RemoteLedger, done: () => void): RemoteLedger {
  return {
    ...ledger,
    rerate: async (question) => {
      const report = await ledger.rerate(question)
      if (!question.dryRun) done()
      return report
    },
  }
}

/** What a question about a price means where it says nothing. */
function defaultsOf({ bedrock }: Config): { readonly region: string; readonly nowMs: number } {
  return { region: bedrock.defaultRegion, nowMs: systemClock.now() }
}

function openPrices(deps: ControlPlaneDeps, store: ControlStore): PricePublisher {
  return createPricePublisher({
    store,
    tools: priceTools,
    clock: systemClock,
    path: priceFile(deps.config().dataDir),
    declared: () => deps.config().prices.overrides,
    broadcast: deps.broadcastPrices,
  })
}

function storeTarget(config: Config): Parameters<typeof openControlStore>[1] {
  const { control } = config.stores
  return control.kind === 'embedded'
    ? { kind: 'embedded', path: controlDatabase(config.dataDir) }
    : { kind: 'postgres', url: control.url.reveal() }
}

export function declaredPolicy(config: Config): DeclaredPolicy {
  return {
    keys: config.keys.flatMap(({ name, secret, bind }) =>
      secret === null ? [] : [{ name, secret: secret.reveal(), bind, region: null }],
    ),
    dimensions: config.dimensions,
    owners: config.owners,
    anonymous: config.gateway.anonymous,
    access: config.access,
    limits: config.limits,
    guardrails: config.guardrails,
    budgets: config.budgets,
  }
}
