// `ledgerock up`: the whole system in the foreground, until a signal ends it.

import { readFileSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { Fault } from '../kernel/fault.ts'
import type { Result } from '../kernel/result.ts'
import { faultText } from '../config/fault.ts'
import { restartChanges, sameConfig, type Config, type ConfigFault } from '../config.ts'
import { takeDataDirectory } from '../platform/data-directory.ts'
import type { Logger } from '../platform/logging.ts'
import { runtimeDirectory } from '../platform/runtime-directory.ts'
import type { Environment } from './supervisor/child.ts'
import { createConfigReloader } from './config-reloader.ts'
import { configuredMasterKey } from './configured-master-key.ts'
import { nodeIdOf } from './node-id.ts'
import { startSupervisor, type Ready, type Supervisor } from './supervisor/supervisor.ts'

export type UpOptions = {
  readonly config: Config
  /** Reads the configuration again, for a reload. */
  readonly reload: () => Result<Config, readonly ConfigFault[]>
  readonly entry: string
  readonly environment: Environment
  readonly version: string
  readonly logLevel: string
  readonly simulate: boolean
  readonly simulatorSeed: number
  /** For people: where things are. */
  readonly say: (line: string) => void
  /** In place of what is said of a system that is ready. */
  readonly announce?: (ready: Ready) => void
}

const RELOAD_QUIET_MS = 200

/** Resolves to the exit code when everything has ended. */
export async function up(logger: Logger, options: UpOptions): Promise<number> {
  const { config, say } = options
  const data = takeDataDirectory(config.dataDir)
  let stopWatching = (): void => undefined
  try {
    // Made here, before any child looks for it, so that there is one.
    configuredMasterKey(config)
    const supervisor = startSupervisor(logger, {
      ...options,
      nodeId: nodeIdOf(config.dataDir),
      runtimeDirectory: runtimeDirectory(config.dataDir),
    })
    const ended = endOnSignal(logger, supervisor)
    stopWatching = reloadOnChange(logger, options, supervisor)
    try {
      const ready = await Promise.race([supervisor.ready, ended])
      // Ended by a signal before everything was up.
      if (ready === 'ended') return 0
      if (options.announce === undefined) announce(options, ready)
      else options.announce(ready)
    } catch (error) {
      await supervisor.stop()
      if (!(error instanceof Fault)) throw error
      say(`ledgerock: ${error.message}`)
      return 1
    }
    await ended
    return 0
  } finally {
    stopWatching()
    data.release()
  }
}

function announce(options: UpOptions, { gatewayUrl, controlUrl, loginLink }: Ready): void {
  const { config, say } = options
  say('Ledgerock is ready.')
  say(`  gateway   ${gatewayUrl}   (point AWS_ENDPOINT_URL_BEDROCK_RUNTIME here)`)
  say(`  control   ${loginLink ?? controlUrl}`)
  say(
    options.simulate
      ? '  upstream  the built-in Bedrock simulator: no AWS credentials were found, or --simulate was given'
      : `  upstream  Amazon Bedrock, ${config.bedrock.targets.map(({ endpoint, region }) => endpoint ?? region).join(', ')}`,
  )
  say(`  data      ${config.dataDir}`)
  say('Make a key with: npx ledgerock keys create --name my-app --bind team=my-team')
}

function endOnSignal(logger: Logger, supervisor: Supervisor): Promise<'ended'> {
  return new Promise((resolve) => {
    let ending = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (ending) return
        ending = true
        logger.info({ signal }, 'draining')
        void supervisor.stop().then(() => resolve('ended'))
      })
    }
  })
}

/** SIGHUP or a changed file: a valid configuration takes over, an invalid one is reported and the old one stays. */
function reloadOnChange(logger: Logger, options: UpOptions, supervisor: Supervisor): () => void {
  const { path } = options.config
  let timer: NodeJS.Timeout | undefined
  let running = options.config
  const reloader = createConfigReloader<Config>({
    readFile: () => (path === null ? null : textOf(path)),
    load: () => {
      const loaded = options.reload()
      return loaded.ok ? { wanted: loaded.value } : { faults: loaded.problem.map(faultText) }
    },
    apply: async (wanted) => {
      if (sameConfig(running, wanted)) return []
      const faults = await supervisor.reload(wanted)
      if (faults.length > 0) return faults
      const afterRestart = restartChanges(options.config, wanted)
      logger.info({ path: wanted.path, after_restart: afterRestart }, 'config_reloaded')
      running = wanted
      return []
    },
    onFault: (fault) => logger.error({ fault }, 'config_invalid'),
  })
  const changed = (): void => {
    // Not pushed back by what follows: the directory may hold files that change all the time.
    timer ??= setTimeout(() => {
      timer = undefined
      void reloader.changed()
    }, RELOAD_QUIET_MS)
  }
  const hangUp = (): void => {
    // Renewed files have the names they had, so that the configuration does not show it.
    supervisor.reloadCertificate()
    void reloader.asked()
  }
  process.on('SIGHUP', hangUp)
  // The directory is watched, and any change in it looked into: editors replace a file rather than write it, and Kubernetes
  // replaces a link beside it.
  const watcher = path === null ? null : watch(dirname(path), changed)
  return () => {
    process.removeListener('SIGHUP', hangUp)
    clearTimeout(timer)
    watcher?.close()
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
