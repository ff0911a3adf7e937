// What was granted of budgets, to whom, and what each counter holds besides. Rows carry a revision that grows with every change, so
// that a node keeps a copy of all that counts and reads only what changed since. Amounts are digits: they outgrow 64 bits.

import { sql, type Kysely, type Transaction } from 'kysely'
import { LEASE_STATES, type InstanceName, type Lease } from '../../governance/budget/lease.ts'
import type { BudgetInstancesTable, BudgetLeasesTable, ControlDatabase } from './schema.ts'
import { standingOf, type StandingSource, type StoreStanding } from './store-standing.ts'

export type StoredLease = Lease & { readonly nodeId: string }

export type StoredInstance = InstanceName & {
  /** Exclusive; null: never ends, or not known here. */
  readonly toMs: number | null
  /** What the ledger has that no lease in the table stands for; null: nobody has asked it yet. */
  readonly other: bigint | null
  readonly carried: bigint
  /** Grows with each recall of idle balance. */
  readonly recalls: number
  /** Grows whenever closed leases became part of `other` and went away: who keeps a copy reads the instance's leases anew. */
  readonly folded: number
  /** When a call was first refused under this limit or a higher one, for want of what was left; null: none was. */
  readonly refused: { readonly atMs: number; readonly limit: bigint } | null
}

export type Revised<Row> = Row & { readonly revision: number }

export type StoredNode = {
  readonly nodeId: string
  /** Another number each time: who looks sees that the node lives, whatever its clock says. */
  readonly beat: number
  /** The database the node has last laid its leases before; see `StoreStanding`. */
  readonly identity: string
  /** Holders the node has heard of just now. */
  readonly heard: readonly string[]
}

export type LeaseReads = {
  readonly revision: () => Promise<number>
  readonly instancesSince: (revision: number) => Promise<readonly Revised<StoredInstance>[]>
  readonly leasesSince: (revision: number) => Promise<readonly Revised<StoredLease>[]>
  readonly leasesOf: (instances: readonly string[]) => Promise<readonly StoredLease[]>
  readonly nodes: () => Promise<readonly StoredNode[]>
  readonly standing: () => Promise<StoreStanding>
}

export type LeaseWrites = LeaseReads & {
  /** Another one than any before, also than `floor`: what a failover lost was numbered too. */
  readonly nextRevision: (floor: number) => Promise<number>
  readonly putInstances: (rows: readonly Revised<StoredInstance>[]) => Promise<void>
  readonly putLeases: (rows: readonly Revised<StoredLease>[]) => Promise<void>
  readonly removeLeases: (instance: string, holders: readonly string[]) => Promise<void>
  readonly removeInstances: (instances: readonly string[]) => Promise<void>
  /**
   * Nobody knows any more what the budget's counters hold besides leases: for a time it counted no calls, or others. They are `folded`
   * too, so that an answer of the ledger that is on its way is not taken for one about the budget as it is now.
   */
  readonly unask: (budget: string) => Promise<void>
  readonly putNode: (node: StoredNode) => Promise<void>
  readonly removeNode: (nodeId: string) => Promise<void>
}

/** So many rows a statement: far below what either database allows of parameters. */
const ROWS_MAX = 500

export function leaseReads(database: Kysely<ControlDatabase>, source: StandingSource): LeaseReads {
  return {
    async revision() {
      const row = await database
        .selectFrom('budget_revision')
        .select('revision')
        .executeTakeFirstOrThrow()
      return row.revision
    },
    async instancesSince(revision) {
      const rows = await database
        .selectFrom('budget_instances')
        .selectAll()
        .where('revision', '>', revision)
        .execute()
      return rows.map(instanceOf)
    },
    async leasesSince(revision) {
      const rows = await database
        .selectFrom('budget_leases')
        .selectAll()
        .where('revision', '>', revision)
        .execute()
      return rows.map(leaseOf)
    },
    async leasesOf(instances) {
      const found: StoredLease[] = []
      for (const some of chunks(instances)) {
        const rows = await database
          .selectFrom('budget_leases')
          .selectAll()
          .where('instance', 'in', [...some])
          .execute()
        found.push(...rows.map(leaseOf))
      }
      return found
    },
    async nodes() {
      const rows = await database
        .selectFrom('budget_nodes')
        .selectAll()
        .orderBy('node_id')
        .execute()
      return rows.map(({ node_id, beat, identity, heard }) => ({
        nodeId: node_id,
        beat,
        identity,
        heard: JSON.parse(heard) as string[],
      }))
    },
    standing: () => standingOf(database, source),
  }
}

