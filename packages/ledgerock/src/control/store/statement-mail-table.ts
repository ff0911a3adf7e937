// Mails with statements that are still to be sent, and what became of the others. The id of a mail says what it is about, so that one
// closing is mailed to one receiver once, whoever notices it and however often. Whoever sends a mail takes it for a while first, so that
// two nodes do not send it both.

import type { Kysely, Transaction } from 'kysely'
import type { ControlDatabase } from './schema.ts'
import type { StatementMailsTable } from './bill-schema.ts'

export const STATEMENT_MAIL_STATES = ['pending', 'delivered', 'dropped'] as const
export type StatementMailState = (typeof STATEMENT_MAIL_STATES)[number]

export type StoredStatementMail = {
  readonly mailId: string
  readonly period: string
  /** The number of the closing that is told. */
  readonly closing: number
  readonly owner: Readonly<Record<string, string>> | null
  /** Name of a sink, or an address. */
  readonly receiver: string
  readonly format: string
  readonly state: StatementMailState
  readonly createdAt: string
  readonly nextAt: string
  readonly attempts: number
  readonly lastError: string | null
  readonly endedAt: string | null
  /** What was sent. */
  readonly statementId: string | null
  readonly statementSha256: string | null
}

export type StatementMailReads = {
  readonly mailsDue: (at: string, limit: number) => Promise<readonly StoredStatementMail[]>
  /** Newest first; null: of all periods. */
  readonly mails: (
    period: string | null,
    limit: number,
    offset: number,
  ) => Promise<readonly StoredStatementMail[]>
  readonly findMail: (mailId: string) => Promise<StoredStatementMail | null>
}

export type StatementMailWrites = {
  /** Those that are there already stay as they are. */
  readonly enqueueMails: (mails: readonly StoredStatementMail[]) => Promise<void>
  /** False where somebody else took it, or it is over. */
  readonly takeMail: (mailId: string, nextAt: string, until: string) => Promise<boolean>
  readonly postponeMail: (
    mailId: string,
    next: { readonly at: string; readonly attempts: number; readonly error: string },
  ) => Promise<void>
  readonly endMail: (
    mailId: string,
    end: Pick<StoredStatementMail, 'lastError' | 'statementId' | 'statementSha256'> & {
      readonly state: Exclude<StatementMailState, 'pending'>
      readonly at: string
    },
  ) => Promise<void>
}

export function statementMailReads(database: Kysely<ControlDatabase>): StatementMailReads {
  return {
    async mailsDue(at, limit) {
      const rows = await database
        .selectFrom('statement_mails')
        .selectAll()
        .where('state', '=', 'pending')
        .where('next_at', '<=', at)
        .orderBy('attempts')
        .orderBy('created_at')
        .orderBy('mail_id')
        .limit(limit)
        .execute()
      return rows.map(storedMail)
    },
    async mails(period, limit, offset) {
      let query = database
        .selectFrom('statement_mails')
        .selectAll()
        .orderBy('created_at', 'desc')
        .orderBy('mail_id')
        .limit(limit)
        .offset(offset)
      if (period !== null) query = query.where('period', '=', period)
      return (await query.execute()).map(storedMail)
    },
    async findMail(mailId) {
      const row = await database
        .selectFrom('statement_mails')
        .selectAll()
        .where('mail_id', '=', mailId)
        .executeTakeFirst()
      return row === undefined ? null : storedMail(row)
    },
  }
}

export function statementMailWrites(
  transaction: Transaction<ControlDatabase>,
): StatementMailWrites {
  return {
    async enqueueMails(mails) {
      if (mails.length === 0) return
      await transaction
        .insertInto('statement_mails')
        .values(mails.map(mailRow))
        .onConflict((conflict) => conflict.column('mail_id').doNothing())
        .execute()
    },
    async takeMail(mailId, nextAt, until) {
      const { numUpdatedRows: updated } = await transaction
        .updateTable('statement_mails')
        .set({ next_at: until })
        .where('mail_id', '=', mailId)
        .where('next_at', '=', nextAt)
        .where('state', '=', 'pending')
        .executeTakeFirst()
      return updated > 0n
    },
    async postponeMail(mailId, { at, attempts, error }) {
      await transaction
        .updateTable('statement_mails')
        .set({ next_at: at, attempts, last_error: error })
        .where('mail_id', '=', mailId)
        .where('state', '=', 'pending')
        .execute()
    },
    async endMail(mailId, { state, at, lastError, statementId, statementSha256 }) {
      await transaction
        .updateTable('statement_mails')
        .set({
          state,
          ended_at: at,
          last_error: lastError,
          statement_id: statementId,
          statement_sha256: statementSha256,
        })
        .where('mail_id', '=', mailId)
        .where('state', '=', 'pending')
        .execute()
    },
  }
}

function mailRow(mail: StoredStatementMail): StatementMailsTable {
  return {
    mail_id: mail.mailId,
    period: mail.period,
    closing: mail.closing,
    owner: mail.owner === null ? null : JSON.stringify(mail.owner),
    receiver: mail.receiver,
    format: mail.format,
    state: mail.state,
    created_at: mail.createdAt,
    next_at: mail.nextAt,
    attempts: mail.attempts,
    last_error: mail.lastError,
    ended_at: mail.endedAt,
    statement_id: mail.statementId,
    statement_sha256: mail.statementSha256,
  }
}

function storedMail(row: StatementMailsTable): StoredStatementMail {
  return {
    mailId: row.mail_id,
    period: row.period,
    closing: row.closing,
    owner: row.owner === null ? null : (JSON.parse(row.owner) as Readonly<Record<string, string>>),
    receiver: row.receiver,
    format: row.format,
    state: row.state as StatementMailState,
    createdAt: row.created_at,
    nextAt: row.next_at,
    attempts: row.attempts,
    lastError: row.last_error,
    endedAt: row.ended_at,
    statementId: row.statement_id,
    statementSha256: row.statement_sha256,
  }
}
