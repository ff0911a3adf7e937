// The counter behind policy snapshots and the history of what was published: a call's `policy_version` is one of these. A
// position is taken durably before the policy that carries it leaves the process, so no two policies ever share one.

import type { Kysely, Transaction } from 'kysely'
import type { ControlDatabase } from './schema.ts'

export type PublishedPolicy = {
  readonly epoch: number
  readonly version: number
  readonly publishedAt: string
  /** Of the policy's content without its position and time: the same content needs no new version. */
  readonly contentSha256: string
}

export type PolicyReads = { readonly latest: () => Promise<PublishedPolicy | null> }

export type PolicyWrites = PolicyReads & {
  readonly insert: (published: PublishedPolicy) => Promise<void>
}

export function policyReads(database: Kysely<ControlDatabase>): PolicyReads {
  return {
    async latest() {
      const row = await database
        .selectFrom('policy_versions')
        .selectAll()
        .orderBy('epoch', 'desc')
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (row === undefined) return null
      return {
        epoch: row.epoch,
        version: row.version,
        publishedAt: row.published_at,
        contentSha256: row.content_sha256,
      }
    },
  }
}

export function policyWrites(transaction: Transaction<ControlDatabase>): PolicyWrites {
  return {
    ...policyReads(transaction),
    async insert(published) {
      await transaction
        .insertInto('policy_versions')
        .values({
          epoch: published.epoch,
          version: published.version,
          published_at: published.publishedAt,
          content_sha256: published.contentSha256,
        })
        .execute()
    },
  }
}
