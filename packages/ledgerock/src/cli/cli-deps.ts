// What the command line is given by the composition root: the parts that start processes or open stores.

import type { Config, ConfigFault } from '../config.ts'
import type { Result } from '../kernel/result.ts'
import type { CliIo } from './cli-io.ts'

export type UpOptions = {
  readonly simulate: boolean
  /** Reads file, environment and the same flags again, for SIGHUP and changes of the file. */
  readonly reload: () => Result<Config, readonly ConfigFault[]>
}

/** The control API without a server: the same answers, from the data directory itself. */
export type OfflineApi = {
  readonly request: (path: string, init?: RequestInit) => Response | Promise<Response>
  readonly close: () => Promise<void>
}

export type CliDeps = {
  readonly version: string
  /** Runs the whole system until it is stopped; the exit code. */
  readonly up: (config: Config, options: UpOptions) => Promise<number>
  /** Makes a demo's month, and runs the system with live traffic unless that was all; the exit code. */
  readonly demo: (options: DemoOptions) => Promise<number>
  readonly openOffline: (config: Config) => Promise<OfflineApi>
  /** How long to wait for a server that is starting on the same data. */
  readonly startingPatienceMs: number
}

export type DemoOptions = Pick<UpOptions, 'reload'> & {
  /** Absolute; everything of the demo is in it. */
  readonly folder: string
  readonly cwd: string
  /** Null: what is there already, else the default. */
  readonly seed: number | null
  readonly once: boolean
  /** The configuration in the folder, which the demo writes first. */
  readonly load: () => Config
  readonly now: () => number
  readonly untilStopped: CliIo['untilStopped']
}

/** What every command is built with. */
export type CommandContext = { readonly io: CliIo; readonly deps: CliDeps }
