// The tables of the control store as Kysely sees them: text, whole numbers, ISO times and JSON as text, which SQLite and
// PostgreSQL mean alike. Times end in "Z" and have milliseconds, so they compare as text.

import type { BillTables } from './bill-schema.ts'
import type { PeriodTables } from './period-tables.ts'

export type SchemaVersionTable = {
  readonly version: number
  readonly name: string
  readonly applied_at: string
}

export type KeysTable = {
  readonly key_id: string
  readonly name: string
  readonly bind: string
  readonly region: string | null
  readonly created_at: string
  readonly created_by: string
  readonly expires_at: string | null
  readonly revoked_at: string | null
}

export type KeySecretsTable = {
  readonly key_id: string
  readonly digest: string
  readonly created_at: string
  readonly valid_until: string | null
  /** Both or neither: the pair that signs requests, made with this secret and ending with it. */
  readonly access_key_id: string | null
  readonly sealed_secret: string | null
}

export type PolicyVersionsTable = {
  readonly epoch: number
  readonly version: number
  readonly published_at: string
  readonly content_sha256: string
}

export type AuditTrailTable = {
  readonly seq: number
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly state_before: string | null
  readonly state_after: string | null
  /** Part of the hash where it is not null. */
  readonly reason: string | null
  readonly previous_hash: string
  readonly hash: string
}

/** One row: the end of the audit chain. Every writing transaction locks it first, so writers stand in line. */
export type AuditHeadTable = {
  readonly id: number
  readonly seq: number
  readonly hash: string
  /** Under the master key; null where none was at hand. */
  readonly seal: string | null
}

export type SettingsTable = { readonly name: string; readonly value: string }

export type UsersTable = {
  readonly user_id: string
  readonly name: string
  readonly role: string
  /** JSON, dimension to values; null: sees the whole. */
  readonly scope: string | null
  readonly created_at: string
  readonly disabled_at: string | null
  /** JSON, names: who made it, and what it was made with; null: Ledgerock itself. */
  readonly made_by: string | null
}

export type TokensTable = {
  readonly token_id: string
  readonly user_id: string
  readonly name: string
  readonly digest: string
  readonly created_at: string
  readonly expires_at: string | null
  readonly revoked_at: string | null
  readonly made_by: string | null
}

export type LoginCodesTable = {
  readonly digest: string
  readonly user_id: string
  readonly created_at: string
  readonly expires_at: string
  readonly used_at: string | null
  readonly made_by: string | null
}

export type SessionsTable = {
  readonly digest: string
  readonly user_id: string
  readonly created_at: string
  readonly expires_at: string
  readonly made_by: string | null
}

/** `content` is a price document, `summary` what is told about it; both JSON. */
export type PriceDocumentsTable = {
  readonly document_id: string
  readonly layer: string
  readonly period: string | null
  readonly state: string
  readonly sha256: string
  readonly summary: string
  readonly content: string
  readonly created_at: string
  readonly created_by: string
  readonly decided_at: string | null
  readonly decided_by: string | null
}

export type PriceOverridesTable = {
  readonly override_id: string
  readonly name: string
  readonly origin: string
  readonly terms: string
  readonly set_at: string
  readonly set_by: string
  readonly removed_at: string | null
  readonly removed_by: string | null
}

/** `scope` is JSON, field to values. In force until it is resumed. */
export type PausesTable = {
  readonly pause_id: string
  readonly scope: string
  readonly reason: string | null
  readonly paused_at: string
  readonly paused_by: string
  readonly paused_by_role: string
  readonly resumed_at: string | null
  readonly resumed_by: string | null
}

/** Who last decided, and why, stands in `decided_…`: an approval that was withdrawn is told by the audit trail. */
export type AccessRequestsTable = {
  readonly request_id: string
  readonly model: string
  readonly scope: string
  readonly valid_until: string
  readonly reason: string
  readonly state: string
  readonly asked_at: string
  readonly asked_by: string
  readonly decided_at: string | null
  readonly decided_by: string | null
  readonly decision_reason: string | null
}

/** `terms` is JSON: the budget as the policy has it. In force until it is removed; a name has one in force at most. */
export type BudgetsTable = {
  readonly budget_id: string
  readonly name: string
  readonly terms: string
  readonly set_at: string
  readonly set_by: string
  readonly set_by_role: string
  readonly removed_at: string | null
  readonly removed_by: string | null
}

