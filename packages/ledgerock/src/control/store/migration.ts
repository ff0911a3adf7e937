// One step of the control store's schema, from the step before.

import type { KeyObject } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { ControlDatabase } from './schema.ts'

export type Migration = {
  readonly name: string
  /** `auditKey` seals the end of the audit trail; null: nothing is sealed. */
  readonly up: (
    transaction: Transaction<ControlDatabase>,
    auditKey: KeyObject | null,
  ) => Promise<void>
}
