// The control store: keys, people, policy versions, prices, pauses, requests for access, the audit trail. Reads are single
// statements; every change happens in `write`, one transaction at a time, whole or not at all, and is durable when `write`
// resolves. The same code and the same contract test serve SQLite and PostgreSQL.

import type { KeyObject } from 'node:crypto'
import type { Clock } from '../../kernel/time.ts'
import {
  accessRequestReads,
  accessRequestWrites,
  type AccessRequestReads,
  type AccessRequestWrites,
} from './access-request-table.ts'
import { accessReads, accessWrites, type AccessReads, type AccessWrites } from './access-tables.ts'
import { alertReads, alertWrites, type AlertReads, type AlertWrites } from './alert-tables.ts'
import {
  auditReads,
  auditWrites,
  lockWriters,
  type AuditReads,
  type AuditWrites,
} from './audit-trail.ts'
import {
  budgetRequestReads,
  budgetRequestWrites,
  type BudgetRequestReads,
  type BudgetRequestWrites,
} from './budget-request-table.ts'
import { budgetReads, budgetWrites, type BudgetReads, type BudgetWrites } from './budget-table.ts'
import type { Engine, EngineKind } from './engine.ts'
import { importReads, importWrites, type ImportReads, type ImportWrites } from './import-table.ts'
import { keyReads, keyWrites, type KeyReads, type KeyWrites } from './key-table.ts'
import { leaseReads, leaseWrites, type LeaseReads, type LeaseWrites } from './lease-tables.ts'
import {
  limitClaimReads,
  limitClaimWrites,
  type LimitClaimReads,
  type LimitClaimWrites,
} from './limit-claims.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations.ts'
import {
  assignedOwnerReads,
  assignedOwnerWrites,
  type AssignedOwnerReads,
  type AssignedOwnerWrites,
} from './owner-table.ts'
import { pauseReads, pauseWrites, type PauseReads, type PauseWrites } from './pause-table.ts'
import {
  policyReads,
  policyWrites,
  type PolicyReads,
  type PolicyWrites,
} from './policy-versions.ts'
import { poolReads, poolWrites, type PoolReads, type PoolWrites } from './pool-table.ts'
import { priceReads, priceWrites, type PriceReads, type PriceWrites } from './price-tables.ts'
import {
  reconciliationReads,
  reconciliationWrites,
  type ReconciliationReads,
  type ReconciliationWrites,
} from './reconciliation-table.ts'
import { periodReads, type PeriodReads } from './period-reads.ts'
import { periodWrites, type PeriodWrites } from './period-writes.ts'
import { openPostgresEngine } from './postgres-engine.ts'
import { settingReads, settingWrites, type SettingReads, type SettingWrites } from './settings.ts'
import { openSqliteEngine } from './sqlite-engine.ts'
import {
  statementReads,
  statementWrites,
  type StatementReads,
  type StatementWrites,
} from './statement-table.ts'
import { standingSource, type StandingSource } from './store-standing.ts'

export type ControlReads = {
  readonly keys: KeyReads
  readonly access: AccessReads
  readonly policies: PolicyReads
  readonly audit: AuditReads
  readonly settings: SettingReads
  readonly prices: PriceReads
  readonly pauses: PauseReads
  readonly accessRequests: AccessRequestReads
  readonly budgets: BudgetReads
  readonly budgetRequests: BudgetRequestReads
  readonly limitClaims: LimitClaimReads
  readonly alerts: AlertReads
  readonly leases: LeaseReads
  readonly imports: ImportReads
  readonly statements: StatementReads
  readonly pools: PoolReads
  readonly reconciliations: ReconciliationReads
  readonly periods: PeriodReads
  readonly assignedOwners: AssignedOwnerReads
}

