// Requests for access to a model: what was asked for, until when, and what became of it. None is ever deleted.

import type { Kysely, Transaction } from 'kysely'
import type { RuleScope } from '../../governance/rule-scope.ts'
import type { AccessRequestsTable, ControlDatabase } from './schema.ts'

/** As it was decided; that its time is over is told by the clock, not kept. */
export const DECISIONS = ['pending', 'approved', 'denied', 'withdrawn'] as const
export type Decision = (typeof DECISIONS)[number]

export type StoredAccessRequest = {
  readonly requestId: string
  /** A base model id, or a pattern of them. */
  readonly model: string
  readonly scope: RuleScope
  readonly until: string
  readonly reason: string
  readonly state: Decision
  readonly askedAt: string
  readonly askedBy: string
  readonly decidedAt: string | null
  readonly decidedBy: string | null
  readonly decisionReason: string | null
}

export type Decided = {
  readonly state: Exclude<Decision, 'pending'>
  readonly at: string
  readonly by: string
  readonly reason: string | null
}

export type AccessRequestReads = {
  /** Newest first. */
  readonly list: () => Promise<readonly StoredAccessRequest[]>
  readonly find: (requestId: string) => Promise<StoredAccessRequest | null>
  /** Approved ones whose time ends after `at`. */
  readonly approvedUntilAfter: (at: string) => Promise<readonly StoredAccessRequest[]>
}

export type AccessRequestWrites = AccessRequestReads & {
  readonly insert: (request: StoredAccessRequest) => Promise<void>
  readonly decide: (requestId: string, decided: Decided) => Promise<void>
}

export function accessRequestReads(database: Kysely<ControlDatabase>): AccessRequestReads {
  return {
    async list() {
      const rows = await database
        .selectFrom('access_requests')
        .selectAll()
        .orderBy('asked_at', 'desc')
        .orderBy('request_id')
        .execute()
      return rows.map(storedRequest)
    },
    async find(requestId) {
      const row = await database
        .selectFrom('access_requests')
        .selectAll()
        .where('request_id', '=', requestId)
        .executeTakeFirst()
      return row === undefined ? null : storedRequest(row)
    },
    async approvedUntilAfter(at) {
      const rows = await database
        .selectFrom('access_requests')
        .selectAll()
        .where('state', '=', 'approved')
        .where('valid_until', '>', at)
        .orderBy('request_id')
        .execute()
      return rows.map(storedRequest)
    },
  }
}

export function accessRequestWrites(
  transaction: Transaction<ControlDatabase>,
): AccessRequestWrites {
  return {
    ...accessRequestReads(transaction),
    async insert(request) {
      await transaction
        .insertInto('access_requests')
        .values({
          request_id: request.requestId,
          model: request.model,
          scope: JSON.stringify(request.scope),
          valid_until: request.until,
          reason: request.reason,
          state: request.state,
          asked_at: request.askedAt,
          asked_by: request.askedBy,
          decided_at: request.decidedAt,
          decided_by: request.decidedBy,
          decision_reason: request.decisionReason,
        })
        .execute()
    },
    async decide(requestId, { state, at, by, reason }) {
      await transaction
        .updateTable('access_requests')
        .set({ state, decided_at: at, decided_by: by, decision_reason: reason })
        .where('request_id', '=', requestId)
        .execute()
    },
  }
}

function storedRequest(row: AccessRequestsTable): StoredAccessRequest {
  return {
    requestId: row.request_id,
    model: row.model,
    scope: JSON.parse(row.scope) as RuleScope,
    until: row.valid_until,
    reason: row.reason,
    state: row.state as Decision,
    askedAt: row.asked_at,
    askedBy: row.asked_by,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    decisionReason: row.decision_reason,
  }
}
