// The master key of this installation, as every process that needs it opens it: the operator's, or the one in the data
// directory.

import { randomBytes } from 'node:crypto'
import type { Config } from '../config.ts'
import { openMasterKey, type MasterKey } from '../platform/master-key.ts'
import { masterKeyFile } from './data-layout.ts'

/** Makes the file where there is neither. @throws what `openMasterKey` throws */
export function configuredMasterKey(config: Config): MasterKey {
  return openMasterKey({
    given: config.masterKey?.reveal() ?? null,
    path: masterKeyFile(config.dataDir),
    random: (bytes) => randomBytes(bytes),
  })
}