export type ControlWrites = {
  readonly keys: KeyWrites
  readonly access: AccessWrites
  readonly policies: PolicyWrites
  readonly audit: AuditWrites
  readonly settings: SettingWrites
  readonly prices: PriceWrites
  readonly pauses: PauseWrites
  readonly accessRequests: AccessRequestWrites
  readonly budgets: BudgetWrites
  readonly budgetRequests: BudgetRequestWrites
  readonly limitClaims: LimitClaimWrites
  readonly alerts: AlertWrites
  readonly leases: LeaseWrites
  readonly imports: ImportWrites
  readonly statements: StatementWrites
  readonly pools: PoolWrites
  readonly reconciliations: ReconciliationWrites
  readonly periods: PeriodWrites
  readonly assignedOwners: AssignedOwnerWrites
}

export type ControlStore = {
  readonly kind: EngineKind
  readonly read: ControlReads
  /** Rolled back when `work` throws. `work` must await nothing but the store: everybody else is waiting. */
  readonly write: <T>(work: (tables: ControlWrites) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

export type ControlStoreTarget =
  | { readonly kind: 'embedded'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }

export type ControlStoreDeps = {
  readonly clock: Clock
  /** An idle database connection broke; the next statement opens another. */
  readonly onConnectionError: (error: Error) => void
  /** Seals the end of the audit trail; left out: a store that is opened like this keeps no seal and looks at none. */
  readonly auditKey?: KeyObject
}

/**
 * Opens the store and brings its schema up to date.
 * @throws Fault `schema_newer`, `control_store_unavailable`, `control_store_damaged`
 */
export async function openControlStore(
  deps: ControlStoreDeps,
  target: ControlStoreTarget,
): Promise<ControlStore> {
  const engine =
    target.kind === 'embedded'
      ? openSqliteEngine(target.path)
      : openPostgresEngine(target.url, deps.onConnectionError)
  return openControlStoreOn(engine, deps)
}

/** On a connection that is open; closes it when it throws. */
export async function openControlStoreOn(
  engine: Engine,
  deps: ControlStoreDeps,
): Promise<ControlStore> {
  try {
    await migrate(engine, MIGRATIONS, deps.clock, deps.auditKey ?? null)
    return storeOn(engine, deps, await standingSource(engine))
  } catch (error) {
    await engine.database.destroy()
    throw error
  }
}

function storeOn(engine: Engine, deps: ControlStoreDeps, standing: StandingSource): ControlStore {
  const { database } = engine
  const { clock } = deps
  const auditKey = deps.auditKey ?? null
  return {
    kind: engine.kind,
    read: {
      keys: keyReads(database),
      access: accessReads(database),
      policies: policyReads(database),
      audit: auditReads(database, auditKey),
      settings: settingReads(database),
      prices: priceReads(database),
      pauses: pauseReads(database),
      accessRequests: accessRequestReads(database),
      budgets: budgetReads(database),
      budgetRequests: budgetRequestReads(database),
      limitClaims: limitClaimReads(database),
      alerts: alertReads(database),
      leases: leaseReads(database, standing),
      imports: importReads(database),
      statements: statementReads(database),
      pools: poolReads(database),
      reconciliations: reconciliationReads(database),
      periods: periodReads(database),
      assignedOwners: assignedOwnerReads(database),
    },
    write: (work) =>
      database.transaction().execute(async (transaction) => {
        await lockWriters(transaction)
        return work({
          keys: keyWrites(transaction),
          access: accessWrites(transaction),
          policies: policyWrites(transaction),
          audit: auditWrites(transaction, clock, auditKey),
          settings: settingWrites(transaction),
          prices: priceWrites(transaction),
          pauses: pauseWrites(transaction),
          accessRequests: accessRequestWrites(transaction),
          budgets: budgetWrites(transaction),
          budgetRequests: budgetRequestWrites(transaction),
          limitClaims: limitClaimWrites(transaction),
          alerts: alertWrites(transaction),
          leases: leaseWrites(transaction, standing),
          imports: importWrites(transaction),
          statements: statementWrites(transaction),
          pools: poolWrites(transaction),
          reconciliations: reconciliationWrites(transaction),
          periods: periodWrites(transaction),
          assignedOwners: assignedOwnerWrites(transaction),
        })
      }),
    close: () => database.destroy(),
  }
}
