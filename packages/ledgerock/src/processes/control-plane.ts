// The control plane put together: store, access, keys, policy, API. The control process serves it on a port; the command line
// uses it in its own process where no server runs.

import { randomBytes } from 'node:crypto'
import { mustOk } from '../kernel/result.ts'
import { compileDimensionRules, type DimensionRules } from '../attribution/dimension-rule.ts'
import type { Config } from '../config.ts'
import { createAccess, type Access } from '../control/access.ts'
import { createAccessRequestService } from '../control/access-requests.ts'
import { ensureAdminToken } from '../control/admin-token.ts'
import { createApi, type ApiDeps } from '../control/api.ts'
import type { HealthRouteDeps } from '../control/api/health-routes.ts'
import type { Api } from '../control/api/route.ts'
import { checkBind } from '../control/check-bind.ts'
import type { DeclaredPolicy } from '../control/declared-policy.ts'
import { createKeyService } from '../control/keys.ts'
import { checkMasterKey } from '../control/master-key-check.ts'
import { createPauseService, type PauseServiceDeps } from '../control/pauses.ts'
import { createPolicyPublisher, type PolicyPublisher } from '../control/policy-publisher.ts'
import { createPricePublisher, type PricePublisher } from '../control/price-publisher.ts'
import { createPriceService } from '../control/prices.ts'
import { createRuleViews } from '../control/rule-views.ts'
import { checkScope } from '../control/scope.ts'
import { openControlStore, type ControlStore } from '../control/store/control-store.ts'
import { createTokenService } from '../control/tokens.ts'
import { createUserService } from '../control/users.ts'
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
  const { logger } = deps
  const [pepper, tokenKey, sessionKey] = [
    master.subKey('pepper'),
    master.subKey('token'),
    master.subKey('session'),
  ]
  await checkMasterKey(store, pepper)
  const random = (bytes: number): Uint8Array => randomBytes(bytes)
  const clock = systemClock
  const access = createAccess({ store, tokenKey, sessionKey, random, clock })
  const { dataDir } = deps.config()
  const tokenDeps = { store, access, tokenKey, random, clock }
  const adminToken = await ensureAdminToken(tokenDeps, adminTokenFile(dataDir))
  const declared = (): DeclaredPolicy => declaredPolicy(deps.config())
  // What the file declares was compiled when it was read.
  const rules = (): DimensionRules => mustOk(compileDimensionRules(declared().dimensions))
  const path = policyFile(dataDir)
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
  const { ledger } = deps
  const priceDeps = { store, publisher: prices, tools: priceTools, ledger, clock, random }
  const api = createApi({
    ledger,
    price: (question) => answerPriceQuestion(prices.current(), question, defaultsOf(deps.config())),
    prices: createPriceService(priceDeps),
    keys,
    ...ruling({ store, publisher, random, clock, rules }, declared, deps.limitUse ?? (() => [])),
    access,
    users: createUserService({
      store,
      random,
      clock,
      checkScope: (role, scope) => checkScope(rules(), role, scope),
    }),
    tokens: createTokenService({ store, tokenKey, random, clock }),
    auditTrail: store.read.audit,
    verifyAuditTrail: () => store.read.audit.verify(),
    readiness: deps.readiness,
    metricsText: deps.metricsText,
    clock,
    version: deps.version,
    dimensions: () => deps.config().dimensions.map(({ name }) => name),
    origins: deps.origins,
    shutdown: deps.shutdown,
    streamPauseMs: STREAM_PAUSE_MS,
    onError: (error, request) =>
      logger.error(
        { request, reason: String(error), stack: error instanceof Error ? error.stack : undefined },
        'api_error',
      ),
  })
  return { api, access, publisher, prices, store, adminToken }
}

/** What is paused, opened and limited, and who may say so. */
function ruling(
  deps: PauseServiceDeps,
  declared: () => DeclaredPolicy,
  limitUse: () => readonly WorkerUse[],
): Pick<ApiDeps, 'pauses' | 'accessRequests' | 'rules'> {
  const { store, clock } = deps
  return {
    pauses: createPauseService(deps),
    accessRequests: createAccessRequestService(deps),
    rules: createRuleViews({ store, declared, limitUse, clock }),
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
  }
}
