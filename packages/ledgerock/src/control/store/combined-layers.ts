// What price documents of a layer were together. It has rate ids that none of them has alone, so it is kept for ever beside them,
// as rows of their table that nobody decides about.

import type { Kysely, Transaction } from 'kysely'
import type { ControlDatabase } from './schema.ts'

export const DOCUMENT_LAYERS = ['learned', 'price_list'] as const
export type DocumentLayer = (typeof DOCUMENT_LAYERS)[number]

export const COMBINED = 'combined'

export type CombinedLayer = {
  readonly documentId: string
  readonly layer: DocumentLayer
  /** JSON: what it was put together from. */
  readonly summary: string
}

export type NewCombinedLayer = CombinedLayer & {
  readonly sha256: string
  readonly content: string
  readonly createdAt: string
  readonly createdBy: string
}

export type CombinedReads = {
  /** Oldest first, without their contents. */
  readonly combined: () => Promise<readonly CombinedLayer[]>
}

export type CombinedWrites = {
  /** The same content has the same id; a second time is nothing new. */
  readonly insertCombined: (combined: NewCombinedLayer) => Promise<void>
}

export function combinedReads(database: Kysely<ControlDatabase>): CombinedReads {
  return {
    async combined() {
      const rows = await database
        .selectFrom('price_documents')
        .select(['document_id', 'layer', 'summary'])
        .where('state', '=', COMBINED)
        .orderBy('created_at')
        .orderBy('document_id')
        .execute()
      return rows.map((row) => ({
        documentId: row.document_id,
        layer: row.layer as DocumentLayer,
        summary: row.summary,
      }))
    },
  }
}

export function combinedWrites(transaction: Transaction<ControlDatabase>): CombinedWrites {
  return {
    async insertCombined(combined) {
      await transaction
        .insertInto('price_documents')
        .values({
          document_id: combined.documentId,
          layer: combined.layer,
          period: null,
          state: COMBINED,
          sha256: combined.sha256,
          summary: combined.summary,
          content: combined.content,
          created_at: combined.createdAt,
          created_by: combined.createdBy,
          decided_at: null,
          decided_by: null,
        })
        .onConflict((conflict) => conflict.column('document_id').doNothing())
        .execute()
    },
  }
}
