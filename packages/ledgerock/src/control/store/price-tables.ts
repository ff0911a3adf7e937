// Prices that came from outside the shipped snapshot: whole documents by layer, and overrides one by one. Nothing is ever
// deleted, because a call in the ledger may name a rate of any of them; what is not in force any more only says so.

import type { Kysely, Transaction } from 'kysely'
import {
  COMBINED,
  combinedReads,
  combinedWrites,
  type DocumentLayer,
  type CombinedReads,
  type CombinedWrites,
} from './combined-layers.ts'
import type { ControlDatabase, PriceDocumentsTable, PriceOverridesTable } from './schema.ts'

/** A proposal waits to be accepted; what is superseded or withdrawn was proposed or in force once. */
export const DOCUMENT_STATES = ['proposed', 'active', 'superseded', 'withdrawn'] as const
export type DocumentState = (typeof DOCUMENT_STATES)[number]

export type StoredDocument = {
  readonly documentId: string
  readonly layer: DocumentLayer
  /** Of learned rates: the month of the bill. */
  readonly period: string | null
  readonly state: DocumentState
  readonly sha256: string
  /** JSON. */
  readonly summary: string
  readonly createdAt: string
  readonly createdBy: string
  readonly decidedAt: string | null
  readonly decidedBy: string | null
}

/** `content` is the document as JSON. */
export type NewDocument = Omit<StoredDocument, 'state' | 'decidedAt' | 'decidedBy'> & {
  readonly content: string
}

export type StoredOverride = {
  readonly overrideId: string
  readonly name: string
  /** `file`: it was in force through the configuration file, which alone says whether it still is. */
  readonly origin: 'file' | 'api'
  /** JSON: the override itself. */
  readonly terms: string
  readonly setAt: string
  readonly setBy: string
  readonly removedAt: string | null
  readonly removedBy: string | null
}

export type PriceReads = CombinedReads & {
  /** Oldest first, without their contents. */
  readonly documents: () => Promise<readonly StoredDocument[]>
  /** Of a document or a combined layer. */
  readonly content: (documentId: string) => Promise<string | null>
  /** Every override there ever was, by name and then by time. */
  readonly overrides: () => Promise<readonly StoredOverride[]>
  /** Names what is in force in the store: another text, other prices. Cheap. */
  readonly fingerprint: () => Promise<string>
}

export type PriceWrites = PriceReads &
  CombinedWrites & {
    readonly insertDocument: (document: NewDocument, state: DocumentState) => Promise<void>
    readonly decideDocument: (
      documentId: string,
      state: DocumentState,
      at: string,
      by: string,
    ) => Promise<void>
    /** The same terms have the same id for ever: setting them again brings the override back. */
    readonly setOverride: (
      override: Omit<StoredOverride, 'removedAt' | 'removedBy'>,
    ) => Promise<void>
    readonly removeOverride: (overrideId: string, at: string, by: string) => Promise<void>
  }

export function priceReads(database: Kysely<ControlDatabase>): PriceReads {
  return {
    ...combinedReads(database),
    async documents() {
      const rows = await database
        .selectFrom('price_documents')
        .select([
          'document_id',
          'layer',
          'period',
          'state',
          'sha256',
          'summary',
          'created_at',
          'created_by',
          'decided_at',
          'decided_by',
        ])
        .where('state', '!=', COMBINED)
        .orderBy('created_at')
        .orderBy('document_id')
        .execute()
      return rows.map(storedDocument)
    },
    async content(documentId) {
      const row = await database
        .selectFrom('price_documents')
        .select('content')
        .where('document_id', '=', documentId)
        .executeTakeFirst()
      return row?.content ?? null
    },
    async overrides() {
      const rows = await database
        .selectFrom('price_overrides')
        .selectAll()
        .orderBy('name')
        .orderBy('set_at')
        .orderBy('override_id')
        .execute()
      return rows.map(storedOverride)
    },
    async fingerprint() {
      const documents = await database
        .selectFrom('price_documents')
        .select('document_id')
        .where('state', '=', 'active')
        .orderBy('document_id')
        .execute()
      const overrides = await database
        .selectFrom('price_overrides')
        .select('override_id')
        .where('removed_at', 'is', null)
        .where('origin', '=', 'api')
        .orderBy('override_id')
        .execute()
      const ids = [...documents.map((row) => row.document_id), '|']
      return [...ids, ...overrides.map((row) => row.override_id)].join(' ')
    },
  }
}

export function priceWrites(transaction: Transaction<ControlDatabase>): PriceWrites {
  return {
    ...priceReads(transaction),
    ...combinedWrites(transaction),
    async insertDocument(document, state) {
      const decided = state === 'proposed' ? null : document
      await transaction
        .insertInto('price_documents')
        .values({
          document_id: document.documentId,
          layer: document.layer,
          period: document.period,
          state,
          sha256: document.sha256,
          summary: document.summary,
          content: document.content,
          created_at: document.createdAt,
          created_by: document.createdBy,
          decided_at: decided?.createdAt ?? null,
          decided_by: decided?.createdBy ?? null,
        })
        .execute()
    },
    async decideDocument(documentId, state, at, by) {
      await transaction
        .updateTable('price_documents')
        .set({ state, decided_at: at, decided_by: by })
        .where('document_id', '=', documentId)
        .execute()
    },
    async setOverride(override) {
      const set = { set_at: override.setAt, set_by: override.setBy }
      await transaction
        .insertInto('price_overrides')
        .values({
          override_id: override.overrideId,
          name: override.name,
          origin: override.origin,
          terms: override.terms,
          ...set,
          removed_at: null,
          removed_by: null,
        })
        .onConflict((conflict) =>
          conflict
            .column('override_id')
            .doUpdateSet({ ...set, terms: override.terms, removed_at: null, removed_by: null }),
        )
        .execute()
    },
    async removeOverride(overrideId, at, by) {
      await transaction
        .updateTable('price_overrides')
        .set({ removed_at: at, removed_by: by })
        .where('override_id', '=', overrideId)
        .execute()
    },
  }
}

function storedDocument(row: Omit<PriceDocumentsTable, 'content'>): StoredDocument {
  return {
    documentId: row.document_id,
    layer: row.layer as DocumentLayer,
    period: row.period,
    state: row.state as DocumentState,
    sha256: row.sha256,
    summary: row.summary,
    createdAt: row.created_at,
    createdBy: row.created_by,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
  }
}

function storedOverride(row: PriceOverridesTable): StoredOverride {
  return {
    overrideId: row.override_id,
    name: row.name,
    origin: row.origin as StoredOverride['origin'],
    terms: row.terms,
    setAt: row.set_at,
    setBy: row.set_by,
    removedAt: row.removed_at,
    removedBy: row.removed_by,
  }
}
