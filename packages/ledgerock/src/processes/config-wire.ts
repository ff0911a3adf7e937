// The configuration as it travels to a child process over its private channel: secrets, which print as `[secret]` everywhere
// else, are spelled out here and made secrets again at the other end.

import { Secret } from '../config/secret.ts'
import type { Config } from '../config.ts'

export type WireConfig = { readonly json: string }

const SECRET_KEY = '$secret'

export function configToWire(config: Config): WireConfig {
  return {
    json: JSON.stringify(config, function (this: Record<string, unknown>, key, value: unknown) {
      const original = this[key]
      return original instanceof Secret ? { [SECRET_KEY]: original.reveal() } : value
    }),
  }
}

export function configFromWire(wire: WireConfig): Config {
  return JSON.parse(wire.json, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value
    const secret = (value as Record<string, unknown>)[SECRET_KEY]
    return typeof secret === 'string' ? new Secret(secret) : Object.freeze(value)
  }) as Config
}
