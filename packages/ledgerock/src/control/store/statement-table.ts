// Statements that were issued, and those that are mailed. Of an issued statement its versions are kept with the hash of their content:
// the same content is the same version, with the time it was first made at. Mails wait here until they are taken or given up.

import type { Kysely, Transaction } from 'kysely'
import type { ControlDatabase } from './schema.ts'
import {
  statementMailReads,
  statementMailWrites,
  type StatementMailReads,
  type StatementMailWrites,
} from './statement-mail-table.ts'
import type { StatementsTable } from './bill-schema.ts'

export const STATEMENT_DDL: readonly string[] = [
  `create table statements (
    statement_id text not null, version bigint not null, period text not null, owner text,
    state text not null, sha256 text not null, total_usd text not null, generated_at text not null,
    primary key (statement_id, version))`,
  `create index statements_period on statements (period, statement_id, version)`,
  `create table statement_mails (
    mail_id text primary key, period text not null, closing bigint not null, owner text,
    receiver text not null, format text not null, state text not null, created_at text not null,
    next_at text not null, attempts bigint not null, last_error text, ended_at text,
    statement_id text, statement_sha256 text)`,
  `create index statement_mails_state on statement_mails (state, next_at)`,
]

export type IssuedVersion = {
  readonly statementId: string
  readonly version: number
  readonly period: string
  readonly owner: Readonly<Record<string, string>> | null
  readonly state: 'draft' | 'final'
  readonly sha256: string
  readonly totalUsd: string
  readonly generatedAt: string
}

export type StatementReads = StatementMailReads & {
  /** The newest version; null: none was issued. */
  readonly latest: (statementId: string) => Promise<IssuedVersion | null>
  /** Oldest first. */
  readonly versions: (statementId: string) => Promise<readonly IssuedVersion[]>
}

export type StatementWrites = StatementReads &
  StatementMailWrites & {
    readonly issue: (version: IssuedVersion) => Promise<void>
  }

export function statementReads(database: Kysely<ControlDatabase>): StatementReads {
  return {
    ...statementMailReads(database),
    async latest(statementId) {
      const row = await database
        .selectFrom('statements')
        .selectAll()
        .where('statement_id', '=', statementId)
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? null : issuedVersion(row)
    },
    async versions(statementId) {
      const rows = await database
        .selectFrom('statements')
        .selectAll()
        .where('statement_id', '=', statementId)
        .orderBy('version')
        .execute()
      return rows.map(issuedVersion)
    },
  }
}

export function statementWrites(transaction: Transaction<ControlDatabase>): StatementWrites {
  return {
    ...statementReads(transaction),
    ...statementMailWrites(transaction),
    async issue(issued) {
      await transaction
        .insertInto('statements')
        .values({
          statement_id: issued.statementId,
          version: issued.version,
          period: issued.period,
          owner: issued.owner === null ? null : JSON.stringify(issued.owner),
          state: issued.state,
          sha256: issued.sha256,
          total_usd: issued.totalUsd,
          generated_at: issued.generatedAt,
        })
        .execute()
    },
  }
}

function issuedVersion(row: StatementsTable): IssuedVersion {
  return {
    statementId: row.statement_id,
    version: row.version,
    period: row.period,
    owner: row.owner === null ? null : (JSON.parse(row.owner) as Readonly<Record<string, string>>),
    state: row.state as IssuedVersion['state'],
    sha256: row.sha256,
    totalUsd: row.total_usd,
    generatedAt: row.generated_at,
  }
}
