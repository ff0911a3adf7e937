// A whole control plane for tests, without a port: real SQLite store in a fresh directory, real keys, access and policy file. Only
// the ledger is a fake that remembers its questions, and time stands still until a test moves it.

import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_DIMENSIONS } from '@ledgerock/contract'
import { compileDimensionRules, DEFAULT_DIMENSION_RULES } from '../../attribution/dimension-rule.ts'
import { candidateRules } from '../../config/check/candidate-rules.ts'
import type { CredentialVerdict } from '../../governance/credential/credential-refusal.ts'
import {
  createCredentialVerifier,
  type CredentialVerifier,
} from '../../governance/credential/credential.ts'
import type { WorkerUse } from '../../governance/limit/share-divider.ts'
import { openPolicy } from '../../governance/policy-envelope.ts'
import type { Policy } from '../../governance/policy.ts'
import { mustOk } from '../../kernel/result.ts'
import type { Clock } from '../../kernel/time.ts'
import { createSealer } from '../../platform/sealing.ts'
import { createAccess } from '../people/access.ts'
import { createAccessRequestService } from '../rules/access-requests.ts'
import { createAlerts } from '../alerts/alerts.ts'
import type { AlertsConfig } from '../../governance/alert-rule.ts'
import { ensureAdminToken } from '../people/admin-token.ts'
import { createApi, type ApiDeps } from '../api.ts'
import { createBudgetChanges } from '../budgets/budget-changes.ts'
import { createBudgetRequestService } from '../budgets/budget-requests.ts'
import { createBudgetService } from '../budgets/budgets.ts'
import { checkBind } from '../keys/check-bind.ts'
import type { DeclaredKey, DeclaredPolicy } from '../policy/declared-policy.ts'
import { createImportService } from '../imports/imports.ts'
import type { ImportRules } from '../imports/import-rules.ts'
import { createKeyService } from '../keys/keys.ts'
import { createOwnerService } from '../month/owners.ts'
import { createPauseService } from '../rules/pauses.ts'
import { createPolicyPublisher, type Delivery } from '../policy/policy-publisher.ts'
import { createPolicyTrials } from '../rules/policy-trials.ts'
import { isKnownModel } from '../../pricing/known-model.ts'
import { answerPriceQuestion } from '../../pricing/price-question.ts'
import { createPricePublisher } from '../prices/price-publisher.ts'
import { createPriceService } from '../prices/prices.ts'
import { createRuleViews, type DeclaredRoute } from '../rules/rule-views.ts'
import { budgetTools } from '../../processes/control/budget-tools.ts'
import { outcomeServices } from '../../processes/control/outcome-services.ts'
import { priceTools } from '../../processes/control/price-tools.ts'
import { checkScope } from '../people/scope.ts'
import { openControlStore } from '../store/control-store.ts'
import { createStatementService } from '../statements/statements.ts'
import { createTokenService } from '../people/tokens.ts'
import { createUserService } from '../people/users.ts'
import { createFakeLedger, IDLE_LEDGER } from './fake-ledger.ts'
import { createFakeBills } from './fake-bills.ts'
import { createFakeLeases } from './fake-leases.ts'
import { createTestBill } from './fake-month.ts'
import { testPeriods } from './test-periods.ts'
import { createTestPrincipals } from './fake-principals.ts'

export const NOW = '2026-10-14T12:00:00.000Z'
export const ORIGIN = 'http://127.0.0.1:8081'

export type ControlPlane = Awaited<ReturnType<typeof startControlPlane>>

/** As a test declares it: it may be changed while the control plane runs. */
type Declared = { -readonly [Field in keyof DeclaredPolicy]: DeclaredPolicy[Field] } & {
  keys: DeclaredKey[]
}

