// Pools of shared costs people make, beside those of the file; what was replaced stays, with who did it.

import type { Kysely, Transaction } from 'kysely'
import type { DeclaredPool } from '../../reconciliation/declared-pool.ts'
import type { ControlDatabase } from './schema.ts'

export const POOL_DDL: readonly string[] = [
  `create table pools (
    pool_id text primary key, name text not null, terms text not null, set_at text not null,
    set_by text not null, removed_at text, removed_by text)`,
]

export type StoredPool = {
  readonly poolId: string
  readonly pool: DeclaredPool
  readonly setAt: string
  readonly setBy: string
}

export type PoolReads = {
  /** By name, then by time. */
  readonly inForce: () => Promise<readonly StoredPool[]>
}

export type PoolWrites = PoolReads & {
  readonly insert: (pool: StoredPool) => Promise<void>
  readonly remove: (poolId: string, at: string, by: string) => Promise<void>
}

export function poolReads(database: Kysely<ControlDatabase>): PoolReads {
  return {
    async inForce() {
      const rows = await database
        .selectFrom('pools')
        .selectAll()
        .where('removed_at', 'is', null)
        .execute()
      // Not by the database: its collation may be another on each engine.
      return rows
        .map((row) => ({
          poolId: row.pool_id,
          pool: JSON.parse(row.terms) as DeclaredPool,
          setAt: row.set_at,
          setBy: row.set_by,
        }))
        .toSorted(({ pool: left }, { pool: right }) => {
          if (left.name !== right.name) return left.name < right.name ? -1 : 1
          return (left.fromMs ?? -Infinity) - (right.fromMs ?? -Infinity)
        })
    },
  }
}

export function poolWrites(transaction: Transaction<ControlDatabase>): PoolWrites {
  return {
    ...poolReads(transaction),
    async insert({ poolId, pool, setAt, setBy }) {
      await transaction
        .insertInto('pools')
        .values({
          pool_id: poolId,
          name: pool.name,
          terms: JSON.stringify(pool),
          set_at: setAt,
          set_by: setBy,
          removed_at: null,
          removed_by: null,
        })
        .execute()
    },
    async remove(poolId, at, by) {
      await transaction
        .updateTable('pools')
        .set({ removed_at: at, removed_by: by })
        .where('pool_id', '=', poolId)
        .where('removed_at', 'is', null)
        .execute()
    },
  }
}
