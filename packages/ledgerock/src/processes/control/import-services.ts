// Imports of the control plane, put together.

import { randomBytes } from 'node:crypto'
import {
  createImportService,
  type ImportService,
  type ImportServiceDeps,
} from '../../control/imports/imports.ts'
import type { ControlStore } from '../../control/store/control-store.ts'
import { Fault } from '../../kernel/fault.ts'
import { systemClock } from '../../platform/clock.ts'
import type { ControlPlaneDeps } from './control-plane-deps.ts'
import { stagingDirectory } from '../data-layout.ts'

/** How late a recurring import may begin. */
export const IMPORT_TICK_MS = 5_000

export function importServices(
  { config, ledger, logger, nodeId }: ControlPlaneDeps,
  store: ControlStore,
  { outcomes }: Pick<ImportServiceDeps, 'outcomes'>,
  onImported: (periods: readonly string[]) => Promise<void>,
): { readonly imports: ImportService } {
  const imports = createImportService({
    store,
    ledger,
    outcomes,
    clock: systemClock,
    random: (bytes) => randomBytes(bytes),
    nodeId,
    directory: stagingDirectory(config().dataDir),
    rules: () => {
      const { billing, imports: declared } = config()
      const { roots, uploadBytesMax, exchange } = billing
      return { roots, uploadBytesMax, exchange, imports: declared }
    },
    region: () => config().bedrock.defaultRegion,
    onImported,
    onError: (error) => {
      if (error instanceof Fault) return logger.warn({ reason: error.message }, 'import_failed')
      const stack = error instanceof Error ? error.stack : undefined
      logger.warn({ reason: String(error), stack }, 'import_failed')
    },
  })
  return { imports }
}
