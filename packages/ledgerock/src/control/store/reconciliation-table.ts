// Reports of reconciled months: of each month and view the newest, with what it was worked out from.

import type { Kysely, Transaction } from 'kysely'
import type { ControlDatabase } from './schema.ts'

export const RECONCILIATION_DDL: readonly string[] = [
  `create table reconciliations (
    period text not null, cost text not null, standing text not null, inputs_hash text not null,
    report text not null, made_at text not null, made_by text not null,
    primary key (period, cost))`,
]

export type StoredReport = {
  readonly period: string
  readonly cost: string
  /** Names all that decided it but the lines themselves. */
  readonly standing: string
  readonly inputsHash: string
  readonly report: string
  readonly madeAt: string
  readonly madeBy: string
}

export type ReconciliationReads = {
  readonly newest: (period: string, cost: string) => Promise<StoredReport | null>
}

export type ReconciliationWrites = ReconciliationReads & {
  readonly keep: (report: StoredReport) => Promise<void>
}

export function reconciliationReads(database: Kysely<ControlDatabase>): ReconciliationReads {
  return {
    async newest(period, cost) {
      const row = await database
        .selectFrom('reconciliations')
        .selectAll()
        .where('period', '=', period)
        .where('cost', '=', cost)
        .executeTakeFirst()
      if (row === undefined) return null
      const { standing, report, inputs_hash: inputsHash, made_at: madeAt, made_by: madeBy } = row
      return { period, cost, standing, inputsHash, report, madeAt, madeBy }
    },
  }
}

export function reconciliationWrites(
  transaction: Transaction<ControlDatabase>,
): ReconciliationWrites {
  return {
    ...reconciliationReads(transaction),
    async keep({ period, cost, standing, inputsHash, report, madeAt, madeBy }) {
      const said = {
        standing,
        report,
        inputs_hash: inputsHash,
        made_at: madeAt,
        made_by: madeBy,
      }
      await transaction
        .insertInto('reconciliations')
        .values({ period, cost, ...said })
        .onConflict((conflict) => conflict.columns(['period', 'cost']).doUpdateSet(said))
        .execute()
    },
  }
}