export async function startControlPlane(declaredKeys: readonly DeclaredKey[] = []) {
  const directory = mkdtempSync(join(tmpdir(), 'ledgerock-api-'))
  let nowMs = Date.parse(NOW)
  const clock: Clock = { now: () => nowMs, monotonic: () => nowMs }
  const pepper = createSecretKey(randomBytes(32))
  const sealer = createSealer(createSecretKey(randomBytes(32)), randomBytes)
  const tokenKey = createSecretKey(randomBytes(32))
  const sessionKey = createSecretKey(randomBytes(32))
  const store = await openControlStore(
    { clock, onConnectionError: () => {}, auditKey: createSecretKey(randomBytes(32)) },
    { kind: 'embedded', path: join(directory, 'control.db') },
  )
  const declared: Declared = {
    keys: [...declaredKeys],
    dimensions: DEFAULT_DIMENSION_RULES,
    owners: [],
    anonymous: { mode: 'deny', from: [] },
    access: [],
    limits: [],
    guardrails: [],
    budgets: [],
  }
  const limitUse: WorkerUse[] = []
  const routes: DeclaredRoute[] = []
  const delivery: { next: Delivery } = { next: { acked: ['worker-1'], missing: [] } }
  const broadcasts: Policy[] = []
  const policyPath = join(directory, 'policy.json')
  const newPublisher = () =>
    createPolicyPublisher({
      store,
      pepper,
      clock,
      nodeId: 'node-1',
      path: policyPath,
      declared: () => declared,
      budgetTools,
      broadcast: async (envelope) => {
        broadcasts.push(mustOk(openPolicy(envelope)))
        return delivery.next
      },
    })
  const publisher = newPublisher()
  const rules = mustOk(compileDimensionRules(DEFAULT_DIMENSION_RULES))
  const keys = createKeyService({
    store,
    publisher,
    pepper,
    sealer,
    random: randomBytes,
    clock,
    declared: () => declared,
    checkBind: (bind) => checkBind(rules, bind),
    regions: () => ['us-east-1', 'eu-west-1'],
  })
  const overrides: { declared: readonly unknown[] } = { declared: [] }
  const priceBroadcasts: string[] = []
  const pricePath = join(directory, 'prices.json')
  const newPricePublisher = () =>
    createPricePublisher({
      store,
      tools: priceTools,
      clock,
      path: pricePath,
      declared: () => overrides.declared,
      broadcast: async (version) => {
        priceBroadcasts.push(version)
        return delivery.next
      },
    })
  const prices = newPricePublisher()
  const access = createAccess({ store, tokenKey, sessionKey, random: randomBytes, clock })
  const tokenPath = join(directory, 'admin-token')
  const tokenDeps = { store, access, tokenKey, random: randomBytes, clock }
  await ensureAdminToken(tokenDeps, tokenPath)
  const token = readFileSync(tokenPath, 'utf8').trim()
  const ledger = createFakeLedger()
  const leases = createFakeLeases()
  const errors: unknown[] = []
  const logged: string[] = []
  const alertsConfig: { current: AlertsConfig } = {
    current: { sinks: [], rules: [], allowHosts: [] },
  }
  const alerts = createAlerts({
    store,
    ledger: { ...ledger, status: async () => IDLE_LEDGER },
    config: () => alertsConfig.current,
    budgets: () => declared.budgets,
    budgetStates: leases.states,
    journalMaxBytes: () => 1,
    clockOffsetMs: () => null,
    nodeId: 'node-1',
    origin: () => ORIGIN,
    clock,
    random: randomBytes,
    dice: () => 0,
    log: (level, event) => logged.push(`${level} ${event}`),
  })
  const knowsModel = (pattern: string): boolean => isKnownModel(prices.current(), pattern)
  const ruled = { store, publisher, random: randomBytes, clock, rules: () => rules, knowsModel }
  const shutdown = new AbortController()
  const bills = createFakeBills()
  const importRules: { current: ImportRules } = {
    current: { roots: [], uploadBytesMax: 1_048_576, exchange: [], imports: [] },
  }
  const importedPeriods: string[] = []
  const telling = outcomeServices({
    ledger: ledger.outcomes,
    publisher,
    pepper,
    sealer,
    clock,
    rules: () => rules,
  })
  const imports = createImportService({
    store,
    ledger: bills,
    outcomes: telling.outcomes,
    clock,
    random: randomBytes,
    nodeId: 'node-1',
    directory: join(directory, 'staging'),
    rules: () => importRules.current,
    region: () => 'us-east-1',
    onImported: async (periods) => void importedPeriods.push(...periods),
    onError: (error) => errors.push(error),
  })
  await imports.recover()
  const owners = createOwnerService({ ...ruled, declared: () => declared })
  const bill = createTestBill({
    store,
    owners,
    clock,
    rules: () => rules,
    dimensions: () => declared.dimensions,
    log: (event) => logged.push(event),
  })
  const dimensions = (): DeclaredPolicy['dimensions'] => declared.dimensions
  const { principals, seenCallers } = createTestPrincipals({ bill, owners, dimensions, clock })
  const periods = testPeriods({ store, bill, clock, onError: (error) => errors.push(error) })
  const apiDeps: ApiDeps = {
    ledger,
    price: (question) => {
      ledger.asked.push({ method: 'price', question })
      return answerPriceQuestion(prices.current(), question, { region: 'us-east-1', nowMs })
    },
    prices: createPriceService({
      store,
      publisher: prices,
      tools: priceTools,
      ledger,
      clock,
      random: randomBytes,
    }),
    keys,
    pauses: createPauseService(ruled),
    accessRequests: createAccessRequestService(ruled),
    budgets: createBudgetService({
      budgets: () => publisher.current()?.policy.budgets ?? declared.budgets,
      declared: () => declared,
      states: leases.states,
      clock,
    }),
    budgetChanges: createBudgetChanges({ ...ruled, tools: budgetTools, declared: () => declared }),
    budgetRequests: createBudgetRequestService({ ...ruled, declared: () => declared.budgets }),
    leases,
    alerts: alerts.service,
    rules: createRuleViews({
      store,
      declared: () => declared,
      routes: () => routes,
      limitUse: () => limitUse,
      clock,
    }),
    policyTrials: createPolicyTrials({
      store,
      ledger: { calls: ledger.calls, budgetSpend: async () => [] },
      inForce: () => ({ ...declared, routes: [] }),
      readRules: (written) => candidateRules(written, DEFAULT_DIMENSIONS),
    }),
    access,
    imports,
    ...telling,
    periods,
    statements: createStatementService({
      store,
      source: { ...bill.reconciliations, ...periods, outcomeTotals: ledger.outcomeTotals },
    }),
    statementMails: store.read.statements,
    owners,
    principals,
    ...bill,
    users: createUserService({
      store,
      random: randomBytes,
      clock,
      checkScope: (role, scope) => checkScope(rules, role, scope),
    }),
    tokens: createTokenService({ store, tokenKey, random: randomBytes, clock }),
    auditTrail: store.read.audit,
    verifyAuditTrail: () => store.read.audit.verify(),
    readiness: () => ({ ready: true, checks: { ledger: 'ok' } }),
    metricsText: () => '# HELP up\nup 1\n',
    clock,
    version: '0.1.0',
    dimensions: () => DEFAULT_DIMENSION_RULES.map(({ name }) => name),
    origins: () => [ORIGIN, 'http://localhost:8081'],
    shutdown: shutdown.signal,
    streamPauseMs: 1,
    onError: (error) => {
      errors.push(error)
    },
  }
  const api = createApi(apiDeps)
  /** As a worker makes it of the newest policy. */
  const verifier = (): CredentialVerifier => {
    const policy = mustOk(openPolicy(readFileSync(policyPath, 'utf8')))
    return createCredentialVerifier(policy, { pepper, sealing: sealer })
  }
  const bearer = { authorization: `Bearer ${token}` }
  return {
    directory,
    store,
    declared,
    limitUse,
    routes,
    delivery,
    broadcasts,
    policyPath,
    publisher,
    newPublisher,
    overrides,
    priceBroadcasts,
    pricePath,
    prices,
    newPricePublisher,
    keys,
    access,
    tokenPath,
    tokenDeps,
    token,
    ledger,
    bills,
    seenCallers,
    imports,
    importRules,
    bill,
    importedPeriods,
    leases,
    alerts,
    alertsConfig,
    logged,
    errors,
    shutdown,
    apiDeps,
    api,
    advance: (ms: number) => {
      nowMs += ms
    },
    /** Asks as the admin. */
    get: async (path: string) => api.request(path, { headers: bearer }),
    send: async (method: string, path: string, body?: unknown) =>
      api.request(path, {
        method,
        headers: { ...bearer, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    verifier,
    now: () => nowMs,
    /** What a worker with the newest policy says to a secret now. */
    present: (secret: string): CredentialVerdict => verifier().verify(secret, nowMs),
    stop: async () => {
      shutdown.abort()
      await store.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
