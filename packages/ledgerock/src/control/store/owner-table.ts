// Owners people assign, beside those of the file. An end that was set later stands beside the rule with who set it, and what was
// removed stays, with who did it: a month that was told by a rule can be explained after the rule is gone.

import type { Kysely, Transaction } from 'kysely'
import type { OwnerMatchKey, OwnerRule } from '../../attribution/owner-rule.ts'
import type { ControlDatabase } from './schema.ts'
import type { OwnerRulesTable } from './bill-schema.ts'

export const OWNER_DDL: readonly string[] = [
  `create table owner_rules (
    owner_id text primary key, match_key text not null, pattern text not null, owner text not null,
    valid_from text not null, valid_to text, reason text,
    assigned_at text not null, assigned_by text not null,
    ended_at text, ended_by text, removed_at text, removed_by text)`,
]

export type StoredOwner = OwnerRule & {
  readonly ownerId: string
  readonly from: string
  readonly reason: string | null
  readonly assignedAt: string
  readonly assignedBy: string
  readonly endedAt: string | null
  readonly endedBy: string | null
  readonly removedAt: string | null
  readonly removedBy: string | null
}

export type NewOwner = Omit<StoredOwner, 'endedAt' | 'endedBy' | 'removedAt' | 'removedBy'>

export type AssignedOwnerReads = {
  /** Those that were not removed, whether they hold now or not; in the order in which they were assigned. */
  readonly list: () => Promise<readonly StoredOwner[]>
  /** All there ever were, in that order. */
  readonly all: () => Promise<readonly StoredOwner[]>
}

export type AssignedOwnerWrites = AssignedOwnerReads & {
  readonly insert: (owner: NewOwner) => Promise<void>
  /** From `to` on it holds no more. */
  readonly end: (ownerId: string, to: string, at: string, by: string) => Promise<void>
  readonly remove: (ownerId: string, at: string, by: string) => Promise<void>
}

export function assignedOwnerReads(database: Kysely<ControlDatabase>): AssignedOwnerReads {
  const rows = () =>
    database.selectFrom('owner_rules').selectAll().orderBy('assigned_at').orderBy('owner_id')
  return {
    async list() {
      return (await rows().where('removed_at', 'is', null).execute()).map(storedOwner)
    },
    async all() {
      return (await rows().execute()).map(storedOwner)
    },
  }
}

export function assignedOwnerWrites(
  transaction: Transaction<ControlDatabase>,
): AssignedOwnerWrites {
  const inForce = (ownerId: string) =>
    transaction
      .updateTable('owner_rules')
      .where('owner_id', '=', ownerId)
      .where('removed_at', 'is', null)
  return {
    ...assignedOwnerReads(transaction),
    async insert(owner) {
      const [[key, pattern] = ['principal', '']] = Object.entries(owner.match)
      await transaction
        .insertInto('owner_rules')
        .values({
          owner_id: owner.ownerId,
          match_key: key,
          pattern,
          owner: JSON.stringify(owner.set),
          valid_from: owner.from,
          valid_to: owner.to,
          reason: owner.reason,
          assigned_at: owner.assignedAt,
          assigned_by: owner.assignedBy,
          ended_at: null,
          ended_by: null,
          removed_at: null,
          removed_by: null,
        })
        .execute()
    },
    async end(ownerId, to, at, by) {
      await inForce(ownerId).set({ valid_to: to, ended_at: at, ended_by: by }).execute()
    },
    async remove(ownerId, at, by) {
      await inForce(ownerId).set({ removed_at: at, removed_by: by }).execute()
    },
  }
}

function storedOwner(row: OwnerRulesTable): StoredOwner {
  return {
    ownerId: row.owner_id,
    match: { [row.match_key as OwnerMatchKey]: row.pattern },
    set: JSON.parse(row.owner) as StoredOwner['set'],
    from: row.valid_from,
    to: row.valid_to,
    reason: row.reason,
    assignedAt: row.assigned_at,
    assignedBy: row.assigned_by,
    endedAt: row.ended_at,
    endedBy: row.ended_by,
    removedAt: row.removed_at,
    removedBy: row.removed_by,
  }
}
