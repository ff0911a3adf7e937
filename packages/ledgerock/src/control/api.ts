// The control API as one Hono application. It needs no port: the server listens for it, and the command line calls it in the
// same process where no server runs (`inProcess`). Everything it uses is handed in.

import { OpenAPIHono } from '@hono/zod-openapi'
import type { Clock } from '../kernel/time.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Access } from './people/access.ts'
import type { Actor } from './people/actor.ts'
import type { AccessRequestService } from './rules/access-requests.ts'
import type { AlertService } from './alerts/alert-service.ts'
import { addAccessRoutes } from './api/access-routes.ts'
import { addBudgetChangeRoutes } from './api/budget-change-routes.ts'
import { addBudgetRequestRoutes } from './api/budget-request-routes.ts'
import { addBudgetRoutes } from './api/budget-routes.ts'
import { addAlertRoutes } from './api/alert-routes.ts'
import { addAuditTrailRoutes, type AuditTrailRouteDeps } from './api/audit-trail-routes.ts'
import { addCallStream } from './api/call-stream.ts'
import { addCallsRoutes } from './api/calls-routes.ts'
import type { ApiBindings, ApiEnv } from './api/context.ts'
import { addGuardrailRoutes } from './api/guardrail-routes.ts'
import { addImportRoutes } from './api/import-routes.ts'
import { addHealthRoutes, type HealthRouteDeps } from './api/health-routes.ts'
import { addKeyRoutes } from './api/key-routes.ts'
import { addLeaseRoutes } from './api/lease-routes.ts'
import { addLimitRoutes } from './api/limit-routes.ts'
import { addOutcomeRoutes } from './api/outcome-routes.ts'
import { addOwnerRoutes } from './api/owner-routes.ts'
import { addPageRoutes } from './api/page-routes.ts'
import { addPauseRoutes } from './api/pause-routes.ts'
import { addPeriodRoutes } from './api/period-routes.ts'
import { addPolicyRoutes } from './api/policy-routes.ts'
import { addPoolRoutes } from './api/pool-routes.ts'
import { addPrincipalRoutes } from './api/principal-routes.ts'
import { addPriceBookRoutes } from './api/price-book-routes.ts'
import { addPriceImportRoutes } from './api/price-import-routes.ts'
import { addPriceLearnRoutes } from './api/price-learn-routes.ts'
import { addPriceOverrideRoutes } from './api/price-override-routes.ts'
import { addPriceRerateRoutes } from './api/price-rerate-routes.ts'
import { addPriceRoutes, type PriceRouteDeps } from './api/price-routes.ts'
import { problemOfError, problemResponse, refuse } from './api/problem.ts'
import type { Api } from './api/route.ts'
import { securityHeaders } from './api/security-headers.ts'
import { addReconciliationRoutes } from './api/reconciliation-routes.ts'
import { addReroutingRoutes } from './api/rerouting-routes.ts'
import { addSessionRoutes } from './api/session-routes.ts'
import { addSpendRoutes } from './api/spend-routes.ts'
import { addStatementRoutes, type StatementRouteDeps } from './api/statement-routes.ts'
import { addTokenRoutes } from './api/token-routes.ts'
import { addUserRoutes } from './api/user-routes.ts'
import { addVerifyRoutes } from './api/verify-routes.ts'
import type { BudgetChanges } from './budgets/budget-changes.ts'
import type { BudgetRequestService } from './budgets/budget-requests.ts'
import type { BudgetService } from './budgets/budgets.ts'
import type { ImportService } from './imports/imports.ts'
import type { KeyCheck } from './keys/key-holder.ts'
import type { KeyService } from './keys/keys.ts'
import type { LeaseService } from './leases/leases.ts'
import type { OutcomeService } from './outcomes/outcomes.ts'
import type { OwnerService } from './month/owners.ts'
import type { PauseService } from './rules/pauses.ts'
import type { PeriodService } from './periods/periods.ts'
import type { PolicyTrials } from './rules/policy-trials.ts'
import type { PoolService } from './month/pools.ts'
import type { PrincipalService } from './month/principals.ts'
import type { PriceService } from './prices/prices.ts'
import type { ReconciliationService } from './month/reconciliations.ts'
import type { RuleViews } from './rules/rule-views.ts'
import type { LedgerReads } from './people/scoped-ledger.ts'
import type { ChainVerdict } from './store/audit-chain.ts'
import type { TokenService } from './people/tokens.ts'
import type { UserService } from './people/users.ts'

