// Pauses: whose calls are refused, since when, by whom and why. One that was resumed stays, for those who ask later.

import type { Kysely, Transaction } from 'kysely'
import type { RuleScope } from '../../governance/rule-scope.ts'
import type { Role } from '../people/roles.ts'
import type { ControlDatabase, PausesTable } from './schema.ts'

export type StoredPause = {
  readonly pauseId: string
  readonly scope: RuleScope
  readonly reason: string | null
  readonly pausedAt: string
  readonly pausedBy: string
  readonly pausedByRole: Role
}

export type PauseReads = {
  /** Oldest first. */
  readonly inForce: () => Promise<readonly StoredPause[]>
}

export type PauseWrites = PauseReads & {
  readonly insert: (pause: StoredPause) => Promise<void>
  readonly resume: (pauseId: string, at: string, by: string) => Promise<void>
}

export function pauseReads(database: Kysely<ControlDatabase>): PauseReads {
  return {
    async inForce() {
      const rows = await database
        .selectFrom('pauses')
        .selectAll()
        .where('resumed_at', 'is', null)
        .orderBy('paused_at')
        .orderBy('pause_id')
        .execute()
      return rows.map(storedPause)
    },
  }
}

export function pauseWrites(transaction: Transaction<ControlDatabase>): PauseWrites {
  return {
    ...pauseReads(transaction),
    async insert(pause) {
      await transaction
        .insertInto('pauses')
        .values({
          pause_id: pause.pauseId,
          scope: JSON.stringify(pause.scope),
          reason: pause.reason,
          paused_at: pause.pausedAt,
          paused_by: pause.pausedBy,
          paused_by_role: pause.pausedByRole,
          resumed_at: null,
          resumed_by: null,
        })
        .execute()
    },
    async resume(pauseId, at, by) {
      await transaction
        .updateTable('pauses')
        .set({ resumed_at: at, resumed_by: by })
        .where('pause_id', '=', pauseId)
        .where('resumed_at', 'is', null)
        .execute()
    },
  }
}

function storedPause(row: PausesTable): StoredPause {
  return {
    pauseId: row.pause_id,
    scope: JSON.parse(row.scope) as RuleScope,
    reason: row.reason,
    pausedAt: row.paused_at,
    pausedBy: row.paused_by,
    pausedByRole: row.paused_by_role as Role,
  }
}
