// What each node uses of the limits, so that nodes on one store share them. A row per node, replaced every second; it says nothing
// that outlives its node, so it is not in the audit trail.

import type { Kysely, Transaction } from 'kysely'
import type { NodeClaims } from '../../governance/limit/node-claims.ts'
import type { ControlDatabase } from './schema.ts'

export type StoredClaims = {
  readonly nodeId: string
  /** Another number each time the node says so: who looks sees that it lives, whatever its clock says. */
  readonly beat: number
  readonly claims: NodeClaims
}

export type LimitClaimReads = { readonly all: () => Promise<readonly StoredClaims[]> }

export type LimitClaimWrites = LimitClaimReads & {
  readonly put: (claims: StoredClaims) => Promise<void>
  readonly remove: (nodeId: string) => Promise<void>
}

export function limitClaimReads(database: Kysely<ControlDatabase>): LimitClaimReads {
  return {
    async all() {
      const rows = await database
        .selectFrom('limit_claims')
        .selectAll()
        .orderBy('node_id')
        .execute()
      return rows.map(({ node_id, beat, claims }) => ({
        nodeId: node_id,
        beat,
        claims: JSON.parse(claims) as NodeClaims,
      }))
    },
  }
}

export function limitClaimWrites(transaction: Transaction<ControlDatabase>): LimitClaimWrites {
  return {
    ...limitClaimReads(transaction),
    async put({ nodeId, beat, claims }) {
      const said = { beat, claims: JSON.stringify(claims) }
      await transaction
        .insertInto('limit_claims')
        .values({ node_id: nodeId, ...said })
        .onConflict((conflict) => conflict.column('node_id').doUpdateSet(said))
        .execute()
    },
    async remove(nodeId) {
      await transaction.deleteFrom('limit_claims').where('node_id', '=', nodeId).execute()
    },
  }
}
