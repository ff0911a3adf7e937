// Tables of the control store that came with the bill, as Kysely sees them. Those of periods stand in `period-tables.ts`.

export type BillTables = {
  readonly imports: ImportsTable
  readonly owner_rules: OwnerRulesTable
  readonly pools: PoolsTable
  readonly reconciliations: ReconciliationsTable
  readonly statements: StatementsTable
  readonly statement_mails: StatementMailsTable
}

export type ImportsTable = {
  readonly import_id: string
  readonly name: string
  readonly kind: string
  readonly source: string | null
  readonly period: string | null
  readonly state: string
  readonly node_id: string
  readonly beat_at: string
  /** `progress` and `report` are JSON. */
  readonly progress: string
  readonly report: string | null
  readonly problem: string | null
  readonly seen: string | null
  readonly is_news: number
  readonly created_at: string
  readonly created_by: string
  readonly ended_at: string | null
}

/** `owner` is JSON, dimension to value; `ended_…` is set where the end came after the rule. */
export type OwnerRulesTable = {
  readonly owner_id: string
  readonly match_key: string
  readonly pattern: string
  readonly owner: string
  readonly valid_from: string
  readonly valid_to: string | null
  readonly reason: string | null
  readonly assigned_at: string
  readonly assigned_by: string
  readonly ended_at: string | null
  readonly ended_by: string | null
  readonly removed_at: string | null
  readonly removed_by: string | null
}

/** `terms` is JSON: the pool as the configuration has it. At one time a name has one in force at most. */
export type PoolsTable = {
  readonly pool_id: string
  readonly name: string
  readonly terms: string
  readonly set_at: string
  readonly set_by: string
  readonly removed_at: string | null
  readonly removed_by: string | null
}

export type ReconciliationsTable = {
  readonly period: string
  readonly cost: string
  readonly standing: string
  readonly inputs_hash: string
  /** JSON. */
  readonly report: string
  readonly made_at: string
  readonly made_by: string
}

/** `owner` is JSON, dimension to value; null: of the whole. */
export type StatementsTable = {
  readonly statement_id: string
  readonly version: number
  readonly period: string
  readonly owner: string | null
  readonly state: string
  readonly sha256: string
  readonly total_usd: string
  readonly generated_at: string
}

export type StatementMailsTable = {
  readonly mail_id: string
  readonly period: string
  readonly closing: number
  /** JSON, dimension to value; null: of the whole. */
  readonly owner: string | null
  readonly receiver: string
  readonly format: string
  readonly state: string
  readonly created_at: string
  readonly next_at: string
  readonly attempts: number
  readonly last_error: string | null
  readonly ended_at: string | null
  readonly statement_id: string | null
  readonly statement_sha256: string | null
}
