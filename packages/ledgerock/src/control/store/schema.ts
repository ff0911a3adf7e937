// The tables of the control store as Kysely sees them: text, whole numbers, ISO times and JSON as text, which SQLite and
// PostgreSQL mean alike. Times end in "Z" and have milliseconds, so they compare as text.

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
export type AuditHeadTable = { readonly id: number; readonly seq: number; readonly hash: string }

export type SettingsTable = { readonly name: string; readonly value: string }

export type UsersTable = {
  readonly user_id: string
  readonly name: string
  readonly role: string
  /** JSON, dimension to values; null: sees the whole. */
  readonly scope: string | null
  readonly created_at: string
  readonly disabled_at: string | null
}

export type TokensTable = {
  readonly token_id: string
  readonly user_id: string
  readonly name: string
  readonly digest: string
  readonly created_at: string
  readonly expires_at: string | null
  readonly revoked_at: string | null
}

export type LoginCodesTable = {
  readonly digest: string
  readonly user_id: string
  readonly created_at: string
  readonly expires_at: string
  readonly used_at: string | null
}

export type SessionsTable = {
  readonly digest: string
  readonly user_id: string
  readonly created_at: string
  readonly expires_at: string
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

/** `claims` is JSON, by rule. */
export type LimitClaimsTable = {
  readonly node_id: string
  readonly beat: number
  readonly claims: string
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
  readonly limit_claims: LimitClaimsTable
}