export function leaseWrites(
  transaction: Transaction<ControlDatabase>,
  source: StandingSource,
): LeaseWrites {
  const reads = leaseReads(transaction, source)
  return {
    ...reads,
    async nextRevision(floor) {
      const revision = Math.max(await reads.revision(), floor) + 1
      await transaction.updateTable('budget_revision').set({ revision }).execute()
      return revision
    },
    async putInstances(rows) {
      for (const some of chunks(rows)) {
        await transaction
          .insertInto('budget_instances')
          .values(some.map(instanceRow))
          .onConflict((conflict) => conflict.column('instance').doUpdateSet(INSTANCE_CHANGES))
          .execute()
      }
    },
    async putLeases(rows) {
      for (const some of chunks(rows)) {
        await transaction
          .insertInto('budget_leases')
          .values(some.map(leaseRow))
          .onConflict((conflict) =>
            conflict.columns(['instance', 'holder']).doUpdateSet(LEASE_CHANGES),
          )
          .execute()
      }
    },
    async removeLeases(instance, holders) {
      for (const some of chunks(holders)) {
        await transaction
          .deleteFrom('budget_leases')
          .where('instance', '=', instance)
          .where('holder', 'in', [...some])
          .execute()
      }
    },
    async removeInstances(instances) {
      for (const some of chunks(instances)) {
        await transaction
          .deleteFrom('budget_leases')
          .where('instance', 'in', [...some])
          .execute()
        await transaction
          .deleteFrom('budget_instances')
          .where('instance', 'in', [...some])
          .execute()
      }
    },
    unask: (budget) => unask(transaction, reads, budget),
    async putNode({ nodeId, beat, identity, heard }) {
      const said = { beat, identity, heard: JSON.stringify(heard) }
      await transaction
        .insertInto('budget_nodes')
        .values({ node_id: nodeId, ...said })
        .onConflict((conflict) => conflict.column('node_id').doUpdateSet(said))
        .execute()
    },
    async removeNode(nodeId) {
      await transaction.deleteFrom('budget_nodes').where('node_id', '=', nodeId).execute()
    },
  }
}

async function unask(
  transaction: Transaction<ControlDatabase>,
  reads: Pick<LeaseReads, 'revision'>,
  budget: string,
): Promise<void> {
  const revision = (await reads.revision()) + 1
  const { numUpdatedRows } = await transaction
    .updateTable('budget_instances')
    .set(({ eb }) => ({
      other: null,
      folded: eb('folded', '+', 1),
      refused_at_ms: null,
      refused_limit: null,
      revision,
    }))
    .where('budget', '=', budget)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return
  await transaction.updateTable('budget_revision').set({ revision }).execute()
}

/** What changes of a row, as the one that was to be inserted has it; the rest is its name. */
const INSTANCE_CHANGES = {
  to_ms: sql<number | null>`excluded.to_ms`,
  other: sql<string | null>`excluded.other`,
  carried: sql<string>`excluded.carried`,
  recalls: sql<number>`excluded.recalls`,
  folded: sql<number>`excluded.folded`,
  refused_at_ms: sql<number | null>`excluded.refused_at_ms`,
  refused_limit: sql<string | null>`excluded.refused_limit`,
  revision: sql<number>`excluded.revision`,
}
const LEASE_CHANGES = {
  node_id: sql<string>`excluded.node_id`,
  granted: sql<string>`excluded.granted`,
  returned: sql<string>`excluded.returned`,
  settled: sql<string>`excluded.settled`,
  reserved: sql<string>`excluded.reserved`,
  bare: sql<number>`excluded.bare`,
  state: sql<string>`excluded.state`,
  revision: sql<number>`excluded.revision`,
}

function* chunks<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += ROWS_MAX) {
    yield rows.slice(start, start + ROWS_MAX)
  }
}

function instanceOf(row: BudgetInstancesTable): Revised<StoredInstance> {
  return {
    instance: row.instance,
    budget: row.budget,
    counter: row.counter,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    other: row.other === null ? null : BigInt(row.other),
    carried: BigInt(row.carried),
    recalls: row.recalls,
    folded: row.folded,
    refused:
      row.refused_at_ms === null || row.refused_limit === null
        ? null
        : { atMs: row.refused_at_ms, limit: BigInt(row.refused_limit) },
    revision: row.revision,
  }
}

function instanceRow(row: Revised<StoredInstance>): BudgetInstancesTable {
  return {
    instance: row.instance,
    budget: row.budget,
    counter: row.counter,
    from_ms: row.fromMs,
    to_ms: row.toMs,
    other: row.other === null ? null : String(row.other),
    carried: String(row.carried),
    recalls: row.recalls,
    folded: row.folded,
    refused_at_ms: row.refused?.atMs ?? null,
    refused_limit: row.refused === null ? null : String(row.refused.limit),
    revision: row.revision,
  }
}

function leaseOf(row: BudgetLeasesTable): Revised<StoredLease> {
  return {
    instance: row.instance,
    holder: row.holder,
    nodeId: row.node_id,
    granted: BigInt(row.granted),
    returned: BigInt(row.returned),
    settled: BigInt(row.settled),
    reserved: BigInt(row.reserved),
    bare: row.bare === 1,
    // A state this version does not know counts as what nobody can say anything of.
    state: LEASE_STATES.find((state) => state === row.state) ?? 'lost',
    revision: row.revision,
  }
}

function leaseRow(row: Revised<StoredLease>): BudgetLeasesTable {
  return {
    instance: row.instance,
    holder: row.holder,
    node_id: row.nodeId,
    granted: String(row.granted),
    returned: String(row.returned),
    settled: String(row.settled),
    reserved: String(row.reserved),
    bare: row.bare ? 1 : 0,
    state: row.state,
    revision: row.revision,
  }
}
