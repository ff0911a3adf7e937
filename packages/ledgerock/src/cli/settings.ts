// The configuration as commands load it; its faults end the command with exit code 2, each on a line of its own.

import {
  clientSettings,
  faultText,
  loadConfig,
  loadRules,
  type ClientSettings,
  type Config,
  type ConfigFault,
} from '../config.ts'
import type { writtenRules } from '../config/check/candidate-rules.ts'
import type { CliIo } from './cli-io.ts'
import { wrongUsage, type CommandError } from './command-error.ts'
import type { GlobalOptions } from './global-options.ts'

export function mustLoadConfig(
  io: CliIo,
  flags: GlobalOptions & { readonly workers?: string | undefined },
  secrets: 'required' | 'optional',
): Config {
  const loaded = loadConfig({ env: io.env, cwd: io.cwd, flags, secrets })
  if (!loaded.ok) throw configRefused(loaded.problem)
  return loaded.value
}

/** The rules of the file that is named, or of the one the command line has anyway. */
export function mustLoadRules(
  io: CliIo,
  flags: GlobalOptions,
  file: string | undefined,
): ReturnType<typeof writtenRules> {
  const path = file ?? flags.config
  const loaded = loadRules({ env: io.env, cwd: io.cwd, flags, path })
  if (!loaded.ok) throw configRefused(loaded.problem)
  return loaded.value
}

export function mustFindClientSettings(io: CliIo, flags: GlobalOptions): ClientSettings {
  const found = clientSettings({ env: io.env, cwd: io.cwd, flags })
  if (!found.ok) throw configRefused(found.problem)
  return found.value
}

function configRefused(faults: readonly ConfigFault[]): CommandError {
  const many = faults.length === 1 ? 'a fault' : `${faults.length} faults`
  return wrongUsage(
    `the configuration has ${many}:`,
    ...faults.map((fault) => `  ${faultText(fault)}`),
  )
}
