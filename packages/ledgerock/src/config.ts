// The only reader of the configuration file and the environment. One call gives either one frozen object or every fault of
// file, environment and flags together; nothing else in the program looks at `process.env`.

import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { writtenRules } from './config/check/candidate-rules.ts'
import type { ConfigFault } from './config/fault.ts'
import { outsideFile, readOverrides } from './config/override.ts'
import { Secret } from './config/secret.ts'
import { besideFile, settingsOfFile } from './config/settings/settings-of-file.ts'
import type { Config } from './config/settings/settings.ts'
import { validateText } from './config/validate.ts'
import { readYaml } from './config/yaml-source.ts'
import { err, ok, type Result } from './kernel/result.ts'

export { faultText, type ConfigFault } from './config/fault.ts'
export { liveConfig, restartChanges, sameConfig } from './config/reload.ts'
export type { Config, DimensionConfig, KeyConfig } from './config/settings/settings.ts'

/** Flags as the user typed them; they win over the environment, which wins over the file, which wins over defaults. */
export type ConfigFlags = {
  readonly config?: string | undefined
  readonly data?: string | undefined
  readonly gatewayPort?: string | undefined
  readonly controlPort?: string | undefined
  readonly workers?: string | undefined
  readonly url?: string | undefined
  readonly token?: string | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

export type LoadOptions = {
  /** The file; else `flags.config`, `LEDGEROCK_CONFIG`, or `ledgerock.yaml` in `cwd` where there is one. */
  readonly path?: string | undefined
  readonly env: Environment
  readonly flags: ConfigFlags
  readonly cwd?: string
  /** `optional` lets read-only commands run in a shell that lacks the variables of `keys[].secret_env` and may not read `tls.key`. */
  readonly secrets?: 'required' | 'optional'
}

/** What a command needs to find a running server; a broken configuration file does not get in its way. */
export type ClientSettings = {
  readonly dataDir: string
  readonly url: string | null
  readonly token: Secret | null
}

export const CONFIG_FILE_NAME = 'ledgerock.yaml'
const CONFIG_BYTES_MAX = 4 * 1024 * 1024

export function loadConfig(options: LoadOptions): Result<Config, readonly ConfigFault[]> {
  const { env, flags, cwd = process.cwd(), secrets = 'required' } = options
  const read = readConfigFile(options, cwd)
  if (!read.ok) return read
  const { file, text } = read.value
  const { overrides, faults } = readOverrides(
    { gatewayPort: flags.gatewayPort, controlPort: flags.controlPort, workers: flags.workers },
    env,
  )
  const outside = secrets === 'optional' ? null : { env, readBeside: readerBeside(file) }
  const validated = validateText(text, file, env, outside)
  if (!validated.ok) return err([...faults, ...validated.problem])
  const dataDir = resolveDataDir(options, cwd, file, validated.value.data_dir)
  const config = settingsOfFile(validated.value, { path: file, dataDir, overrides, env })
  const clash = portClash(config)
  const all = clash === null ? faults : [...faults, clash]
  return all.length === 0 ? ok(config) : err(all)
}

/** What the file says of rules, to be tried elsewhere; every fault of the whole file first. */
export function loadRules(
  options: LoadOptions,
): Result<ReturnType<typeof writtenRules>, readonly ConfigFault[]> {
  const loaded = loadConfig({ ...options, secrets: 'optional' })
  if (!loaded.ok) return loaded
  const read = readConfigFile(options, options.cwd ?? process.cwd())
  if (!read.ok) return read
  const { file, text } = read.value
  const validated = validateText(text, file, options.env, null)
  return validated.ok ? ok(writtenRules(validated.value)) : validated
}

export function clientSettings(
  options: LoadOptions,
): Result<ClientSettings, readonly ConfigFault[]> {
  const { env, flags, cwd = process.cwd() } = options
  const url = flags.url ?? (env['LEDGEROCK_URL'] || null)
  if (url !== null && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    const name = flags.url === undefined ? 'LEDGEROCK_URL' : '--url'
    return err([outsideFile(name, 'must be an http or https URL')])
  }
  const read = readConfigFile(options, cwd)
  if (!read.ok) return read
  const { file, text } = read.value
  const { data_dir: written } = (readYaml(text, env).data ?? {}) as { readonly data_dir?: unknown }
  const inFile = typeof written === 'string' && written !== '' ? written : null
  const token = flags.token ?? (env['LEDGEROCK_TOKEN'] || null)
  return ok({
    dataDir: resolveDataDir(options, cwd, file, inFile),
    url,
    token: token === null ? null : new Secret(token),
  })
}

/** The file `loadConfig` would read, or null: none is named and there is none. */
export function configPath(
  options: Pick<LoadOptions, 'path' | 'env' | 'flags' | 'cwd'>,
): string | null {
  const { env, flags, cwd = process.cwd() } = options
  const named = options.path ?? flags.config ?? (env['LEDGEROCK_CONFIG'] || null)
  if (named !== null) return path.resolve(cwd, named)
  const usual = path.join(cwd, CONFIG_FILE_NAME)
  return existsSync(usual) ? usual : null
}

function readConfigFile(
  options: LoadOptions,
  cwd: string,
): Result<{ readonly file: string | null; readonly text: string }, readonly ConfigFault[]> {
  const file = configPath({ ...options, cwd })
  if (file === null) return ok({ file, text: '' })
  const fault = (message: string): { ok: false; problem: readonly ConfigFault[] } =>
    err([{ path: '', message, file, line: null, column: null }])
  try {
    if (statSync(file).size > CONFIG_BYTES_MAX) return fault('is larger than 4 MiB')
    return ok({ file, text: readFileSync(file, 'utf8') })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return fault('there is no such file')
    if (code === 'EISDIR') return fault('is a folder, not a file')
    return fault(`cannot be read (${code ?? 'unknown error'})`)
  }
}

/** For checks of the files that the configuration names. */
function readerBeside(file: string | null): (written: string) => Result<string, string> {
  return (written) => {
    const named = besideFile(file, written)
    try {
      return ok(readFileSync(named, 'utf8'))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      return err(code === 'ENOENT' ? `there is no file ${named}` : `cannot be read (${code})`)
    }
  }
}

/** What a user types is meant from where they stand; what a file says, from where the file lies. */
function resolveDataDir(
  { env, flags }: LoadOptions,
  cwd: string,
  file: string | null,
  inFile: string | null,
): string {
  const typed = flags.data ?? (env['LEDGEROCK_DATA_DIR'] || null)
  if (typed !== null) return path.resolve(cwd, typed)
  if (file === null || inFile === null) return path.resolve(cwd, 'data')
  return path.resolve(path.dirname(file), inFile)
}

function portClash({ gateway, control }: Config): ConfigFault | null {
  if (gateway.port !== control.port || gateway.port === 0) return null
  return outsideFile('control.port', `is ${control.port}, the gateway's own port`)
}
