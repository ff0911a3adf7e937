// The steps of the control store that came with the bill, one for each concern; their tables stand beside the code that reads them.

import { IMPORT_DDL } from './import-table.ts'
import type { Migration } from './migration.ts'
import { runDdl } from './run-ddl.ts'
import { OWNER_DDL } from './owner-table.ts'
import { PERIOD_DDL } from './period-tables.ts'
import { POOL_DDL } from './pool-table.ts'
import { RECONCILIATION_DDL } from './reconciliation-table.ts'
import { STATEMENT_DDL } from './statement-table.ts'

const step = (name: string, ddl: readonly string[]): Migration => ({
  name,
  up: (transaction) => runDdl(transaction, ...ddl),
})

export const BILL_MIGRATIONS: readonly Migration[] = [
  step('imports', IMPORT_DDL),
  step('owners people assign', OWNER_DDL),
  step('pools people make', POOL_DDL),
  step('billing periods', PERIOD_DDL),
  step('statements', STATEMENT_DDL),
  step('reports of reconciled months', RECONCILIATION_DDL),
]
