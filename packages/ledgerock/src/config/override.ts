// Environment variables and flags that win over the file: flags over the environment, the environment over the file.

import type { ConfigFault } from './fault.ts'

export type Overrides = {
  readonly gatewayPort: number | null
  readonly controlPort: number | null
  readonly workers: number | null
  readonly masterKey: string | null
}

type Given = { readonly name: string; readonly text: string }

export function readOverrides(
  flags: Readonly<Record<'gatewayPort' | 'controlPort' | 'workers', string | undefined>>,
  env: Readonly<Record<string, string | undefined>>,
): { readonly overrides: Overrides; readonly faults: readonly ConfigFault[] } {
  const faults: ConfigFault[] = []
  const number = (given: Given | null, min: number, max: number): number | null => {
    if (given === null) return null
    const value = /^\d{1,6}$/.test(given.text) ? Number(given.text) : Number.NaN
    if (value >= min && value <= max) return value
    faults.push(outsideFile(given.name, `must be a whole number from ${min} to ${max}`))
    return null
  }
  const port = (flag: string | undefined, flagName: string, variable: string): number | null =>
    number(flagOrVariable(flag, flagName, env, variable), 0, 65_535)
  const masterKey = env['LEDGEROCK_MASTER_KEY'] || null
  if (masterKey !== null && !isMasterKey(masterKey)) {
    faults.push(outsideFile('LEDGEROCK_MASTER_KEY', 'must be 32 bytes as hex or base64'))
  }
  const overrides = {
    gatewayPort: port(flags.gatewayPort, '--gateway-port', 'LEDGEROCK_GATEWAY_PORT'),
    controlPort: port(flags.controlPort, '--control-port', 'LEDGEROCK_CONTROL_PORT'),
    workers: number(flagOrVariable(flags.workers, '--workers', env, null), 1, 256),
    masterKey,
  }
  return { overrides, faults }
}

export function outsideFile(name: string, message: string): ConfigFault {
  return { path: name, message, file: null, line: null, column: null }
}

/** An empty variable is one that is not set: compose files and CI systems cannot say the difference. */
function flagOrVariable(
  flag: string | undefined,
  flagName: string,
  env: Readonly<Record<string, string | undefined>>,
  variable: string | null,
): Given | null {
  if (flag !== undefined) return { name: flagName, text: flag }
  const text = variable === null ? undefined : env[variable]
  return variable === null || text === undefined || text === '' ? null : { name: variable, text }
}

function isMasterKey(text: string): boolean {
  if (/^[0-9a-f]{64}$/i.test(text)) return true
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text)
}