/** `amount` is digits of the unit; `carry_over` is 0 or 1. Who last decided stands in `decided_…`, as for access. */
export type BudgetRequestsTable = {
  readonly request_id: string
  readonly budget: string
  readonly unit: string
  readonly amount: string
  readonly counter: string | null
  readonly scope: string
  readonly valid_until: string
  readonly carry_over: number
  readonly reason: string
  readonly state: string
  readonly asked_at: string
  readonly asked_by: string
  readonly decided_at: string | null
  readonly decided_by: string | null
  readonly decision_reason: string | null
}

/** One counter of a budget in one period. Amounts are digits of the budget's unit. */
export type BudgetInstancesTable = {
  readonly instance: string
  readonly budget: string
  readonly counter: string | null
  readonly from_ms: number
  readonly to_ms: number | null
  readonly other: string | null
  readonly carried: string
  readonly recalls: number
  readonly folded: number
  readonly refused_at_ms: number | null
  readonly refused_limit: string | null
  readonly revision: number
}

/** What a journal's calls may be paid from. Amounts are digits of the budget's unit; `bare` is 0 or 1. */
export type BudgetLeasesTable = {
  readonly instance: string
  readonly holder: string
  readonly node_id: string
  readonly granted: string
  readonly returned: string
  readonly settled: string
  readonly reserved: string
  readonly bare: number
  readonly state: string
  readonly revision: number
}

export type BudgetNodesTable = {
  readonly node_id: string
  readonly beat: number
  readonly identity: string
  /** JSON, names of holders. */
  readonly heard: string
}

/** One row: how often leases or instances were changed. */
export type BudgetRevisionTable = { readonly id: number; readonly revision: number }

/** `claims` is JSON, by rule. */
export type LimitClaimsTable = {
  readonly node_id: string
  readonly beat: number
  readonly claims: string
}

/** An alert that was raised, until it is over and after. `scope`, `period` and `sinks` are JSON; `node_id` of what concerns one node. */
export type AlertsTable = {
  readonly alert_id: string
  readonly rule: string
  readonly kind: string
  readonly node_id: string | null
  readonly subject: string
  readonly severity: string
  readonly scope: string
  readonly budget: string | null
  readonly counter: string | null
  readonly period: string | null
  readonly value: string
  readonly threshold: string
  readonly message: string
  readonly sinks: string
  readonly fired_at: string
  readonly resolved_at: string | null
  readonly acked_at: string | null
  readonly acked_by: string | null
  readonly muted_until: string | null
  readonly muted_by: string | null
}

/** What one sink is to be told, until it took it. `event` is the JSON that is sent. */
export type AlertDeliveriesTable = {
  readonly delivery_id: string
  readonly event_id: string
  readonly alert_id: string
  readonly sink: string
  readonly severity: string
  readonly event: string
  readonly state: string
  readonly created_at: string
  /** In the order in which it was written, whatever clocks say. */
  readonly place: number
  readonly next_at: string
  readonly attempts: number
  readonly last_error: string | null
  readonly ended_at: string | null
}

/** One row: which of the nodes watches for all. */
export type AlertWatchTable = {
  readonly id: number
  readonly node_id: string
  readonly beat: number
}

export type ControlDatabase = {
  readonly schema_version: SchemaVersionTable
  readonly keys: KeysTable
  readonly key_secrets: KeySecretsTable
  readonly policy_versions: PolicyVersionsTable
  readonly audit_trail: AuditTrailTable
  readonly audit_head: AuditHeadTable
  readonly settings: SettingsTable
  readonly users: UsersTable
  readonly tokens: TokensTable
  readonly login_codes: LoginCodesTable
  readonly sessions: SessionsTable
  readonly price_documents: PriceDocumentsTable
  readonly price_overrides: PriceOverridesTable
  readonly pauses: PausesTable
  readonly access_requests: AccessRequestsTable
  readonly budgets: BudgetsTable
  readonly budget_requests: BudgetRequestsTable
  readonly limit_claims: LimitClaimsTable
  readonly alerts: AlertsTable
  readonly alert_deliveries: AlertDeliveriesTable
  readonly alert_watch: AlertWatchTable
  readonly budget_instances: BudgetInstancesTable
  readonly budget_leases: BudgetLeasesTable
  readonly budget_nodes: BudgetNodesTable
  readonly budget_revision: BudgetRevisionTable
} & BillTables &
  PeriodTables
