// The control plane put together: store, access, keys, policy, API. The control process serves it on a port; the command line
// uses it in its own process where no server runs.

import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { mustOk } from '../../kernel/result.ts'
import { compileDimensionRules, type DimensionRules } from '../../attribution/dimension-rule.ts'
import type { Config } from '../../config.ts'
import { candidateRules, triedRoutes } from '../../config/check/candidate-rules.ts'
import { createAccess, type Access } from '../../control/people/access.ts'
import {
  createAccessRequestService,
  type AccessRequestServiceDeps,
} from '../../control/rules/access-requests.ts'
import { ensureAdminToken } from '../../control/people/admin-token.ts'
import { createAlerts, type Alerts } from '../../control/alerts/alerts.ts'
import { createApi, type ApiDeps } from '../../control/api.ts'
import type { Api } from '../../control/api/route.ts'
import { createBudgetChanges } from '../../control/budgets/budget-changes.ts'
import type { BudgetTools } from '../../control/budgets/budget-tools.ts'
import { createBudgetService } from '../../control/budgets/budgets.ts'
import { createBudgetRequestService } from '../../control/budgets/budget-requests.ts'
import { checkBind } from '../../control/keys/check-bind.ts'
import type { DeclaredPolicy } from '../../control/policy/declared-policy.ts'
import { createKeyService } from '../../control/keys/keys.ts'
import { createLeaseService, type RunningLeases } from '../../control/leases/lease-service.ts'
import { checkMasterKey } from '../../control/store/master-key-check.ts'
import { createPauseService } from '../../control/rules/pauses.ts'
import {
  createPolicyPublisher,
  type PolicyPublisher,
} from '../../control/policy/policy-publisher.ts'
import { createPolicyTrials, type PolicyTrials } from '../../control/rules/policy-trials.ts'
import { createPricePublisher, type PricePublisher } from '../../control/prices/price-publisher.ts'
import { createPriceService } from '../../control/prices/prices.ts'
import {
  createRuleViews,
  type DeclaredRoute,
  type RuleViewDeps,
} from '../../control/rules/rule-views.ts'
import { checkScope } from '../../control/people/scope.ts'
import { openControlStore, type ControlStore } from '../../control/store/control-store.ts'
import { createTokenService } from '../../control/people/tokens.ts'
import { createUserService } from '../../control/people/users.ts'
import type { Budget } from '../../governance/budget/budget.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logging.ts'
import type { MasterKey } from '../../platform/master-key.ts'
import { isKnownModel } from '../../pricing/known-model.ts'
import { answerPriceQuestion } from '../../pricing/price-question.ts'
import { createSealer } from '../../platform/sealing.ts'
import { openBilling, type BillingPlane } from './billing-plane.ts'
import { budgetToolsOf } from './budget-tools.ts'
import { configuredMasterKey } from '../configured-master-key.ts'
import { adminTokenFile, controlDatabase, policyFile, priceFile } from '../data-layout.ts'
import { createDampedReport } from '../damped-report.ts'
import type { RemoteLedger } from '../ledger/ledger-rpc.ts'
import { priceTools } from './price-tools.ts'
import type { ControlPlaneDeps } from './control-plane-deps.ts'

