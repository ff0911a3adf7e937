// Requests for more of a budget, once: how much, until when, and what became of it. None is ever deleted. The amount is kept in the
// unit the budget had when it was asked for, so that a budget counted otherwise since is not given a number of something else.

import type { Kysely, Transaction } from 'kysely'
import type { BudgetUnit } from '../../governance/budget/budget.ts'
import type { RuleScope } from '../../governance/rule-scope.ts'
import type { Decided, Decision } from './access-request-table.ts'
import type { BudgetRequestsTable, ControlDatabase } from './schema.ts'

/** The column came before a reason could be left out. */
const NOT_SAID = ''

export type StoredBudgetRequest = {
  readonly requestId: string
  /** The budget's name. */
  readonly budget: string
  readonly unit: BudgetUnit
  /** In the unit: picodollars or tokens, digits. */
  readonly amount: string
  /** Of the dimension the budget counts `per`; null: every counter. */
  readonly counter: string | null
  /** Whose calls it is for: the budget's scope when it was asked for, and the counter. */
  readonly scope: RuleScope
  readonly until: string
  readonly carryOver: boolean
  readonly reason: string | null
  readonly state: Decision
  readonly askedAt: string
  readonly askedBy: string
  readonly decidedAt: string | null
  readonly decidedBy: string | null
  readonly decisionReason: string | null
}

export type BudgetRequestReads = {
  /** Newest first. */
  readonly list: () => Promise<readonly StoredBudgetRequest[]>
  readonly find: (requestId: string) => Promise<StoredBudgetRequest | null>
  /** Approved ones whose time ends after `at`. */
  readonly approvedUntilAfter: (at: string) => Promise<readonly StoredBudgetRequest[]>
}

export type BudgetRequestWrites = BudgetRequestReads & {
  readonly insert: (request: StoredBudgetRequest) => Promise<void>
  readonly decide: (requestId: string, decided: Decided) => Promise<void>
}

export function budgetRequestReads(database: Kysely<ControlDatabase>): BudgetRequestReads {
  return {
    async list() {
      const rows = await database
        .selectFrom('budget_requests')
        .selectAll()
        .orderBy('asked_at', 'desc')
        .orderBy('request_id')
        .execute()
      return rows.map(storedRequest)
    },
    async find(requestId) {
      const row = await database
        .selectFrom('budget_requests')
        .selectAll()
        .where('request_id', '=', requestId)
        .executeTakeFirst()
      return row === undefined ? null : storedRequest(row)
    },
    async approvedUntilAfter(at) {
      const rows = await database
        .selectFrom('budget_requests')
        .selectAll()
        .where('state', '=', 'approved')
        .where('valid_until', '>', at)
        .orderBy('request_id')
        .execute()
      return rows.map(storedRequest)
    },
  }
}

export function budgetRequestWrites(
  transaction: Transaction<ControlDatabase>,
): BudgetRequestWrites {
  return {
    ...budgetRequestReads(transaction),
    async insert(request) {
      await transaction
        .insertInto('budget_requests')
        .values({
          request_id: request.requestId,
          budget: request.budget,
          unit: request.unit,
          amount: request.amount,
          counter: request.counter,
          scope: JSON.stringify(request.scope),
          valid_until: request.until,
          carry_over: request.carryOver ? 1 : 0,
          reason: request.reason ?? NOT_SAID,
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
        .updateTable('budget_requests')
        .set({ state, decided_at: at, decided_by: by, decision_reason: reason })
        .where('request_id', '=', requestId)
        .execute()
    },
  }
}

function storedRequest(row: BudgetRequestsTable): StoredBudgetRequest {
  return {
    requestId: row.request_id,
    budget: row.budget,
    unit: row.unit as BudgetUnit,
    amount: row.amount,
    counter: row.counter,
    scope: JSON.parse(row.scope) as RuleScope,
    until: row.valid_until,
    carryOver: row.carry_over === 1,
    reason: row.reason === NOT_SAID ? null : row.reason,
    state: row.state as Decision,
    askedAt: row.asked_at,
    askedBy: row.asked_by,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    decisionReason: row.decision_reason,
  }
}
