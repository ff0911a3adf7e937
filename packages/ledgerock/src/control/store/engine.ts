// What differs between the two databases of the control store, and nothing else: how to connect, and how two starters are kept
// from migrating at once. Everything above this line is written once.

import type { Kysely, Transaction } from 'kysely'
import type { ControlDatabase } from './schema.ts'

export const ENGINE_KINDS = ['sqlite', 'postgres'] as const
export type EngineKind = (typeof ENGINE_KINDS)[number]

export type Engine = {
  readonly kind: EngineKind
  readonly database: Kysely<ControlDatabase>
  /** Held until the transaction ends. */
  readonly lockForMigration: (transaction: Transaction<ControlDatabase>) => Promise<void>
}