export type ApiDeps = {
  readonly ledger: LedgerReads & Pick<Ledger, 'verify'>
  readonly imports: ImportService
  readonly price: PriceRouteDeps['price']
  readonly prices: PriceService
  readonly keys: KeyService
  readonly pauses: PauseService
  readonly accessRequests: AccessRequestService
  readonly budgets: BudgetService
  readonly budgetChanges: BudgetChanges
  readonly budgetRequests: BudgetRequestService
  readonly leases: Pick<LeaseService, 'leases' | 'reclaim' | 'evict' | 'check'>
  readonly alerts: AlertService
  readonly rules: RuleViews
  readonly periods: PeriodService
  readonly policyTrials: PolicyTrials
  readonly access: Access
  readonly keyCheck: KeyCheck
  readonly outcomes: OutcomeService
  readonly owners: OwnerService
  readonly principals: PrincipalService
  readonly reconciliations: ReconciliationService
  readonly pools: PoolService
  readonly statements: StatementRouteDeps['statements']
  readonly statementMails: StatementRouteDeps['statementMails']
  readonly users: UserService
  readonly tokens: TokenService
  readonly auditTrail: AuditTrailRouteDeps['auditTrail']
  readonly verifyAuditTrail: () => Promise<ChainVerdict>
  readonly readiness: HealthRouteDeps['readiness']
  readonly metricsText: HealthRouteDeps['metricsText']
  readonly clock: Clock
  readonly version: string
  /** Names of all declared dimensions, the eight default ones included; read at each request. */
  readonly dimensions: () => readonly string[]
  /** Every `scheme://host:port` a browser may use, the one to show people first; known once it listens. */
  readonly origins: () => readonly string[]
  /** Ends the open streams when the process shuts down. */
  readonly shutdown: AbortSignal
  /** Between two looks of a call stream at the ledger. */
  readonly streamPauseMs: number
  /** An unexpected error, for the log; `request` is method and path, without query. */
  readonly onError: (error: unknown, request: string) => void
}

export function createApi(deps: ApiDeps): Api {
  const api: Api = new OpenAPIHono<ApiEnv>()
  const queryContext = () => ({ nowMs: deps.clock.now(), dimensions: deps.dimensions() })
  const all = { ...deps, queryContext }

  api.use(securityHeaders(deps.origins))
  addHealthRoutes(api, all)
  addSessionRoutes(api, all)
  addSpendRoutes(api, all)
  addCallStream(api, all)
  addCallsRoutes(api, all)
  addKeyRoutes(api, all)
  addPauseRoutes(api, all)
  addAccessRoutes(api, all)
  addBudgetRequestRoutes(api, all)
  addLeaseRoutes(api, all)
  addBudgetRoutes(api, all)
  addBudgetChangeRoutes(api, all)
  addAlertRoutes(api, all)
  addLimitRoutes(api, all)
  addGuardrailRoutes(api, all)
  addReroutingRoutes(api, all)
  addPeriodRoutes(api, all)
  addPolicyRoutes(api, all)
  addOutcomeRoutes(api, all)
  addOwnerRoutes(api, all)
  addPrincipalRoutes(api, all)
  addReconciliationRoutes(api, all)
  addPoolRoutes(api, all)
  addImportRoutes(api, all)
  addStatementRoutes(api, all)
  addUserRoutes(api, all)
  addTokenRoutes(api, all)
  addAuditTrailRoutes(api, all)
  addPriceRoutes(api, all)
  addPriceBookRoutes(api, all)
  addPriceImportRoutes(api, all)
  addPriceLearnRoutes(api, all)
  addPriceOverrideRoutes(api, all)
  addPriceRerateRoutes(api, all)
  addVerifyRoutes(api, all)
  addPageRoutes(api)
  describeApi(api, deps.version)

  api.notFound((c) => refuse(404, 'not_found', `there is no ${c.req.method} ${c.req.path}`))
  api.onError((error, c) => {
    deps.onError(error, `${c.req.method} ${c.req.path}`)
    return problemResponse(problemOfError(error))
  })
  return api
}

function describeApi(api: Api, version: string): void {
  api.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API token, lra_…',
  })
  api.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'A gateway key, lrk_… or one of the configuration',
  })
  api.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'ledgerock_session',
    description: 'The dashboard’s session',
  })
  const description = 'Who spent what on Amazon Bedrock, and why.'
  let document: string | null = null
  api.get('/openapi.json', (c) => {
    document ??= JSON.stringify(
      api.getOpenAPI31Document({
        openapi: '3.1.0',
        info: { title: 'Ledgerock control API', version, description },
        servers: [{ url: '/' }],
      }),
    )
    return c.body(document, 200, { 'content-type': 'application/json' })
  })
}

/** Calls the API without a port, as `actor`: for the command line on the data directory's own machine. */
export function inProcess(
  api: Api,
  actor: Omit<Actor, 'scope'>,
): (path: string, init?: RequestInit) => Promise<Response> {
  const bindings: ApiBindings = { inProcess: { ...actor, scope: null } }
  return async (path, init) => api.request(path, init, bindings)
}