export type ControlPlane = BillingPlane['kept'] & {
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
      auditKey: master.subKey('audit'),
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
  const tools = budgetToolsOf(() => deps.config().retention.callsMs)
  // What the file declares was compiled when it was read.
  const rules = (): DimensionRules => mustOk(compileDimensionRules(declared().dimensions))
  const path = policyFile(deps.config().dataDir)
  const told = {
    nodeId: deps.nodeId,
    path,
    declared,
    budgetTools: tools,
    broadcast: deps.broadcast,
  }
  const publisher = createPolicyPublisher({ store, pepper, clock, ...told })
  const sealer = createSealer(master.subKey('sealing'), random)
  const keys = openKeys(deps, { store, publisher, pepper, sealer, random, clock, declared }, rules)
  const prices = openPrices(deps, store)
  const budgets = (): readonly Budget[] => publisher.current()?.policy.budgets ?? declared().budgets
  const leases = openLeases(deps, store, budgets)
  const ledger = whoseRerates(deps.ledger, leases.refreshSoon)
  const alerts = openAlerts(deps, store, leases, budgets)
  const priceDeps = { store, publisher: prices, tools: priceTools, ledger, clock, random }
  const knowsModel = (pattern: string): boolean => isKnownModel(prices.current(), pattern)
  const ruled = { store, publisher, random, clock, rules, knowsModel }
  const billing = await openBilling(deps, { ...ruled, prices, declared, pepper, sealer })
  const api = createApi({
    ledger,
    price: (question) => answerPriceQuestion(prices.current(), question, defaultsOf(deps.config())),
    prices: createPriceService(priceDeps),
    keys,
    budgets: createBudgetService({ budgets, declared, states: leases.states, clock }),
    leases,
    alerts: alerts.service,
    ...ruling({ ...ruled, tools }, declared, {
      limitUse: deps.limitUse ?? (() => []),
      routes: () => shownRoutes(deps.config()),
    }),
    ...billing.services,
    policyTrials: openTrials(deps, store),
    access,
    ...people(tokenDeps, rules),
    auditTrail: store.read.audit,
    verifyAuditTrail: () => store.read.audit.verify(),
    clock,
    ...serving(deps),
  })
  return { api, access, publisher, prices, store, leases, alerts, ...billing.kept, adminToken }
}

function openKeys(
  { config }: ControlPlaneDeps,
  deps: Omit<Parameters<typeof createKeyService>[0], 'checkBind' | 'regions'>,
  rules: () => DimensionRules,
): ApiDeps['keys'] {
  return createKeyService({
    ...deps,
    checkBind: (bind) => checkBind(rules(), bind),
    regions: () => config().bedrock.targets.map(({ region }) => region),
  })
}

/** What the API has of the process it is served by. */
function serving(deps: ControlPlaneDeps) {
  const { readiness, metricsText, version, origins, shutdown, config, logger } = deps
  return {
    readiness,
    metricsText,
    version,
    origins,
    shutdown,
    dimensions: () => dimensionNames(config()),
    streamPauseMs: STREAM_PAUSE_MS,
    onError: reportTo(logger),
  }
}

function shownRoutes({ routes }: Config): readonly DeclaredRoute[] {
  return routes.map((route) => {
    const when = Object.entries(route.when).map(([name, value]) => [name, [value]] as const)
    return { ...route, when: Object.fromEntries(when) }
  })
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
    log: (level, event, fields) => logger[level](fields, event),
  })
}

/** What is paused, opened and limited, and who may say so. */
function ruling(
  deps: AccessRequestServiceDeps & { readonly tools: BudgetTools },
  declared: () => DeclaredPolicy,
  seen: Pick<RuleViewDeps, 'limitUse' | 'routes'>,
): Pick<ApiDeps, 'pauses' | 'accessRequests' | 'budgetChanges' | 'budgetRequests' | 'rules'> {
  const { store, clock } = deps
  return {
    pauses: createPauseService(deps),
    accessRequests: createAccessRequestService(deps),
    budgetChanges: createBudgetChanges({ ...deps, declared }),
    budgetRequests: createBudgetRequestService({ ...deps, declared: () => declared().budgets }),
    rules: createRuleViews({ store, declared, clock, ...seen }),
  }
}

function openLeases(
  { logger, config, ledger, nodeId, tellWallets = () => {} }: ControlPlaneDeps,
  store: ControlStore,
  budgets: () => readonly Budget[],
): RunningLeases {
  const report = createDampedReport(logger, systemClock.monotonic)
  return createLeaseService({
    store,
    ledger,
    budgets,
    clock: systemClock,
    nodeId,
    isLedgerShared: config().stores.ledger.kind === 'clickhouse',
    tell: tellWallets,
    pause: (ms) => pause(ms),
    onStop: ({ stop, awaited, clockOffsetMs }) => {
      if (stop === null) logger.info({}, 'budgets_granted_again')
      else logger.warn({ stop, awaited, clock_offset_ms: clockOffsetMs }, 'budgets_not_granted')
    },
    onError: (error) => report('budgets_not_kept', error),
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
