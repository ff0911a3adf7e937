// Every step from an empty database to today's schema, in order. A step that was released never changes; new needs are new
// steps at the end. Only types and constraints that SQLite and PostgreSQL share.

import { GENESIS_HASH } from './audit-chain.ts'
import { sealTrail } from './audit-trail.ts'
import { runDdl } from './run-ddl.ts'
import type { Migration } from './migration.ts'
import { BILL_MIGRATIONS } from './bill-migrations.ts'

/** Version n is the first n of these. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: 'keys, policy versions, audit trail, settings',
    up: async (transaction) => {
      await runDdl(
        transaction,
        `create table keys (
          key_id text primary key, name text not null unique, bind text not null, region text,
          created_at text not null, created_by text not null, expires_at text, revoked_at text)`,
        `create table key_secrets (
          key_id text not null references keys (key_id), digest text not null,
          created_at text not null, valid_until text, primary key (key_id, digest))`,
        `create table policy_versions (
          epoch bigint not null, version bigint not null, published_at text not null,
          content_sha256 text not null, primary key (epoch, version))`,
        `create table audit_trail (
          seq bigint primary key, at text not null, actor text not null, action text not null,
          subject text not null, state_before text, state_after text,
          previous_hash text not null, hash text not null)`,
        `create table audit_head (
          id bigint primary key check (id = 1), seq bigint not null, hash text not null)`,
        `create table settings (name text primary key, value text not null)`,
      )
      await transaction
        .insertInto('audit_head')
        .values({ id: 1, seq: 0, hash: GENESIS_HASH })
        .execute()
    },
  },
  {
    name: 'users, tokens, login codes, sessions',
    up: (transaction) =>
      runDdl(
        transaction,
        `create table users (
          user_id text primary key, name text not null unique, role text not null,
          created_at text not null, disabled_at text)`,
        `create table tokens (
          token_id text primary key, user_id text not null references users (user_id),
          name text not null, digest text not null, created_at text not null, expires_at text,
          revoked_at text)`,
        `create table login_codes (
          digest text primary key, user_id text not null references users (user_id),
          created_at text not null, expires_at text not null, used_at text)`,
        `create table sessions (
          digest text primary key, user_id text not null references users (user_id),
          created_at text not null, expires_at text not null)`,
      ),
  },
  {
    name: 'pairs that sign requests',
    up: (transaction) =>
      runDdl(
        transaction,
        `alter table key_secrets add column access_key_id text`,
        `alter table key_secrets add column sealed_secret text`,
        `create unique index key_secrets_access_key on key_secrets (access_key_id)`,
      ),
  },
  {
    name: 'prices',
    up: (transaction) =>
      runDdl(
        transaction,
        `create table price_documents (
          document_id text primary key, layer text not null, period text, state text not null,
          sha256 text not null, summary text not null, content text not null,
          created_at text not null, created_by text not null, decided_at text, decided_by text)`,
        `create index price_documents_state on price_documents (state, layer)`,
        `create table price_overrides (
          override_id text primary key, name text not null, origin text not null,
          terms text not null, set_at text not null, set_by text not null,
          removed_at text, removed_by text)`,
      ),
  },
  {
    name: 'scopes of users, reasons of changes',
    up: (transaction) =>
      runDdl(
        transaction,
        `alter table users add column scope text`,
        `alter table audit_trail add column reason text`,
      ),
  },
  {
    name: 'pauses, requests for access',
    up: (transaction) =>
      runDdl(
        transaction,
        `create table pauses (
          pause_id text primary key, scope text not null, reason text, paused_at text not null,
          paused_by text not null, paused_by_role text not null, resumed_at text, resumed_by text)`,
        `create table access_requests (
          request_id text primary key, model text not null, scope text not null,
          valid_until text not null, reason text not null, state text not null,
          asked_at text not null, asked_by text not null, decided_at text, decided_by text,
          decision_reason text)`,
        `create index access_requests_state on access_requests (state, valid_until)`,
      ),
  },
  {
    name: 'what nodes use of limits',
    up: (transaction) =>
      runDdl(
        transaction,
        `create table limit_claims (
          node_id text primary key, beat bigint not null, claims text not null)`,
      ),
  },
  {
    name: 'leases of budgets',
    up: async (transaction) => {
      await runDdl(
        transaction,
        `create table budget_instances (
          instance text primary key, budget text not null, counter text, from_ms bigint not null,
          to_ms bigint, other text, carried text not null, recalls bigint not null,
          folded bigint not null, revision bigint not null)`,
        `create index budget_instances_revision on budget_instances (revision)`,
        `create table budget_leases (
          instance text not null, holder text not null, node_id text not null,
          granted text not null, returned text not null, settled text not null,
          reserved text not null, bare bigint not null, state text not null,
          revision bigint not null, primary key (instance, holder))`,
        `create index budget_leases_revision on budget_leases (revision)`,
        `create table budget_nodes (
          node_id text primary key, beat bigint not null, identity text not null,
          heard text not null)`,
        `create table budget_revision (
          id bigint primary key check (id = 1), revision bigint not null)`,
      )
      await transaction.insertInto('budget_revision').values({ id: 1, revision: 0 }).execute()
    },
  },
  {
    name: 'requests for more of a budget',
    up: (transaction) =>
      runDdl(
        transaction,
        `create table budget_requests (
          request_id text primary key, budget text not null, unit text not null,
          amount text not null, counter text, scope text not null, valid_until text not null,
          carry_over bigint not null, reason text not null, state text not null,
          asked_at text not null, asked_by text not null, decided_at text, decided_by text,
          decision_reason text)`,
        `create index budget_requests_state on budget_requests (state, valid_until)`,
      ),
  },
  {
    name: 'alerts',
    up: (transaction) =>
      runDdl(
        transaction,
        `create table alerts (
          alert_id text primary key, rule text not null, kind text not null, node_id text,
          subject text not null, severity text not null, scope text not null, budget text,
          counter text, period text, value text not null, threshold text not null,
          message text not null, sinks text not null, fired_at text not null, resolved_at text,
          acked_at text, acked_by text, muted_until text, muted_by text)`,
        `create unique index alerts_firing on alerts (rule, subject) where resolved_at is null`,
        `create index alerts_fired on alerts (fired_at)`,
        `create table alert_deliveries (
          delivery_id text primary key, event_id text not null, alert_id text not null,
          sink text not null, severity text not null, event text not null, state text not null,
          created_at text not null, place bigint not null unique, next_at text not null,
          attempts bigint not null,
          last_error text, ended_at text)`,
        `create index alert_deliveries_state on alert_deliveries (state, sink, place)`,
        `create table alert_watch (
          id bigint primary key check (id = 1), node_id text not null, beat bigint not null)`,
      ),
  },
  {
    name: 'budgets people make',
    up: (transaction) =>
      runDdl(
        transaction,
        `create table budgets (
          budget_id text primary key, name text not null, terms text not null,
          set_at text not null, set_by text not null, set_by_role text not null,
          removed_at text, removed_by text)`,
        `create unique index budgets_in_force on budgets (name) where removed_at is null`,
      ),
  },
  {
    name: 'who made accounts and credentials',
    up: (transaction) =>
      runDdl(
        transaction,
        ...['users', 'tokens', 'login_codes', 'sessions'].map(
          (table) => `alter table ${table} add column made_by text`,
        ),
        // Of those that are there already, the audit trail says who made them; names have nothing in them that JSON would escape.
        `update users set made_by = (select '["' || actor || '"]' from audit_trail
          where action = 'user.create' and subject = users.name and actor <> 'system')`,
        `update tokens set made_by = (select '["' || max(actor) || '"]' from audit_trail
          where action = 'token.create' and actor <> 'system'
            and state_after like '%"token_id":"' || tokens.token_id || '"%')`,
      ),
  },
  {
    // Here and nowhere else is a trail sealed that had no seal: a seal that was taken away is not made anew.
    name: 'a seal on the end of the audit trail',
    up: async (transaction, auditKey) => {
      await runDdl(transaction, `alter table audit_head add column seal text`)
      if (auditKey !== null) await sealTrail(transaction, auditKey)
    },
  },
  {
    name: 'since when a budget refuses calls',
    up: (transaction) =>
      runDdl(
        transaction,
        `alter table budget_instances add column refused_at_ms bigint`,
        `alter table budget_instances add column refused_limit text`,
      ),
  },
  ...BILL_MIGRATIONS,
]
